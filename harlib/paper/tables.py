"""The report's tables from result files, each beside the published numbers, if there are any.

A table function returns a DataFrame of numbers; :mod:`harlib.notebook.table` turns them into text.
"""

from collections.abc import Sequence

import pandas as pd

from harlib import metrics
from harlib.paper import printed

#: How a table names where a number comes from.
SOURCES = ("published", "re-computed", "difference")
#: The same where both numbers are computed here, under two protocols.
PROTOCOLS = ("published protocol", "corrected protocol", "difference")
_TOPS = (1, 2, 3)
#: What tables call the parts of the data.
LABELS = {"train": "Training", "validation": "Validation", "test": "Test"}
#: Split and n of Top-n of the columns of Tables II to V.
COLUMNS = {
    2: [("test", top) for top in _TOPS],
    **{top + 2: [("train", top), ("test", top)] for top in _TOPS},
}


def data_title(result: dict) -> str:
    """What captions call the data of a result."""
    name = result["data"]["name"]
    titles = {"synthetic": "synthetic data", "motionsense": "MotionSense data"}
    return titles.get(name, f"data from {name}")


def accuracy(result: dict, split: str, top: int) -> tuple[float, float]:
    """Mean and population deviation over the seeds of a Top-n accuracy at the best epoch, in %."""
    return metrics.mean_and_std(
        [entry[split][f"top{top}"][entry["best_epoch"]] for entry in result["seeds"].values()]
    )


def _beside(
    first: pd.DataFrame, second: pd.DataFrame, sources: Sequence[str] = SOURCES
) -> pd.DataFrame:
    """Three rows for one: those of both tables, then by how much the second is more."""
    rows = pd.MultiIndex.from_product([second.index, sources], names=[second.index.name, "Source"])
    three = zip(sources, (first, second, second - first), strict=True)
    return pd.concat(dict(three)).swaplevel().reindex(rows)


def by_run(results: dict[int, dict], split: str, top: int) -> pd.DataFrame:
    """What :func:`harlib.paper.printed.accuracy` is of the report, of result files by run."""
    rows = {run_no: accuracy(results[run_no], split, top) for run_no in sorted(results)}
    return pd.DataFrame(rows, ["mean", "std"]).T.rename_axis("Run")


def compared(
    runs: dict[int, dict], columns: Sequence[tuple[str, int]], first: dict[int, dict] | None = None
) -> pd.DataFrame:
    """Tables II to V: accuracy of every run in ``runs``, mean and deviation over the seeds.

    ``columns`` are of split and n of Top-n, as in :data:`COLUMNS`; ``first`` has the same runs
    under the protocol that they are compared with. Without it those are the numbers that the report
    prints, none for a run that it does not have. Every figure is at the epoch that its own protocol
    reports.
    """
    several = len({split for split, _ in columns}) > 1
    parts = {}
    for split, top in columns:
        ours = by_run(runs, split, top)
        theirs = by_run(first, split, top) if first else printed.accuracy(split, top)
        title = LABELS[split] if several else f"Top-{top}"
        sources = PROTOCOLS if first else SOURCES
        parts[title] = _beside(theirs.reindex(ours.index), ours, sources)
    return pd.concat(parts, axis=1).rename(columns={"mean": "μ", "std": "σ"})


def run_rows(result: dict) -> pd.DataFrame:
    """The rows of one run in Tables II to V, one under the other."""
    run_no = result["run_no"]
    parts = {
        f"Top-{top}": compared({run_no: result}, COLUMNS[top + 2]).loc[run_no] for top in _TOPS
    }
    return pd.concat(parts, names=["Accuracy", "Source"])


def _reported(entry: dict) -> pd.DataFrame:
    """Top-1, -2, -3 of one seed (rows) on the parts of the data, at the epoch that is reported."""
    return pd.DataFrame(
        {
            label: {f"Top-{top}": entry[split][f"top{top}"][entry["best_epoch"]] for top in _TOPS}
            for split, label in LABELS.items()
        }
    )


def option_c(result: dict, seed: int) -> pd.DataFrame:
    """Table VI or VII: accuracy of one run with early stopping, at the reported epoch.

    Beside the published figures for runs 8 and 7; alone for any other run.
    """
    ours = _reported(result["seeds"][str(seed)]).rename_axis("Accuracy")
    if result["run_no"] not in printed.TABLE_OF_EARLY_STOPPING:
        return ours
    theirs = printed.early_stopping(result["run_no"]).rename(columns=str.capitalize)
    return _beside(theirs.set_axis(ours.index), ours)


def option_c_ranked(option_c: dict[int, dict], best_first: list[int]) -> pd.DataFrame:
    """Accuracies with early stopping of the runs that rank best here, first seed of each."""
    first = {n: next(iter(option_c[n]["seeds"].values())) for n in best_first}
    rows = {f"{k}: run {n}": _reported(first[n]).unstack() for k, n in enumerate(first, start=1)}
    return pd.DataFrame(rows).T.rename_axis("Rank")


def ranking(runs: dict[int, dict]) -> list[int]:
    """Run numbers, best first: by mean test Top-1 over the seeds, then by smaller deviation.

    Of runs that are equal in both the lower number comes first.
    """
    key = {run_no: accuracy(result, "test", 1) for run_no, result in runs.items()}
    return sorted(key, key=lambda run_no: (-key[run_no][0], key[run_no][1], run_no))


def option_c_runs(runs: dict[int, dict]) -> list[int]:
    """Runs that option C takes: those of the report, and the best two by our own numbers."""
    return sorted({*printed.TABLE_OF_EARLY_STOPPING, *ranking(runs)[:2]})
