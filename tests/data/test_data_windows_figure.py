"""What a reader is told and shown of the data, to judge it by."""

from types import SimpleNamespace

import numpy as np
import pytest

from book.generate.pages import corrected
from book.generate.pages import data as data_page
from harlib import data
from harlib.data import hdf5, statistics
from harlib.protocol import CLASSES
from tests.data.data_helpers import four_keys, write_hdf5


def test_the_windows_and_the_numbers_of_every_class_are_drawn():
    dataset = data.load("synthetic")
    figure = data_page.plot_windows(dataset, statistics.read(), "synthetic data")
    above, below = figure.subfigs
    assert all("synthetic data" in part.get_suptitle() for part in (above, below))
    window = dataset.X_train[dataset.y_train == 1][250]
    drawn = np.array([line.get_ydata() for line in above.axes[1].lines]).T
    np.testing.assert_array_equal(drawn, window)
    real = statistics.read().set_index(["statistic", "class"])
    own = statistics.of_dataset(dataset).groupby("class").mean()
    for axes, (statistic, *_) in zip(below.axes, data_page.PANELS, strict=True):
        bars = [bar.get_x() for bar in axes.patches]
        np.testing.assert_allclose(bars, real.loc[statistic].loc[list(CLASSES), "q05"])
        np.testing.assert_allclose(axes.lines[0].get_xdata(), own.loc[list(CLASSES), statistic])


OF_A_FILE = ("do **not** lie in class order", "7", "Of the people", "time (steps)", "acceleration")
OF_THE_SHIPPED = ("lie in class order, too.", "150", "Nobody", "time (s)", "acceleration (g)")


@pytest.mark.parametrize("wanted", [OF_A_FILE, OF_THE_SHIPPED])
def test_what_is_said_is_true_of_the_data(tmp_path, wanted):
    dataset = data.load()
    if wanted is OF_A_FILE:
        subjects = {"trS": np.arange(12) % 5, "tstS": np.arange(6)}
        dataset = hdf5.load(write_hdf5(tmp_path / "a.h5", {**four_keys(), **subjects}))
    drawn = []
    study = SimpleNamespace(dataset=dataset, first={"data": dataset.describe()}, title="mine")
    book = SimpleNamespace(figure=lambda name, draw, **options: drawn.append(draw()))
    values = data_page.fill(book, study)
    # A file's unit and rate are not known, and the shipped data are not compared with themselves.
    (part,) = drawn[0].subfigs
    said = [values["class_order"], values["steps"], corrected._people(dataset.shared_subjects)]
    said += [part.get_supxlabel(), part.get_supylabel()]
    assert [words in text for words, text in zip(wanted, said, strict=True)] == 5 * [True], said
