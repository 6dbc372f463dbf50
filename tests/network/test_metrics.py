"""Metrics against scikit-learn, with the rule for ties; intervals against SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as judge

from book.generate.cells import small
from harlib import metrics
from harlib.seed_statistics import difference, interval, shared_among


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 10**9))
def test_ranks_and_confusion_are_those_of_scikit_learn_and_ties_go_to_the_lower_class(
    seed, windows, values
):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, values, (windows, 6)).astype(float)
    label = rng.integers(0, 6, windows)
    # Of equal scores, whole numbers, that of the lower class is now a bit more.
    apart = scores - 1e-3 * np.arange(6)
    for n in (1, 2, 3, 5):
        expected = 100 * judge.top_k_accuracy_score(label, apart, k=n, labels=range(6))
        assert metrics.top_n_accuracy(scores, label, n) == pytest.approx(expected, rel=1e-14)
    expected = judge.confusion_matrix(label, apart.argmax(1), labels=range(6))
    np.testing.assert_array_equal(metrics.confusion_matrix(scores, label), expected)


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        metrics.top_n_accuracy(np.array([[0, np.nan]]), np.array([0]), 1)


def test_deviation_is_the_population_one():
    assert metrics.mean_and_std([1.0, 2.0, 4.0]) == pytest.approx((7 / 3, np.sqrt(14 / 9)))


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
