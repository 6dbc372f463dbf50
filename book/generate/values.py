"""The numbers that the book's text quotes, as text."""

import math
from collections.abc import Iterable

import numpy as np

from harlib.paper import printed, tables
from harlib.protocol import CLASSES


def _percent(value: float) -> str:
    return f"{value:.1f}"


def _words(items: Iterable[object]) -> str:
    """``a, b and c``."""
    *rest, last = map(str, items)
    return f"{', '.join(rest)} and {last}" if rest else last


def _curves(runs: dict[int, dict], split: str, metric: str) -> list[tuple[dict, list[float]]]:
    """Every seed's entry and its curve, over all runs."""
    return [
        (entry, entry[split][metric]) for run in runs.values() for entry in run["seeds"].values()
    ]


def values(
    runs: dict[int, dict], option_c: dict[int, dict], timings: dict[int, dict]
) -> dict[str, str]:
    """Every number of the text by name; the book's build fails on a name that is not here.

    Parameters
    ----------
    runs, option_c, timings : dict
        Result files of the eight runs and of option C, and timing files, by run number.
    """
    first = next(iter(runs.values()))
    data, config = first["data"], first["config"]
    top1 = {run_no: tables.accuracy(run, "test", 1) for run_no, run in runs.items()}
    best = tables.ranking(runs)[0]
    published = printed.accuracy("test", 1)
    initial = [curve[0] for _, curve in _curves(runs, "test", "top1")]
    gains = [
        curve[entry["best_epoch"]] - curve[-1] for entry, curve in _curves(runs, "test", "top1")
    ]
    seconds = sum(
        entry["training_seconds"] + entry["evaluation_seconds"]
        for timing in timings.values()
        for entry in timing["seeds"].values()
    )
    stopped = {
        f"stopped_epoch_{run_no}": str(next(iter(run["seeds"].values()))["stopped_epoch"])
        for run_no, run in option_c.items()
    }
    return {
        "data_title": tables.data_title(first),
        "data_source": data["source"],
        "train_windows": f"{data['train_windows']:,}",
        "test_windows": f"{data['test_windows']:,}",
        "steps": str(data["steps"]),
        "epochs": str(config["epochs"]),
        "max_epochs": str(next(iter(option_c.values()))["config"]["epochs"]),
        "seeds_text": _words(first["seeds"]),
        "seed_shown": next(iter(first["seeds"])),
        "chance_top1": _percent(100 / len(CLASSES)),
        "initial_top1_low": _percent(min(initial)),
        "initial_top1_high": _percent(max(initial)),
        "best_run": str(best),
        "best_run_top1": _percent(top1[best][0]),
        "best_run_top1_std": _percent(top1[best][1]),
        "lowest_top1": _percent(min(mean for mean, _ in top1.values())),
        "published_best_run": str(published["mean"].idxmax()),
        "published_best_run_top1": _percent(published["mean"].max()),
        "published_lowest_top1": _percent(published["mean"].min()),
        "largest_difference_top1": _percent(
            max(abs(top1[run_no][0] - published.loc[run_no, "mean"]) for run_no in runs)
        ),
        "selection_gain": _percent(float(np.mean(gains))),
        "training_minutes": str(math.ceil(seconds / 60)),
        "published_minutes": str(math.ceil(printed.table(1)["seconds"].sum() / 60)),
        **stopped,
    }
