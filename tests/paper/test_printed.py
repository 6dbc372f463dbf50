"""The published tables: their reading, and what a damaged file says."""

import shutil
from pathlib import Path

import pytest

from harlib import paths, protocol
from harlib.paper import printed
from tests.data.data_helpers import refusal


def test_cells_known_from_the_report():
    assert printed.table_as_printed(1).loc[1, "seconds"] == "287.620758"
    assert printed.table_as_printed(3).loc[3, "test_std"] == "0.491"
    assert printed.table_as_printed(4).loc[4, "test_mean"] == "47.000"
    assert printed.table_as_printed(6).loc["top1", "validation"] == "48.334"
    assert printed.table_as_printed(8).loc[4, 4] == "1"


def test_table_1_is_the_protocol():
    for run_no, line in printed.table(1).iterrows():
        run = protocol.RUNS[run_no]
        assert line["batch_size"] == run.batch_size and line["hidden_units"] == run.hidden_units
        assert line["learning_rate"] == run.learning_rate and line["epochs"] == protocol.EPOCHS


@pytest.mark.parametrize("name", printed.SHA256)
def test_a_file_that_is_not_as_it_was(tmp_path, monkeypatch, name):
    file = shutil.copy(paths.PUBLISHED / name, tmp_path)
    monkeypatch.setattr(paths, "PUBLISHED", tmp_path)
    read = printed.text_facts if name == "text.csv" else lambda: printed.table(int(name[6]))
    content = Path(file).read_bytes()
    Path(file).write_bytes(content.replace(b"0", b"1", 1))
    with refusal(f"{name} is damaged or changed: `git checkout"):
        read()
    Path(file).unlink()
    with refusal(f"{name} is missing: `git checkout"):
        read()
