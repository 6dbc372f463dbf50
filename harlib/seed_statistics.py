"""Means over seeds with intervals, and whether two of them differ: paired tests.

Two trainings from the same seed share initial values and the order of the windows, so they are
compared seed by seed. The seeds are the sample: an interval says what other seeds would give on
the same windows, not what other people would.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

#: Confidence of every interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over seeds.

    Attributes
    ----------
    mean : float
    low, high : float
        Confidence interval of the mean by Student's t; infinite with a single seed.
    count : int
        Number of seeds.
    """

    mean: float
    low: float
    high: float
    count: int

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Mean of ``values`` and the interval ``mean +- t s / sqrt(n)``, s with n - 1 (Student, 1908).

    Raises
    ------
    ValueError
        There are no values.
    """
    n = len(values)
    if not n:
        raise ValueError("an interval needs at least one value")
    mean = float(np.mean(values))
    if n == 1:
        return Interval(mean, -math.inf, math.inf, n)
    t = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    half = t * float(np.std(values, ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def unpaired(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Mean of ``second`` minus mean of ``first``, which share nothing, with the interval of Welch.

    The count is that of the shorter one. Source: Welch (1947); degrees of freedom after
    Satterthwaite.

    Raises
    ------
    ValueError
        There are no values.
    """
    a, b = interval(first), interval(second)
    mean, count = b.mean - a.mean, min(a.count, b.count)
    if count == 1:
        return Interval(mean, -math.inf, math.inf, count)
    # By hand, as SciPy's test warns of seeds that all agree.
    squares = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    if not (total := sum(squares)):
        return Interval(mean, mean, mean, count)
    freedom = total**2 / sum(
        square**2 / (len(values) - 1)
        for square, values in zip(squares, (first, second), strict=True)
    )
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(total)
    return Interval(mean, mean - half, mean + half, count)


@dataclass(frozen=True)
class Difference:
    """Second minus first, seed by seed.

    Attributes
    ----------
    change : Interval
        Of the differences.
    p : float
        Two-sided p-value of the paired t-test; 1 where all differences are 0, NaN with one seed.
    effect : float
        Mean difference over its deviation between seeds (Cohen's d of the pairs); infinite where
        all seeds agree to the last digit, 0 where nothing changed, NaN with one seed.
    """

    change: Interval
    p: float
    effect: float


def paired(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two trainings over the same seeds, in the same order.

    Raises
    ------
    ValueError
        The lengths differ, or there is nothing to compare.
    """
    differences = np.subtract(second, first, dtype=np.float64)
    change = interval(differences)
    if change.count == 1:
        return Difference(change, math.nan, math.nan)
    deviation = float(np.std(differences, ddof=1))
    if deviation <= 1e-9 * max(1.0, abs(change.mean)):  # nothing but rounding
        same = change.mean == 0
        return Difference(
            change, float(same), 0.0 if same else math.copysign(math.inf, change.mean)
        )
    t = change.mean / (deviation / math.sqrt(change.count))
    p = 2 * float(stats.t.sf(abs(t), change.count - 1))
    return Difference(change, p, change.mean / deviation)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number: the step-down method of Holm (1979).

    The chance that any of them is below a level although nothing differs is at most that level.
    A NaN stays one and does not count.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), math.nan)
    order = [i for i in np.argsort(p, kind="stable") if not math.isnan(p[i])]
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * float(p[i])))
        adjusted[i] = largest
    return adjusted.tolist()
