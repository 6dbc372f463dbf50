"""Result files: same bytes, nothing redone, nothing lost, nothing half-written."""

import fcntl
import hashlib
import json

import numpy as np
import pytest

from harlib import rnn, train
from harlib.runs import experiment
from harlib.storage import manifest, provenance, results
from tests.data.data_helpers import refusal, write_hdf5
from tests.runs.conftest import run
from tests.started import contents as files


@pytest.mark.parametrize("protocol", ["published", "corrected"])  # the latter has a memory
def test_an_interrupted_training_goes_on_to_the_same_bytes(tmp_path, given, monkeypatch, protocol):
    given = {**given, "protocol": protocol}
    whole = run(tmp_path, "whole", given)
    trained = []
    real = train._evaluate

    def stop_at_tenth(job, progress, *args):
        trained.append(progress.epochs_done + 1)
        if len(trained) == 10:
            raise KeyboardInterrupt
        real(job, progress, *args)

    with monkeypatch.context() as patch:
        patch.setattr(train, "_evaluate", stop_at_tenth)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, "cut", given)
    cut = tmp_path / "cut" / "small" / protocol
    assert not list(cut.glob("run-02.json"))
    again = []
    with monkeypatch.context() as patch:
        patch.setattr(
            train, "_evaluate", lambda j, p, *a: (again.append(p.epochs_done + 1), real(j, p, *a))
        )
        run(tmp_path, "cut", given)
    assert again == [2, 3, 4, 5, 6], "only what was not finished is trained"
    assert files(cut) == files(whole)
    assert sorted(path.name for path in cut.iterdir()) == [
        "manifest.json", "run-02-seed-263.npz", "run-02-seed-42.npz", "run-02.json",
        "run-02.timing.json",
    ]  # fmt: skip


def test_changed_code_is_not_answered_with_old_results(tmp_path, given, monkeypatch):
    run(tmp_path, "a", given)
    monkeypatch.setattr(provenance, "code_digest", lambda: "other")
    calls = []
    monkeypatch.setattr(
        experiment, "train", lambda *a, **k: calls.append(1) or train.train(*a, **k)
    )
    folder = run(tmp_path, "a", given)
    assert len(calls) == 2
    monkeypatch.setattr(provenance, "code_digest", lambda: "a third")
    run(tmp_path, "a", {**given, "epochs": 1})  # what older code made keeps no place
    assert results.read(folder / "run-02.json")["config"]["epochs"] == 1


def test_a_damaged_or_changed_result_is_made_again(tmp_path, given):
    folder = run(tmp_path, "a", given)
    before = files(folder)
    content = json.loads(before["run-02.json"])
    content["seeds"]["42"]["train"]["loss"][3] += 0.25
    (folder / "run-02-seed-42.npz").write_bytes(b"PK\x03\x04 rubbish")
    run(tmp_path, "a", given)
    assert files(folder) == before, "damaged weights"
    (folder / "run-02.json").write_text(json.dumps(content))
    results.read(folder / "run-02.json")  # nothing in it contradicts anything else
    with refusal("run-02.json is not the file that was written"):
        manifest.check(results.Folder(str(tmp_path / "a"), given["data"], "published"), 2, "run")
    run(tmp_path, "a", given)
    assert files(folder) == before


def test_the_manifest_says_the_same_in_whatever_order_the_runs_ended(tmp_path, given):
    made = {}
    for name, order in (("a", (1, 2)), ("b", (2, 1))):
        for run_no in order:
            experiment.run(run_no, results_dir=str(tmp_path / name), **given)
        made[name] = files(tmp_path / name / "small" / "published")
    assert made["a"] == made["b"]
    content = json.loads(made["a"]["manifest.json"])
    assert list(content) == ["run-01", "run-02"]
    for entry in content.values():
        assert entry["made_from"]["code_sha256"] == provenance.code_digest()
        for name, digest in entry["files"].items():
            assert hashlib.sha256(made["a"][name]).hexdigest() == digest
    # A kill between a result and the manifest: the next start makes up for it.
    path = tmp_path / "a" / "small" / "published" / "manifest.json"
    path.unlink()
    run(tmp_path, "a", given)
    assert path.read_bytes() == made["a"]["manifest.json"]


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_writes_is_not(tmp_path, given):
    folder = tmp_path / "a" / "small" / "published"
    folder.mkdir(parents=True)
    dead = folder / ".run-02-seed-42.checkpoint.npz.123.tmp"
    dead.write_bytes(b"half")
    other = folder / ".run-01.json.123.tmp"
    other.write_bytes(b"of another run")
    live = folder / ".run-02.json.124.tmp"
    with live.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as its writer does
        run(tmp_path, "a", given)
        assert list(folder.glob(".run-02*")) == [live]
    assert not dead.exists() and other.exists()


def test_a_damaged_or_foreign_checkpoint_is_ignored(tmp_path, given):
    whole = run(tmp_path, "whole", given)
    folder = tmp_path / "a" / "small" / "published"
    folder.mkdir(parents=True)
    for rubbish in (b"", b"PK\x03\x04", b"\x80\x04]", (whole / "run-02-seed-42.npz").read_bytes()):
        (folder / "run-02-seed-42.checkpoint.npz").write_bytes(rubbish)
        run(tmp_path, "a", given)
        assert files(folder) == files(whole)
        (folder / "run-02.json").unlink()


def test_zero_epochs_is_the_initial_evaluation(tmp_path, given):
    folder = run(tmp_path, "a", given, epochs=0)
    result = results.read(folder / "run-02.json")
    assert len(result["seeds"]["42"]["test"]["loss"]) == 1
    assert result["seeds"]["42"]["best_epoch"] == 0


def test_divergence_names_the_place_and_keeps_finished_seeds(tmp_path, given, monkeypatch):
    """Seed 42 is fine; a gradient of seed 263 is not."""
    real, calls = rnn.bptt, []

    def blow_up(*args):
        calls.append(1)
        gradient = real(*args)
        # 7 batches an epoch: 6 epochs of seed 42, 2 of seed 263, then one batch more
        if len(calls) == 7 * 6 + 7 * 2 + 1:
            gradient["b_a"][0] = np.nan
        return gradient

    monkeypatch.setattr(rnn, "bptt", blow_up)
    with refusal("run 2: ", "seed 263, epoch 3, batch 1 of 7", "kept"):
        run(tmp_path, "a", given)
    folder = tmp_path / "a" / "small" / "published"
    assert not (folder / "run-02.json").exists()
    del calls[:]
    run(tmp_path, "a", given)
    assert len(calls) == 7 * 4, "seed 42 and the two finished epochs of seed 263 are kept"


def test_inputs_beyond_float32_are_refused_in_one_line(tmp_path, small_arrays):
    small_arrays["trX"] = small_arrays["trX"] * 1e200
    path = write_hdf5(tmp_path / "huge.h5", small_arrays)
    with refusal("do not fit into dtype float32; allowed"):
        experiment.run(1, data=str(path), seeds=(1,), epochs=1, results_dir=str(tmp_path / "o"))


def test_a_results_folder_that_cannot_be_written(tmp_path, given):
    (tmp_path / "here").write_text("")
    with refusal("results folder ", " cannot be written"):
        run(tmp_path, "here/deeper", given)
