"""Optimisers, clipping and schedule against their papers' equations, written out apart."""

import itertools

import numpy as np
import pytest

from harlib import optimisers


def gradients(rng, count):
    """A sequence of gradients of two parameters."""
    return [
        {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((3, 1))} for _ in range(count)
    ]


def copied(gradient):
    return {name: value.copy() for name, value in gradient.items()}


@pytest.fixture
def start():
    rng = np.random.default_rng(4)
    return {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal((3, 1))}


@pytest.fixture
def sequence():
    return gradients(np.random.default_rng(9), 7)


def run(name, start, sequence, step):
    params, memory = copied(start), {}
    for gradient in sequence:
        optimisers.OPTIMISERS[name](params, copied(gradient), step, memory)
    return params


def test_sgd_sums_the_gradients(start, sequence):
    found = run("sgd", start, sequence, 0.1)
    for name in start:
        expected = start[name] - 0.1 * sum(g[name] for g in sequence)
        np.testing.assert_allclose(found[name], expected, rtol=1e-12)


def test_momentum_is_a_decaying_sum(start, sequence):
    found = run("momentum", start, sequence, 0.1)
    for name in start:
        expected = start[name].copy()
        for t in range(len(sequence)):
            expected -= 0.1 * sum(0.9 ** (t - i) * sequence[i][name] for i in range(t + 1))
        np.testing.assert_allclose(found[name], expected, rtol=1e-12)


def test_adam_is_algorithm_1_of_its_paper(start, sequence):
    found = run("adam", start, sequence, 0.1)
    for name in start:
        expected, m, v = start[name].copy(), 0.0, 0.0
        for t, gradient in enumerate(sequence, start=1):
            m = 0.9 * m + 0.1 * gradient[name]
            v = 0.999 * v + 0.001 * gradient[name] ** 2
            m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
            expected = expected - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-8)
        np.testing.assert_allclose(found[name], expected, rtol=1e-10)


def test_adam_does_not_see_the_scale_of_the_gradient(start, sequence):
    larger = [{name: 1000 * value for name, value in g.items()} for g in sequence]
    found, scaled = run("adam", start, sequence, 0.1), run("adam", start, larger, 0.1)
    np.testing.assert_allclose(found["W"], scaled["W"], rtol=1e-5)


def test_clipping_shortens_all_parameters_together(sequence):
    gradient = copied(sequence[0])
    length = np.sqrt(sum((value**2).sum() for value in gradient.values()))
    optimisers.clip(gradient, length * 2)
    np.testing.assert_array_equal(gradient["W"], sequence[0]["W"])
    optimisers.clip(gradient, length / 4)
    for name in gradient:
        np.testing.assert_allclose(gradient[name], sequence[0][name] / 4, rtol=1e-12)


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


def test_the_average_is_exponential_and_begins_at_the_first_parameters(start, sequence):
    memory, keep = {}, 0.8
    assert optimisers.averaged(start, memory)["W"] is start["W"]
    path = [{name: g[name].copy() for name in start} for g in sequence]
    for params in path:
        optimisers.average(params, memory, keep)
    n = len(path)
    weights = [keep ** (n - 1)] + [(1 - keep) * keep ** (n - 1 - i) for i in range(1, n)]
    for name in start:
        expected = sum(w * params[name] for w, params in zip(weights, path, strict=True))
        found = optimisers.averaged(path[-1], memory)[name]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
