"""The report's claims, decided by code from result files.

A row is made of a checkable sentence of sections II to IV: the sentence in short, the test
that decides it with its limits, the figures, and the verdict. The figures and verdicts follow
from the results alone, so another data set may give others. Where a cause is asserted and
nothing here varies it, the row says what experiment would decide.

Comparisons between runs rest on few seeds. They hold only if they hold in every pair of runs,
or for every seed, that they speak of; the figures say in how many.
"""

import pandas as pd

from book.generate.claims import (
    causes,
    implementation,
    learning,
    network,
    option_c,
    ranking,
    stopping,
    swings,
)
from book.generate.claims.claim import (
    FAILS,
    HOLDS,
    OPEN,
    SECTIONS,
    VERDICTS,
    Claim,
    Experiments,
    Row,
    Study,
)

__all__ = [
    "FAILS",
    "HOLDS",
    "OPEN",
    "ROWS",
    "VERDICTS",
    "Claim",
    "Experiments",
    "claims",
    "summary",
    "table",
]

#: All rows, in the order of the report's sections.
ROWS: tuple[Row, ...] = tuple(
    sorted(
        implementation.ROWS
        + ranking.ROWS
        + stopping.ROWS
        + learning.ROWS
        + swings.ROWS
        + option_c.ROWS
        + network.ROWS
        + causes.ROWS,
        key=lambda row: SECTIONS.index(row.section),
    )
)


def claims(
    runs: dict[int, dict],
    early_stopping: dict[int, dict],
    *,
    units: pd.DataFrame | None = None,
    timings: dict[int, dict] | None = None,
    experiments: Experiments | None = None,
) -> list[Claim]:
    """Decide every claim.

    Parameters
    ----------
    runs : dict
        Result files of the runs, by run number, as :func:`harlib.storage.results.read` gives them; at
        least one. A claim about a run that is missing cannot be decided.
    early_stopping : dict
        Result files of option C, by run number; may be empty.
    units : DataFrame, optional
        What the hidden units of the runs do, from :func:`harlib.analysis.hidden_units.by_run`.
    timings : dict, optional
        Timing files of the runs, by run number.
    experiments : Experiments, optional
        One run under protocols that differ in one switch.

    Raises
    ------
    ValueError
        There is no run at all.
    """
    if not runs:
        raise ValueError("claims need the result of at least one run")
    study = Study(runs, early_stopping, units, timings, experiments)
    return [row.on(study) for row in ROWS]


def table(
    runs: dict[int, dict],
    early_stopping: dict[int, dict],
    *,
    units: pd.DataFrame | None = None,
    timings: dict[int, dict] | None = None,
    experiments: Experiments | None = None,
) -> pd.DataFrame:
    """Every claim as a row of text: Section, Claim, Test, Measured, Verdict.

    The rows are numbered from 1. Parameters and errors are those of :func:`claims`.
    """
    decided = claims(runs, early_stopping, units=units, timings=timings, experiments=experiments)
    columns = ["Section", "Claim", "Test", "Measured", "Verdict"]
    rows = [[c.section, c.claim, c.test, c.measured, c.verdict] for c in decided]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="No."))


def summary(decided: list[Claim]) -> dict[str, int]:
    """How many claims have each verdict, all three verdicts included."""
    found = [claim.verdict for claim in decided]
    return {verdict: found.count(verdict) for verdict in VERDICTS}
