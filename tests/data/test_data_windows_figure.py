"""The figure that lets a reader judge the data."""

import matplotlib as mpl
import numpy as np
import pytest

from harlib.data import hdf5, statistics, synthetic
from harlib.protocol import CLASSES
from tests.data.data_helpers import four_keys, write_hdf5

mpl.use("agg")

from book.generate.pages import data as data_page


@pytest.fixture(scope="module")
def dataset():
    return synthetic.make(train_per_class=40, test_per_class=8)


def titles(figure):
    return [sub.get_suptitle() for sub in figure.subfigs]


def test_says_synthetic_and_draws_the_numbers_of_every_class(dataset):
    figure = data_page.plot_windows(dataset, statistics.read())
    figure.canvas.draw()
    assert all("synthetic data" in title for title in titles(figure))
    above, below = figure.subfigs
    assert [axes.get_title() for axes in above.axes] == list(CLASSES)
    assert [label.get_text() for label in below.axes[0].get_yticklabels()] == list(CLASSES)
    assert len(below.axes) == len(data_page.PANELS)
    assert above._supxlabel.get_text() == "time (s)"
    assert {axes.get_xlabel() for axes in below.axes} == {"g", "Hz"}
    window = dataset.X_train[dataset.y_train == 1][20]
    drawn = np.array([line.get_ydata() for line in above.axes[1].lines]).T
    np.testing.assert_array_equal(drawn, window)
    real = statistics.read().set_index(["statistic", "class"]).loc["mean_y"]
    bars = [bar.get_x() for bar in below.axes[1].patches]
    np.testing.assert_allclose(bars, real.loc[list(CLASSES), "q05"])
    own = statistics.of_dataset(dataset).groupby("class")["mean_y"].mean()
    np.testing.assert_allclose(below.axes[1].lines[0].get_xdata(), own.loc[list(CLASSES)])


def test_data_of_unknown_rate_and_subjects(tmp_path):
    dataset = hdf5.load(write_hdf5(tmp_path / "mine.h5", four_keys()))
    figure = data_page.plot_windows(dataset, statistics.read())
    figure.canvas.draw()
    assert all("mine" in title and "synthetic" not in title for title in titles(figure))
    assert figure.subfigs[0]._supxlabel.get_text() == "time (steps)"
