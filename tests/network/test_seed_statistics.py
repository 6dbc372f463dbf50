"""Intervals and differences: SciPy's own as the judge, and the corners."""

import math

import numpy as np
import pytest
from scipy import stats

from book.generate.cells import small
from harlib.seed_statistics import difference, interval, shared_among


def test_an_interval_is_that_of_student_and_one_value_says_nothing_of_others():
    values = [1.0, 2.0, 4.0, 8.0]
    found = interval(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.mean == 3.75 and found.count == 4
    assert found.half == pytest.approx((high - low) / 2)
    assert interval([5.0]).high == math.inf
    with pytest.raises(ValueError, match="at least one"):
        interval([])


def test_a_small_number_is_not_written_as_by_a_computer():
    shown = ["5\u00a0×\u00a010⁻¹⁷", "1\u00a0×\u00a010⁻²", "0.07", "7.4", "0", "nan"]
    assert [small(value) for value in (5.2e-17, 0.0099, 0.07, 7.41, 0.0, math.nan)] == shown


@pytest.mark.parametrize("among", [1, 14])
def test_a_difference_is_judged_like_scipy_does(among):
    first, second = [50.0, 52, 49, 55, 53], [58.0, 57.5, 58.5]
    found = difference(first, second, shared_among(among))
    test = stats.ttest_ind(second, first, equal_var=False)
    low, high = test.confidence_interval(1 - 0.05 / among)
    assert (found.low, found.high) == pytest.approx((low, high)) and found.count == 3
    assert found.mean == pytest.approx(58 - 51.8)


def test_a_difference_without_any_spread():
    assert difference([1, 1], [3, 3]).half == 0 and difference([1, 1], [3, 3]).mean == 2
    assert difference([1, 2], [3]).high == math.inf
