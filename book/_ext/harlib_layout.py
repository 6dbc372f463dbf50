"""Where the cells of a table lie when some of them span columns or rows."""

from collections.abc import Sequence


class LayoutError(ValueError):
    """The cells of a row do not fill it exactly."""


def first_columns(
    rows: Sequence[Sequence[tuple[int, int]]], columns: int | None = None
) -> list[list[int]]:
    """The first column of every cell, counted from 0.

    Parameters
    ----------
    rows : cells as (columns, rows) that they span
        A row lists only the cells that start in it.
    columns : int, optional
        Width of the table; by default that of the first row.

    Raises
    ------
    LayoutError
        A row is wider or narrower, or a cell reaches below the last row.
    """
    taken: dict[int, set[int]] = {position: set() for position in range(len(rows))}
    starts: list[list[int]] = []
    for position, row in enumerate(rows):
        starts.append([])
        column = 0
        for span, depth in row:
            while column in taken[position]:
                column += 1
            starts[-1].append(column)
            for below in range(position, position + depth):
                if below not in taken:
                    raise LayoutError(f"row {position + 1}: a cell reaches below the last row")
                taken[below] |= set(range(column, column + span))
        columns = len(taken[position]) if columns is None else columns
        if taken[position] != set(range(columns)):
            raise LayoutError(
                f"row {position + 1} fills {len(taken[position])} of {columns} columns"
            )
    return starts
