"""The staged sources of a book: a copy of ``book/`` and, beside it, what was computed."""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from matplotlib.figure import Figure

from book.generate import cells
from harlib import paths
from harlib.errors import UserError, one_line
from harlib.figures import style
from harlib.notebook.table import cell_text, plus_minus
from harlib.seed_statistics import Interval
from harlib.storage import results
from harlib.storage.results import Folder

#: The looks of a figure, and the ending of each one's file.
SCREEN = {"light": ".svg", "dark": "-dark.svg"}
PRINTED = {"print": ".pdf"}


class Book:
    """The staged sources of one book, its figures for light and dark pages or to be ``printed``."""

    def __init__(self, folder: Path, *, printed: bool = False) -> None:
        self.folder, self.printed = folder, printed
        self.generated = folder / "generated"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(
            paths.ROOT / "book",
            folder,
            ignore=shutil.ignore_patterns("_build", "__pycache__", "generate", "__init__.py"),
        )
        for part in ("tables", "figures", "notebooks", "results"):
            (self.generated / part).mkdir(parents=True)

    def table(
        self, name: str, table: pd.DataFrame, *, title: str, number: str | None = None,
        text: Callable[[object, tuple, object], str] = cell_text,
        bold: pd.DataFrame | None = None, note: str = "", files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Write one table, to be shown and, with full precision, as ``<name>.csv``.

        ``text(value, row label, column)`` gives the text of a cell; ``bold`` is True where a cell
        is the best by a rule; ``number`` is the report's own; ``files`` lie behind it.
        """
        shown = table.map(lambda value: plus_minus(value) if isinstance(value, Interval) else value)
        shown.to_csv(self.generated / "tables" / f"{name}.csv")
        self.json(
            f"tables/{name}.json",
            {
                "name": name,
                "number": number,
                "title": title,
                "header": cells.header(table),
                "rows": cells.body(table, text, bold),
                "note": note,
                "downloads": [{"label": "CSV", "path": f"{name}.csv"}, *_links(files)],
            },
        )

    def figure(
        self, name: str, draw: Callable[[], Figure], *, title: str, alt: str,
        number: str | None = None, files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Draw one figure, once for each of its looks; ``files`` lie behind it."""
        looks = PRINTED if self.printed else SCREEN
        pictures = {look: f"{name}{suffix}" for look, suffix in looks.items()}
        first = next(iter(pictures.values()))
        _draw(self.generated / "figures", pictures, draw)
        self.json(
            f"figures/{name}.json",
            {
                "name": name,
                "number": number,
                "title": title,
                "alt": alt,
                "pictures": pictures,
                "downloads": [
                    {"label": Path(first).suffix[1:].upper(), "path": first},
                    *_links(files),
                ],
            },
        )

    def json(self, name: str, content: dict) -> None:
        """Write a JSON file under ``generated/``."""
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (self.generated / name).write_text(text, encoding="utf-8")

    def run(self, folder: Folder, run_no: int, result: dict, kind: str, title: str) -> None:
        """Copy what a run has written: result, timing, weights, and its notebook as ``title``."""
        weights = [folder.weights(run_no, seed, kind) for seed in result["seeds"]]
        self.copy([folder.result(run_no, kind), folder.timing(run_no, kind), *weights])
        self.notebook(folder.path, run_no, kind, title)

    def notebook(self, folder: Path, run_no: int, kind: str, title: str) -> None:
        """Copy an executed notebook; its first heading becomes ``title``, so that pages differ."""
        file = folder / "notebooks" / f"{kind}-{run_no:02d}.ipynb"
        nbformat.write(read_notebook(file, title), self.generated / "notebooks" / file.name)

    def copy(self, files: list[Path]) -> None:
        """Copy result files."""
        for file in files:
            shutil.copy(file, self.generated / "results")


def _links(files: Sequence[str]) -> list[dict[str, str]]:
    """Downloads of result files, as the book's directives read them."""
    return [{"label": file, "path": f"../results/{file}"} for file in files]


def _draw(folder: Path, pictures: dict[str, str], draw: Callable[[], Figure]) -> None:
    """Save one figure in every look."""
    for look, name in pictures.items():
        with style.look(dark=look == "dark"):
            figure = draw()
            stamp = {"CreationDate" if look == "print" else "Date": None}
            figure.savefig(folder / name, metadata=stamp)
            plt.close(figure)


def read_notebook(file: Path, title: str) -> nbformat.NotebookNode:
    """An executed notebook, its first heading replaced by ``title``, its parameters in one cell.

    A UserError if it is missing or broken, or does not begin with a heading.
    """
    try:
        content = results.read_json(file)
        if content["nbformat"] != 4 or content["nbformat_minor"] not in range(6):
            raise ValueError("it is not of version 4.0 to 4.5")
        notebook = nbformat.v4.reads(json.dumps(content))  # the other `reads` logs what is wrong
        nbformat.validate(notebook)
        first = notebook.cells[0]
        heading, _, rest = first.source.partition("\n")
    except Exception as error:  # nbformat and the schema behind it raise many kinds
        raise UserError(
            f"notebook {file} cannot be read: {one_line(error)[:200]}: run the study again"
        ) from None
    if first.cell_type != "markdown" or not heading.startswith("# "):
        raise UserError(f"notebook {file}: the first cell is not a heading: run the study again")
    first.source = f"# {title}\n{rest}"
    _settle_parameters(notebook)
    _shorten_output(notebook)
    return notebook


def _shorten_output(notebook: nbformat.NotebookNode, ends: int = 12) -> None:
    """Of what a cell printed, keep the first and last lines: a long training says much on its way.

    LaTeX cannot set a box as long as all of it.
    """
    for cell in notebook.cells:
        # Each line may be an output of its own.
        said = [o for o in cell.get("outputs", []) if o.output_type == "stream"]
        lines = "".join(output.text for output in said).splitlines(keepends=True)
        if len(lines) > 4 * ends:
            left_out = f"... {len(lines) - 2 * ends} lines ...\n"
            said[0].text = "".join([*lines[:ends], left_out, *lines[-ends:]])
            cell.outputs = [o for o in cell.outputs if o is said[0] or o not in said]


def _settle_parameters(notebook: nbformat.NotebookNode) -> None:
    """Give the parameters cell itself the values that papermill put into a cell beneath it.

    Who downloads the notebook changes the first, as its text says; the second would undo that.
    """
    tagged = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    if not {"parameters", "injected-parameters"} <= tagged.keys():
        return
    injected = tagged["injected-parameters"]
    values = dict(line.split(" = ", 1) for line in injected.source.splitlines() if " = " in line)
    cell = tagged["parameters"]
    cell.source = re.sub(
        r"^(\w+) = (.+?)(?=  # |$)",
        lambda found: f"{found[1]} = {values.get(found[1], found[2])}",
        cell.source,
        flags=re.MULTILINE,
    )
    notebook.cells.remove(injected)
