"""What the page "Try it" is given: weights as they were saved, windows that nobody picked."""

import json

import numpy as np
import pytest

from book.generate.pages import try_it
from harlib import data
from harlib.data import Dataset
from harlib.protocol import CORRECTED, PUBLISHED
from harlib.storage.results import Folder, read_weights
from tests.book import numpy_says

SWITCHES = ("frame", "samples_per_step", "output", "scores_from")


def test_the_script_has_the_saved_weights_and_fits_into_400_kb(try_it_page):
    folder, content = try_it_page
    assert len(json.dumps(content)) < 400_000
    for network, protocol in zip(content["networks"], (PUBLISHED, CORRECTED), strict=True):
        place = Folder(str(folder / "results"), "motionsense", protocol.name)
        saved = read_weights(place.weights(try_it.RUN, 42))
        for name, value in numpy_says.parameters(network).items():
            np.testing.assert_array_equal(value, saved[name])
        assert {key: network[key] for key in SWITCHES} == {k: vars(protocol)[k] for k in SWITCHES}
        assert protocol.input_average == 1  # the script knows no other


def test_of_each_person_and_activity_the_first_window_and_the_middle_one(try_it_page):
    dataset, (_, content) = data.load("motionsense"), try_it_page
    windows = iter(content["windows"])
    for label in range(6):
        for person in (21, 22, 23, 24):
            rows = np.flatnonzero((dataset.y_test == label) & (dataset.subject_test == person))
            for count, row in enumerate((rows[0], rows[len(rows) // 2]), start=1):
                window = next(windows)
                assert (window["number"], window["label"]) == (row, label)
                assert window["name"] == f"person {person}, {count}"
                expected = dataset.X_test[row].astype(np.float32).ravel()
                np.testing.assert_array_equal(numpy_says.decoded(window["x"]), expected)
    assert not [*windows]


@pytest.mark.parametrize("people", [None, np.array([1, 1, 2] * 6)])
def test_other_data_gives_what_it_has(people):
    X = np.random.default_rng(0).normal(size=(18, 12, 3))
    y = np.repeat(np.arange(6), 3)
    windows = try_it._windows(Dataset("mine", "made up", X, y, X, y, subject_test=people))
    assert [w["number"] for w in windows] == list(range(18))
