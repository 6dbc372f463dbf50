"""``make verify``: a run computed anew has the same bytes, and what differs is named."""

import json
import sys

import pytest

from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import provenance, results
from tests.faults import numbers
from workflow import verify


@pytest.fixture
def made(small_file, tmp_path):
    """Folder of run 1 and of option C for run 1, and the data."""
    given = {"data": str(small_file), "results_dir": str(tmp_path / "out"), "seeds": (3,)}
    experiment.run(1, epochs=2, **given)
    experiment.early_stopping(1, max_epochs=2, **given)
    return results.Folder(str(tmp_path / "out"), str(small_file), "published"), str(small_file)


@pytest.mark.parametrize("kind", ["run", "early-stopping"])
def test_the_same_bytes_again(made, kind):
    folder, data = made
    assert verify.verify(1, kind, folder, data).startswith(f"{kind}-01: 2 files computed anew")


def test_a_forged_number_is_named(made):
    """The result is changed as by somebody who covers every trace in the folder."""
    folder, data = made
    path = folder.result(1)
    content = json.loads(path.read_text())
    content["seeds"]["3"]["train"]["loss"][1] = 2.5
    numbers.forge(path, content)
    verify.manifest.gather(folder)
    said = r"run-01\.json differs .*first at seeds\.3\.train\.loss\.1"
    with pytest.raises(UserError, match=said):
        verify.verify(1, "run", folder, data)


def test_other_code_and_other_data_are_told_apart(made, monkeypatch):
    folder, data = made
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "code_digest", lambda: "0" * 64)
        with pytest.raises(UserError, match="was made by other code"):
            verify.verify(1, "run", folder, data)
    timing = json.loads(folder.timing(1).read_text())
    timing["made_from"]["data_sha256"] = "1" * 64
    results.write_json(folder.timing(1), timing)
    verify.manifest.gather(folder)
    with pytest.raises(UserError, match="was made from other data"):
        verify.verify(1, "run", folder, data)


def test_the_command_ends_in_one_line(made, capsys, monkeypatch):
    folder, data = made
    folder.weights(1, 3).write_bytes(b"")
    given = ["--run=1", f"--data={data}", f"--results-dir={folder.path.parents[1]}"]
    monkeypatch.setattr(sys, "argv", ["verify", *given])
    assert verify.main() == 1
    said = capsys.readouterr().err
    assert "run-01-seed-3.npz is not the file that was written" in said
    assert said.count("\n") == 1
