"""How a notebook shows a table: as HTML on a screen, as text where there is none."""

from collections.abc import Callable

import pandas as pd
from pandas.io.formats.style import Styler


class Table:
    """A table with a caption; the last expression of a cell shows it.

    Parameters
    ----------
    table : DataFrame
    caption : str
        Says what the numbers are and which data they come from.
    text : callable
        ``text(value, row label, column)`` gives the text of a cell.
    """

    def __init__(
        self, table: pd.DataFrame, caption: str, text: Callable[[object, object, object], str]
    ) -> None:
        self.caption = caption
        self.cells = pd.DataFrame(
            [
                [text(value, label, column) for column, value in zip(table, row, strict=True)]
                for label, row in zip(table.index, table.to_numpy(), strict=True)
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
