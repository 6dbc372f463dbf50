"""Means over seeds with intervals, and whether two of them differ: paired tests, by SciPy.

Two trainings from the same seed share initial values and the order of the windows, so they are
compared seed by seed. The seeds are the sample: an interval says what other seeds would give on
the same windows, not what other people would.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

#: Confidence of every interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over ``count`` seeds and its interval by Student's t, which is infinite for one."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


def _interval(mean: float, count: int, result: object) -> Interval:
    """The interval of a t-test's result; none with one value, no width where all agree."""
    if count == 1:
        return Interval(mean, -math.inf, math.inf, count)
    low, high = map(float, result.confidence_interval(CONFIDENCE))
    return Interval(mean, low, high, count) if low <= high else Interval(mean, mean, mean, count)


def _test(function: object, *samples: Sequence[float], **options: object) -> object:
    """A t-test of SciPy, which warns of seeds that agree to the last digit, and of single ones."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*samples, **options)


def interval(values: Sequence[float]) -> Interval:
    """Mean of ``values`` and the interval ``mean +- t s / sqrt(n)``, s with n - 1 (Student, 1908).

    Raises
    ------
    ValueError
        There are no values.
    """
    if not len(values):
        raise ValueError("an interval needs at least one value")
    result = _test(scipy.stats.ttest_1samp, values, 0)
    return _interval(float(np.mean(values)), len(values), result)


def unpaired(first: Sequence[float], second: Sequence[float]) -> Interval:
    """Mean of ``second`` minus mean of ``first``, which share nothing, with the interval of Welch.

    The count is that of the shorter one; errors as in :func:`interval`. Source: Welch (1947).
    """
    change = interval(second).mean - interval(first).mean
    result = _test(scipy.stats.ttest_ind, second, first, equal_var=False)
    return _interval(change, min(len(first), len(second)), result)


@dataclass(frozen=True)
class Difference:
    """Second minus first, seed by seed."""

    change: Interval
    #: Two-sided p-value of the paired t-test; 1 where all differences are 0, NaN with one seed.
    p: float
    #: Mean difference over its deviation between seeds (Cohen's d of the pairs); infinite where
    #: all seeds agree to the last digit, 0 where nothing changed, NaN with one seed.
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
        effect = 0.0 if same else math.copysign(math.inf, change.mean)
        return Difference(change, float(same), effect)
    p = float(_test(scipy.stats.ttest_1samp, differences, 0).pvalue)
    return Difference(change, p, change.mean / deviation)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number: the step-down method of Holm (1979).

    The chance that any of them is below a level although nothing differs is at most that level.
    A NaN stays one and does not count.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    steps = np.minimum(1, (len(order) - np.arange(len(order))) * p[order])
    adjusted = np.full(len(p), math.nan)
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted.tolist()
