"""``papermill notebooks/run.ipynb -p run_no 7``, typed exactly so, and what it leaves alone."""

import hashlib
import inspect
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import v4

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import papermill_command
from tests.pty_helpers import KINDS, run

SCRIPTS = Path(sysconfig.get_path("scripts"))
PAPERMILL = str(SCRIPTS / "papermill")
#: Of stdin and stdout; from terminal to terminal is the command typed at a shell, below.
COMBINATIONS = list(itertools.product(KINDS, KINDS))[1:]


def stand_in(
    parameters='run_no = 7\nepochs = 50\nresults_dir = "results"',
    tags=("parameters",),
    work_tags=(),
):
    """A notebook with the contract of the real ones and next to no work."""
    work = """
from harlib import parameters, paths
from harlib.errors import UserError
given = parameters.check(globals(), "run_no", "epochs", "results_dir")
if given["epochs"] == 99:
    raise UserError("the data folder is missing")
folder = paths.resolve(given["results_dir"])
folder.mkdir(parents=True, exist_ok=True)
(folder / f"run-{given['run_no']:02d}.json").write_text("{}")
"""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": list(tags)}, id="parameters"),
        v4.new_code_cell(work, metadata={"tags": list(work_tags)}, id="work"),
    ]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


class Project:
    """A copy of the library with stand-in notebooks, in a folder of its own."""

    def __init__(self, root: Path):
        self.root = root
        self.notebook = root / "notebooks" / "run.ipynb"
        self.notebook.parent.mkdir(parents=True)
        shutil.copytree(
            paths.ROOT / "harlib",
            root / "harlib",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        nbformat.write(stand_in(), self.notebook)
        # Papermill's start spends most of its time on this optional import of jsonschema.
        (root / "rfc3987_syntax.py").write_text("raise ImportError")
        (root / "elsewhere").mkdir()
        (root / "elsewhere" / "link.ipynb").symlink_to(self.notebook)
        self.env = os.environ | {
            "PYTHONPATH": str(root),
            "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
            "PS1": "$ ",
        }

    def hash(self) -> str:
        return hashlib.sha256(self.notebook.read_bytes()).hexdigest()

    def files(self) -> set[str]:
        return {
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    def papermill(self, *arguments, cwd="", **how):
        return run([PAPERMILL, *arguments], cwd=self.root / cwd, env=self.env, **how)


@pytest.fixture(scope="module")
def workers():
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


# --- the command itself, with every kind of stdin and stdout ---------------------------------


@pytest.fixture(scope="module")
def executed(workers, tmp_path_factory):
    """Runs of the command for the combinations, and their project."""
    project = Project(tmp_path_factory.mktemp("literal") / "project")
    other = nbformat.writes(stand_in(parameters="run_no = 1"))
    ways = itertools.cycle(
        [
            ("", ["notebooks/run.ipynb"]),
            ("", ["./notebooks/run.ipynb", "--cwd", "elsewhere"]),
            ("notebooks", ["run.ipynb"]),
            ("elsewhere", [str(project.notebook)]),
            ("elsewhere", ["link.ipynb"]),
        ]
    )
    before = project.hash()

    def start(combination, way):
        (stdin, stdout), (cwd, arguments) = combination, way
        results = f"results {stdin} {stdout}".replace("/", "-")
        finished = project.papermill(
            *(*arguments, "-p", "run_no", "3", "-p", "results_dir", results),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            piped=other,
        )
        return project.root / results, project.root / cwd, finished

    futures = {
        combination: workers.submit(start, combination, way)
        for combination, way in zip(COMBINATIONS, ways, strict=False)
    }
    return project, before, futures


@pytest.mark.parametrize("combination", COMBINATIONS, ids=" to ".join)
def test_every_kind_of_stdin_and_stdout(executed, combination):
    project, before, futures = executed
    results, cwd, finished = futures[combination].result()
    assert finished.returncode == 0, finished.stderr
    assert (results / "run-03.json").is_file()
    printed = re.search("^harlib: .* goes to (.+)$", finished.stderr, re.MULTILINE).group(1)
    path = cwd / printed
    assert path == results / "notebooks" / "run-03.ipynb"
    metadata = nbformat.read(path, as_version=4).metadata.papermill
    assert metadata.exception is None
    assert metadata.parameters.run_no == 3
    assert finished.stdout == "", "the executed notebook belongs in the file, not on stdout"
    assert project.hash() == before


@pytest.mark.usefixtures("compared")  # its calls start now, beside this one
def test_typed_at_a_shell_exactly_as_written(project):
    before = project.hash()
    finished = run(
        ["sh"],
        cwd=project.root,
        env=project.env,
        stdin="terminal",
        stdout="terminal",
        typed="papermill notebooks/run.ipynb -p run_no 7; exit $?",
    )
    assert finished.returncode == 0, finished.stdout
    assert "goes to results/notebooks/run-07.ipynb\n" in finished.stdout
    assert (project.root / "results" / "notebooks" / "run-07.ipynb").is_file()
    assert (project.root / "results" / "run-07.json").is_file()
    assert project.hash() == before


def test_the_real_notebook(tmp_path):
    notebook = paths.NOTEBOOKS / "run.ipynb"
    before = notebook.read_bytes()
    command = f"{PAPERMILL} notebooks/run.ipynb -p run_no 7 -p epochs 0 -p seeds 42"
    finished = run(
        [*command.split(), "-p", "results_dir", str(tmp_path)],
        cwd=paths.ROOT,
        env=dict(os.environ),
        stdin="terminal",
        stdout="terminal",
    )
    assert finished.returncode == 0, finished.stderr
    result = json.loads((tmp_path / "synthetic" / "published" / "run-07.json").read_text())
    assert list(result["seeds"]) == ["42"]
    assert (tmp_path / "notebooks" / "run-07.ipynb").is_file()
    assert notebook.read_bytes() == before


# --- refusals: one line, nothing written ------------------------------------------------------


def test_refused_in_one_line_before_anything_is_written(project):
    before = project.files()
    finished = run(
        [sys.executable, "-m", "papermill", "notebooks/run.ipynb", "-p", "run_np", "7"],
        cwd=project.root,
        env=project.env,
        stdin="terminal",
        stdout="terminal",
    )
    assert finished.returncode == 1
    assert finished.stderr == (
        "Error: unknown parameter run_np (did you mean run_no?): "
        "allowed are run_no, epochs, results_dir\n"
    )
    assert project.files() == before


def test_yaml_that_is_none_is_refused_in_one_line(project):
    finished = project.papermill("notebooks/run.ipynb", "-y", "[")
    assert finished.returncode == 1
    assert re.fullmatch("Error: parameters cannot be read: .*\n", finished.stderr)


def test_an_error_in_the_notebook_keeps_the_earlier_one(project):
    earlier = project.root / "results" / "notebooks" / "run-07.ipynb"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("an earlier run")
    finished = project.papermill("notebooks/run.ipynb", "-p", "epochs", "99")
    assert finished.returncode == 1
    assert finished.stderr.endswith("\nError: the data folder is missing\n")
    assert "Traceback" not in finished.stderr
    assert earlier.read_text() == "an earlier run"


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A stand-in notebook in a folder that passes for the project's, in this process."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    paths.NOTEBOOKS.mkdir()
    path = paths.NOTEBOOKS / "early_stopping.ipynb"
    nbformat.write(stand_in(), path)
    return path


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"run_no": 9}, "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        ({"run_no": "7"}, "parameter run_no = '7'"),
        ({"epochs": "many"}, "parameter epochs = 'many'"),
        ({"seeds": 42}, "unknown parameter seeds: allowed are run_no, epochs, results_dir"),
        ({7: "run_no"}, "unknown parameter 7"),
        ({"results_dir": ""}, "parameter results_dir = ''"),
        ({"results_dir": "."}, "parameter results_dir = '.': .*the project's own"),
    ],
)
def test_bad_parameters(notebook, given, message):
    with pytest.raises(UserError, match=message):
        papermill_command.output_path(notebook, given)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (stand_in(tags=()), "0 cells tagged parameters"),
        (stand_in(work_tags=["parameters"]), "2 cells tagged parameters"),
        (stand_in(parameters="run_no = \n"), "line 1 of the parameters cell is not Python"),
    ],
)
def test_a_parameters_cell_that_would_run_the_wrong_run(notebook, cells, message):
    notebook.write_text(nbformat.writes(cells))
    with pytest.raises(UserError, match=message):
        papermill_command.output_path(notebook, {"run_no": 3})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [{}]}', '{"cells": [1]}'])
def test_a_file_that_is_no_notebook(notebook, text):
    notebook.write_text(text)
    with pytest.raises(UserError, match="cannot be read as a notebook"):
        papermill_command.output_path(notebook, {})


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(UserError, match=r"cannot be written to .* must be a folder"),
        papermill_command.reserved(tmp_path / "file" / "notebooks" / "run-07.ipynb"),
    ):
        pytest.fail("reserved")


def test_two_at_once(tmp_path):
    path = tmp_path / "run-07.ipynb"
    with papermill_command.reserved(path):
        path.write_text("written by the first")
        with (
            pytest.raises(UserError, match="another papermill is writing"),
            papermill_command.reserved(path),
        ):
            pytest.fail("reserved twice")
    assert path.read_text() == "written by the first"
    with papermill_command.reserved(path) as put_back:
        path.write_text("")
        put_back()
    assert path.read_text() == "written by the first"


def test_nothing_is_left_where_nothing_was_written(tmp_path):
    with papermill_command.reserved(tmp_path / "run-07.ipynb"):
        pass
    assert list(tmp_path.iterdir()) == []


# --- the path ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "given", "expected"),
    [
        ('run_no = 8\nresults_dir = "results"', {}, "results/notebooks/early-stopping-08.ipynb"),
        ("run_no: int = 8", {"run_no": 2}, "results/notebooks/early-stopping-02.ipynb"),
        ('results_dir = "r"', {}, "r/notebooks/early-stopping.ipynb"),
        ('results_dir = "r"', {"results_dir": "a/b"}, "a/b/notebooks/early-stopping.ipynb"),
        ("mine = print()", {"mine": 3}, "results/notebooks/early-stopping.ipynb"),
        ("mine = 1", {"PAPERMILL_INPUT_PATH": "x"}, "results/notebooks/early-stopping.ipynb"),
    ],
)
def test_output_path(notebook, parameters, given, expected):
    notebook.write_text(nbformat.writes(stand_in(parameters)))
    assert papermill_command.output_path(notebook, given) == paths.ROOT / expected
    assert [path.name for path in paths.ROOT.iterdir()] == ["notebooks"], "written too early"


def test_notebooks_of_this_project(notebook, tmp_path, monkeypatch):
    (tmp_path / "link.ipynb").symlink_to(notebook)
    (tmp_path / "other.ipynb").write_text("{}")
    (paths.NOTEBOOKS / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    ours = papermill_command.project_notebook
    for path in ("notebooks/early_stopping.ipynb", str(notebook), "link.ipynb"):
        assert ours(path) == notebook
    others = ("other.ipynb", "notebooks/no.ipynb", "notebooks/notes.txt", "notebooks", "x" * 5000)
    for path in (None, "", "-", "https://example.org/run.ipynb", notebook.read_text(), *others):
        assert ours(path) is None


# --- everything else is stock papermill -------------------------------------------------------


@pytest.fixture(scope="module")
def compared(workers, tmp_path_factory):
    """Calls that are none of our business, with the entry point and without it."""
    piped = nbformat.writes(stand_in(parameters="run_no = 1"))
    calls = {
        "two paths, an unknown parameter": dict(
            arguments=["notebooks/run.ipynb", "out.ipynb", "--prepare-only", "-p", "run_np", "7"]
        ),
        "notebook elsewhere, terminal": dict(
            arguments=["other.ipynb"], stdin="terminal", stdout="terminal"
        ),
        "help on a notebook": dict(
            arguments=["notebooks/run.ipynb", "--help-notebook"],
            stdin="terminal",
            stdout="terminal",
        ),
        "prepared, not executed": dict(arguments=["notebooks/run.ipynb", "--prepare-only"]),
        "notebook from a pipe": dict(
            arguments=["notebooks/new.ipynb", "--prepare-only"], stdin="pipe", piped=piped
        ),
        "an engine of our name": dict(
            arguments=["notebooks/run.ipynb", "out.ipynb", "--engine", "harlib"]
        ),
    }
    # A distribution earlier on the path hides the installed one, and with it the entry point.
    hidden = tmp_path_factory.mktemp("hidden")
    (hidden / "harlib-0.dist-info").mkdir()
    (hidden / "harlib-0.dist-info" / "METADATA").write_text("Name: harlib\nVersion: 0\n")
    (hidden / "harlib-0.dist-info" / "entry_points.txt").write_text("")

    def call(project, arguments, **how):
        finished = project.papermill(*arguments, **how)
        files = {  # but for the random id of the cell that papermill adds
            name: re.sub(rb'"id": ".*"', b"", (project.root / name).read_bytes())
            for name in project.files()
            if not name.startswith("harlib/")
        }
        last = finished.stderr.splitlines()[-1:]
        return finished.returncode, finished.stdout, last, files

    def both(how):
        outcomes = []
        for stock in (False, True):
            project = Project(tmp_path_factory.mktemp("call") / "project")
            nbformat.write(stand_in(), project.root / "other.ipynb")
            if stock:
                project.env["PYTHONPATH"] += f"{os.pathsep}{hidden}"
            outcomes.append(call(project, **how))
        return outcomes

    return {name: workers.submit(both, how) for name, how in calls.items()}


@pytest.mark.parametrize(
    ("name", "returncode"),
    [
        ("two paths, an unknown parameter", 0),
        ("notebook elsewhere, terminal", 2),
        ("help on a notebook", 0),
        ("prepared, not executed", 0),
        ("notebook from a pipe", 0),
        ("an engine of our name", 1),
    ],
)
def test_other_calls_are_stock_papermill(compared, name, returncode):
    ours, stock = compared[name].result()
    assert ours[0] == returncode
    assert ours == stock


def test_hiding_the_entry_point_gives_stock_papermill(compared, project, tmp_path):
    """Or else the comparison above would compare the same thing twice."""
    (tmp_path / "harlib-0.dist-info").mkdir()
    (tmp_path / "harlib-0.dist-info" / "entry_points.txt").write_text("")
    project.env["PYTHONPATH"] += f"{os.pathsep}{tmp_path}"
    finished = project.papermill(
        *("notebooks/run.ipynb", "-p", "run_no", "7"), stdin="terminal", stdout="terminal"
    )
    assert finished.returncode == 2
    assert "Missing argument 'OUTPUT_PATH'" in finished.stderr


def test_no_effect_on_a_process_that_only_imports_papermill(tmp_path):
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
    script = tmp_path / "study.py"
    script.write_text(code)
    subprocess.run([sys.executable, script, "papermill"], check=True, timeout=60)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["python", "/venv/bin/papermill", "run.ipynb"], True),
        (["python", "-m", "papermill", "run.ipynb"], True),
        (["python", "-mpapermill", "run.ipynb"], True),
        (["python", "-m", "ipykernel_launcher", "papermill"], False),
        (["python", "/venv/bin/snakemake", "papermill"], False),
    ],
)
def test_which_process_is_papermill(monkeypatch, typed, expected):
    monkeypatch.setattr(sys, "orig_argv", typed)
    monkeypatch.setattr(sys, "argv", ["as Python sets it", typed[-1]])
    assert papermill_command.is_papermill_command() is expected


def test_what_is_relied_on_in_papermill():
    from papermill import cli

    parameters = {parameter.name for parameter in cli.papermill.params}
    assert {"notebook_path", "output_path", "help_notebook", "prepare_only"} <= parameters
    assert cli.papermill.callback.__module__ == "papermill.cli"
    assert {"output_path", "parameters"} <= set(inspect.signature(cli.execute_notebook).parameters)


# --- the notebooks of the repository ------------------------------------------------------------


def test_there_are_notebooks():
    assert (paths.NOTEBOOKS / "run.ipynb").is_file()


@pytest.mark.parametrize(
    "path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_one_tagged_cell_in_both_halves_of_a_notebook(path):
    text = jupytext.read(path.with_suffix(".py"))
    (cell,) = [cell for cell in text.cells if "parameters" in cell.metadata.get("tags", [])]
    defaults = papermill_command.default_parameters(path)
    assert papermill_command._assigned(cell.source, path.with_suffix(".py")) == defaults
