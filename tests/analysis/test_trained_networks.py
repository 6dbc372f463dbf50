"""Networks as a notebook leaves them in files: what is read is what was trained, or refused."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from harlib import protocol, rnn
from harlib.analysis import hidden_units, networks, recognition
from harlib.data import load
from harlib.runs import experiment, trained_network
from harlib.storage import manifest, results
from tests.data.data_helpers import four_keys, refusal, write_hdf5

#: Samples in a window.
T = 10
RULES = "corrected+input_average=3+samples_per_step=1+loss_from=each+scores_from=last"
STEPS = "corrected+samples_per_step=5"
#: Run, protocol and seeds of what is trained.
TRAINED = ((4, "published", (1, 2)), (8, "corrected", (42, 1)), (8, RULES, (42,)),
           (8, STEPS, (42,)))  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Data, results folder and result files by run and protocol, as notebooks leave them."""
    folder = tmp_path_factory.mktemp("trained")
    file = write_hdf5(folder / "small.h5", four_keys(72, 24, T))
    given = {"data": str(file), "results_dir": str(folder / "out")}
    found = {
        (run_no, name): experiment.run(run_no, protocol=name, seeds=seeds, epochs=2, **given)
        for run_no, name, seeds in TRAINED
    }
    return given, found


@pytest.fixture
def made(kept, tmp_path):
    """A copy that a test may damage: folder of the published protocol, result, data set."""
    given, found = kept
    shutil.copytree(given["results_dir"], tmp_path / "out")
    folder = results.Folder(str(tmp_path / "out"), given["data"], "published")
    return folder, found[4, "published"], load(given["data"])


@pytest.mark.parametrize(("run_no", "name", "seeds"), TRAINED)
def test_the_networks_are_those_behind_the_result(kept, run_no, name, seeds):
    """Frame, average, steps: what they say of the test windows is what training has stored."""
    given, found = kept
    data, result = load(given["data"]), found[run_no, name]
    folder = results.Folder(given["results_dir"], given["data"], protocol.named(name).name)
    read = networks.read(folder, run_no, data)
    each = result["config"]["samples_per_step"]
    assert read.seeds == list(seeds)
    assert read.logits[seeds[0]].shape == (24, T // each, 6)
    assert read.seconds_of_steps(T // each) == read.seconds(T)
    told = recognition.told_by_step(read, result["config"]["scores_from"])
    for seed, right in zip(seeds, told[:, :, -1], strict=True):
        entry = result["seeds"][str(seed)]
        assert 100 * right.mean() == pytest.approx(entry["test"]["top1"][entry["best_epoch"]])
        x, true_class = trained_network.pick_test_window(data, 17, result)
        assert true_class == data.y_test[17]
        said = networks.follow(read.params[seed], x)[1][0]
        np.testing.assert_allclose(said, read.logits[seed][17], rtol=1e-4, atol=1e-5)


def test_what_is_missing_or_was_not_trained_names_what_there_is(made):
    folder, result, data = made
    with refusal("run-03.json is missing: run notebooks/run.ipynb with run_no = 3 first"):
        networks.read(folder, 3, data)
    with refusal("early-stopping-04.json is ", "early_stopping.ipynb with"):
        trained_network.result(folder, 4, data, "early-stopping")
    with refusal("seed = 42: allowed is one of 1, 2, from which run 4"):
        trained_network.weights(folder, result, 42)
    with refusal("window = 24: allowed is a whole number from 0 to 23"):
        trained_network.pick_test_window(data, 24, result)
    folder.weights(4, 2).unlink()
    with refusal("run-04-seed-2.npz is missing: run notebooks/run.ipynb ", "seed 2 among"):
        hidden_units.by_run(folder, {4: result}, data)


def test_weights_of_other_data_or_another_network_are_refused(made):
    folder, result, data = made
    with refusal("run-04.json was made from other data than the small"):
        trained_network.result(folder, 4, replace(data, X_test=data.X_test + 1e-9))
    file = folder.weights(4, 2)
    params = results.read_weights(file)
    results.write_weights(file, rnn.initial_values(2, 50))
    with refusal("W_aa is (50, 50) in float32, ", " (100, 100) in float32"):
        trained_network.weights(folder, result, 2)
    results.write_weights(file, {**params, "W_ya": -params["W_ya"]})
    with refusal("run-04-seed-2.npz is not the file that was written"):
        networks.read(folder, 4, data)
    timing = results.read_json(folder.timing(4))  # digests made anew: the numbers still tell
    timing["files"][file.name] = manifest.sha256(file)
    results.write_json(folder.timing(4), timing)
    with refusal("run-04-seed-2.npz does not belong to its result file"):
        networks.read(folder, 4, data)
