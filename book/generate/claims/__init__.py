"""The report's claims, decided by code from result files.

A row is made of a checkable sentence of sections II to IV: the sentence in short, the test
that decides it with its limits, the figures, and the verdict. The figures and verdicts follow
from the results alone, so another data set may give others. Where a cause is asserted and
nothing here varies it, the row says what experiment would decide. What the project sets itself,
such as the seeds, is no row: reading it back would decide nothing.

Comparisons between runs rest on few seeds. They hold only if they hold in every pair of runs,
or for every seed, that they speak of; the figures say in how many.
"""

import pandas as pd

from book.generate.claims import causes, implementation, option_c, ranking, runs
from book.generate.claims.claim import SECTIONS, Evidence, Row

#: All rows, in the order of the report's sections; in a section as the modules have them.
ROWS: list[Row] = sorted(
    (
        row
        for module in (implementation, ranking, runs, option_c, causes)
        for row in vars(module).values()
        if isinstance(row, Row)
    ),
    key=lambda row: SECTIONS.index(row.section),
)


def table(evidence: Evidence) -> pd.DataFrame:
    """Every claim as a row of text, numbered from 1: Section, Claim, Test, Measured, Verdict."""
    return pd.DataFrame(
        [[row.section, row.claim, row.test, *row.decided(evidence)] for row in ROWS],
        columns=["Section", "Claim", "Test", "Measured", "Verdict"],
        index=pd.RangeIndex(1, len(ROWS) + 1, name="No."),
    )
