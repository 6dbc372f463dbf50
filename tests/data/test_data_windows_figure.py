"""The figure that lets a reader judge the data."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

from harlib import data
from harlib.data import hdf5, statistics, synthetic
from harlib.protocol import CLASSES
from tests.data.data_helpers import four_keys, write_hdf5

mpl.use("agg")

from book.generate.pages import corrected
from book.generate.pages import data as data_page


@pytest.fixture(scope="module")
def dataset():
    return synthetic.make()


def titles(figure):
    return [sub.get_suptitle() for sub in figure.subfigs]


def test_says_synthetic_and_draws_the_numbers_of_every_class(dataset):
    figure = data_page.plot_windows(dataset, statistics.read(), "synthetic data")
    figure.canvas.draw()
    assert all("synthetic data" in title for title in titles(figure))
    above, below = figure.subfigs
    assert [axes.get_title() for axes in above.axes] == list(CLASSES)
    assert [label.get_text() for label in below.axes[0].get_yticklabels()] == list(CLASSES)
    assert len(below.axes) == len(data_page.PANELS)
    assert above._supxlabel.get_text() == "time (s)"
    assert {axes.get_xlabel() for axes in below.axes} == {"g", "Hz"}
    window = dataset.X_train[dataset.y_train == 1][250]
    drawn = np.array([line.get_ydata() for line in above.axes[1].lines]).T
    np.testing.assert_array_equal(drawn, window)
    real = statistics.read().set_index(["statistic", "class"]).loc["mean_y"]
    bars = [bar.get_x() for bar in below.axes[1].patches]
    np.testing.assert_allclose(bars, real.loc[list(CLASSES), "q05"])
    own = statistics.of_dataset(dataset).groupby("class")["mean_y"].mean()
    np.testing.assert_allclose(below.axes[1].lines[0].get_xdata(), own.loc[list(CLASSES)])


def said(dataset):
    """What data.md and corrected.md say of a data set, and the figure of its windows."""
    study = SimpleNamespace(
        dataset=dataset, first={"data": dataset.describe()}, title="data from mine"
    )
    book = SimpleNamespace(figure=lambda name, draw, **options: drawn.append(draw()))
    drawn = []
    values = data_page.fill(book, study)
    return {**values, "people": corrected._people(dataset.shared_subjects)}, drawn[0]


def test_what_is_said_of_a_file_is_true_of_it(tmp_path):
    subjects = {"trS": np.arange(12) % 5, "tstS": np.arange(6)}
    values, figure = said(hdf5.load(write_hdf5(tmp_path / "a.h5", {**four_keys(), **subjects})))
    assert "do **not** lie in class order" in values["class_order"] and values["steps"] == "7"
    assert values["train_windows"] == "12" and values["people"].startswith("Of the people")
    # Neither unit nor rate is known: nothing can be compared with real people.
    assert titles(figure) == ["One window of each class (data from mine)"]
    (part,) = figure.subfigs
    assert part._supxlabel.get_text() == "time (steps)"
    assert part._supylabel.get_text() == "acceleration"


def test_what_is_said_of_the_shipped_data_is_true_of_it():
    values, figure = said(data.load())
    assert values["class_order"] == "The windows of this build lie in class order, too."
    assert values["people"] == "Nobody in the test windows was seen in training."
    (part,) = figure.subfigs  # it is not compared with itself
    assert part._supylabel.get_text() == "acceleration (g)"
