"""How numbers and tables look: in a notebook (HTML on a screen, else text) and in the book."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from harlib.seed_statistics import Interval


def number(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign, and never minus zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def plus_minus(mean: Interval) -> str:
    """``95.2 ± 0.5`` on one line; the mean alone where one seed says nothing of its spread."""
    half = f"\u00a0±\u00a0{mean.half:.1f}" if math.isfinite(mean.half) else ""
    return number(mean.mean) + half


#: Decimals of the numbers in a row or a column of this name; all others have one.
DECIMALS = {
    **dict.fromkeys(("published", "re-computed", "published protocol", "corrected protocol"), 3),
    **dict.fromkeys(("Training", "Validation", "Test", "Spectral radius", "difference"), 3),
    **dict.fromkeys(("They", "First class", "Second class", "Settled"), 2),
}


def _names(label: object) -> list[str]:
    """The parts of a row's or a column's label, without their units."""
    return [str(part).split(" (")[0] for part in (label if isinstance(label, tuple) else (label,))]


def cell_text(value: object, label: object, column: object) -> str:
    """A cell of any table as text, by what it holds and by the names of its row and column.

    What is compared with nothing is empty, what cannot be counted a dash.
    """
    if value is None or (isinstance(value, Interval) and math.isnan(value.mean)):
        return ""
    if isinstance(value, Interval):
        sign = "+" if "(points)" in str(column) and round(value.mean, 1) > 0 else ""
        return sign + plus_minus(value)
    if not isinstance(value, (float, np.floating)):
        return str(value)
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    names = _names(label) + _names(column)
    decimals = next((DECIMALS[name] for name in names if name in DECIMALS), 1)
    if "difference" in names:
        return f"{value:+.{decimals}f}".replace("-", "−")
    return number(float(value), decimals)


class Table:
    """A table with a caption, which says what the numbers are and which data they come from.

    The last expression of a cell shows it. ``text(value, row label, column)`` is a cell's text.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        caption: str,
        text: Callable[[object, object, object], str] = cell_text,
    ) -> None:
        self.caption = caption
        self.cells = pd.DataFrame(
            [
                [text(value, label, column) for column, value in zip(table, row, strict=True)]
                for label, row in zip(table.index, table.astype(object).to_numpy(), strict=True)
            ],
            index=table.index,
            columns=table.columns,
        )

    def _repr_html_(self) -> str:
        # Without identifiers drawn at random: the same notebook has the same bytes.
        styler = Styler(self.cells, uuid="table", cell_ids=False)
        return styler.set_caption(self.caption).to_html()

    def __repr__(self) -> str:
        return f"{self.caption}\n\n{self.cells.to_string()}"
