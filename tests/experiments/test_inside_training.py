"""What is seen from inside a training, judged by sums, by autograd and by hand."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from harlib import data, rnn
from harlib.experiments import inside_training
from harlib.job import Job
from harlib.protocol import CLASSES, PUBLISHED, RUNS, variant


@pytest.fixture
def case():
    """Parameters, inputs of 9 steps and 4 windows, one-hot targets."""
    rng = np.random.default_rng(3)
    params = rnn.initial_values(3, 7, initial_range=0.8, dtype="float64")
    return params, rng.standard_normal((9, 4, 3)), np.eye(6)[rng.integers(0, 6, 4)]


def losses(params, x, target, output, entering):
    """The loss of each step, for autograd; ``entering[t]`` is added before the tanh.

    A weight matrix may be given once for each step, (T, rows, columns), to be told apart.
    """
    W_aa, W_ax, W_ya = (params[layer] + np.zeros((9, 1, 1)) for layer in ("W_aa", "W_ax", "W_ya"))
    a, found = np.zeros((4, 7)), []
    for t in range(9):
        z = anp.dot(a, W_aa[t].T) + anp.dot(x[t], W_ax[t].T) + params["b_a"].T
        a = anp.tanh(z + entering[t])
        z = anp.dot(a, W_ya[t].T) + params["b_y"].T
        if output == "softmax":
            normaliser = anp.sum(anp.log(anp.sum(anp.exp(z), axis=1)))
        else:
            normaliser = anp.sum(anp.log(1 + anp.exp(z)))
        found.append(normaliser - anp.sum(target * z))
    return found


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_gradient_norms_are_those_of_weights_that_each_step_has_for_itself(case, output):
    params, x, target = case
    norms = inside_training.gradient_norms(params, x, target, output)
    for layer in inside_training.LAYERS:
        of_steps = autograd.grad(
            lambda W, layer=layer: sum(losses({**params, layer: W}, x, target, output, [0] * 9))
        )(np.stack([params[layer]] * 9))
        np.testing.assert_allclose(norms[layer], np.linalg.norm(of_steps / 4, axis=(1, 2)))


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_reach_is_the_derivative_of_the_last_loss_by_what_enters_each_tanh(case, output):
    delta = autograd.grad(lambda entering: losses(*case, output, entering)[-1])(np.zeros((9, 4, 7)))
    lengths = np.sqrt((delta**2).sum(2).mean(1))
    found = inside_training.reach(*case, output)
    np.testing.assert_allclose(found, lengths[::-1] / lengths[-1], rtol=1e-8)


def test_looks_within_an_epoch(small_file):
    dataset = data.load(str(small_file))
    protocol = variant(PUBLISHED, steps_divisions=1)
    looks = inside_training.within_epochs(dataset, Job(RUNS[2], protocol, 2), seed=1, every=2)
    # 66 windows in batches of 10: seven batches an epoch, looks after 2, 4 and 6.
    assert list(looks.index) == [(e, b) for e in (1, 2) for b in (2, 4, 6)]
    np.testing.assert_allclose(looks[list(CLASSES)].sum(axis=1), 100)
    # In class order, 11 windows a class: batches 1-2 are mostly of class 0, 3-4 of 2, 5-6 of 4.
    assert list(looks["seen"]) == [0, 2, 4] * 2
