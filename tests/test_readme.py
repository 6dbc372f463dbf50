"""What the README and the book's instructions say is so."""

import re

import papermill
import pytest

from harlib import paths
from tests.started import run

README = (paths.ROOT / "README.md").read_text(encoding="utf-8")
INSTRUCTIONS = README + (paths.ROOT / "book" / "reproduce.md").read_text(encoding="utf-8")


def targets() -> set[str]:
    """Names that ``make help`` lists."""
    listed = run("make", "--no-print-directory", "help").stdout
    return set(re.findall(r"^  make (\w+)", listed, re.MULTILINE))


def test_every_make_command_exists_and_is_listed():
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", INSTRUCTIONS, re.MULTILINE))
    assert {"report", "test", "data", "setup", "lab", "bench", "pdf"} <= named
    assert named <= targets()


def test_every_file_that_is_named_exists():
    named = re.findall(
        r"`((?:harlib|notebooks|data|book|benchmarks|workflow|tests)/[\w./-]+\.\w+)`", README
    )
    assert len(named) >= 7
    missing = {n for n in named if not (paths.ROOT / n).exists() and "_build" not in n}
    assert not missing


def test_the_notebooks_table_has_each_and_parameters_that_are_its_own():
    table = re.findall(r"^\| `notebooks/(\w+)\.ipynb` \|[^|]*\| ([^|]*) \|", README, re.MULTILINE)
    assert {notebook for notebook, _ in table} == {p.stem for p in paths.NOTEBOOKS.glob("*.ipynb")}
    for notebook, names in table:
        own = papermill.inspect_notebook(str(paths.NOTEBOOKS / f"{notebook}.ipynb"))
        assert set(re.findall(r"`(\w+)`", names)) <= set(own)


@pytest.mark.parametrize("source", ["README.md", "book/reproduce.md"])
def test_the_defaults_in_the_tables_are_those_of_the_notebook(source):
    text = (paths.ROOT / source).read_text(encoding="utf-8")
    defaults = {
        name: entry["default"].replace("'", '"')
        for name, entry in papermill.inspect_notebook(str(paths.NOTEBOOKS / "run.ipynb")).items()
    }
    if source == "README.md":
        pairs = re.findall(r"^\| `(\w+)` \| `([^`]*)`", text, re.MULTILINE)
    else:
        pairs = re.findall(r"^\* - `(\w+)`\n  - `([^`]*)`", text, re.MULTILINE)
    assert dict(pairs) == defaults


def test_the_other_default_of_run_no_is_that_of_early_stopping():
    (other,) = re.findall(r"\(early stopping: `(\d)`", README)
    own = papermill.inspect_notebook(str(paths.NOTEBOOKS / "early_stopping.ipynb"))
    assert own["run_no"]["default"] == other
