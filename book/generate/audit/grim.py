"""Which printed percentages can come from whole numbers of windows, in exact arithmetic.

GRIM (Brown and Heathers, Soc. Psychol. Personal. Sci. 8, 2017): a mean of counts can only
take certain values, so a printed mean may be impossible. The same holds for standard
deviations (GRIMMER, Anaya, PeerJ Preprints 2400v1, 2016); with three seeds they can be
enumerated outright.

Everything printed comes in as text, because its number of decimals matters, and is taken to be
rounded to nearest; a tie may have gone either way.
"""

import math
from fractions import Fraction


def decimals(printed: str) -> int:
    """Number of decimals of a printed number: 3 for ``"48.334"``."""
    return len(printed.partition(".")[2])


def rounds_to(value: Fraction, printed: str) -> bool:
    """True if an exact value gives the printed one."""
    return abs(value - Fraction(printed)) <= Fraction(1, 2 * 10 ** decimals(printed))


def nearest_count(printed: str, windows: int) -> int:
    """Count k of 0..windows whose percentage ``100 k / windows`` is nearest to the printed one."""
    return min(max(round(Fraction(printed) * windows / 100), 0), windows)


def count_fits(printed: str, windows: int) -> bool:
    """True if some whole number of ``windows`` gives the printed percentage.

    For a mean over seeds, ``windows`` are those of all seeds together.
    """
    return rounds_to(Fraction(100 * nearest_count(printed, windows), windows), printed)


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
