"""Figures in every look, executed notebooks, and the digest of all that is staged."""

from functools import partial

import matplotlib as mpl
import nbformat
import pytest
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from book.generate.__main__ import pages_digest
from book.generate.staging import Book, read_notebook
from harlib import paths
from harlib.notebook import papermill_command

mpl.use("agg")

from matplotlib.figure import Figure


def simple(height):
    figure = Figure()
    figure.subplots().plot([10.0, 20.0, height])
    return figure


@pytest.mark.parametrize(("printed", "looks"), [(False, 2), (True, 1)])
def test_figures_are_there_at_the_end_in_every_look(tmp_path, printed, looks):
    for name in ("a", "b"):
        book = Book(tmp_path / name, printed=printed)
        for number in range(2):
            book.figure(f"figure-{number}", partial(simple, number), title="t", alt="a")
    once, again = (
        {p.name: p.read_bytes() for p in (tmp_path / name / "generated/figures").iterdir()}
        for name in ("a", "b")
    )
    assert len(once) == len({*once.values()}) == 2 * (looks + 1) and once == again
    assert all(len(content) > 1000 for name, content in once.items() if "json" not in name)


@pytest.mark.parametrize("given", [{}, {"run_no": 3, "data": "my  # own.h5", "seeds": [1, 2]}])
def test_a_downloaded_notebook_obeys_the_cell_that_its_text_points_to(tmp_path, given):
    """The parameters cell has what it was made with, and its comments; no other cell sets them."""
    original, executed = paths.NOTEBOOKS / "run.ipynb", tmp_path / "run-03.ipynb"
    nbformat.write(parameterize_notebook(load_notebook_node(str(original)), given), executed)
    shown = read_notebook(executed, "Run 3")
    assert len(shown.cells) == len(nbformat.read(original, as_version=4).cells)
    nbformat.write(shown, executed)
    defaults = papermill_command.default_parameters(original)
    assert papermill_command.default_parameters(executed) == {**defaults, **given}
    assert executed.read_text().count("  # 1 to 8: a line of Table I") == 1


def test_of_a_long_output_the_ends_are_kept(tmp_path):
    cells = [nbformat.v4.new_markdown_cell("# Long")]
    for count in (1000, 5):  # each line by itself, as a training says them
        lines = (f"line {n}\n" for n in range(count))
        said = [nbformat.v4.new_output("stream", name="stdout", text=line) for line in lines]
        cells.append(nbformat.v4.new_code_cell(outputs=said))
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, tmp_path / "long.ipynb")
    _, long, short = read_notebook(tmp_path / "long.ipynb", "Long").cells
    (output,) = long.outputs
    lines = output.text.splitlines()
    assert (lines[0], lines[12], lines[-1]) == ("line 0", "... 976 lines ...", "line 999")
    assert len(lines) == 25 and len(short.outputs) == 5


def test_the_book_is_another_where_any_page_or_its_name_is(tmp_path):
    digests = set()
    for name, text in (("a.md", "one"), ("a.md", "two"), ("b.md", "two")):
        (tmp_path / name).write_text(text)
        digests.add(pages_digest(tmp_path))
        (tmp_path / name).unlink()
    assert len(digests) == 3
