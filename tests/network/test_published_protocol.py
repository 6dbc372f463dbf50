"""A whole run against a plain program that follows the published protocol word by word."""

import json

import numpy as np
import pytest

from harlib import plain_rnn
from harlib.protocol import RUNS
from harlib.runs import experiment
from harlib.storage import results


def recompute(arrays: dict, run_no: int, seed: int, epochs: int) -> dict:
    """Curves, best epoch, confusion and weights of one seed, step by step in float64."""
    run = RUNS[run_no]
    steps = arrays["trX"].shape[1]
    rng = np.random.RandomState(seed)
    n = run.hidden_units
    shapes = {"W_aa": (n, n), "W_ax": (n, 3), "W_ya": (6, n), "b_a": (n, 1), "b_y": (6, 1)}
    params = {name: rng.uniform(-0.1, 0.1, shape) for name, shape in shapes.items()}
    curves = {split: {m: [] for m in ("loss", "top1", "top2", "top3")} for split in ("tr", "tst")}
    best = {"top1": -1}
    for epoch in range(epochs + 1):
        if epoch:
            for i in range(0, len(arrays["trX"]), run.batch_size):
                x = arrays["trX"][i : i + run.batch_size].transpose(1, 0, 2)
                gradient = plain_rnn.bptt(params, x, arrays["trY"][i : i + run.batch_size])
                for name in params:
                    params[name] = params[name] - run.learning_rate * (
                        gradient[name] / steps / steps)  # fmt: skip
        for split in ("tr", "tst"):
            one_hot = arrays[split + "Y"]
            _, y = plain_rnn.forward(params, arrays[split + "X"].transpose(1, 0, 2))
            losses = sum(-(one_hot.T * np.log(y_t)).sum(0) for y_t in y)
            curves[split]["loss"].append(losses.mean())
            order = np.argsort(-y[-1].T, axis=1, kind="stable")
            place = np.argmax(order == one_hot.argmax(1)[:, None], axis=1)
            for top in (1, 2, 3):
                curves[split][f"top{top}"].append(100 * np.mean(place < top))
        if curves["tst"]["top1"][-1] > best["top1"]:
            confusion = np.zeros((6, 6), int)
            np.add.at(confusion, (arrays["tstY"].argmax(1), order[:, 0]), 1)
            best = {"top1": curves["tst"]["top1"][-1], "epoch": epoch, "confusion": confusion,
                    "params": dict(params)}  # fmt: skip
    return {"curves": curves, **best}


@pytest.mark.parametrize("run_no", [1, 6, 7])
def test_a_run_equals_a_plain_recomputation(small_file, small_arrays, tmp_path, run_no):
    # 66 windows in batches of 10 and 30: the last batch is a smaller one.
    given = {"data": str(small_file), "dtype": "float64", "results_dir": str(tmp_path / "out")}
    result = experiment.run(run_no, seeds=(42, 7), epochs=12, **given)
    folder = results.Folder(str(tmp_path / "out"), str(small_file), "published")
    assert result == json.loads(folder.result(run_no).read_text())
    for seed in (42, 7):
        expected = recompute(small_arrays, run_no, seed, 12)
        entry = result["seeds"][str(seed)]
        for split, name in (("train", "tr"), ("test", "tst")):
            for metric, values in expected["curves"][name].items():
                np.testing.assert_allclose(entry[split][metric], values, rtol=0, atol=1e-9)
        assert entry["best_epoch"] == expected["epoch"]
        assert entry["confusion"] == expected["confusion"].tolist()
        assert entry["validation"] is None
        weights = results.read_weights(folder.weights(run_no, seed))
        for name, value in expected["params"].items():
            np.testing.assert_allclose(weights[name], value, rtol=0, atol=1e-12)


def test_the_second_division_by_the_steps_is_one_switch(small_file, tmp_path, monkeypatch):
    """One division less is the same as a learning rate as many times larger as there are steps."""
    import dataclasses

    from harlib import protocol

    once = dataclasses.replace(protocol.PUBLISHED, name="once", steps_divisions=1)
    monkeypatch.setitem(protocol.PROTOCOLS, "once", once)
    given = {"data": str(small_file), "dtype": "float64", "epochs": 3, "seeds": (1,)}
    result = experiment.run(5, protocol="once", results_dir=str(tmp_path / "once"), **given)[
        "seeds"
    ]["1"]
    run = dataclasses.replace(RUNS[5], learning_rate=RUNS[5].learning_rate * 12)
    monkeypatch.setitem(protocol.RUNS, 5, run)
    same = experiment.run(5, results_dir=str(tmp_path / "twice"), **given)["seeds"]["1"]
    np.testing.assert_allclose(result["train"]["loss"], same["train"]["loss"], rtol=1e-12)
    slow = experiment.run(6, results_dir=str(tmp_path / "slow"), **given)["seeds"]["1"]
    assert abs(slow["train"]["loss"][-1] - same["train"]["loss"][-1]) > 1e-6


def test_shuffling_is_drawn_from_seed_and_epoch_and_changes_the_curve(
    small_file, tmp_path, monkeypatch
):
    import dataclasses

    from harlib import protocol

    shuffled = dataclasses.replace(protocol.PUBLISHED, name="shuffled", shuffle=True)
    monkeypatch.setitem(protocol.PROTOCOLS, "shuffled", shuffled)
    given = {"data": str(small_file), "epochs": 4, "seeds": (1,), "protocol": "shuffled"}
    first = experiment.run(1, results_dir=str(tmp_path / "a"), **given)
    second = experiment.run(1, results_dir=str(tmp_path / "b"), **given)
    assert first == second
    plain_order = experiment.run(
        1, results_dir=str(tmp_path / "a"), **{**given, "protocol": "published"}
    )
    assert plain_order["seeds"]["1"]["train"] != first["seeds"]["1"]["train"]
