"""What the page "Try it" is given: weights as they were saved, windows that nobody picked."""

import base64
import itertools
import json

import numpy as np
import pytest

from book.generate.pages import try_it
from harlib import data, rnn
from harlib.data import Dataset
from harlib.inputs import prepare
from harlib.protocol import CORRECTED, PUBLISHED, RUNS
from harlib.storage.results import Folder, read_weights

SWITCHES = ("frame", "samples_per_step", "output", "scores_from")


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float64)


def parameters(network: dict) -> rnn.Parameters:
    """The weights that the script has, in float64, in which it computes."""
    shapes = rnn.shapes(RUNS[try_it.RUN].hidden_units, 3, 6)
    return {name: decoded(network[name]).reshape(shape) for name, shape in shapes.items()}


def assert_the_page_says_the_same(page, networks, windows, off=()) -> None:
    """The scores of the page's script and of NumPy; units ``off`` give nothing to anything."""
    said = "([n, x, off]) => run(networks[n], triples(floats(x)), new Set(off)).scores.at(-1)"
    raw = np.stack([decoded(window["x"]).reshape(-1, 3) for window in windows], axis=1)
    for n, network in enumerate(networks):
        params = parameters(network)
        params["W_aa"][:, list(off)] = params["W_ya"][:, list(off)] = 0
        rules = {"output": network["output"], "scores_from": network["scores_from"]}
        x = prepare(raw, {**network, "input_average": 1})
        scores, _ = rnn.predict(params, x, np.zeros(len(windows), int), **rules)
        here = [page.evaluate(said, [n, window["x"], list(off)]) for window in windows]
        np.testing.assert_allclose(here, scores, atol=1e-5, rtol=0)


def test_the_script_has_the_saved_weights_and_fits_into_400_kb(try_it_page):
    folder, content = try_it_page
    assert len(json.dumps(content)) < 400_000
    for network, protocol in zip(content["networks"], (PUBLISHED, CORRECTED), strict=True):
        place = Folder(str(folder / "results"), "motionsense", protocol.name)
        saved = read_weights(place.weights(try_it.RUN, 42))
        for name, value in parameters(network).items():
            np.testing.assert_array_equal(value, saved[name])
        assert {key: network[key] for key in SWITCHES} == {k: vars(protocol)[k] for k in SWITCHES}
        assert protocol.input_average == 1  # the script knows no other


def test_of_each_person_and_activity_the_first_window_and_the_middle_one(try_it_page):
    dataset, (_, content) = data.load("motionsense"), try_it_page
    wanted = []
    for label, person in itertools.product(range(6), (21, 22, 23, 24)):
        rows = np.flatnonzero((dataset.y_test == label) & (dataset.subject_test == person))
        names = f"person {person}, 1", f"person {person}, 2"
        wanted += [(rows[0], label, names[0]), (rows[len(rows) // 2], label, names[1])]
    windows = content["windows"]
    assert [(w["number"], w["label"], w["name"]) for w in windows] == wanted
    for window in windows:
        expected = dataset.X_test[window["number"]].astype(np.float32).ravel()
        np.testing.assert_array_equal(decoded(window["x"]), expected)


@pytest.mark.parametrize("people", [None, np.array([1, 1, 2] * 6)])
def test_other_data_gives_what_it_has(people):
    X = np.random.default_rng(0).normal(size=(18, 12, 3))
    y = np.repeat(np.arange(6), 3)
    windows = try_it._windows(Dataset("mine", "made up", X, y, X, y, subject_test=people))
    assert [w["number"] for w in windows] == list(range(18))
