"""Optimisers against autograd's, averages against those of pandas, clipping and schedule."""

import itertools
from copy import deepcopy
from functools import partial

import numpy as np
import pandas as pd
import pytest
from autograd.misc import optimizers as judge

from harlib import optimisers


@pytest.fixture
def sequence():
    """Values of two parameters, one after the other."""
    rng = np.random.default_rng(9)
    return [{"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((3, 1))} for _ in range(7)]


#: Autograd's, for a learning rate of 0.1. It takes a tenth of a gradient into the velocity.
JUDGES = {
    "sgd": partial(judge.sgd, step_size=0.1, mass=0),
    "momentum": partial(judge.sgd, step_size=1, mass=0.9),
    "adam": partial(judge.adam, step_size=0.1),
}


@pytest.mark.parametrize("name", optimisers.OPTIMISERS)
def test_each_optimiser_takes_the_steps_of_that_of_autograd(name, sequence):
    start, *gradients = sequence
    params, memory = deepcopy(start), {}
    for gradient in gradients:
        optimisers.OPTIMISERS[name](params, deepcopy(gradient), 0.1, memory)
    expected = JUDGES[name](lambda _, n: gradients[n], start, num_iters=len(gradients))
    for key, value in params.items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-10)


def test_clipping_shortens_all_parameters_together(sequence):
    length = np.sqrt(sum((value**2).sum() for value in sequence[0].values()))
    for largest, factor in ((length * 2, 1), (length / 4, 1 / 4)):
        gradient = deepcopy(sequence[0])
        optimisers.clip(gradient, largest)
        for name, value in gradient.items():
            np.testing.assert_allclose(value, sequence[0][name] * factor, rtol=1e-12)


def test_the_cosine_falls_from_one_towards_zero():
    factors = [optimisers.cosine(epoch, 50) for epoch in range(1, 51)]
    assert factors[0] == 1 and factors[25] == pytest.approx(0.5)
    assert all(a > b > 0 for a, b in itertools.pairwise(factors))
    assert factors[-1] < 0.002


def test_decay_takes_a_part_off_the_weights_and_leaves_the_biases():
    params = {name: np.full((2, 2), 3.0) for name in ("W_aa", "W_ax", "W_ya", "b_a", "b_y")}
    optimisers.decay(params, 0.25)
    for name, value in params.items():
        np.testing.assert_array_equal(value, 2.25 if name.startswith("W") else 3.0)


def test_the_average_is_exponential_and_begins_at_the_first_parameters(sequence):
    memory = {}
    assert optimisers.averaged(sequence[0], memory)["W"] is sequence[0]["W"]
    for params in sequence:
        optimisers.average(params, memory, 0.8)
    for name, found in optimisers.averaged(sequence[-1], memory).items():
        values = pd.DataFrame([params[name].ravel() for params in sequence])
        expected = values.ewm(alpha=0.2, adjust=False).mean().iloc[-1]
        np.testing.assert_allclose(found.ravel(), expected, rtol=1e-12)
