"""Result files: same bytes, nothing redone, nothing lost or replaced, nothing half-written."""

import fcntl
import json
from unittest import mock

import numpy as np
import pytest

from harlib import rnn, train
from harlib.runs import experiment
from harlib.storage import manifest, provenance, results
from tests.data.data_helpers import refusal, write_hdf5
from tests.started import contents as files


@pytest.mark.parametrize("protocol", ["published", "corrected"])  # the latter has a memory
def test_an_interrupted_training_goes_on_to_the_same_bytes(run, tmp_path, monkeypatch, protocol):
    whole = run("whole", protocol)
    evaluate = mock.Mock(wraps=train._evaluate)
    monkeypatch.setattr(train, "_evaluate", evaluate)
    # The tenth is after epoch 2 of the second seed.
    evaluate.side_effect = [mock.DEFAULT] * 9 + [KeyboardInterrupt]
    with pytest.raises(KeyboardInterrupt):
        run("cut", protocol)
    assert not list(tmp_path.glob("cut/*/*/run-02.json"))
    evaluate.reset_mock(side_effect=True)
    assert files(run("cut", protocol)) == files(whole)
    assert evaluate.call_count == 5, "only what was not finished is trained"
    assert {path.name for path in whole.iterdir()} == {
        "manifest.json", "run-02-seed-263.npz", "run-02-seed-42.npz", "run-02.json",
        "run-02.timing.json",
    }  # fmt: skip


def test_changed_code_is_not_answered_with_old_results(run, monkeypatch):
    run("a")
    monkeypatch.setattr(provenance, "code_digest", lambda: "other")
    with mock.patch.object(experiment, "train", wraps=train.train) as trained:
        run("a")
    assert trained.call_count == 2
    monkeypatch.setattr(provenance, "code_digest", lambda: "a third")
    folder = run("a", epochs=1)  # what older code made keeps no place
    assert results.read(folder / "run-02.json")["config"]["epochs"] == 1


def test_a_damaged_or_changed_result_is_made_again(run):
    folder = run("a")
    before = files(folder)
    content = json.loads(before["run-02.json"])
    content["seeds"]["42"]["train"]["loss"][3] += 0.25
    (folder / "run-02-seed-42.npz").write_bytes(b"PK\x03\x04 rubbish")
    assert files(run("a")) == before, "damaged weights"
    (folder / "run-02.json").write_text(json.dumps(content))
    results.read(folder / "run-02.json")  # nothing in it contradicts anything else
    with refusal("run-02.json is not the file that was written"):
        manifest.check(results.Folder.at(folder), 2, "run")
    assert files(run("a")) == before


def test_the_manifest_says_the_same_in_whatever_order_the_runs_ended(run):
    _, folder = run("a", run_no=1), run("a", run_no=2)
    _, other = run("b", run_no=2), run("b", run_no=1)
    made = files(folder)
    assert made == files(other)
    content = json.loads(made["manifest.json"])
    assert list(content) == ["run-01", "run-02"]
    # A kill between a result and the manifest: the next start makes up for it.
    (folder / "manifest.json").unlink()
    run("a")
    assert files(folder) == made


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_writes_is_not(run):
    folder = run("a", epochs=1)
    names = ("run-02-seed-42.checkpoint.npz", "run-01.json", "run-02.json")
    dead, other, live = (folder / f".{name}.123.tmp" for name in names)
    for path in (dead, other, live):
        path.write_bytes(b"half")
    with live.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as its writer does
        run("a")
    assert live.exists() and other.exists() and not dead.exists()


def test_divergence_names_the_place_and_keeps_finished_seeds(run, tmp_path, monkeypatch):
    """Seed 42 is fine; a gradient of seed 263 is not."""
    bptt = mock.Mock(wraps=rnn.bptt)
    monkeypatch.setattr(rnn, "bptt", bptt)
    # 7 batches an epoch: 6 epochs of seed 42, 2 of seed 263, then one batch more.
    nan = dict.fromkeys(rnn.NAMES, np.array(np.nan))
    bptt.side_effect = [mock.DEFAULT] * (7 * 6 + 7 * 2) + [nan]
    with refusal("run 2: ", "seed 263, epoch 3, batch 1 of 7", "kept"):
        run("a")
    assert not list(tmp_path.glob("a/*/*/run-02.json"))
    bptt.reset_mock(side_effect=True)
    run("a")
    assert bptt.call_count == 7 * 4, "seed 42 and two epochs of seed 263 are kept"


def test_inputs_beyond_float32_and_a_file_for_a_folder_are_refused(run, tmp_path, small_arrays):
    small_arrays["trX"] = small_arrays["trX"] * 1e200
    path = write_hdf5(tmp_path / "huge.h5", small_arrays)
    with refusal("do not fit into dtype float32; allowed"):
        run("a", data=str(path))
    (tmp_path / "here").write_text("")
    with refusal("results folder ", " cannot be written"):
        run("here/deeper")


@pytest.mark.parametrize("protocol", ["published", "corrected"])  # the latter has a schedule
def test_a_longer_training_replaces_a_shorter_one(run, protocol):
    short = results.read(run("a", protocol, epochs=2, seeds=(42, 7)) / "run-02.json")
    folder = run("a", protocol)
    assert files(folder) == files(run("b", protocol))
    losses = results.read(folder / "run-02.json")["seeds"]["42"]["train"]["loss"]
    begun = short["seeds"]["42"]["train"]["loss"] == losses[:3]
    assert begun == (protocol == "published"), "a schedule over other epochs is another training"


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"epochs": 2}, "epochs=2"),
        ({"epochs": 7, "seeds": (42,)}, "epochs=7"),
        ({"dtype": "float64"}, "dtype=float64"),
        ({"epochs": 2, "loops": "numpy"}, "epochs=2,loops=numpy"),
        ({"data": "turned"}, "data=*"),
    ],
)
def test_a_shorter_or_different_one_gets_a_place_of_its_own(
    run, tmp_path, small_arrays, changes, place, capsys
):
    if "data" in changes:  # other data of the same name
        turned = {**small_arrays, "trX": -small_arrays["trX"]}
        changes = {"data": str(write_hdf5(tmp_path / "turned" / "small.h5", turned))}
    folder = run("a")
    before = files(folder)
    run("a", **changes)
    (own,) = tmp_path.glob(f"a/{place}/small/published")
    assert f"is kept: this one goes to {own}" in capsys.readouterr().out
    assert files(folder) == before
    assert files(own) == files(run("b", **changes))


def test_further_seeds_are_added_and_train_alone(run, small_file, tmp_path, capsys):
    fresh, folder = run("b", seeds=(7, 42, 263)), run("a")
    given = {"data": str(small_file), "epochs": 6, "results_dir": str(tmp_path / "a")}
    # What is there already is read, whichever part of it is asked for.
    for seeds, new in (((7,), [7]), ((263, 7), [])):
        capsys.readouterr()
        with mock.patch.object(experiment, "train", wraps=train.train) as trained:
            result = experiment.run(2, seeds=seeds, **given)
        assert [call.kwargs["seed"] for call in trained.call_args_list] == new
        assert list(result["seeds"]) == list(map(str, seeds))
        assert ("is finished: read from" in capsys.readouterr().out) == (not new)
        assert files(folder) == files(fresh)


@pytest.mark.parametrize("work", [experiment.run, experiment.early_stopping])
def test_python_is_told_what_a_notebook_is_told(tmp_path, work):
    with refusal("parameter run_no = 9: allowed is a whole number from 1 to 8"):
        work(9, results_dir=str(tmp_path))
    with refusal("unknown parameter seed (did you mean seeds?)"):
        work(2, seed=1, results_dir=str(tmp_path))
    assert not list(tmp_path.iterdir())
