"""What the pages of the study show: the tables and figures of the report, and the book's own."""

import numpy as np
import pandas as pd

from book.generate import claims
from book.generate.audit import findings
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.analysis import hidden_units
from harlib.figures import confusion, curves, heatmaps
from harlib.notebook.table import cell_text
from harlib.paper import tables
from harlib.runs import trained_network

#: The run whose weights Figure 5 shows.
SHOWN = 8


def _table_1_text(value: object, label: tuple, column: object) -> str:
    return f"{value:.1f}" if "(s)" in str(column) else f"{value:g}"


def accuracy_tables(book: Book, study: Study) -> None:
    """Tables I to V."""
    book.table(
        "table-1", tables.table_1(study.runs, study.timings), number="I", text=_table_1_text,
        files=[study.folder.timing(run_no).name for run_no in study.runs],
        title="The eight runs, and the seconds that a training took, published and here.",
        note=f"Time re-computed: training and evaluating, mean over the seeds, on {study.title}. "
        "N is the number of hidden units, lr the learning rate.",
    )  # fmt: skip
    beside = f"published figures beside those re-computed from {study.title}; percent"
    seeds = ", ".join(study.runs[min(study.runs)]["seeds"])
    note = (
        f"μ: mean, σ: population standard deviation over the seeds {seeds}. "
        "Bold: the best mean of its column, published and re-computed apart."
    )
    second = tables.compared(study.runs, tables.COLUMNS[2])
    book.table(
        "table-2", second, number="II", text=cell_text, bold=tables.best_rows(second), note=note,
        files=study.files,
        title=f"Test accuracy of the eight runs: {beside}.",
    )  # fmt: skip
    for number, top in (("III", 1), ("IV", 2), ("V", 3)):
        table = tables.compared(study.runs, tables.COLUMNS[top + 2])
        book.table(
            f"table-{top + 2}", table, number=number, text=cell_text, note=note, files=study.files,
            bold=tables.best_rows(table),
            title=f"Top-{top} accuracy on training and test windows: {beside}.",
        )  # fmt: skip


def accuracy_figures(book: Book, study: Study) -> None:
    """Figures 1 and 2."""
    for number, what, words in (
        ("1", "accuracy", "Top-1, Top-2 and Top-3 accuracy"),
        ("2", "loss", "Training and test loss"),
    ):
        book.figure(
            f"figure-{number}",
            lambda what=what: curves.plot_all_runs(
                study.runs, study.seed, what, data_title=study.title
            ),
            number=number,
            title=f"{words} of each run over the epochs, seed {study.seed}, {study.title}. "
            "In the order of Table I, left to right, top to bottom.",
            alt=f"Eight panels, one a run: {words.lower()} against the epoch.",
            files=study.files,
        )


def option_c(book: Book, study: Study) -> None:
    """Option C: Tables VI to VIII, Figures 3 and 4, and the runs that rank best here."""
    for run_no, table, table_number, figure in ((8, 6, "VI", 3), (7, 7, "VII", 4)):
        result = study.option_c[run_no]
        seed = int(next(iter(result["seeds"])))
        files = [study.folder.result(run_no, "early-stopping").name]
        book.table(
            f"table-{table}", tables.option_c(result, seed), number=table_number, text=cell_text,
            title=f"Run {run_no} with a validation set and early stopping, seed {seed}: published "
            f"accuracy beside that re-computed from {study.title}; percent.",
            note="Re-computed: at the epoch with the best validation Top-1 accuracy.", files=files,
        )  # fmt: skip
        _option_c_curves(book, study, run_no, f"figure-{figure}", str(figure))
    result = study.option_c[8]
    seed = int(next(iter(result["seeds"])))
    files = [study.folder.result(8, "early-stopping").name]
    book.table(
        "table-8", tables.table_8(result, seed), number="VIII",
        title=f"Confusion matrix of run 8 with early stopping, seed {seed}: test windows by true "
        f"(rows) and predicted class (columns), published and re-computed from {study.title}.",
        files=files,
    )  # fmt: skip
    book.figure(
        "confusion-8",
        lambda: confusion.plot_confusion(result, seed, data_title=study.title),
        title=f"The re-computed matrix of Table VIII as a heat map, {study.title}.",
        alt="Six by six heat map of test windows by true and predicted class.",
        files=files,
    )
    best = tables.ranking(study.runs)[:2]
    ours = tables.option_c_ranked(study.option_c, best)
    book.table(
        "option-c-ours", ours, text=cell_text,
        title=f"Early stopping for the two runs that rank best here, {study.title}; percent.",
        note="Rank: highest mean test Top-1 of Table II, then smallest deviation, then lowest run.",
    )  # fmt: skip
    for place, run_no in zip(("first", "second"), best, strict=True):
        _option_c_curves(book, study, run_no, f"option-c-{place}")


def _option_c_curves(
    book: Book, study: Study, run_no: int, name: str, number: str | None = None
) -> None:
    result = study.option_c[run_no]
    seed = int(next(iter(result["seeds"])))
    book.figure(
        name,
        lambda: curves.plot_run(result, seed, data_title=study.title),
        number=number,
        title=f"Run {run_no} with early stopping: training, validation and test loss (left), "
        f"Top-1, Top-2 and Top-3 accuracy (right), seed {seed}, {study.title}.",
        alt="Two panels: loss and accuracies against the epoch, up to where training stopped.",
        files=[study.folder.result(run_no, "early-stopping").name],
    )


def network(book: Book, study: Study, measured: pd.DataFrame) -> None:
    """Figure 5, and what the units of every run do."""
    result = study.runs[SHOWN]
    params = trained_network.weights(study.folder, result, study.seed)
    window = 0
    X, true_class = trained_network.pick_test_window(study.dataset, window, result)
    states = hidden_units.activations(params, X)[0]
    book.figure(
        "figure-5",
        lambda: heatmaps.plot_heatmaps(
            params, states, run_no=SHOWN, seed=study.seed, window=window, true_class=true_class,
            sampling_rate=study.dataset.sampling_rate, data_title=study.title,
        ),
        number="5",
        title=f"Run {SHOWN}, seed {study.seed}, {study.title}. From top to bottom: hidden "
        "activations at each step of one test window, hidden weights $W_{aa}$, input weights "
        "$W_{ax}$ (transposed), output weights $W_{ya}$.",
        alt="Four heat maps: hidden states over time, and three weight matrices.",
        files=[study.folder.weights(SHOWN, study.seed).name],
    )  # fmt: skip
    book.table(
        "saturation", measured, text=cell_text, note=hidden_units.UNITS_NOTE,
        title=f"What the hidden units do, by run: mean over the seeds, {study.title}.",
    )  # fmt: skip


def _plain(value: object, label: tuple, column: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def consistency(book: Book) -> None:
    """What does not fit in the printed numbers."""
    for name, table, title in (
        ("audit-findings", findings.findings(), "What does not fit in the published report."),
        (
            "audit-grim",
            findings.grim(),
            "Printed means, and the nearest that three counts can give.",
        ),
        ("audit-deviations", findings.deviations(), "Printed deviations, and what they can be of."),
    ):
        first, *_ = table.columns
        table = table.set_index(first)
        table = table.rename_axis(_heading(first)).rename(columns=_heading)
        book.table(name, table, title=title, text=_plain)


def _verdict(value: object, label: tuple, column: object) -> str:
    sign = {claims.HOLDS: "✓", claims.FAILS: "✗", claims.OPEN: "?"}.get(value)
    return f"{sign} {value}" if sign else str(value)


def verdicts(
    book: Book, study: Study, measured: pd.DataFrame, experiments: claims.Experiments
) -> dict[str, str]:
    """Every claim with its verdict; returns the counts that the text quotes."""
    table = claims.table(
        claims.Evidence(study.runs, study.option_c, measured, study.timings, experiments)
    )
    book.table(
        "claims", table, text=_verdict,
        title=f"The claims of sections II to IV of the report, decided on {study.title}.",
    )  # fmt: skip
    count = claims.summary(table)
    return {
        "claims_total": str(sum(count.values())),
        "claims_hold": str(count[claims.HOLDS]),
        "claims_fail": str(count[claims.FAILS]),
        "claims_undecided": str(count[claims.OPEN]),
    }


def _heading(name: str) -> str:
    """A column's name as a heading."""
    return name.replace("_", " ").replace("ddof ", "ddof = ").capitalize()
