"""Means over seeds, and differences between two of them, with intervals: SciPy's t-tests.

The seeds are the sample: an interval says what other seeds would give on the same windows, not what
other people would. Two trainings from the same seed share initial values, and end as far from each
other as any two, so they are not compared pair by pair.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

#: Confidence of an interval that stands alone.
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


def _interval(mean: float, count: int, result: object, confidence: float) -> Interval:
    """The interval of a t-test's result; none with one value, no width where all agree."""
    if count == 1:
        return Interval(mean, -math.inf, math.inf, count)
    low, high = map(float, result.confidence_interval(confidence))
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
    return _interval(float(np.mean(values)), len(values), result, CONFIDENCE)


def difference(
    first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE
) -> Interval:
    """Mean of ``second`` minus mean of ``first``, with the interval of Welch (1947).

    The count is that of the shorter one; errors as in :func:`interval`. Several differences hold
    together with 95 % if each has the ``confidence`` of :func:`shared_among`.
    """
    change = interval(second).mean - interval(first).mean
    result = _test(scipy.stats.ttest_ind, second, first, equal_var=False)
    return _interval(change, min(len(first), len(second)), result, confidence)


def shared_among(count: int) -> float:
    """The confidence of each of ``count`` intervals that hold together with 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(count, 1)
