"""Fills learned.md: what the trained networks tell, how early, what they confuse and why."""

from functools import partial

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import metrics
from harlib.analysis import confusions, hidden_units, networks, recognition
from harlib.analysis.networks import Learned
from harlib.figures import confusion as confused_figures
from harlib.figures import networks as learned_figures
from harlib.notebook.table import cell_text
from harlib.protocol import CLASSES, CORRECTED, HEADLINE
from harlib.seed_statistics import interval

#: Run and protocol whose networks the page shows.
RUN, PROTOCOL = HEADLINE, CORRECTED.name


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables, figures and notebook; returns the numbers that the text quotes."""
    folder = study.beside(PROTOCOL)
    book.notebook(folder.path, RUN, "learned", f"What run {RUN} has learned")
    trained = networks.read(folder, RUN, study.dataset)
    files = [f"corrected-run-{RUN:02d}.json"]
    seed, title = trained.seeds[0], study.title
    run = f"run {RUN}, protocol {PROTOCOL}, {title}"
    seeds = f"Mean over the seeds {', '.join(map(str, trained.seeds))}. "
    book.table(
        "learned-subjects", recognition.accuracy_by_subject(trained), text=cell_text,
        title=f"Test windows told, by the subject who wore the sensor: {run}; percent.",
        note=seeds + trained.about_subjects(), files=files,
    )  # fmt: skip
    book.figure(
        "learned-confusion",
        partial(
            confused_figures.plot_confusion_by_subject,
            recognition.confusion_by_subject(trained),
            data_title=title,
        ),
        title=f"Confusion matrix by test subject: {run}; percent of the true class.",
        alt="A six by six heat map a test subject: true class against predicted class.",
        files=files,
    )
    book.figure(
        "learned-steps",
        partial(learned_figures.plot_accuracy_by_step, trained, data_title=title),
        title=f"Accuracy against the part of the window that was seen: {run}. Left: all classes, "
        "from the latest output, and as the protocol takes its class scores; the bands reach from "
        "the worst seed to the best. Right: each class.",
        alt="Two panels of curves that rise with the time seen: all classes, and each class.",
        files=files,
    )
    book.table(
        "learned-early", recognition.how_early(trained), text=cell_text,
        title=f"Test windows told after a part of the window: {run}; percent.", files=files,
        note=seeds + recognition.SETTLED_NOTE,
    )  # fmt: skip
    wrong = confusions.examples(trained)
    window = int(wrong.index[0]) if len(wrong) else 0
    states = hidden_units.states(trained, seed, window)
    book.figure(
        "learned-hidden",
        partial(learned_figures.plot_hidden, trained, states, seed, window, data_title=title),
        title=f"Hidden states before (left) and after training (right): {run}, seed {seed}. Above: "
        f"all units during test window {window} ({CLASSES[trained.label[window]]}), in the same "
        "order at both ends. Below: the mean state of every test window on its first two principal "
        "components.",
        alt="Two heat maps of unit against time and two scatter plots of windows by class.",
        files=files,
    )
    book.table(
        "learned-units", hidden_units.before_and_after(trained), text=cell_text,
        note=hidden_units.STATES_NOTE, files=files,
        title=f"What the hidden states tell apart, before and after training: {run}.",
    )  # fmt: skip
    found = confusions.describe(study.dataset)
    pairs = confusions.pairs(trained, found)
    book.figure(
        "learned-pairs",
        partial(confused_figures.plot_pairs, pairs, data_title=title),
        title=f"How often two activities are taken for each other, against the distance of their "
        f"signals in the training windows: {run}.",
        alt="Scatter plot of the fifteen pairs of activities: few are confused, and those are near "
        "each other.",
        files=files,
    )
    book.table(
        "learned-mistakes", confusions.reasons(trained, found), text=cell_text,
        title=f"The most frequent mistakes: {run}.", note=confusions.NOTE, files=files,
    )  # fmt: skip
    book.figure(
        "learned-examples",
        partial(confused_figures.plot_examples, trained, wrong, seed, data_title=title),
        title=f"Test windows that are told wrong, at most one of each kind of mistake: {run}. "
        f"Above, the signal; below, the class scores of seed {seed} while it is seen, that of the "
        "true class thick.",
        alt="Pairs of panels: three axes of acceleration, and six class scores over time.",
        files=files,
    )
    first = pairs.index[0]
    return {
        **_quoted(trained),
        "learned_pair": first,
        "learned_pair_confused": f"{pairs.loc[first, 'Confused (%)']:.1f}",
        "learned_pair_correlation": f"{confusions.rank_correlation(pairs):.2f}".replace("-", "−"),
    }


def _quoted(learned: Learned) -> dict[str, str]:
    """The numbers on recognition that the text quotes."""
    top1 = [metrics.top_n_accuracy(s, learned.label, 1) for s in learned.scores.values()]
    subjects = recognition.accuracy_by_subject(learned)["Top-1"].drop("all")
    early = recognition.how_early(learned)
    spread = interval(top1)
    return {
        "learned_run": str(learned.result["run_no"]),
        "learned_seeds": str(len(top1)),
        "learned_top1": f"{spread.mean:.1f}",
        "learned_rule": recognition.RULES[learned.rules[-1]],
        "learned_settled": f"{early.loc['all'].iloc[-1]:.2f} {learned.time_unit}",
        "learned_window": f"{learned.seconds(learned.dataset.X_test.shape[1]):g} "
        f"{learned.time_unit}",
        "learned_subjects": (
            f"from {subjects.min():.1f} % to {subjects.max():.1f} % between the "
            f"{len(subjects)} test subjects"
            if learned.names_subjects
            else "not known by subject: the data does not say whose its windows are"
        ),
    }
