"""What is seen from inside a training, judged by sums, by autograd and by hand."""

import autograd
import numpy as np

from harlib import data
from harlib.experiments import inside_training
from harlib.job import Job
from harlib.protocol import CLASSES, PUBLISHED, RUNS, variant
from tests.network.test_rnn import OUTPUT, autograd_losses, case

#: Parameters, inputs of 9 steps and 4 windows, labels, one-hot targets.
PARAMS, X, _, TARGET = case((9, 4, 7, 3, 6, 3))


@OUTPUT
def test_gradient_norms_are_those_of_weights_that_each_step_has_for_itself(output):
    norms = inside_training.gradient_norms(PARAMS, X, TARGET, output)
    assert list(norms) == ["W_ax", "W_aa", "W_ya"]
    for layer, found in norms.items():
        of_steps = autograd.grad(
            lambda W, layer=layer: sum(autograd_losses({**PARAMS, layer: W}, X, TARGET, output))
        )(np.stack([PARAMS[layer]] * 9))
        np.testing.assert_allclose(found, np.linalg.norm(of_steps, axis=(1, 2)))


@OUTPUT
def test_reach_is_the_derivative_of_the_last_loss_by_what_enters_each_tanh(output):
    delta = autograd.grad(
        lambda entering: autograd_losses(PARAMS, X, TARGET, output, entering=entering)[-1]
    )(np.zeros((9, 4, 7)))
    lengths = np.sqrt((delta**2).sum(2).mean(1))
    found = inside_training.reach(PARAMS, X, TARGET, output)
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
