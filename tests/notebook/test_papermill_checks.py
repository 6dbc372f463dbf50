"""Papermill's own command line in this process, what it calls at the end replaced.

Refused in one line, or as it is without this project.
"""

import re
import shlex

import click
import pytest
from click.testing import CliRunner
from papermill import cli

from harlib import paths
from harlib.notebook import papermill_command


@pytest.fixture
def called(monkeypatch):
    """What papermill's command line would execute, as ``called(arguments, ours)``."""
    monkeypatch.setattr(cli, "INPUT_PIPED", False)
    monkeypatch.setattr(cli, "OUTPUT_PIPED", False)
    monkeypatch.chdir(paths.ROOT)

    def call(arguments: list[str], ours: bool = True) -> tuple:
        executed = {}
        monkeypatch.setattr(cli, "execute_notebook", lambda **options: executed.update(options))
        monkeypatch.setattr(click.Command, "invoke", click.Command.invoke)  # put back at the end
        if ours:
            papermill_command.complete_command()
        finished = CliRunner().invoke(cli.papermill, arguments)
        return finished.exit_code, finished.output, executed

    return call


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-p run_no 9", "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        ("-p Epochs 1", r"unknown parameter Epochs \(did you mean epochs\?\): .*"),
        ("-r run_no 7", "parameter run_no = '7' is text: type -p run_no 7"),
        ("-p results_dir 2024", "parameter .* = 2024 is no text: type -r results_dir 2024"),
        ("-y [", r"option -y \[ cannot be used: .*"),
        ("-f no-such.yaml", r"option -f no-such\.yaml cannot be used: .*No such file.*"),
        ("-b @@@", "option -b @@@ cannot be used: Only base64 data is allowed"),
        ("-b Nwo=", "option -b Nwo= gives no parameters: wanted is YAML such as run_no: 7"),
        ("-y 'epochs: 010'", "010 is 8 in YAML: write the number that is meant"),
        ("-y '{run_no: 1, run_no: 2}'", "run_no is given twice"),
        ("-y 'run_no: 1' -r run_no 2", "parameter run_no has 2 values: type one"),
        ("out.ipynb -p seeds 42 -p seeds 263", ".* has 2 values: type -p seeds 42,263"),
        ("run_no=3", r"output path run_no=3: allowed is a file that ends in \.ipynb; .*"),
        ("notebooks/run.ipynb", "output path .*: executed notebooks would land among .*"),
        ("no-such/out.ipynb", r"output path no-such/out\.ipynb: there is no folder no-such"),
        ("--prepare-only", "option --prepare-only: .* an output path is needed"),
        ("--kernel other", "options --kernel and --language: .*; leave them out"),
        ("--cwd no-such", "option --cwd no-such: there is no such folder"),
        ("--engine harlib", "option --engine cannot be used: No engine named 'harlib' found"),
        ("-p epochs 1 -p seeds 42 263", "parameter seeds has 2 values: type -p seeds 42,263"),
        ("-y '7: x'", "unknown parameter 7: allowed are .*"),
        ("-p results_dir .", r"parameter results_dir = '\.': .*the project's own.*"),
    ],
)
def test_refused_in_one_line(called, arguments, message):
    code, output, executed = called(["notebooks/run.ipynb", *shlex.split(arguments)])
    assert code == 1 and not executed, output
    (line,) = output.splitlines()
    assert re.fullmatch(f"Error: {message}", line)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("notebooks/run.ipynb out.ipynb -r data synthetic -p seeds 42", 0),
        ("notebooks/run.ipynb --help-notebook", 0),
        ("notebooks/run.ipynb - --prepare-only", 0),
        ("--version", 0),
        *((path, 2) for path in ("", "-", "no-such.ipynb", "x" * 5000)),
        ("https://example.org/run.ipynb", 2),
    ],
)
def test_other_calls_are_stock_papermill(called, arguments, code):
    stock, ours = (called(arguments.split(), ours) for ours in (False, True))
    assert ours == stock and ours[0] == code


@pytest.mark.parametrize(
    "path", ["notebooks/run.py", "notebooks", "run.ipynb", "notebooks/Rum.ipynb"]
)
def test_a_path_that_is_almost_a_notebook_is_refused_with_the_right_one(called, path):
    code, output, executed = called([path, "out.ipynb"])
    said = f"Error: {path} is none of the project's notebooks (did you mean notebooks/run.ipynb?)"
    assert code == 1 and not executed and output.count("\n") == 1 and output.startswith(said)


def test_the_notebook_from_a_pipe_is_stock_papermill(called, monkeypatch):
    monkeypatch.setattr(cli, "INPUT_PIPED", True)
    code, _, executed = called(["notebooks/new.ipynb"])
    assert code == 0 and executed["output_path"] == "notebooks/new.ipynb"
