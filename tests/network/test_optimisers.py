"""Optimisers, clipping and schedule against their papers' equations, written out apart."""

import itertools
from copy import deepcopy

import numpy as np
import pytest

from harlib import optimisers


@pytest.fixture
def sequence():
    """Values of two parameters, one after the other."""
    rng = np.random.default_rng(9)
    return [{"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((3, 1))} for _ in range(7)]


def fading(values, rate):
    """The sum of ``values``, the latest whole and each before it ``rate`` times the next."""
    return sum(rate**age * value for age, value in enumerate(reversed(values)))


def adam(gradients):
    """The step of algorithm 1 of the paper, its moments as sums over all gradients so far."""
    t = len(gradients)
    m_hat = 0.1 * fading(gradients, 0.9) / (1 - 0.9**t)
    v_hat = 0.001 * fading([g**2 for g in gradients], 0.999) / (1 - 0.999**t)
    return m_hat / (np.sqrt(v_hat) + 1e-8)


#: What each optimiser takes off the parameters, for a learning rate of 1, after these gradients.
STEPS = {
    "sgd": lambda gradients: gradients[-1],
    "momentum": lambda gradients: fading(gradients, 0.9),
    "adam": adam,
}


@pytest.mark.parametrize("name", optimisers.OPTIMISERS)
def test_each_optimiser_takes_the_steps_of_its_equations(name, sequence):
    start, *gradients = sequence
    params, memory = deepcopy(start), {}
    for gradient in gradients:
        optimisers.OPTIMISERS[name](params, deepcopy(gradient), 0.1, memory)
    for key, value in params.items():
        seen = [gradient[key] for gradient in gradients]
        steps = sum(STEPS[name](seen[:t]) for t in range(1, len(seen) + 1))
        np.testing.assert_allclose(value, start[key] - 0.1 * steps, rtol=1e-10)


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
    memory, keep = {}, 0.8
    assert optimisers.averaged(sequence[0], memory)["W"] is sequence[0]["W"]
    for params in sequence:
        optimisers.average(params, memory, keep)
    for name, found in optimisers.averaged(sequence[-1], memory).items():
        first, *later = [params[name] for params in sequence]
        expected = keep ** len(later) * first + (1 - keep) * fading(later, keep)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
