"""Intervals and paired tests: SciPy's own as the judge, and the corners."""

import math

import numpy as np
import pytest
from scipy import stats

from harlib.notebook.table import small
from harlib.seed_statistics import holm, interval, paired, unpaired


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


def test_pairs_are_judged_like_scipy_does():
    first, second = [50.0, 52, 49, 55, 53], [51.0, 55, 50, 55.5, 56]
    judge = stats.ttest_rel(second, first)
    found = paired(first, second)
    assert found.p == pytest.approx(judge.pvalue)
    low, high = judge.confidence_interval(0.95)
    assert (found.change.low, found.change.high) == pytest.approx((low, high))
    assert paired(second, first).effect == pytest.approx(-found.effect)


def test_what_shares_no_seeds_is_judged_like_scipy_does():
    first, second = [50.0, 52, 49, 55, 53], [58.0, 57.5, 58.5]
    found = unpaired(first, second)
    low, high = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high)) and found.count == 3
    assert unpaired([1, 1], [3, 3]).half == 0 and unpaired([1, 1], [3, 3]).mean == 2
    assert unpaired([1, 2], [3]).high == math.inf


def test_pairs_without_any_spread():
    assert paired([1, 2], [1, 2]).p == 1 and paired([1, 2], [1, 2]).effect == 0
    assert paired([1, 2], [2, 3]).p == 0 and paired([1, 2], [2, 3]).effect == math.inf
    assert math.isnan(paired([1], [2]).p)
    with pytest.raises(ValueError, match="could not be broadcast"):
        paired([1, 2], [1, 2, 3])


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.04, 0.03, math.nan], [0.03, 0.06, 0.06, math.nan]),  # 2 * 0.03 is more than 0.04
        ([0.9, 0.6], [1, 1]),
    ],
)
def test_holm_on_examples_worked_by_hand(p, adjusted):
    assert holm(p) == pytest.approx(adjusted, nan_ok=True)
