"""The table of the book's page "Reliability": what was tried, how often, what was lost."""

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.errors import UserError
from harlib.storage import records

#: The record that holds the rows, in words and figures.
NAME = "reliability"
#: Whose figures a row has.
_HERE, _COPY = "on this machine", "from the project's record"
_COLUMNS = ["Name", "Tried", "Times", "Lost", "Repeated by", "Measured"]


def rows(results_dir: str) -> list[tuple[dict, bool]]:
    """Rows of the record, each with True if measured here, False if from the project's copy.

    A row that was measured here stands in place of the copy's. A UserError if there is no record,
    or it is not one.
    """
    copy = records.read(NAME, "data")
    if not copy:
        raise UserError(f"record data/records/{NAME}.json is missing: it is part of the project")
    found = {row["id"]: (row, False) for row in _rows(copy)}
    own = records.read(NAME, results_dir)
    if own.here:
        found |= {row["id"]: (row, True) for row in _rows(own) if row["times"]}
    return list(found.values())


def _rows(record: records.Record) -> list[dict]:
    """The rows of one record, checked."""
    kinds = {"id": str, "what": str, "times": int, "lost": int, "test": str, "date": str}
    found = record.content.get("rows")
    if not isinstance(found, list) or not all(
        isinstance(row, dict) and all(isinstance(row.get(k), kind) for k, kind in kinds.items())
        for row in found
    ):
        raise UserError(
            f"record {record.path} is not valid: it has no list of rows with {', '.join(kinds)}"
        )
    return found


def table(found: list[tuple[dict, bool]]) -> pd.DataFrame:
    """The rows as the book shows them; what was never run is said too."""
    lines = [
        [
            row["id"],
            row["what"],
            f"{row['times']:,}" if row["times"] else "not run yet",
            str(row["lost"]) if row["times"] else "",
            f"`{row['test']}`",
            f"{row['date']}, {_HERE if here else _COPY}" if row["times"] else "",
        ]
        for row, here in found
    ]
    return pd.DataFrame(lines, columns=_COLUMNS).set_index(_COLUMNS[0])


def fill(book: Book, study: Study) -> dict[str, str]:
    """Write the table; returns the numbers that the page's text quotes."""
    found = rows(study.results_dir)
    run = [pair for pair in found if pair[0]["times"]]
    here = sum(own for _, own in run)
    times, lost = (sum(row[name] for row, _ in found) for name in ("times", "lost"))
    copied = "" if here == len(run) else " The others come from the project's own record."
    book.table(
        "attempts", table(found),
        title="What was tried to break the study, how often, and what was lost.",
        note=f"{here} of the {len(run)} rows with figures were measured on the machine that "
        f"built this book.{copied}",
    )  # fmt: skip
    return {
        "tried_times": f"{times:,}",
        "tried_lost": "nothing" if not lost else f"something {lost:,} times",
    }
