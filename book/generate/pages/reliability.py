"""The table of the book's page "Reliability": what was tried, how often, what was lost."""

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.storage import records


def rows(results_dir: str) -> list[tuple[dict, bool]]:
    """Rows of the record, each with True if measured here, False if from the project's copy.

    A row that was measured here stands in place of the copy's.
    """
    found = {row["id"]: (row, False) for row in records.read("reliability", "data").content["rows"]}
    own = records.read("reliability", results_dir)
    if own.here:
        found |= {row["id"]: (row, True) for row in own.content["rows"]}
    return list(found.values())


def table(found: list[tuple[dict, bool]]) -> pd.DataFrame:
    """The rows as the book shows them."""
    lines = [
        [
            row["id"],
            row["what"],
            f"{row['times']:,}",
            str(row["lost"]),
            f"`{row['test']}`",
            row["date"] + (", on this machine" if here else ", from the project's record"),
        ]
        for row, here in found
    ]
    columns = ["Name", "Tried", "Times", "Lost", "Repeated by", "Measured"]
    return pd.DataFrame(lines, columns=columns).set_index("Name")


def fill(book: Book, study: Study) -> dict[str, str]:
    """Write the table; returns the numbers that the page's text quotes."""
    found = rows(study.results_dir)
    here = sum(own for _, own in found)
    times, lost = (sum(row[name] for row, _ in found) for name in ("times", "lost"))
    copied = "" if here == len(found) else " The others come from the project's own record."
    book.table(
        "attempts", table(found),
        title="What was tried to break the study, how often, and what was lost.",
        note=f"{here} of the {len(found)} rows were measured on the machine that "
        f"built this book.{copied}",
    )  # fmt: skip
    return {
        "tried_times": f"{times:,}",
        "tried_lost": "nothing" if not lost else f"something {lost:,} times",
    }
