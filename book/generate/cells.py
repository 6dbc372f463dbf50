"""Turns a DataFrame into the cells that the book's ``report-table`` directive draws."""

from collections.abc import Callable, Iterator
from itertools import groupby
from numbers import Number

import numpy as np
import pandas as pd

#: How a row's source shows in the book; other rows are plain text.
KINDS = {
    "published": "published",
    "re-computed": "recomputed",
    "published protocol": "published",
    "corrected protocol": "recomputed",
    "difference": "difference",
}


def small(value: float) -> str:
    """A number with one digit or two, one near zero as a power: ``0.07``, ``5 × 10⁻¹⁷``."""
    if not 0 < value < 0.01:  # also what is no number, after a training that diverged
        return f"{value:.2g}"
    digit, power = f"{value:.0e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digit}\u00a0×\u00a010{raised}"


def counted(number: int, what: str) -> str:
    """``1 epoch``, ``2 epochs``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def verdicts_of(table: pd.DataFrame, *words: str) -> list[int]:
    """How often each of ``words`` is the verdict of a row."""
    return table["Verdict"].value_counts().reindex(words, fill_value=0).tolist()


def _parts(label: object) -> tuple:
    """The label of a row or a column, a part a level."""
    return label if isinstance(label, tuple) else (label,)


def _joined(labels: pd.Index, level: int) -> Iterator[tuple[str, int]]:
    """Text and number of equal neighbours, which are joined where all levels above agree too."""
    for key, group in groupby(_parts(label)[: level + 1] for label in labels):
        yield str(key[level]), len(list(group))


def header(table: pd.DataFrame) -> list[list[dict]]:
    """Header rows: names of the index levels, then the column labels, equal ones joined."""
    levels = table.columns.nlevels
    rows = [
        [{"text": text, "span": count, "rows": 1} for text, count in _joined(table.columns, level)]
        for level in range(levels)
    ]
    names = [str(name or "") for name in table.index.names]
    rows[0][:0] = [{"text": name, "span": 1, "rows": levels, "kind": "label"} for name in names]
    return rows


def body(
    table: pd.DataFrame, text: Callable[[object, tuple, object], str], bold: pd.DataFrame | None
) -> list[list[dict]]:
    """Body rows; a label that repeats in all levels to its left is one tall cell."""
    rows: list[list[dict]] = [[] for _ in table.index]
    for level in range(table.index.nlevels):
        first = 0
        for name, count in _joined(table.index, level):
            kind = "source" if name in KINDS else "label"
            rows[first].append({"text": name, "bold": False, "kind": kind, "rows": count})
            first += count
    for i, label in enumerate(map(_parts, table.index)):
        kind = next((KINDS[str(part)] for part in label if str(part) in KINDS), None)
        for j, column in enumerate(table.columns):
            value = table.iat[i, j]
            number = isinstance(value, Number) and not isinstance(value, bool)
            rows[i].append(
                {
                    "text": text(value, label, column),
                    "bold": bool(bold is not None and bold.iat[i, j]),
                    "kind": kind or ("number" if number else "text"),
                    "rows": 1,
                }
            )
    return rows


def best_rows(table: pd.DataFrame) -> pd.DataFrame:
    """True where a mean is the best of its column and source: the rule for bold type.

    Of equal means all are best. Differences and deviations are never bold.
    """
    behind = table.groupby(level="Source").transform("max") - table
    is_difference = table.index.get_level_values("Source") == "difference"
    is_mean = table.columns.get_level_values(-1) == "μ"
    # The same counts in another order have a mean with other last digits.
    return (behind < 1e-9) & np.outer(~is_difference, is_mean)
