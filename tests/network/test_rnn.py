"""The network against autograd, finite differences and plain loops, with both kinds of loops."""

import itertools

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from harlib import gradcheck, plain_rnn, rnn
from harlib.buffers import OUTPUTS, sigmoid, softmax
from harlib.compiled.loops import BUFFERS

#: Steps, windows in the batch, hidden units, channels, classes; and a seed.
SHAPES = st.tuples(
    st.integers(1, 12), st.integers(1, 9), st.integers(1, 9), st.integers(1, 5),
    st.integers(2, 7), st.integers(0, 2**32 - 1),
)  # fmt: skip
LOOPS = pytest.mark.parametrize("loops", ["numpy", "compiled"])
OUTPUT = pytest.mark.parametrize("output", ["sigmoid", "softmax"])


def bptt(params, x, target, loops, **protocol):
    """The gradient with the loops that a test asks for."""
    return rnn.bptt(params, x, target, BUFFERS[loops](params, *x.shape[:2]), **protocol)


def case(shape, dtype="float64"):
    """Parameters large enough to bend the tanh, inputs, labels and one-hot targets."""
    T, B, N, K, C, seed = shape
    rng = np.random.default_rng(seed)
    params = rnn.initial_values(seed, N, channels=K, classes=C, initial_range=0.8, dtype=dtype)
    x = rng.standard_normal((T, B, K)).astype(dtype)
    label = rng.integers(0, C, B)
    return params, x, label, np.eye(C, dtype=dtype)[label]


def autograd_losses(params, x, target, output, loss_from="each", entering=0.0):
    """The loss of each step that a protocol names, mean over the batch, for autograd.

    ``entering`` (T, B, N) is added before the tanh; a weight matrix may be given once for each
    step, (T, rows, columns), to be told apart.
    """
    T, B, _ = x.shape
    entering = entering + np.zeros((T, B, len(params["b_a"])))
    W_aa, W_ax, W_ya = (params[layer] + np.zeros((T, 1, 1)) for layer in ("W_aa", "W_ax", "W_ya"))
    a, z, losses = anp.zeros_like(entering[0]), [], []
    for t in range(T):
        z_a = anp.dot(a, W_aa[t].T) + anp.dot(x[t], W_ax[t].T) + params["b_a"].T
        a = anp.tanh(z_a + entering[t])
        z.append(anp.dot(a, W_ya[t].T) + params["b_y"].T)
    if loss_from == "mean":
        z = [sum(z) / T] * T
    for z_t in z:
        if output == "softmax":  # -log softmax(z_t)[label]
            normaliser = anp.sum(anp.log(anp.sum(anp.exp(z_t), axis=1)))
        else:  # binary cross-entropy, summed over the classes
            normaliser = anp.sum(anp.logaddexp(0, z_t))
        losses.append((normaliser - anp.sum(target * z_t)) / B)
    return losses


@LOOPS
@OUTPUT
@pytest.mark.parametrize("loss_from", ["each", "mean"])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(SHAPES)
def test_every_gradient_agrees_with_autograd(loops, output, loss_from, shape):
    params, x, _, target = case(shape)
    given = (x, target, output, loss_from)
    expected = autograd.grad(lambda p: sum(autograd_losses(p, *given)))(params)
    found = bptt(params, x, target, loops, output=output, loss_from=loss_from)
    assert set(found) == set(rnn.NAMES)
    for name in rnn.NAMES:
        assert found[name].shape == params[name].shape
        scale = np.linalg.norm(expected[name])
        assert np.linalg.norm(found[name] - expected[name]) <= 1e-7 * scale, name


@LOOPS
@pytest.mark.parametrize("name", rnn.NAMES)
def test_finite_differences_agree_and_tell_a_wrong_gradient(loops, name):
    params, x, _, target = case((5, 4, 6, 3, 6, 1))
    gradient = bptt(params, x, target, loops)
    gradient[name] = gradient[name] * 1.001
    errors = gradcheck.relative_errors(
        lambda p: gradcheck.binary_cross_entropy(p, x, target), params, gradient,
        rng=np.random.default_rng(0), step=1e-4,
    )  # fmt: skip
    assert errors.pop(name) > 1e-5 and max(errors.values()) < 1e-7


@LOOPS
@settings(max_examples=25, deadline=None, derandomize=True)
@given(SHAPES, st.sampled_from(["float32", "float64"]))
def test_forward_and_gradient_agree_with_the_plain_loop(loops, shape, dtype):
    params, x, _, target = case(shape, dtype)
    precise = {name: value.astype("float64") for name, value in params.items()}
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    a, y = rnn.forward(params, x, BUFFERS[loops](params, *x.shape[:2]))
    plain_a, plain_y = plain_rnn.forward(precise, x.astype("float64"))
    np.testing.assert_allclose(a, np.transpose(plain_a, (0, 2, 1)), atol=tolerance)
    np.testing.assert_allclose(y, np.transpose(plain_y, (0, 2, 1)), atol=tolerance)
    expected = plain_rnn.bptt(precise, x.astype("float64"), target.astype("float64"))
    found = bptt(params, x, target, loops)
    for name in rnn.NAMES:
        assert found[name].dtype == dtype
        scale = max(1.0, np.abs(expected[name]).max())
        np.testing.assert_allclose(found[name], expected[name], atol=10 * tolerance * scale)


@LOOPS
@OUTPUT
@settings(max_examples=40, deadline=None, derandomize=True)
@given(SHAPES, st.sampled_from(["float32", "float64"]), st.integers(1, 4))
def test_predict_agrees_with_forward_whatever_the_tile(loops, output, shape, dtype, tile):
    params, x, label, _ = case(shape, dtype)
    _, z = rnn.forward(params, x, output=None)
    y, middle = OUTPUTS[output](z), OUTPUTS[output](z.mean(axis=0))
    windows = np.arange(len(label))
    scores = {"last": y[-1], "mean": y.mean(axis=0), "mean_logit": middle}
    losses = {
        "each": -np.log(y[:, windows, label]).sum(axis=0),
        "mean": -len(x) * np.log(middle[windows, label]),
    }
    tolerance = 1e-10 if dtype == "float64" else 1e-4
    for scores_from, loss_from in itertools.product(scores, losses):
        found, loss = rnn.predict(
            params, x, label, output=output, scores_from=scores_from, loss_from=loss_from,
            tile=tile, buffers=BUFFERS[loops],
        )  # fmt: skip
        np.testing.assert_allclose(found, scores[scores_from], rtol=tolerance)
        np.testing.assert_allclose(loss, losses[loss_from], rtol=tolerance)


def test_orthogonal_values_keep_lengths_and_leave_the_rest_of_the_draw():
    uniform, params = (
        rnn.initial_values(5, 20, initial=initial, dtype="float64")
        for initial in ("uniform", "orthogonal")
    )
    np.testing.assert_allclose(params["W_aa"] @ params["W_aa"].T, np.eye(20), atol=1e-12)
    assert not params["b_a"].any() and not params["b_y"].any()
    for name in ("W_ax", "W_ya"):
        np.testing.assert_array_equal(params[name], uniform[name])


def test_outputs_neither_overflow_nor_lose_their_ends():
    z = np.array([-1e4, -800.0, -1.0, 0.0, 1.0, 800.0, 1e4])
    np.testing.assert_allclose(sigmoid(z), special.expit(z), rtol=1e-14)
    z = np.array([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(softmax(z), special.softmax(z, axis=-1), rtol=1e-14)


@LOOPS
def test_loss_stays_finite_where_the_output_saturates(loops):
    params = rnn.initial_values(0, 2, dtype="float64", initial_range=1e4)
    x = np.ones((3, 4, 3))
    _, loss = rnn.predict(params, x, np.array([0, 1, 2, 3]), buffers=BUFFERS[loops])
    assert np.isfinite(loss).all() and loss.max() > 1e3
