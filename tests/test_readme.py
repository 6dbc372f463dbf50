"""What the README and the book's instructions say is so."""

import re

import papermill

from harlib import paths
from tests.started import run

README = (paths.ROOT / "README.md").read_text(encoding="utf-8")
REPRODUCE = (paths.ROOT / "book" / "reproduce.md").read_text(encoding="utf-8")


def defaults(notebook: str) -> dict[str, str]:
    """Parameters of a notebook with what they are by themselves, as Python writes it."""
    found = papermill.inspect_notebook(str(paths.NOTEBOOKS / f"{notebook}.ipynb"))
    return {name: entry["default"] for name, entry in found.items()}


def test_every_make_command_exists_and_is_listed():
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README + REPRODUCE, re.MULTILINE))
    assert {"report", "test", "data", "setup", "lab", "bench", "pdf"} <= named
    listed = run("make", "--no-print-directory", "help").stdout
    assert named <= set(re.findall(r"^  make (\w+)", listed, re.MULTILINE))


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
        assert set(re.findall(r"`(\w+)`", names)) <= set(defaults(notebook))


def test_the_defaults_in_the_tables_are_those_of_the_notebook():
    wanted = {name: value.replace("'", '"') for name, value in defaults("run").items()}
    pairs = re.findall(r"^\| `(\w+)` \| `([^`]*)`", README, re.MULTILINE)
    assert dict(pairs) == wanted
    pairs = re.findall(r"^\* - `(\w+)`\n  - `([^`]*)`", REPRODUCE, re.MULTILINE)
    assert dict(pairs) == wanted
    assert f"(early stopping: `{defaults('early_stopping')['run_no']}`" in README
