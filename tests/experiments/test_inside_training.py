"""What is seen from inside a training, judged by sums, by autograd and by hand."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from harlib import data, rnn
from harlib.buffers import Buffers
from harlib.experiments import inside_training
from harlib.job import Job
from harlib.protocol import CLASSES, PUBLISHED, RUNS, variant


def case(seed=3, B=4):
    rng = np.random.default_rng(seed)
    params = rnn.initial_values(seed, 7, initial_range=0.8, dtype="float64")
    return params, rng.standard_normal((9, B, 3)), np.eye(6)[rng.integers(0, 6, B)]


def test_one_step_has_the_whole_gradient():
    params, x, target = case()
    norms = inside_training.gradient_norms(params, x[:1], target)
    gradient = rnn.bptt(params, x[:1], target)
    for layer in inside_training.LAYERS:
        assert norms.loc[1, layer] == pytest.approx(np.linalg.norm(gradient[layer]))


def test_the_terms_of_a_single_window_add_up_like_the_gradient():
    """With one window, a term is an outer product: its norm is that of its two vectors."""
    params, x, target = case(B=1)
    norms = inside_training.gradient_norms(params, x, target, "softmax")
    ws = Buffers(params, 9, 1)
    rnn.bptt(params, x, target, ws, "softmax")
    delta, e = ws.errors[:-1, 0, :7], ws.errors[1:, 0, 7:]
    a = ws.states[:, 0, :7]
    terms = {"W_ax": (delta, x[:, 0]), "W_aa": (delta, a[:-1]), "W_ya": (e, a[1:])}
    for layer, (left, right) in terms.items():
        expected = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        np.testing.assert_allclose(norms[layer], expected, rtol=1e-10)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_reach_is_the_derivative_of_the_last_loss_by_what_enters_each_tanh(output):
    params, x, target = case()

    def last_loss(added):
        a = anp.zeros((4, 7))
        for t in range(9):
            z = anp.dot(a, params["W_aa"].T) + anp.dot(x[t], params["W_ax"].T) + params["b_a"].T
            a = anp.tanh(z + added[t])
        z = anp.dot(a, params["W_ya"].T) + params["b_y"].T
        if output == "softmax":
            return anp.sum(anp.log(anp.sum(anp.exp(z), axis=1))) - anp.sum(target * z)
        return anp.sum(anp.log(1 + anp.exp(z))) - anp.sum(target * z)

    delta = autograd.grad(last_loss)(np.zeros((9, 4, 7)))
    lengths = np.sqrt((delta**2).sum(2).mean(1))
    found = inside_training.reach(params, x, target, output)
    np.testing.assert_allclose(found, lengths[::-1] / lengths[-1], rtol=1e-8)
    assert found[0] == 1


def test_looks_within_an_epoch(small_file):
    dataset = data.load(str(small_file))
    protocol = variant(PUBLISHED, steps_divisions=1)
    looks = inside_training.within_epochs(dataset, Job(RUNS[2], protocol, 2), seed=1, every=2)
    # 66 windows in batches of 10: seven batches an epoch, looks after 2, 4 and 6.
    assert list(looks.index) == [(e, b) for e in (1, 2) for b in (2, 4, 6)]
    np.testing.assert_allclose(looks[list(CLASSES)].sum(axis=1), 100)
    # In class order, 11 windows a class: batches 1-2 are mostly of class 0, 3-4 of 2, 5-6 of 4.
    assert list(looks["seen"]) == [0, 2, 4] * 2
