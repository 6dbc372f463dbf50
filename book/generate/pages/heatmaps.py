"""Fills heatmaps.md: Figure 5, and what the hidden units of every run do."""

from functools import partial

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.analysis import hidden_units, networks
from harlib.figures import heatmaps
from harlib.runs import trained_network

#: The run whose weights Figure 5 shows, and the test window.
RUN, WINDOW = 8, 0


def fill(book: Book, study: Study) -> dict[str, str]:
    """Figure, table and notebook; the text quotes no number."""
    result = study.runs[RUN]
    params = trained_network.weights(study.folder, result, study.seed)
    x, true_class = trained_network.pick_test_window(study.dataset, WINDOW, result)
    book.figure(
        "figure-5",
        partial(
            heatmaps.plot_heatmaps, result, params, networks.follow(params, x)[0][0],
            seed=study.seed, window=WINDOW, true_class=true_class, data_title=study.title,
        ),
        number="5",
        title=f"Run {RUN}, seed {study.seed}, {study.title}. From top to bottom: hidden "
        "activations at each step of one test window, hidden weights $W_{aa}$, input weights "
        "$W_{ax}$ (transposed), output weights $W_{ya}$.",
        alt="Four heat maps: hidden states over time, and three weight matrices.",
        files=[study.folder.weights(RUN, study.seed).name],
    )  # fmt: skip
    book.table(
        "saturation", study.hidden_units, note=hidden_units.UNITS_NOTE,
        title=f"What the hidden units do, by run: mean over the seeds, {study.title}.",
    )  # fmt: skip
    book.notebook(study.folder.path, RUN, "heatmaps", f"Heat maps of run {RUN}")
    return {}
