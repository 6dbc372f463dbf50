"""The record ``peers`` as tables: the other networks beside that of the report."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib.notebook.table import cell_text, number
from harlib.protocol import CLASSES
from harlib.runs import trained_network
from harlib.seed_statistics import difference, interval
from harlib.storage.records import Record

TOPS = ("top1", "top2", "top3")
#: What a setting has that does without; of all others 0.
_OFF = {"frame": "sensor", "samples_per_step": 1}


@dataclass(frozen=True)
class Row:
    """One network in the comparison.

    Attributes
    ----------
    name : str
    parameters : int
        How many numbers are trained.
    accuracy : dict of lists
        ``top1``, ``top2``, ``top3`` on the test windows in percent, one value a seed.
    confusion : list of (C, C) arrays
        Test windows by true and predicted class, one a seed.
    tried : int or None
        Settings that were tried before this one was chosen; None: it is told elsewhere.
    """

    name: str
    parameters: int
    accuracy: dict[str, list[float]]
    confusion: list[np.ndarray]
    tried: int | None

    @property
    def short(self) -> str:
        """The name without what comes after a comma."""
        return self.name.partition(",")[0]

    @property
    def told(self) -> np.ndarray:
        """Percent of each class's test windows that is told, mean over the seeds; (C,)."""
        return np.mean([100 * np.diag(m) / m.sum(axis=1) for m in self.confusion], axis=0)


def of_result(result: dict, name: str, *, tried: int | None) -> Row:
    """The row of a run of this project, at the reported epoch of each seed."""
    entries = list(result["seeds"].values())
    return Row(
        name,
        trained_network.count_parameters(result),
        {top: [entry["test"][top][entry["best_epoch"]] for entry in entries] for top in TOPS},
        [np.array(entry["confusion"]) for entry in entries],
        tried,
    )


def of_record(record: Record) -> list[Row]:
    """The rows of its networks."""
    rows = []
    for entry in record.content["networks"].values():
        seeds = entry["seeds"].values()
        accuracy = {top: [seed[top] for seed in seeds] for top in TOPS}
        confusion = [np.array(seed["confusion"]) for seed in seeds]
        size, settings = entry["parameters"], len(entry["tried"])
        rows.append(Row(entry["title"], size, accuracy, confusion, settings))
    return rows


def comparison(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a network; of every accuracy the mean over the seeds with its interval."""
    table = {
        row.name: {
            "Parameters": row.parameters,
            **{f"Top-{top[3]} (%)": interval(row.accuracy[top]) for top in TOPS},
            "Seeds": len(row.accuracy["top1"]),
            "Settings tried": "–" if row.tried is None else str(row.tried),
            "Chosen by": "held-out training subjects",
        }
        for row in rows
    }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("Network")


def by_class(rows: Sequence[Row]) -> pd.DataFrame:
    """Share of each class's test windows that is told, in percent: mean over the seeds."""
    table = {row.short: row.told for row in rows}
    return pd.DataFrame(table, index=CLASSES).T.rename_axis("Network")


def verdict(ours: Row, other: Row) -> str:
    """A sentence: which of two networks is ahead, by how much, and in which class most of all."""
    gap = difference(ours.accuracy["top1"], other.accuracy["top1"])
    if gap.mean < 0:
        return verdict(other, ours)
    points = f"{number(gap.mean)} percentage points"
    if math.isfinite(gap.half):
        points += f" (95 % confidence interval {number(gap.low)} to {number(gap.high)})"
    if gap.low <= 0:
        return (
            f"Between the {other.short} and the {ours.short} the seeds cannot decide: the "
            f"{other.short} is ahead by {points}."
        )
    there = int(np.argmax(other.told - ours.told))
    return (
        f"The {other.short} is ahead of the {ours.short} by {points}, most of all in the class "
        f"{CLASSES[there]}: {other.told[there]:.1f} against {ours.told[there]:.1f} %."
    )


def shared(record: Record) -> dict[str, object]:
    """The settings that all networks were tried with."""
    entries = record.content["networks"].values()
    every = [setting["settings"] for entry in entries for setting in entry["tried"]]
    return {k: v for k, v in every[0].items() if all(other[k] == v for other in every)}


def tried(record: Record) -> pd.DataFrame:
    """Every setting of every network with its accuracy on held-out training subjects."""
    rows, same = {}, shared(record)
    for entry in record.content["networks"].values():
        short = entry["title"].partition(",")[0]
        for at, setting in enumerate(entry["tried"]):
            own = {
                name: value
                for name, value in setting["settings"].items()
                if name not in same and value != _OFF.get(name, 0)
            }
            rows[f"{short} {at + 1}".replace(" ", "\u00a0")] = {
                "Setting": words(own),
                "Mean": float(np.mean([float(value) for value in setting["validation_top1"]])),
                "Chosen": "✓" if at == entry["chosen"] else "",
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Tried")


def words(settings: dict[str, object]) -> str:
    """Settings as text."""
    return ", ".join(f"{name} {value}".replace("_", " ") for name, value in settings.items())


def text(value: object, label: object, column: object) -> str:
    """A cell of these tables as text."""
    return f"{value:,}" if column == "Parameters" else cell_text(value, label, column)
