"""The report's tables from result files, each beside the published numbers.

A table function returns a DataFrame of numbers; the pages of the book and
:func:`display` turn them into text.
"""

import pandas as pd

from harlib import metrics
from harlib.notebook.table import Table
from harlib.paper import printed
from harlib.protocol import CLASSES
from harlib.storage import result_checks

#: How a table names where a number comes from.
SOURCES = ("published", "re-computed", "difference")
#: The same where both numbers are computed here, under two protocols.
PROTOCOLS = ("published protocol", "corrected protocol", "difference")
_TOPS = (1, 2, 3)
_SPLIT_LABELS = ("Training", "Validation", "Test")


def data_title(result: dict) -> str:
    """What captions call the data of a result."""
    name = result["data"]["name"]
    return {
        "synthetic": "synthetic data",
        "motionsense": "MotionSense data",
        "course": "the course's data",
    }.get(name, f"data from {name}")


def accuracy(result: dict, split: str, top: int) -> tuple[float, float]:
    """Mean and population deviation over the seeds of a Top-n accuracy at the best epoch, in %."""
    return metrics.mean_and_std(
        [entry[split][f"top{top}"][entry["best_epoch"]] for entry in result["seeds"].values()]
    )


def table_1(runs: dict[int, dict], timings: dict[int, dict]) -> pd.DataFrame:
    """Table I: the runs, and the seconds that training took, as published and here.

    ``runs`` and ``timings`` hold the result and timing files by run number.
    A run's time is the mean over its seeds of training and evaluating.
    """
    rows = {}
    for run_no in sorted(runs):
        config = runs[run_no]["config"]
        seconds = [
            entry["training_seconds"] + entry["evaluation_seconds"]
            for entry in timings[run_no]["seeds"].values()
        ]
        rows[run_no] = {
            "Batch size": config["batch_size"],
            "N": config["hidden_units"],
            "lr": config["learning_rate"],
            "Epochs": config["epochs"],
            "Time published (s)": printed.table(1).loc[run_no, "seconds"],
            "Time re-computed (s)": metrics.mean_and_std(seconds)[0],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Run")


def _beside(
    rows: dict[int, dict[tuple, tuple[float, float]]], sources: tuple[str, str, str] = SOURCES
) -> pd.DataFrame:
    """Three rows a run: published, re-computed, difference, or what ``sources`` names.

    ``rows[run_no][column, statistic]`` is the pair of the first two.
    """
    records = {}
    for run_no, pairs in rows.items():
        records[run_no, sources[0]] = {column: pair[0] for column, pair in pairs.items()}
        records[run_no, sources[1]] = {column: pair[1] for column, pair in pairs.items()}
        records[run_no, sources[2]] = {c: pair[1] - pair[0] for c, pair in pairs.items()}
    table = pd.DataFrame.from_dict(records, orient="index")
    table.index = pd.MultiIndex.from_tuples(records, names=["Run", "Source"])
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table


def table_2(runs: dict[int, dict]) -> pd.DataFrame:
    """Table II: test Top-1, -2, -3 accuracy of every run, mean and deviation over the seeds."""
    return _beside(
        {
            run_no: {
                (f"Top-{top}", statistic): (
                    printed.accuracy("test", top).loc[run_no, name],
                    accuracy(runs[run_no], "test", top)[i],
                )
                for top in _TOPS
                for i, (statistic, name) in enumerate((("μ", "mean"), ("σ", "std")))
            }
            for run_no in sorted(runs)
        }
    )


def table_3_to_5(runs: dict[int, dict], top: int) -> pd.DataFrame:
    """Table III, IV or V: training and test Top-``top`` accuracy of every run."""
    return _beside(
        {
            run_no: {
                (label, statistic): (
                    printed.accuracy(split, top).loc[run_no, name],
                    accuracy(runs[run_no], split, top)[i],
                )
                for split, label in (("train", "Training"), ("test", "Test"))
                for i, (statistic, name) in enumerate((("μ", "mean"), ("σ", "std")))
            }
            for run_no in sorted(runs)
        }
    )


def by_protocol(
    first: dict[int, dict], second: dict[int, dict], columns: list[tuple[str, int]]
) -> pd.DataFrame:
    """Tables II to V once more: the eight runs under two protocols, and the difference.

    ``columns`` are pairs of a split and n of Top-n. Every figure is at the epoch that its own
    protocol reports.
    """
    labels = dict(zip(result_checks.SPLITS, _SPLIT_LABELS, strict=True))
    several = len({split for split, _ in columns}) > 1
    return _beside(
        {
            run_no: {
                (labels[split] if several else f"Top-{top}", statistic): (
                    accuracy(first[run_no], split, top)[i], accuracy(second[run_no], split, top)[i]
                )
                for split, top in columns
                for i, statistic in enumerate(("μ", "σ"))
            }
            for run_no in sorted(first)
        },
        PROTOCOLS,
    )  # fmt: skip


def run_rows(result: dict) -> pd.DataFrame:
    """The rows of one run in Tables II to V, one under the other."""
    run_no = result["run_no"]
    parts = {f"Top-{top}": table_3_to_5({run_no: result}, top).loc[run_no] for top in _TOPS}
    return pd.concat(parts, names=["Accuracy", "Source"])


def option_c(result: dict, seed: int) -> pd.DataFrame:
    """Table VI or VII: accuracy of one run with early stopping, at the reported epoch.

    Beside the published figures for runs 8 and 7; alone for any other run.
    """
    entry = result["seeds"][str(seed)]
    epoch = entry["best_epoch"]
    ours = {
        f"Top-{top}": {
            label: entry[split][f"top{top}"][epoch]
            for split, label in zip(result_checks.SPLITS, _SPLIT_LABELS, strict=True)
        }
        for top in _TOPS
    }
    if result["run_no"] not in printed.TABLE_OF_EARLY_STOPPING:
        return pd.DataFrame.from_dict(ours, orient="index").rename_axis("Accuracy")
    published = printed.early_stopping(result["run_no"])
    records = {}
    for top in _TOPS:
        ours_here = ours[f"Top-{top}"]
        theirs = published.loc[f"top{top}"]
        pairs = {label: (theirs[label.lower()], ours_here[label]) for label in _SPLIT_LABELS}
        records[f"Top-{top}", SOURCES[0]] = {label: pair[0] for label, pair in pairs.items()}
        records[f"Top-{top}", SOURCES[1]] = {label: pair[1] for label, pair in pairs.items()}
        records[f"Top-{top}", SOURCES[2]] = {k: pair[1] - pair[0] for k, pair in pairs.items()}
    table = pd.DataFrame.from_dict(records, orient="index")
    table.index = pd.MultiIndex.from_tuples(records, names=["Accuracy", "Source"])
    return table


def option_c_ranked(option_c: dict[int, dict], best_first: list[int]) -> pd.DataFrame:
    """Accuracies with early stopping of the runs that rank best here, first seed of each."""
    rows = {}
    for rank, run_no in enumerate(best_first, start=1):
        entry = next(iter(option_c[run_no]["seeds"].values()))
        epoch = entry["best_epoch"]
        rows[f"{rank}: run {run_no}"] = {
            (label, f"Top-{top}"): entry[split][f"top{top}"][epoch]
            for split, label in zip(result_checks.SPLITS, _SPLIT_LABELS, strict=True)
            for top in _TOPS
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Rank")
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table


def table_8(result: dict, seed: int) -> pd.DataFrame:
    """Table VIII: confusion matrix of the test windows, published and re-computed."""
    theirs = printed.table(8)
    ours = pd.DataFrame(result["seeds"][str(seed)]["confusion"], theirs.index, theirs.columns)
    table = pd.concat({SOURCES[0]: theirs, SOURCES[1]: ours}, axis=1)
    table.index = [f"{number} {name}" for number, name in enumerate(CLASSES)]
    return table.rename_axis("True class")


def ranking(runs: dict[int, dict]) -> list[int]:
    """Run numbers, best first: by mean test Top-1 over the seeds, then by smaller deviation.

    Of runs that are equal in both the lower number comes first.
    """
    key = {run_no: accuracy(result, "test", 1) for run_no, result in runs.items()}
    return sorted(key, key=lambda run_no: (-key[run_no][0], key[run_no][1], run_no))


def option_c_runs(runs: dict[int, dict]) -> list[int]:
    """Runs that option C takes: those of the report, and the best two by our own numbers."""
    return sorted({*printed.TABLE_OF_EARLY_STOPPING, *ranking(runs)[:2]})


def best_rows(table: pd.DataFrame) -> pd.DataFrame:
    """True where a mean is the best of its column and source: the rule for bold type.

    Of equal means all are best. Differences and deviations are never bold.
    """
    best = pd.DataFrame(False, index=table.index, columns=table.columns)
    for source in (*SOURCES[:2], *PROTOCOLS[:2]):
        rows = table.index.get_level_values("Source") == source
        for column in table.columns:
            if column[-1] == "μ":
                values = table.loc[rows, column]
                best.loc[rows, column] = values == values.max()
    return best


def formatted(value: float, source: str = "") -> str:
    """A number of Tables II to VII as text: three decimals, differences with their sign."""
    return f"{value:+.3f}".replace("-", "−") if source == "difference" else f"{value:.3f}"


def display(table: pd.DataFrame, caption: str) -> Table:
    """A table of accuracies for a notebook."""

    def text(value: float, label: object, column: object) -> str:
        return formatted(value, label[-1] if isinstance(label, tuple) else "")

    return Table(table, caption, text)
