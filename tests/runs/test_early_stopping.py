"""The stopping rule and the split of option C."""

import numpy as np
import pytest

from harlib.data import load
from harlib.job import EarlyStopping
from harlib.runs import experiment
from harlib.runs.splits import stratified
from tests.data.data_helpers import refusal


@pytest.mark.parametrize(
    ("accuracy", "stops"),
    [
        ([10, 10, 10], False),  # two epochs without improvement
        ([10, 10, 10, 10], True),  # three
        ([10, 9, 8, 10.1], False),  # improved in the third
        ([10, 9, 8, 10.1, 10.1, 10.1, 10.1], True),
        ([10, 10.000005, 10.000009, 10.0000099], True),  # growth below min_delta does not count
        ([10, 10.00002, 10.00004, 10.00006], False),
        ([10], False),
        # Many small gains count once they add up to more than min_delta over the best that counted.
        ([10 + 0.4e-5 * i for i in range(8)], False),
    ],
)
def test_stops_after_so_many_epochs_without_improvement(accuracy, stops):
    assert EarlyStopping(3, 1e-5, 0.1).stops_after(accuracy) is stops


def test_the_split_is_stratified_and_nothing_is_in_both(small_file, small_arrays):
    parts = stratified(load(str(small_file)), 0.2, 42, "float64")
    assert set(np.bincount(parts["validation"].label)) <= {2, 3}
    windows = np.concatenate([parts["train"].x, parts["validation"].x], axis=1).transpose(1, 0, 2)
    order, wanted = (np.argsort(X[:, 0, 0]) for X in (windows, small_arrays["trX"]))
    np.testing.assert_array_equal(windows[order], small_arrays["trX"][wanted])


def test_a_fraction_that_leaves_a_class_out_is_refused(small_file, tmp_path):
    given = {"data": str(small_file), "results_dir": str(tmp_path / "o")}
    with refusal("validation_fraction = 0.01 does not split 66"):
        experiment.early_stopping(8, validation_fraction=0.01, **given)
    assert not (tmp_path / "o").exists()
