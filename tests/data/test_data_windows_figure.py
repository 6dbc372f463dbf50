"""What a reader is told and shown of the data, to judge it by."""

from unittest import mock

import numpy as np

from book.generate.pages import corrected
from book.generate.pages import data as data_page
from harlib import data
from harlib.data import statistics
from harlib.protocol import CLASSES


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
    for axes, statistic in zip(below.axes, data_page.PANELS, strict=True):
        bars = [bar.get_x() for bar in axes.patches]
        np.testing.assert_allclose(bars, real.loc[statistic].loc[list(CLASSES), "q05"])
        np.testing.assert_allclose(axes.lines[0].get_xdata(), own.loc[list(CLASSES), statistic])


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
