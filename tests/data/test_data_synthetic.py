"""The synthetic data: the same for everybody, physical, and like real subjects in simple ways."""

import numpy as np
import pandas as pd
import pytest

from harlib import data
from harlib.data import Dataset, statistics, synthetic
from harlib.protocol import CLASSES
from harlib.runs import parameters
from tests.data.data_helpers import refusal


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic.make()


def test_it_has_the_same_bytes_every_time(dataset):
    loaded = data.load("synthetic")
    assert loaded.name == "synthetic" and "synthetic" in loaded.source
    assert loaded.sha256() == dataset.sha256()


def test_shape(dataset):
    assert dataset.X_train.shape == (3000, 150, 3) and dataset.X_test.shape == (600, 150, 3)
    assert dataset.X_train.dtype == np.float64 and dataset.y_train.dtype == np.int64
    np.testing.assert_array_equal(dataset.y_train, np.repeat(np.arange(6), 500))
    np.testing.assert_array_equal(dataset.y_test, np.repeat(np.arange(6), 100))
    assert dataset.sampling_rate == 50
    assert set(dataset.subject_train) == set(range(1, 21))
    assert set(dataset.subject_test) == {21, 22, 23, 24}


def test_values_are_those_of_the_sensor_and_no_window_comes_twice(dataset):
    windows = np.concatenate([dataset.X_train, dataset.X_test])
    steps = windows / synthetic.SENSOR_STEP
    np.testing.assert_array_equal(steps, np.round(steps))
    np.testing.assert_array_equal(windows.astype(np.float32), windows)
    assert abs(windows).max() <= synthetic.SENSOR_RANGE
    assert len(np.unique(windows.reshape(len(windows), -1), axis=0)) == len(windows)


def test_statistics_lie_within_the_spread_of_real_subjects(dataset):
    own = statistics.summary(statistics.of_dataset(dataset))
    real = statistics.read()
    of_no_one_subject = ["mean", "q05", "q95", "min", "max"]
    assert list(real) == ["class", "statistic", "unit", *of_no_one_subject]
    both = own.merge(real, on=["class", "statistic", "unit"], suffixes=("", "_real"))
    assert len(real) == len(both) == len(CLASSES) * len(statistics.UNITS)
    outside = both[(both["mean"] < both["q05_real"]) | (both["mean"] > both["q95_real"])]
    assert outside.empty, outside.to_string()


def test_subjects_differ_as_real_ones_do(dataset):
    """Neither are all subjects alike, nor do they differ beyond reason."""
    own = statistics.summary(statistics.of_dataset(dataset)).set_index(["class", "statistic"])
    real = statistics.read().set_index(["class", "statistic"])
    ratio = (own["q95"] - own["q05"]) / (real["q95"] - real["q05"])
    for statistic in ("mean_x", "mean_z", "std_x", "std_y", "magnitude_std"):
        of_class = ratio.xs(statistic, level="statistic")
        assert 0.3 < of_class.median() < 2, (statistic, of_class.to_dict())


def test_statistics_come_from_the_real_data():
    made = statistics.summary(statistics.of_dataset(data.load("motionsense")))
    stored = statistics.read()
    pd.testing.assert_frame_equal(
        made, stored, check_exact=False, rtol=0, atol=0.51e-4, check_dtype=False
    )


@pytest.mark.parametrize("name", ["", "Synthetic", "motionsense "])
def test_unknown_data_set(name):
    with refusal("allowed is motionsense, synthetic, or the path"):
        data.load(name)


@pytest.mark.parametrize("name", parameters.DATA_SETS)
def test_every_name_that_the_notebooks_allow_is_known(name):
    assert data.load(name).name == name
