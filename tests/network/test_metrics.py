"""The metrics against scikit-learn, and the stated rule for ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as judge

from harlib import metrics


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
