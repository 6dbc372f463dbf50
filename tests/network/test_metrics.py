"""The metrics against scikit-learn, and the stated rule for ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as judge

from harlib import metrics


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(6, 60))
def test_top_n_and_confusion_agree_with_scikit_learn(seed, windows):
    rng = np.random.default_rng(seed)
    scores = rng.random((windows, 6))
    label = rng.permutation(np.arange(windows) % 6)
    for n in (1, 2, 3, 5):
        expected = 100 * judge.top_k_accuracy_score(label, scores, k=n, labels=range(6))
        assert metrics.top_n_accuracy(scores, label, n) == pytest.approx(expected, rel=1e-14)
    expected = judge.confusion_matrix(label, scores.argmax(1), labels=range(6))
    np.testing.assert_array_equal(metrics.confusion_matrix(scores, label), expected)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_ties_go_to_the_lower_class(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 3, (20, 6)).astype(float)
    label = rng.integers(0, 6, 20)
    order = np.argsort(-scores, axis=1, kind="stable")
    expected = np.argmax(order == label[:, None], axis=1)
    np.testing.assert_array_equal(metrics.ranks(scores, label), expected)
    trace = np.trace(metrics.confusion_matrix(scores, label))
    assert metrics.top_n_accuracy(scores, label, 1) == pytest.approx(100 * trace / 20)


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        metrics.top_n_accuracy(np.array([[0, np.nan]]), np.array([0]), 1)


def test_deviation_is_the_population_one():
    assert metrics.mean_and_std([1.0, 2.0, 4.0]) == pytest.approx((7 / 3, np.sqrt(14 / 9)))
