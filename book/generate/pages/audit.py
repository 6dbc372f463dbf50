"""Fills audit.md: what does not fit in the printed numbers."""

import numpy as np
import pandas as pd

from book.generate.audit import findings
from book.generate.gathered import Study
from book.generate.staging import Book


def fill(book: Book, study: Study) -> dict[str, str]:
    """Three tables, from the printed numbers alone; returns the number that the text quotes."""
    found, grim, deviations = findings.findings(), findings.grim(), findings.deviations()
    _table(book, "findings", found, "What does not fit in the published report.")
    _table(book, "grim", grim, "Printed means, and the nearest that three counts can give.")
    _table(book, "deviations", deviations, "Printed deviations, and what they can be of.")
    return {"audit_findings_count": str(len(found))}


def _table(book: Book, name: str, table: pd.DataFrame, title: str) -> None:
    named = table.rename(columns=lambda column: column.replace("_", " ").capitalize())
    named = named.rename(columns=lambda column: column.replace("Ddof ", "Ddof = "))
    book.table(f"audit-{name}", named.set_index("Place"), title=title, text=_text)


def _text(value: object, label: tuple, column: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
