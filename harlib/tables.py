"""The report's tables from result files, each beside the published numbers.

A table function returns a DataFrame of numbers; :mod:`harlib.render` and
:func:`display` turn them into text.
"""

import pandas as pd

from harlib import metrics, published

#: How a table names where a number comes from.
SOURCES = ("published", "re-computed", "difference")
_TOPS = (1, 2, 3)


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


def table_1(results: dict[int, dict], timings: dict[int, dict]) -> pd.DataFrame:
    """Table I: the runs, and the seconds that training took, as published and here.

    ``results`` and ``timings`` hold the result and timing files by run number.
    A run's time is the mean over its seeds of training and evaluating.
    """
    rows = {}
    for run_no in sorted(results):
        config = results[run_no]["config"]
        seconds = [
            entry["training_seconds"] + entry["evaluation_seconds"]
            for entry in timings[run_no]["seeds"].values()
        ]
        rows[run_no] = {
            "Batch size": config["batch_size"],
            "N": config["hidden_units"],
            "lr": config["learning_rate"],
            "Epochs": config["epochs"],
            "Time published (s)": published.table(1).loc[run_no, "seconds"],
            "Time re-computed (s)": metrics.mean_and_std(seconds)[0],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Run")


def _beside(rows: dict[int, dict[tuple, tuple[float, float]]]) -> pd.DataFrame:
    """Three rows a run: published, re-computed, difference.

    ``rows[run_no][column, statistic]`` is the pair (published, re-computed).
    """
    records = {}
    for run_no, pairs in rows.items():
        records[run_no, SOURCES[0]] = {column: pair[0] for column, pair in pairs.items()}
        records[run_no, SOURCES[1]] = {column: pair[1] for column, pair in pairs.items()}
        records[run_no, SOURCES[2]] = {c: pair[1] - pair[0] for c, pair in pairs.items()}
    table = pd.DataFrame.from_dict(records, orient="index")
    table.index = pd.MultiIndex.from_tuples(records, names=["Run", "Source"])
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table


def table_2(results: dict[int, dict]) -> pd.DataFrame:
    """Table II: test Top-1, -2, -3 accuracy of every run, mean and deviation over the seeds."""
    return _beside(
        {
            run_no: {
                (f"Top-{top}", statistic): (
                    published.accuracy("test", top).loc[run_no, name],
                    accuracy(results[run_no], "test", top)[i],
                )
                for top in _TOPS
                for i, (statistic, name) in enumerate((("μ", "mean"), ("σ", "std")))
            }
            for run_no in sorted(results)
        }
    )


def table_3_to_5(results: dict[int, dict], top: int) -> pd.DataFrame:
    """Table III, IV or V: training and test Top-``top`` accuracy of every run."""
    return _beside(
        {
            run_no: {
                (label, statistic): (
                    published.accuracy(split, top).loc[run_no, name],
                    accuracy(results[run_no], split, top)[i],
                )
                for split, label in (("train", "Training"), ("test", "Test"))
                for i, (statistic, name) in enumerate((("μ", "mean"), ("σ", "std")))
            }
            for run_no in sorted(results)
        }
    )


def run_rows(result: dict) -> pd.DataFrame:
    """The rows of one run in Tables II to V, one under the other."""
    run_no = result["run_no"]
    parts = {f"Top-{top}": table_3_to_5({run_no: result}, top).loc[run_no] for top in _TOPS}
    return pd.concat(parts, names=["Accuracy", "Source"])


def best_rows(table: pd.DataFrame) -> pd.DataFrame:
    """True where a mean is the best of its column and source: the rule for bold type.

    Of equal means all are best. Differences and deviations are never bold.
    """
    best = pd.DataFrame(False, index=table.index, columns=table.columns)
    for source in SOURCES[:2]:
        rows = table.index.get_level_values("Source") == source
        for column in table.columns:
            if column[-1] == "μ":
                values = table.loc[rows, column]
                best.loc[rows, column] = values == values.max()
    return best


def formatted(value: float, source: str = "") -> str:
    """A number of Tables II to VII as text: three decimals, differences with their sign."""
    return f"{value:+.3f}".replace("-", "−") if source == "difference" else f"{value:.3f}"


def display(table: pd.DataFrame, caption: str) -> "pd.io.formats.style.Styler":
    """A table for a notebook."""
    text = table.copy().astype(object)
    for row in table.index:
        source = row[-1] if isinstance(row, tuple) else ""
        text.loc[row] = [formatted(value, source) for value in table.loc[row]]
    return text.style.set_caption(caption)
