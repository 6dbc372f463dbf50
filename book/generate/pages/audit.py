"""Fills audit.md: what does not fit in the printed numbers."""

import numpy as np

from book.generate.audit import findings
from book.generate.gathered import Study
from book.generate.staging import Book


def fill(book: Book, study: Study) -> dict[str, str]:
    """Three tables, from the printed numbers alone; returns the number that the text quotes."""
    for name, table, title in (
        ("audit-findings", findings.findings(), "What does not fit in the published report."),
        (
            "audit-grim",
            findings.grim(),
            "Printed means, and the nearest that three counts can give.",
        ),
        ("audit-deviations", findings.deviations(), "Printed deviations, and what they can be of."),
    ):
        table.columns = [
            name.replace("_", " ").replace("ddof ", "ddof = ").capitalize() for name in table
        ]
        book.table(name, table.set_index(table.columns[0]), title=title, text=_text)
    return {"audit_findings_count": str(len(findings.findings()))}


def _text(value: object, label: tuple, column: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
