"""The attempts to break the project, in short; and what the book's table says of them."""

import ast
import re
import subprocess

import numpy as np
import pytest

from book.generate.pages import reliability
from harlib import paths
from harlib.errors import UserError
from harlib.storage import records
from tests import faults
from tests.faults import checkpoints

ATTEMPTS = faults.registry()
COPY = records.read(faults.NAME, "data")


def exists(test: str) -> bool:
    """True if a row's ``test`` is a function of a test file, or a command of the Makefile."""
    if node := re.fullmatch(r"(tests/\w+\.py)::(\w+)", test):
        path = paths.ROOT / node[1]
        functions = [n for n in ast.walk(ast.parse(path.read_text())) if hasattr(n, "name")]
        return node[2] in {function.name for function in functions}
    command = re.fullmatch(r"make ([a-z]+)( .*)?", test)
    makefile = (paths.ROOT / "Makefile").read_text()
    return bool(command) and re.search(rf"^{command[1]}:.*##", makefile, re.MULTILINE) is not None


@pytest.mark.parametrize("row", COPY.content["rows"], ids=lambda row: row["id"])
def test_every_row_names_a_test_that_there_is_and_lost_nothing(row):
    assert exists(row["test"]), row["test"]
    assert row["id"] in ATTEMPTS
    assert (row["what"], row["test"]) == (ATTEMPTS[row["id"]].what, ATTEMPTS[row["id"]].test)
    assert row["lost"] == 0


@pytest.mark.parametrize("name", ATTEMPTS)
def test_every_attempt_names_a_test_that_there_is(name):
    assert exists(ATTEMPTS[name].test)


def test_a_test_that_is_not_there_is_noticed():
    assert not exists("tests/test_torture.py::test_nothing")
    assert not exists("make nothing")


def losing(rng):
    yield ""
    yield f"a file ({rng.integers(10)})"


def no_mount(rng):
    raise faults.NotRun("no right to mount")
    yield


@pytest.fixture
def own_attempts(monkeypatch):
    """Two attempts made up here, in place of the project's."""
    made = {
        name: faults.Torture(name, f"`{name}`", 2, "make test", attack)
        for name, attack in (("losing", losing), ("no-mount", no_mount))
    }
    monkeypatch.setattr(faults, "registry", lambda: made)
    return made


def test_rows_are_counted_kept_and_shown_as_measured_here(own_attempts, tmp_path):
    said = []
    row = own_attempts["losing"].run(3, said.append)
    assert (row["times"], row["lost"], row["seed"]) == (2, 1, 3)
    assert said[0] == "" and said[1].startswith("a file (")
    faults.keep(row, str(tmp_path))
    faults.keep(own_attempts["no-mount"].run(3), str(tmp_path))
    content = records.read(faults.NAME, str(tmp_path)).content
    assert [row["id"] for row in content["rows"]] == ["losing", "no-mount"]
    assert content["code_sha256"] and content["machine"]
    shown = {row["id"]: here for row, here in reliability.rows(str(tmp_path))}
    assert shown == {**{row["id"]: False for row in COPY.content["rows"]}, "losing": True,
                     "no-mount": False}  # fmt: skip
    (never,) = [row for row, _ in reliability.rows(str(tmp_path)) if row["id"] == "no-mount"]
    assert reliability.table([(never, False)]).iloc[0].tolist()[1:3] == ["not run yet", ""]
    table = reliability.table([(row, True)])
    assert table.iloc[0].tolist()[1:3] == ["2", "1"]


def test_what_cannot_be_run_does_not_replace_what_could(own_attempts, tmp_path):
    row = {**own_attempts["no-mount"].run(0), "times": 5}
    faults.keep(row, str(tmp_path))
    faults.keep(own_attempts["no-mount"].run(0), str(tmp_path))
    (kept,) = records.read(faults.NAME, str(tmp_path)).content["rows"]
    assert kept["times"] == 5


@pytest.mark.parametrize("rows", [None, {}, [1], [{"id": "x"}]])
def test_a_record_without_rows_is_refused(tmp_path, rows):
    records.write(faults.NAME, {"rows": rows}, str(tmp_path))
    with pytest.raises(UserError, match=r"reliability\.json is not valid"):
        reliability.rows(str(tmp_path))


def test_the_command_refuses_an_unknown_name():
    done = subprocess.run(
        ["make", "--no-print-directory", "torture", "NAMES=nonsense"], cwd=paths.ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "error: no attempt is called nonsense: allowed are checkpoint-write" in done.stderr


def test_a_kill_inside_the_write_leaves_a_whole_checkpoint(tmp_path):
    rng = np.random.default_rng(6)
    for _ in range(4):
        assert checkpoints.killed_once(tmp_path / "c.npz", rng.uniform(0, 0.02)) == ""
