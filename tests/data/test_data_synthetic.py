"""Synthetic data: the same for everybody, and like real subjects; what is shown of either."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from book.generate.pages import corrected
from book.generate.pages import data as data_page
from harlib import data
from harlib.data import Dataset, statistics, synthetic
from harlib.protocol import CLASSES
from harlib.runs import parameters
from tests.data.data_helpers import refusal


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return synthetic.make()


def test_it_has_the_same_bytes_and_the_published_shape_every_time(dataset):
    assert data.load("synthetic").sha256() == dataset.sha256()
    assert dataset.X_train.shape == (3000, 150, 3) and dataset.X_test.shape == (600, 150, 3)
    assert dataset.X_train.dtype == np.float64 and dataset.y_train.dtype == np.int64
    np.testing.assert_array_equal(dataset.y_train, np.repeat(np.arange(6), 500))
    np.testing.assert_array_equal(dataset.y_test, np.repeat(np.arange(6), 100))
    assert dataset.sampling_rate == 50 and "synthetic" in dataset.source
    assert set(dataset.subject_train) == set(range(1, 21))
    assert set(dataset.subject_test) == {21, 22, 23, 24}


def test_values_are_those_of_the_sensor_and_no_window_comes_twice(dataset):
    windows = np.concatenate([dataset.X_train, dataset.X_test])
    steps = windows / synthetic.SENSOR_STEP
    np.testing.assert_array_equal(steps, np.round(steps))
    assert abs(windows).max() <= synthetic.SENSOR_RANGE
    assert len(np.unique(windows.reshape(len(windows), -1), axis=0)) == len(windows)


def test_it_lies_within_the_spread_of_real_subjects_and_has_such_a_spread(dataset):
    own, real = statistics.summary(dataset), statistics.summary(data.load("motionsense"))
    outside = own[~own["mean"].between(real["q05"], real["q95"])]
    assert outside.empty, outside.to_string()
    ratio = (own["q95"] - own["q05"]) / (real["q95"] - real["q05"])
    typical = ratio.groupby("statistic").median()
    told = typical[["mean_x", "mean_z", "std_x", "std_y", "magnitude_std"]]
    assert told.between(0.3, 2).all(), told.to_string()


@pytest.mark.parametrize("name", parameters.DATA_SETS)
def test_every_name_that_the_notebooks_allow_is_known_and_no_other(name):
    assert data.load(name).name == name
    for other in ("", name.title(), f"{name} "):
        with refusal("allowed is motionsense, synthetic, or the path"):
            data.load(other)


def test_the_windows_and_the_numbers_of_every_class_are_drawn(dataset):
    figure = data_page.plot_windows(dataset, "synthetic data")
    nobody = replace(dataset, subject_train=None, subject_test=None)
    assert len(data_page.plot_windows(nobody, "a file").subfigs) == 1
    above, below = figure.subfigs
    assert all("synthetic data" in part.get_suptitle() for part in (above, below))
    window = dataset.X_train[dataset.y_train == 1][250]
    drawn = np.array([line.get_ydata() for line in above.axes[1].lines]).T
    np.testing.assert_array_equal(drawn, window)
    real, own = (statistics.of_dataset(each).groupby("class") for each in (data.load(), dataset))
    for axes, statistic in zip(below.axes, data_page.PANELS, strict=True):
        bars = [bar.get_x() for bar in axes.patches]
        np.testing.assert_allclose(bars, real[statistic].quantile(0.05)[list(CLASSES)])
        means = own[statistic].mean()[list(CLASSES)]
        np.testing.assert_allclose(axes.lines[0].get_xdata(), means)


def test_what_is_said_of_the_shipped_data_is_true_of_it():
    """What is said of a file is in tests/book/test_other_data.py."""
    dataset, book = data.load(), mock.Mock()
    study = mock.Mock(dataset=dataset, first={"data": dataset.describe()})
    values = data_page.fill(book, study)
    assert values["class_order"] == "The windows of this build lie in class order, too."
    (part,) = book.figure.call_args.args[1]().subfigs  # it is not compared with itself
    assert part.get_supylabel() == "acceleration (g)"
    people = [corrected._people(shared) for shared in (dataset.shared_subjects, {1, 2})]
    assert people[0] == "Nobody in the test windows was seen in training."
    assert people[1].startswith("Of the people")
