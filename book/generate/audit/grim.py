"""Which printed percentages can come from whole numbers of windows, in exact arithmetic.

GRIM (Brown and Heathers, Soc. Psychol. Personal. Sci. 8, 2017): a mean of counts can only
take certain values, so a printed mean may be impossible. The same holds for standard
deviations (GRIMMER, Anaya, PeerJ Preprints 2400v1, 2016); with three seeds they can be
enumerated outright.

Everything printed comes in as text, because its number of decimals matters, and is taken to be
rounded to nearest; a tie may have gone either way.
"""

import math
from collections.abc import Iterator
from fractions import Fraction

import pandas as pd

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


def decimals(as_printed: str) -> int:
    """Number of decimals of a printed number: 3 for ``"48.334"``."""
    return len(as_printed.partition(".")[2])


def rounds_to(value: Fraction, as_printed: str) -> bool:
    """True if an exact value gives the printed one."""
    return abs(value - Fraction(as_printed)) <= Fraction(1, 2 * 10 ** decimals(as_printed))


def nearest_count(as_printed: str, windows: int) -> int:
    """Count k of 0..windows whose percentage ``100 k / windows`` is nearest to the printed one."""
    return min(max(round(Fraction(as_printed) * windows / 100), 0), windows)


def count_fits(as_printed: str, windows: int) -> bool:
    """True if some whole number of ``windows`` gives the printed percentage.

    For a mean over seeds, ``windows`` are those of all seeds together.
    """
    return rounds_to(Fraction(100 * nearest_count(as_printed, windows), windows), as_printed)


def three_counts(total: int, windows: int, printed_std: str, ddof: int) -> list[tuple]:
    """Every three counts (a <= b <= c) with this sum and this printed standard deviation.

    Each counts some of ``windows``; the deviation is in percent, with ``ddof`` 0 (population) or 1
    (sample). With u = b - a and v = c - b the sum of squared deviations is
    2 (u^2 + u v + v^2) / 3, and a whole a asks for v = total + u (mod 3).
    """
    half = Fraction(1, 2 * 10 ** decimals(printed_std))
    low = max(Fraction(printed_std) - half, Fraction(0)) * windows / 100
    high = (Fraction(printed_std) + half) * windows / 100
    scale = Fraction(3 * (3 - ddof), 2)
    least, most = math.ceil(low**2 * scale), math.floor(high**2 * scale)
    found = []
    for u in range(math.isqrt(most) + 1):
        for v in range((total + u) % 3, math.isqrt(most) + 1, 3):
            squares = u * u + u * v + v * v
            if squares > most:
                break
            a = (total - 2 * u - v) // 3
            if squares >= least and a >= 0 and a + u + v <= windows:
                found.append((a, a + u, a + u + v))
    return sorted(found)


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
    table["count"] = [nearest_count(*pair) for pair in pairs]
    table["nearest_percent"] = 100 * table["count"] / table["windows"]
    table["fits"] = [count_fits(*pair) for pair in pairs]
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
        total = nearest_count(mean, len(SEEDS) * windows)
        population, sample = (three_counts(total, windows, std, ddof) for ddof in (0, 1))
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
