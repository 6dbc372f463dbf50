"""Tables III-VII against the whole numbers of windows that they must come from."""

from collections.abc import Iterator

import pandas as pd

from book.generate.audit import grim as arithmetic
from harlib.paper import printed
from harlib.protocol import SEEDS

#: Windows of the published data file, of which the report prints only those of Table VIII.
WINDOWS = {"train": 3000, "test": 600}
#: Option C keeps one training window in ten for validation (section II-C).
WINDOWS_OPTION_C = {"training": 2700, "validation": 300, "test": 600}

#: Which standard deviations fit: population (ddof 0) and sample (ddof 1).
_VERDICTS = {
    (True, True): "both",
    (True, False): "ddof 0",
    (False, True): "ddof 1",
    (False, False): "neither",
}


def _cells() -> Iterator[tuple[str, str, str, str]]:
    """Place, split, mean and standard deviation of every cell of Tables III-V, as printed."""
    for number in printed.TABLE_OF_TOP.values():
        for run_no, row in printed.table_as_printed(number).iterrows():
            for split, name in (("train", "training"), ("test", "test")):
                place = f"Table {printed.ROMAN[number]}, run {run_no}, {name}"
                yield place, split, row[f"{split}_mean"], row[f"{split}_std"]


def _against_counts(cells: Iterator[tuple[str, str, str, int]]) -> pd.DataFrame:
    """The table of :func:`grim`, of place, split, printed percentage and windows."""
    table = pd.DataFrame(cells, columns=["place", "split", "printed", "windows"])
    pairs = list(zip(table["printed"], table["windows"], strict=True))
    table["count"] = [arithmetic.nearest_count(*pair) for pair in pairs]
    table["nearest_percent"] = 100 * table["count"] / table["windows"]
    table["fits"] = [arithmetic.count_fits(*pair) for pair in pairs]
    return table


def grim() -> pd.DataFrame:
    """Can each mean of Tables III-V be the mean of three seeds' counts?

    Columns: ``place``, ``split``, ``printed``, ``windows`` (of all seeds together),
    ``count`` (nearest number of correct windows), ``nearest_percent`` (what that gives),
    ``fits``.
    """
    return _against_counts(
        (place, split, mean, len(SEEDS) * WINDOWS[split]) for place, split, mean, _ in _cells()
    )


def option_c() -> pd.DataFrame:
    """Can each value of Tables VI and VII be the share of a number of correct windows?

    Columns as :func:`grim`; ``split`` is ``training``, ``validation`` or ``test``.
    """
    return _against_counts(
        (f"Table {printed.ROMAN[number]}, run {run_no}, Top-{metric[-1]}, {split}", split,
         row[split], windows)
        for run_no, number in printed.TABLE_OF_EARLY_STOPPING.items()
        for metric, row in printed.table_as_printed(number).iterrows()
        for split, windows in WINDOWS_OPTION_C.items()
    )  # fmt: skip


def deviations() -> pd.DataFrame:
    """Which standard deviations of Tables III-V can three counts with that mean have?

    Columns: ``place``, ``split``, ``mean`` and ``printed`` (the standard deviation) as
    printed, ``ddof_0`` and ``ddof_1`` (bool), ``verdict`` (``ddof 0``, ``ddof 1``, ``both``,
    ``neither``) and ``counts``: the correct windows of the three seeds in ascending order
    (which seed is which cannot be told), if ddof 0 leaves one possibility, else empty.
    """
    rows = []
    for place, split, mean, std in _cells():
        windows = WINDOWS[split]
        total = arithmetic.nearest_count(mean, len(SEEDS) * windows)
        population, sample = (arithmetic.three_counts(total, windows, std, ddof) for ddof in (0, 1))
        rows.append(
            {
                "place": place,
                "split": split,
                "mean": mean,
                "printed": std,
                "ddof_0": bool(population),
                "ddof_1": bool(sample),
                "verdict": _VERDICTS[bool(population), bool(sample)],
                "counts": ", ".join(map(str, population[0])) if len(population) == 1 else "",
            }
        )
    return pd.DataFrame(rows)
