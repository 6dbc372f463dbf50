"""Fills early-stopping.md, option C: Tables VI to VIII, Figures 3 and 4, and our own best runs."""

from functools import partial

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.figures import curves, networks
from harlib.paper import printed, tables
from harlib.protocol import CLASSES


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables, figures and files; returns the numbers that the text quotes."""
    _as_published(book, study)
    _confusion(book, study)
    best = tables.ranking(study.runs)[:2]
    book.table(
        "option-c-ours", tables.option_c_ranked(study.option_c, best),
        title=f"Early stopping for the two runs that rank best here, {study.title}; percent.",
        note="Rank: highest mean test Top-1 of Table II, then smallest deviation, then lowest run.",
    )  # fmt: skip
    for place, run_no in zip(("first", "second"), best, strict=True):
        _curves(book, study, run_no, f"option-c-{place}")
    stopped = {}
    for run_no in study.option_c:
        result, seed, _ = _shown(study, run_no)
        title = f"Run {run_no} with early stopping"
        book.run(study.folder, run_no, result, "early-stopping", title)
        stopped[f"stopped_epoch_{run_no}"] = str(result["seeds"][str(seed)]["stopped_epoch"])
    most = next(iter(study.option_c.values()))["config"]["epochs"]
    return {"max_epochs": str(most), "seed_shown": str(study.seed), **stopped}


def _shown(study: Study, run_no: int) -> tuple[dict, int, list[str]]:
    """The result of a run with early stopping, the seed of it that is shown, and its file."""
    result = study.option_c[run_no]
    seed = int(next(iter(result["seeds"])))
    return result, seed, [study.folder.result(run_no, "early-stopping").name]


def _as_published(book: Book, study: Study) -> None:
    """Tables VI and VII, Figures 3 and 4: the two runs that the report took."""
    for run_no, table, table_number, figure in ((8, 6, "VI", 3), (7, 7, "VII", 4)):
        result, seed, files = _shown(study, run_no)
        book.table(
            f"table-{table}", tables.option_c(result, seed), number=table_number, files=files,
            title=f"Run {run_no} with a validation set and early stopping, seed {seed}: published "
            f"accuracy beside that re-computed from {study.title}; percent.",
            note="Re-computed: at the epoch with the best validation Top-1 accuracy.",
        )  # fmt: skip
        _curves(book, study, run_no, f"figure-{figure}", str(figure))


def _confusion(book: Book, study: Study) -> None:
    """Table VIII, and as a heat map."""
    result, seed, files = _shown(study, 8)
    theirs = printed.table(8)
    ours = pd.DataFrame(result["seeds"][str(seed)]["confusion"], theirs.index, theirs.columns)
    both = pd.concat({tables.SOURCES[0]: theirs, tables.SOURCES[1]: ours}, axis=1)
    both.index = pd.Index([f"{k} {name}" for k, name in enumerate(CLASSES)], name="True class")
    book.table(
        "table-8", both, number="VIII", files=files,
        title=f"Confusion matrix of run 8 with early stopping, seed {seed}: test windows by true "
        f"(rows) and predicted class (columns), published and re-computed from {study.title}.",
    )  # fmt: skip
    book.figure(
        "confusion-8",
        partial(networks.plot_confusion, result, seed, data_title=study.title),
        title=f"The re-computed matrix of Table VIII as a heat map, {study.title}.",
        alt="Six by six heat map of test windows by true and predicted class.",
        files=files,
    )


def _curves(book: Book, study: Study, run_no: int, name: str, number: str | None = None) -> None:
    result, seed, files = _shown(study, run_no)
    book.figure(
        name,
        partial(curves.plot_run, result, seed, data_title=study.title),
        number=number,
        title=f"Run {run_no} with early stopping: training, validation and test loss (left), "
        f"Top-1, Top-2 and Top-3 accuracy (right), seed {seed}, {study.title}.",
        alt="Two panels: loss and accuracies against the epoch, up to where training stopped.",
        files=files,
    )
