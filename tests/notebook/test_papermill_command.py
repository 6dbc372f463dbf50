"""``papermill notebooks/run.ipynb -p run_no 7``, typed exactly so, and what it leaves alone."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import nbformat
import pexpect
import pytest
from nbformat import v4

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import papermill_command, run_notebook
from tests.data.data_helpers import refusal
from tests.started import python

LONG = pytest.mark.long
WORK = """
from harlib import paths
from harlib.errors import UserError
from harlib.notebook import parameters
given = parameters.check(globals(), "run_no", "epochs", "results_dir")
if given["epochs"] == 99:
    raise UserError("the data folder is missing")
print("trained")
paths.resolve(given["results_dir"]).joinpath(f"run-{given['run_no']:02d}.json").write_text("{}")
"""
DEFAULTS = 'run_no = 7\nepochs = 50\nresults_dir = "results"'


def stand_in(defaults=DEFAULTS, tagged=1):
    """A notebook with the contract of the real ones and next to no work, as text."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    sources = {"first": "", "second": defaults, "third": WORK}
    cells = [v4.new_code_cell(source, id=name) for name, source in sources.items()]
    for cell in cells[1 : tagged + 1]:
        cell.metadata.tags = ["parameters"]
    return nbformat.writes(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}))


# In a shell


@pytest.fixture
def project(tmp_path):
    """A copy of the library with a stand-in notebook and a link to it."""
    root = tmp_path / "project"
    shutil.copytree(
        paths.ROOT / "harlib", root / "harlib", ignore=shutil.ignore_patterns("__pycache__")
    )
    for folder in ("notebooks", "elsewhere"):
        (root / folder).mkdir()
    (root / "notebooks" / "run.ipynb").write_text(stand_in())
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
        ("papermill notebooks/run.ipynb -p run_no 3", ""),
        ("echo {} | papermill link.ipynb -p run_no 3 | cat", "elsewhere"),
        pytest.param("echo {} | papermill ./notebooks/run.ipynb -p run_no 3", "", marks=LONG),
        pytest.param("papermill notebooks/run.ipynb --cwd . -p run_no 3 | cat", "", marks=LONG),
        pytest.param(
            "papermill link.ipynb -p run_no 3 </dev/null >/dev/null", "elsewhere", marks=LONG
        ),
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
    assert "trained" in screen and "Executing: 100%" in screen
    assert '"cells"' not in screen, "the notebook belongs in the file"
    assert (project / "results" / "run-03.json").is_file()
    assert notebook.read_bytes() == before


def test_an_error_in_the_notebook_is_one_line_and_keeps_the_earlier_one(project):
    earlier = project / "results" / "notebooks" / "run-07.ipynb"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("an earlier run")
    code, screen = typed("papermill notebooks/run.ipynb -p epochs 99", project)
    assert code == 1
    assert screen.splitlines()[-1] == "Error: the data folder is missing"
    assert "Traceback" not in screen
    assert earlier.read_text() == "an earlier run"


@pytest.mark.parametrize(
    "command", ["papermill", f"{sys.executable} -m papermill", f"{sys.executable} -mpapermill"]
)
def test_refused_in_a_terminal_in_one_line_before_anything_is_written(project, command):
    before = sorted(project.rglob("*.*"))
    code, screen = typed(f"{command} notebooks/run.ipynb -p run_np 7", project)
    said = "Error: unknown parameter run_np (did you mean run_no?): allowed are run_no, epochs, "
    assert (code, screen) == (1, f"{said}results_dir\n")
    assert sorted(project.rglob("*.*")) == before


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
    ("defaults", "given", "expected"),
    [
        ('run_no = 8\nresults_dir = "results"', {}, "results/notebooks/early-stopping-08.ipynb"),
        ("run_no: int = 8", {"run_no": 2}, "results/notebooks/early-stopping-02.ipynb"),
        ('results_dir = "r"', {"results_dir": "a/b"}, "a/b/notebooks/early-stopping.ipynb"),
        ("mine = print()", {"PAPERMILL_INPUT_PATH": "x"}, "results/notebooks/early-stopping.ipynb"),
    ],
)
def test_output_path(tmp_path, defaults, given, expected):
    notebook = tmp_path / "early_stopping.ipynb"
    notebook.write_text(stand_in(defaults))
    values = papermill_command.checked(notebook, given)
    assert papermill_command.output_path(notebook, values) == paths.ROOT / expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ""),
        ('{"cells": [1]}', ""),
        (stand_in(tagged=0), "one cell tagged parameters, not 0"),
        (stand_in(tagged=2), "one cell tagged parameters, not 2"),
        (stand_in("run_no = \n"), r"invalid syntax \(the parameters cell, line 1\)"),
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
