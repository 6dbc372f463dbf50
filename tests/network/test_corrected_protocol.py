"""The switches of a protocol: each does what it says, and the corrected protocol uses them."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from harlib import data, rnn, train
from harlib.buffers import softmax
from harlib.compiled import loops as compiled
from harlib.runs import experiment, trained_network
from harlib.storage import results


def case(seed=3):
    rng = np.random.default_rng(seed)
    params = rnn.initial_values(seed, 7, initial_range=0.8, dtype="float64")
    label = rng.integers(0, 6, 5)
    return params, rng.standard_normal((9, 5, 3)), label, np.eye(6)[label]


def categorical_cross_entropy(params, x, target):
    """``-sum_t log softmax(z_t)[label]``, mean over the batch, for autograd."""
    a, total = anp.zeros((params["W_aa"].shape[0], x.shape[1])), 0.0
    for t in range(x.shape[0]):
        a = anp.tanh(anp.dot(params["W_aa"], a) + anp.dot(params["W_ax"], x[t].T) + params["b_a"])
        z = anp.dot(params["W_ya"], a) + params["b_y"]
        top = anp.max(z, axis=0)
        total = total + anp.sum(anp.log(anp.sum(anp.exp(z - top), axis=0)) + top)
        total = total - anp.sum(target.T * z)
    return total / x.shape[1]


def test_with_softmax_the_gradient_is_that_of_the_categorical_loss():
    params, x, label, target = case()
    expected = autograd.grad(categorical_cross_entropy)(params, x, target)
    found = rnn.bptt(params, x, target, output="softmax")
    for name in rnn.NAMES:
        scale = np.linalg.norm(expected[name])
        assert np.linalg.norm(found[name] - expected[name]) <= 1e-7 * scale, name
    _, loss = rnn.predict(params, x, label, output="softmax")
    assert loss.mean() == pytest.approx(categorical_cross_entropy(params, x, target), rel=1e-12)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_scores_from_the_mean_are_the_mean_of_all_outputs(output):
    params, x, label, _ = case()
    _, y = rnn.forward(params, x, output=output)
    last, _ = rnn.predict(params, x, label, output=output, tile=2)
    mean, _ = rnn.predict(params, x, label, output=output, scores_from="mean", tile=2)
    np.testing.assert_allclose(last, y[-1], rtol=1e-12)
    np.testing.assert_allclose(mean, y.mean(axis=0), rtol=1e-12)


def loss_of_the_mean(params, x, target, output):
    """``T`` times the loss of the output of the mean argument, mean over the batch."""
    a, total = anp.zeros((params["W_aa"].shape[0], x.shape[1])), 0.0
    for t in range(x.shape[0]):
        a = anp.tanh(anp.dot(params["W_aa"], a) + anp.dot(params["W_ax"], x[t].T) + params["b_a"])
        total = total + anp.dot(params["W_ya"], a) + params["b_y"]
    z = total / x.shape[0]
    if output == "softmax":
        loss = anp.sum(anp.log(anp.sum(anp.exp(z), axis=0))) - anp.sum(target.T * z)
    else:
        loss = anp.sum(anp.log(1 + anp.exp(z)) - target.T * z)
    return x.shape[0] * loss / x.shape[1]


@pytest.mark.parametrize("loops", ["numpy", "auto"])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_loss_of_the_mean_has_the_gradient_of_autograd(output, loops):
    params, x, label, target = case()
    expected = autograd.grad(loss_of_the_mean)(params, x, target, output)
    ws = compiled.BUFFERS[compiled.resolve(loops)](params, *x.shape[:2])
    found = rnn.bptt(params, x, target, ws, output, "mean")
    for name in rnn.NAMES:
        scale = np.linalg.norm(expected[name])
        assert np.linalg.norm(found[name] - expected[name]) <= 1e-7 * scale, name
    given = {"output": output, "scores_from": "mean_logit", "loss_from": "mean", "tile": 2}
    scores, loss = rnn.predict(params, x, label, **given)
    _, z = rnn.forward(params, x, output=None)
    np.testing.assert_allclose(scores, rnn.OUTPUTS[output](z.mean(axis=0)), rtol=1e-12)
    np.testing.assert_allclose(loss, -len(x) * np.log(scores[np.arange(5), label]), rtol=1e-10)


def test_softmax_neither_overflows_nor_loses_its_sum():
    y = softmax(np.array([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_array_equal(y[0], [1, 0, 0])


def test_orthogonal_values_keep_lengths_and_leave_the_rest_of_the_draw():
    params = rnn.initial_values(5, 20, initial="orthogonal", dtype="float64")
    np.testing.assert_allclose(params["W_aa"] @ params["W_aa"].T, np.eye(20), atol=1e-12)
    assert not params["b_a"].any() and not params["b_y"].any()
    np.testing.assert_array_equal(
        params["W_ax"], rnn.initial_values(5, 20, dtype="float64")["W_ax"]
    )


@pytest.fixture
def given(small_file):
    return {"data": str(small_file), "epochs": 6, "seeds": (42,), "protocol": "corrected"}


def test_the_corrected_protocol_learns_and_reports_its_last_epoch(given, tmp_path):
    # Clouds that their axes tell apart, and few of them: no gravity, and larger steps.
    name = "corrected+frame=sensor+learning_rate_scale=0.03"
    result = experiment.run(
        2, results_dir=str(tmp_path), **{**given, "epochs": 25, "protocol": name}
    )
    entry = result["seeds"]["42"]
    assert entry["best_epoch"] == 25
    assert entry["train"]["top1"][-1] > 70 > 2 * entry["train"]["top1"][0]
    published = experiment.run(
        2, results_dir=str(tmp_path), **{**given, "epochs": 25, "protocol": "published"}
    )
    assert entry["train"]["top1"][-1] > max(published["seeds"]["42"]["train"]["top1"])
    folder = results.Folder(str(tmp_path), given["data"], name)
    params = trained_network.weights(folder, result, 42)
    dataset = data.load(given["data"])
    x = train.Windows.from_arrays(dataset.X_test, dataset.y_test, "float32")
    scores, _ = rnn.predict(params, x.x, x.label, output="softmax", scores_from="mean_logit")
    assert 100 * np.mean(scores.argmax(1) == x.label) == pytest.approx(entry["test"]["top1"][-1])
    before = trained_network.initial_values(result, 42)["W_aa"]
    np.testing.assert_allclose(before @ before.T, np.eye(50), atol=1e-5)


def test_a_schedule_over_other_epochs_is_another_training(given, tmp_path):
    short = experiment.run(2, results_dir=str(tmp_path / "a"), **{**given, "epochs": 3})
    longer = experiment.run(2, results_dir=str(tmp_path / "a"), **given)
    fresh = experiment.run(2, results_dir=str(tmp_path / "b"), **given)
    assert longer == fresh
    assert short["seeds"]["42"]["train"]["loss"] != longer["seeds"]["42"]["train"]["loss"][:4]
