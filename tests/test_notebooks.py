"""The notebooks in git: text and .ipynb agree, carry no outputs, and refuse what they should."""

import json

import jupytext
import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from harlib import paths
from harlib.notebook import kernel, parameters

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def test_there_are_notebooks_and_each_has_its_text():
    assert {path.stem for path in NOTEBOOKS} >= {"run", "early_stopping"}
    assert {path.stem for path in NOTEBOOKS} == {p.stem for p in paths.NOTEBOOKS.glob("*.py")}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_both_halves_agree(path):
    """Cell by cell: kind, text and tags."""

    def cells(notebook):
        return [
            (cell.cell_type, cell.source, cell.metadata.get("tags", []))
            for cell in notebook.cells
        ]  # fmt: skip

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert cells(notebook) == cells(jupytext.read(path.with_suffix(".py")))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_defaults_are_allowed_and_every_parameter_has_a_rule(path):
    defaults = papermill.inspect_notebook(str(path))
    assert set(defaults) <= set(parameters.RULES)
    values = {name: json.loads(_as_json(entry["default"])) for name, entry in defaults.items()}
    parameters.check_values(values)


def _as_json(text: str) -> str:
    return json.dumps(__import__("ast").literal_eval(text))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"run_np": 3}, "unknown parameter run_np (did you mean run_no?)"),
        ({"run_no": 9}, "parameter run_no = 9: allowed is a whole number from 1 to 8"),
    ],
)
def test_stock_papermill_ends_in_one_line(path, given, message, tmp_path):
    """Papermill itself only warns about a name that the notebook does not have."""
    with kernel.options() as options, pytest.raises(PapermillExecutionError) as error:
        papermill.execute_notebook(
            path, tmp_path / "out.ipynb", {**given, "results_dir": str(tmp_path / "results")},
            progress_bar=False, **options,
        )  # fmt: skip
    assert error.value.ename == "UserError"
    assert error.value.evalue.startswith(message)
    assert error.value.traceback == [f"harlib: {error.value.evalue}"]
    assert not (tmp_path / "results").exists()


def test_the_run_notebook_shows_each_figure_and_table_once(tmp_path, small_file):
    given = {"data": str(small_file), "epochs": 1, "results_dir": str(tmp_path / "results")}
    with kernel.options() as options:
        notebook = papermill.execute_notebook(
            paths.NOTEBOOKS / "run.ipynb", tmp_path / "out.ipynb", given, progress_bar=False,
            **options,
        )  # fmt: skip
    shown = [
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    ]
    assert shown.count("image/png") == 1
    assert shown.count("text/html") == 1
