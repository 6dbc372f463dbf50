"""The record ``peers`` as tables: the other networks beside that of the report."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from harlib.errors import UserError, one_line
from harlib.notebook.table import PLUS_MINUS, number
from harlib.protocol import CLASSES
from harlib.runs import trained_network
from harlib.seed_statistics import Interval, interval, unpaired
from harlib.storage.records import Record

TOPS = (1, 2, 3)
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
    tried : int or None
        Settings that were tried before this one was chosen; None: it is told elsewhere.
    selection : str
        What they were chosen by.
    confusion : list of (C, C) arrays
        Test windows by true and predicted class, one a seed.
    """

    name: str
    parameters: int
    accuracy: dict[str, list[float]]
    tried: int | None
    selection: str
    confusion: list[np.ndarray] = field(default_factory=list)


def of_result(
    result: dict, name: str, *, tried: int | None, selection: str = "held-out training subjects"
) -> Row:
    """The row of a run of this project, at the reported epoch of each seed."""
    entries = list(result["seeds"].values())
    return Row(
        name,
        trained_network.count_parameters(result),
        {f"top{n}": [e["test"][f"top{n}"][e["best_epoch"]] for e in entries] for n in TOPS},
        tried,
        selection,
        [np.array(entry["confusion"]) for entry in entries],
    )


def of_record(record: Record) -> list[Row]:
    """The rows of the networks in the record.

    Raises
    ------
    UserError
        Something is missing in the record or of the wrong kind.
    """
    try:
        rows = []
        for entry in record.content["networks"].values():
            seeds = list(entry["seeds"].values())
            rows.append(
                Row(
                    entry["title"],
                    int(entry["parameters"]),
                    {f"top{n}": [float(seed[f"top{n}"]) for seed in seeds] for n in TOPS},
                    len(entry["tried"]),
                    "held-out training subjects",
                    [_matrix(seed["confusion"]) for seed in seeds],
                )
            )
        tried(record)
        str(record.content["data"]["sha256"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError(
            f"record {record.path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)}): make peers again"
        ) from None
    return rows


def _matrix(rows: list[list[int]]) -> np.ndarray:
    matrix = np.array(rows, dtype=np.int64)
    if matrix.shape != (len(CLASSES), len(CLASSES)) or (matrix.sum(axis=1) <= 0).any():
        raise ValueError("a confusion matrix without windows of each class")
    return matrix


def comparison(rows: Sequence[Row]) -> pd.DataFrame:
    """One row a network; of every accuracy the mean over the seeds with its interval."""
    table = {
        row.name: {
            "Parameters": row.parameters,
            **{f"Top-{n} (%)": interval(row.accuracy[f"top{n}"]) for n in TOPS},
            "Seeds": len(row.accuracy["top1"]),
            "Settings tried": "–" if row.tried is None else str(row.tried),
            "Chosen by": row.selection,
        }
        for row in rows
    }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("Network")


def by_class(rows: Sequence[Row]) -> pd.DataFrame:
    """Share of each class's test windows that is told, in percent: mean over the seeds."""
    table = {}
    for row in rows:
        told = [100 * np.diag(matrix) / matrix.sum(axis=1) for matrix in row.confusion]
        table[_short(row.name)] = dict(zip(CLASSES, np.mean(told, axis=0), strict=True))
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("Network")


def verdict(ours: Row, other: Row) -> str:
    """A sentence: which of two networks is ahead, by how much, and in which class most of all."""
    gap = unpaired(ours.accuracy["top1"], other.accuracy["top1"])
    if gap.mean < 0:
        return verdict(other, ours)
    mine, theirs = _short(ours.name), _short(other.name)
    points = f"{number(gap.mean)} percentage points"
    if math.isfinite(gap.half):
        points += f" (95 % confidence interval {number(gap.low)} to {number(gap.high)})"
    if gap.low <= 0:
        return (
            f"Between the {theirs} and the {mine} the seeds cannot decide: the {theirs} is ahead "
            f"by {points}."
        )
    told = by_class([ours, other]).to_numpy()
    there = int(np.argmax(told[1] - told[0]))
    return (
        f"The {theirs} is ahead of the {mine} by {points}, most of all in the class "
        f"{CLASSES[there]}: {told[1, there]:.1f} against {told[0, there]:.1f} %."
    )


def _short(name: str) -> str:
    return name.partition(",")[0]


def shared(record: Record) -> dict[str, object]:
    """The settings that all networks were tried with."""
    entries = record.content["networks"].values()
    every = [setting["settings"] for entry in entries for setting in entry["tried"]]
    return {k: v for k, v in every[0].items() if all(other[k] == v for other in every)}


def tried(record: Record) -> pd.DataFrame:
    """Every setting of every network with its accuracy on held-out training subjects."""
    rows, same = {}, shared(record)
    for entry in record.content["networks"].values():
        for at, setting in enumerate(entry["tried"]):
            folds = [float(value) for value in setting["validation_top1"]]
            name = f"{_short(entry['title'])} {at + 1}".replace(" ", "\u00a0")
            rows[name] = {
                "Setting": words(
                    {
                        k: v
                        for k, v in setting["settings"].items()
                        if k not in same and v != _OFF.get(k, 0)
                    }
                ),
                "Mean": float(np.mean(folds)),
                "Chosen": "✓" if at == entry["chosen"] else "",
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Tried")


def words(settings: dict[str, object]) -> str:
    """Settings as text."""
    return ", ".join(f"{name} {value}".replace("_", " ") for name, value in settings.items())


def text(value: object, label: object, column: object) -> str:
    """A cell of these tables as text."""
    if isinstance(value, Interval):
        half = f"{PLUS_MINUS}{value.half:.1f}" if np.isfinite(value.half) else ""
        return f"{value.mean:.1f}{half}"
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if column == "Parameters" else str(value)
