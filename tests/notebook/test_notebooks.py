"""The notebooks in git: text and .ipynb agree, carry no outputs, and refuse what they should."""

import re

import jupytext
import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import run_notebook
from tests.started import python

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_both_halves_agree_and_carry_no_outputs(path):
    """Cell by cell: kind, text and tags."""

    def cells(notebook):
        return [(c.cell_type, c.source, c.metadata.get("tags", [])) for c in notebook.cells]

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert cells(notebook) == cells(jupytext.read(path.with_suffix(".py")))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_halves_that_differ_in_their_code_are_refused_before_anything_runs(tmp_path):
    for name in ("run.ipynb", "run.py"):
        (tmp_path / name).write_text((paths.NOTEBOOKS / name).read_text().replace("of Table", "in"))
    run_notebook.halves_agree(tmp_path / "run.ipynb")
    half = tmp_path / "run.py"
    half.write_text(half.read_text().replace("epochs = 50", "epochs = 3"))
    with pytest.raises(UserError, match=r"run\.ipynb and run\.py beside it differ .* --sync"):
        run_notebook.execute(str(tmp_path / "run.ipynb"), tmp_path / "o", tmp_path / "log", {})
    assert (tmp_path / "log").read_text().startswith("error: ")


@pytest.mark.parametrize(
    ("run_no", "words", "message"),
    [
        (9, [], "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        (7, ["-p", "run_no", "3"], "-p: a notebook's text takes no parameters; type papermill .*"),
    ],
)
def test_the_text_half_run_by_python_ends_in_one_line(tmp_path, run_no, words, message):
    half = tmp_path / "run.py"
    text = (paths.NOTEBOOKS / "run.py").read_text()
    half.write_text(text.replace("run_no = 7", f"run_no = {run_no}"))
    done = python(half, *words)
    assert done.returncode == 1
    assert re.fullmatch(f"error: {message}\n", done.stderr)


def test_stock_papermill_ends_in_one_line(tmp_path):
    """Papermill itself only warns about a name that the notebook does not have."""
    given = {"run_np": 3, "results_dir": str(tmp_path / "results")}
    with run_notebook.kernel() as how, pytest.raises(PapermillExecutionError) as error:
        papermill.execute_notebook(
            paths.NOTEBOOKS / "run.ipynb", tmp_path / "out.ipynb", given, progress_bar=False, **how
        )
    assert error.value.ename == "UserError"
    assert error.value.evalue.startswith("unknown parameter run_np (did you mean run_no?)")
    assert error.value.traceback == [f"harlib: {error.value.evalue}"]
    assert not (tmp_path / "results").exists()
