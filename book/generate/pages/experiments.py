"""Fills experiments.md: Tables I to V and Figures 1 and 2, published and re-computed."""

from functools import partial

import pandas as pd

from book.generate.cells import best_rows
from book.generate.gathered import Study, mean_seconds
from book.generate.staging import Book
from harlib.figures import curves
from harlib.notebook.table import cell_text
from harlib.paper import printed, tables


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables, figures and files of the eight runs; returns the numbers that the text quotes."""
    _tables(book, study)
    _figures(book, study)
    for run_no, result in study.runs.items():
        book.run(study.folder, run_no, result, "run", f"Run {run_no}")
    initial = [
        entry["test"]["top1"][0] for run in study.runs.values() for entry in run["seeds"].values()
    ]
    return {
        "initial_top1_low": f"{min(initial):.1f}",
        "initial_top1_high": f"{max(initial):.1f}",
    }


def _tables(book: Book, study: Study) -> None:
    book.table(
        "table-1", _table_1(study.runs, study.timings), number="I",
        text=lambda value, label, column: (
            cell_text(value, label, column) if "(s)" in column else f"{value:g}"),
        files=[study.folder.timing(run_no).name for run_no in study.runs],
        title="The eight runs, and the seconds that a training took, published and here.",
        note=f"Time re-computed: training and evaluating, mean over the seeds, on {study.title}. "
        "N is the number of hidden units, lr the learning rate.",
    )  # fmt: skip
    for table_no, columns in tables.COLUMNS.items():
        table = tables.compared(study.runs, columns)
        title = f"Top-{table_no - 2} accuracy on training and test windows"
        if table_no == 2:
            title = "Test accuracy of the eight runs"
        book.table(
            f"table-{table_no}", table, number=printed.ROMAN[table_no], files=study.files,
            bold=best_rows(table),
            title=f"{title}: published figures beside those re-computed from {study.title}; "
            "percent.",
            note="μ: mean, σ: population standard deviation over the seeds "
            f"{', '.join(study.first['seeds'])}. Bold: the best mean of its column, published and "
            "re-computed apart.",
        )  # fmt: skip


def _table_1(runs: dict[int, dict], timings: dict[int, dict]) -> pd.DataFrame:
    """Table I: the runs, and the seconds that training took, as published and here."""
    config = pd.DataFrame([run["config"] for run in runs.values()], runs)
    table = config[["batch_size", "hidden_units", "learning_rate", "epochs"]]
    table = table.set_axis(["Batch size", "N", "lr", "Epochs"], axis=1)
    table["Time published (s)"] = printed.table(1)["seconds"]
    table["Time re-computed (s)"] = [mean_seconds(timings[run_no]) for run_no in runs]
    return table.rename_axis("Run")


def _figures(book: Book, study: Study) -> None:
    for number, what, words in (
        ("1", "accuracy", "Top-1, Top-2 and Top-3 accuracy"),
        ("2", "loss", "Training and test loss"),
    ):
        book.figure(
            f"figure-{number}",
            partial(curves.plot_all_runs, study.runs, study.seed, what, data_title=study.title),
            number=number,
            title=f"{words} of each run over the epochs, seed {study.seed}, {study.title}. "
            "In the order of Table I, left to right, top to bottom.",
            alt=f"Eight panels, one a run: {words.lower()} against the epoch.",
            files=study.files,
        )  # fmt: skip
