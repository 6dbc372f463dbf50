"""Whole trainings: the published protocol against a plain program, and what switches change."""

import json
from collections import defaultdict

import numpy as np
import pytest
from sklearn import metrics as judge

from harlib import plain_rnn
from harlib.data import load
from harlib.job import EarlyStopping
from harlib.protocol import RUNS, named
from harlib.runs import experiment, splits, trained_network
from harlib.storage import results
from harlib.train import train


def recompute(arrays: dict, run_no: int, seed: int, epochs: int) -> tuple:
    """Curves, best epoch, its weights and confusion, of one seed, step by step in float64."""
    run = RUNS[run_no]
    steps = arrays["trX"].shape[1]
    rng = np.random.RandomState(seed)
    n = run.hidden_units
    shapes = {"W_aa": (n, n), "W_ax": (n, 3), "W_ya": (6, n), "b_a": (n, 1), "b_y": (6, 1)}
    params = {name: rng.uniform(-0.1, 0.1, shape) for name, shape in shapes.items()}
    curves = defaultdict(list)
    states = []
    for epoch in range(epochs + 1):
        if epoch:
            for i in range(0, len(arrays["trX"]), run.batch_size):
                x = arrays["trX"][i : i + run.batch_size].transpose(1, 0, 2)
                gradient = plain_rnn.bptt(params, x, arrays["trY"][i : i + run.batch_size])
                for name in params:
                    step = run.learning_rate * (gradient[name] / steps / steps)
                    params[name] = params[name] - step
        for split, name in (("train", "tr"), ("test", "tst")):
            label = arrays[f"{name}Y"].argmax(axis=1)
            _, y = plain_rnn.forward(params, arrays[f"{name}X"].transpose(1, 0, 2))
            losses = -np.log([y_t[label, np.arange(len(label))] for y_t in y])
            curves[split, "loss"].append(losses.sum(axis=0).mean())
            for top in (1, 2, 3):
                accuracy = judge.top_k_accuracy_score(label, y[-1].T, k=top, labels=range(6))
                curves[split, f"top{top}"].append(100 * accuracy)
        states.append((dict(params), judge.confusion_matrix(label, y[-1].argmax(axis=0))))
    best = int(np.argmax(curves["test", "top1"]))
    return curves, best, *states[best]


@pytest.mark.parametrize(("run_no", "loops"), [(1, "numpy"), (6, "compiled"), (7, "auto")])
def test_a_run_equals_a_plain_recomputation(small_file, small_arrays, tmp_path, run_no, loops):
    # 66 windows in batches of 10 and 30: the last batch is a smaller one.
    given = {"data": str(small_file), "dtype": "float64", "results_dir": str(tmp_path / "out")}
    result = experiment.run(run_no, seeds=(42, 7), epochs=12, loops=loops, **given)
    assert result["config"]["loops"] == ("numpy" if loops == "numpy" else "compiled")
    folder = results.Folder(str(tmp_path / "out"), str(small_file), "published")
    assert result == json.loads(folder.result(run_no).read_text())
    for seed in (42, 7):
        curves, best, params, confusion = recompute(small_arrays, run_no, seed, 12)
        entry = result["seeds"][str(seed)]
        for (split, metric), values in curves.items():
            np.testing.assert_allclose(entry[split][metric], values, rtol=0, atol=1e-9)
        assert entry["best_epoch"] == best
        assert entry["confusion"] == confusion.tolist()
        assert entry["validation"] is None
        weights = results.read_weights(folder.weights(run_no, seed))
        for name, value in params.items():
            np.testing.assert_allclose(weights[name], value, rtol=0, atol=1e-12)


def losses(file, protocol):
    """Training loss of one seed over the epochs, from nothing."""
    job = experiment.job(5, named(protocol), epochs=4, dtype="float64")
    parts = splits.windows(load(str(file)), job.dtype, train=slice(None))
    return train(job, parts, seed=1).history["train"]["loss"]


def test_the_second_division_by_the_steps_is_one_switch(small_file):
    """One division less is the same as a learning rate as many times larger as there are steps."""
    once = losses(small_file, "published+steps_divisions=1")
    np.testing.assert_allclose(once, losses(small_file, "published+learning_rate_scale=12"), 1e-12)


def test_shuffling_is_drawn_from_seed_and_epoch_and_changes_the_curve(small_file):
    shuffled, again = (losses(small_file, "published+shuffle=True") for _ in range(2))
    assert shuffled == again != losses(small_file, "published")


def test_the_corrected_protocol_learns_and_reports_its_last_epoch(small_file, tmp_path):
    # Clouds that their axes tell apart, and few of them: no gravity, and larger steps.
    name = "corrected+frame=sensor+learning_rate_scale=0.03"
    given = {"data": str(small_file), "results_dir": str(tmp_path), "epochs": 25, "seeds": (42,)}
    result = experiment.run(2, protocol=name, **given)
    entry = result["seeds"]["42"]
    top1 = entry["train"]["top1"]
    assert entry["best_epoch"] == 25 and top1[-1] > 70 > 2 * top1[0]
    before = trained_network.initial_values(result, 42)["W_aa"]
    np.testing.assert_allclose(before @ before.T, np.eye(50), atol=1e-5)


@pytest.mark.parametrize(
    ("accuracy", "stops"),
    [
        ([10, 10, 10], False),  # two epochs without improvement
        ([10, 10, 10, 10], True),  # three
        ([10, 9, 8, 10.1], False),  # improved in the third
        ([10, 9, 8, 10.1, 10.1, 10.1, 10.1], True),
        ([10, 10.000005, 10.000009, 10.0000099], True),  # growth below min_delta does not count
        ([10, 10.00002, 10.00004, 10.00006], False),
        ([10], False),
        # Many small gains count once they add up to more than min_delta over the best that counted.
        ([10 + 0.4e-5 * i for i in range(8)], False),
    ],
)
def test_stops_after_so_many_epochs_without_improvement(accuracy, stops):
    assert EarlyStopping(3, 1e-5, 0.1).stops_after(accuracy) is stops
