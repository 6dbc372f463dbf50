"""Which printed percentages can come from whole numbers of windows, in exact arithmetic.

GRIM (Brown and Heathers, Soc. Psychol. Personal. Sci. 8, 2017): a mean of counts can only
take certain values, so a printed mean may be impossible. The same holds for standard
deviations (GRIMMER, Anaya, PeerJ Preprints 2400v1, 2016); with three seeds they can be
enumerated outright.

Everything printed comes in as text, because its number of decimals matters.
"""

import math
from fractions import Fraction
from functools import lru_cache

#: Where the exact value may lie, in units of the last printed decimal relative to the
#: printed value, and whether each end is allowed. A tie may have gone either way.
RULES = {
    "nearest": (Fraction(-1, 2), True, Fraction(1, 2), True),
    "up": (Fraction(-1), False, Fraction(0), True),
    "down": (Fraction(0), True, Fraction(1), False),
}


def decimals(printed: str) -> int:
    """Number of decimals of a printed number: 3 for ``"48.334"``."""
    return len(printed.partition(".")[2])


def nearest_count(printed: str, windows: int) -> int:
    """Count k of 0..windows whose percentage ``100 k / windows`` is nearest to the printed one."""
    return min(max(round(Fraction(printed) * windows / 100), 0), windows)


def count_fits(printed: str, windows: int, rule: str = "nearest") -> bool:
    """True if some whole number of ``windows`` gives the printed percentage.

    Parameters
    ----------
    printed : str
        Percentage as printed.
    windows : int
        Number of windows; for a mean over seeds, those of all seeds together.
    rule : str
        How the last decimal was made: rounded to ``nearest``, always ``up``, or ``down``.
    """
    below, with_below, above, with_above = RULES[rule]
    unit = Fraction(1, 10 ** decimals(printed))
    low = (Fraction(printed) + below * unit) * windows / 100
    high = (Fraction(printed) + above * unit) * windows / 100
    first = math.ceil(low) if with_below else math.floor(low) + 1
    last = math.floor(high) if with_above else math.ceil(high) - 1
    return max(first, 0) <= min(last, windows)


def three_counts(total: int, windows: int, printed_std: str, ddof: int) -> list[tuple]:
    """Every three counts (a <= b <= c) with this sum and this printed standard deviation.

    With u = b - a and v = c - b the sum of squared deviations is 2 (u^2 + u v + v^2) / 3,
    and a whole a asks for v = total + u (mod 3).

    Parameters
    ----------
    total : int
        a + b + c.
    windows : int
        Windows behind each count; 0 <= a and c <= windows.
    printed_std : str
        Standard deviation in percent, rounded to nearest (a tie either way).
    ddof : int
        0 (population) or 1 (sample).
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


def share(count: int, windows: int, places: int) -> set[int]:
    """``100 count / windows`` rounded to ``places`` decimals, in units of the last one.

    Two values if it is a tie.
    """
    exact = Fraction(100 * count * 10**places, windows)
    return {math.ceil(exact - Fraction(1, 2)), math.floor(exact + Fraction(1, 2))}


@lru_cache(maxsize=32)
def _sums_of_shares(windows: int, parts: int, places: int) -> int:
    """Bit s is set if ``parts`` equal parts can have rounded shares that add up to s."""
    if windows % parts:
        raise ValueError(f"{windows} windows do not make {parts} equal parts")
    shares = set().union(*(share(k, windows, places) for k in range(windows // parts + 1)))
    reachable = 1
    for _ in range(parts):
        sums = 0
        for value in shares:
            sums |= reachable << value
        reachable = sums
    return reachable


def sum_of_shares_fits(printed: str, windows: int, parts: int) -> bool:
    """True if rounding each of ``parts`` equal parts first and adding then can give ``printed``.

    Each part (a class, say) holds ``windows / parts`` windows and contributes the share of
    all windows that are correct and belong to it, rounded as ``printed`` is.
    """
    places = decimals(printed)
    units = int(Fraction(printed) * 10**places)
    return bool(_sums_of_shares(windows, parts, places) >> units & 1)


def share_that_fits(windows: int, parts: int, places: int = 3) -> float:
    """Share of all printable values from 0 to 100 that :func:`sum_of_shares_fits` lets pass.

    How little it says that one value fits: 0.01 means one value in a hundred would by chance.
    """
    values = 100 * 10**places + 1
    return (_sums_of_shares(windows, parts, places) & ((1 << values) - 1)).bit_count() / values
