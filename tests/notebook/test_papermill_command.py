"""``papermill notebooks/run.ipynb -p run_no 7``, typed exactly so, and what it leaves alone."""

import os
import sys
import sysconfig
from pathlib import Path

import nbformat
import pexpect
import pytest

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import papermill_command, run_notebook
from tests.data.data_helpers import four_keys, refusal, write_hdf5
from tests.started import copied, python

TEXT = (paths.NOTEBOOKS / "run.ipynb").read_text(encoding="utf-8")
TAGGED = '"metadata": {"tags": ["parameters"]}'
#: A run that takes a second.
QUICK = "-p run_no 3 -p data small.h5 -p epochs 1 -p seeds 42"


# In a shell


@pytest.fixture
def project(tmp_path):
    """A copy of the project, with a small data set and a link to a notebook."""
    root = copied(tmp_path / "project")
    write_hdf5(root / "small.h5", four_keys(66, 18))
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "link.ipynb").symlink_to(root / "notebooks" / "run.ipynb")
    return root


def typed(line: str, project: Path, folder: str = "") -> tuple[int, str]:
    """Exit code, and what is on the screen, of a line typed at a shell in a terminal."""
    changed = {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
        "PYTHONPATH": str(project),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    child = pexpect.spawn(
        "bash", ["-o", "pipefail", "-c", line],
        cwd=str(project / folder), env=os.environ | changed, encoding="utf-8", timeout=120,
    )  # fmt: skip
    screen = child.read().replace("\r\n", "\n")
    child.close()
    return child.exitstatus, screen


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        (f"papermill notebooks/run.ipynb {QUICK}", ""),
        (f"echo {{}} | papermill link.ipynb --cwd . {QUICK} | cat", "elsewhere"),
    ],
)
def test_a_typed_line_runs_the_notebook_and_leaves_it_as_it_is(project, line, folder):
    """In a terminal and between pipes; and says where the executed notebook goes."""
    notebook = project / "notebooks" / "run.ipynb"
    before = notebook.read_bytes()
    code, screen = typed(line, project, folder)
    assert code == 0, screen
    (shown,) = (part.strip() for part in screen.split("goes to ")[1].splitlines()[:1])
    executed = project / "results" / "notebooks" / "run-03.ipynb"
    assert project / folder / shown == executed
    metadata = nbformat.read(executed, as_version=4).metadata.papermill
    assert metadata.exception is None and metadata.parameters.run_no == 3
    assert metadata.output_path == shown
    assert "run 3, seed 42" in screen and "Executing: 100%" in screen
    assert '"cells"' not in screen, "the notebook belongs in the file"
    assert (project / "results" / "small" / "published" / "run-03.json").is_file()
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        ("papermill", "data none.h5", "data file "),
        (f"{sys.executable} -m papermill", "seeds a", "parameter seeds = 'a': "),
        (f"{sys.executable} -mpapermill", "seeds a", "parameter seeds = 'a': "),
    ],
)
def test_an_error_is_one_line_and_all_stays_as_it_was(project, command, given, said):
    """The first is met in the notebook, the others before anything is written."""
    earlier = project / "results" / "notebooks" / "run-07.ipynb"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("an earlier run")
    before = sorted(project.rglob("[!.]*.*"))
    code, screen = typed(f"{command} notebooks/run.ipynb -p {given}", project)
    assert code == 1 and screen.splitlines()[-1].startswith(f"Error: {said}")
    assert "Traceback" not in screen and (given == "data none.h5" or screen.count("\n") == 1)
    assert sorted(project.rglob("[!.]*.*")) == before and earlier.read_text() == "an earlier run"


def test_no_effect_on_a_process_that_only_imports_papermill():
    code = """
import sys
import harlib.notebook.papermill_command
heavy = {"numpy", "pandas", "matplotlib", "papermill", "click", "nbformat"} & set(sys.modules)
assert not heavy, heavy
import click
invoke = click.Command.invoke
import papermill.cli
assert click.Command.invoke is invoke
"""
    python("-c", code, "papermill").check_returncode()


# The path


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("early_stopping", {}, "results/notebooks/early-stopping-08.ipynb"),
        ("early_stopping", {"run_no": 2}, "results/notebooks/early-stopping-02.ipynb"),
        ("recognise", {"results_dir": "a/b"}, "a/b/notebooks/recognise-04.ipynb"),
        ("run", {"PAPERMILL_INPUT_PATH": "x"}, "results/notebooks/run-07.ipynb"),
    ],
)
def test_output_path(name, given, expected):
    notebook = paths.NOTEBOOKS / f"{name}.ipynb"
    values = papermill_command.checked(notebook, given)
    assert papermill_command.output_path(notebook, values) == paths.ROOT / expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ""),
        ('{"cells": [1]}', ""),
        ('{"cells": []}', "one cell tagged parameters, not 0"),
        (TEXT.replace('"metadata": {}', TAGGED), "one cell tagged parameters, not [2-9]"),
        (TEXT.replace("run_no = 7", "run_no = "), r"invalid syntax \(the .* cell, line 1\)"),
    ],
)
def test_a_notebook_whose_parameters_cannot_be_known(tmp_path, text, message):
    notebook = tmp_path / "run.ipynb"
    notebook.write_text(text)
    with pytest.raises(UserError, match=f"cannot be read as a notebook: .*{message}"):
        papermill_command.checked(notebook, {"run_no": 3})


def test_where_nothing_can_be_written_or_another_writes_is_refused(tmp_path):
    path = tmp_path / "run-07.ipynb"
    with run_notebook.earlier_kept(path):
        path.write_text("written by the first")
        with refusal("another papermill is writing"), run_notebook.earlier_kept(path):
            pytest.fail("entered")
    assert path.read_text() == "written by the first"
    with refusal("cannot be written"), run_notebook.earlier_kept(path / "a" / "run-07.ipynb"):
        pytest.fail("entered")
