"""What NumPy says to the networks and windows that the page "Try it" is given."""

import base64
from collections.abc import Sequence

import numpy as np

from book.generate.pages import try_it
from harlib import rnn
from harlib.inputs import prepare
from harlib.protocol import RUNS


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float64)


def parameters(network: dict) -> rnn.Parameters:
    """The weights that the script has, in float64, in which it computes."""
    shapes = rnn.shapes(RUNS[try_it.RUN].hidden_units, 3, 6)
    return {name: decoded(network[name]).reshape(shape) for name, shape in shapes.items()}


def scores(network: dict, window: dict, off: Sequence[int] = ()) -> list[float]:
    """The class scores of a window by NumPy; units ``off`` give nothing to anything."""
    params = parameters(network)
    params["W_aa"][:, list(off)] = params["W_ya"][:, list(off)] = 0
    raw = decoded(window["x"]).reshape(-1, 1, 3)
    x = prepare(raw, {**network, "input_average": 1})
    rules = {"output": network["output"], "scores_from": network["scores_from"]}
    return rnn.predict(params, x, np.zeros(1, int), **rules)[0][0].tolist()


#: The same by the page's script.
SCORES = "([n, x, off]) => run(networks[n], triples(floats(x)), new Set(off)).scores.at(-1)"


def assert_the_page_says_the_same(page, networks, windows, off: Sequence[int] = ()) -> None:
    for n, network in enumerate(networks):
        for window in windows:
            here = page.evaluate(SCORES, [n, window["x"], list(off)])
            np.testing.assert_allclose(here, scores(network, window, off), atol=1e-5, rtol=0)
