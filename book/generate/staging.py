"""The staged sources of a book: a copy of ``book/`` and, beside it, what was computed."""

import json
import multiprocessing
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Self

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from matplotlib.figure import Figure

from book.generate import cells
from harlib import paths
from harlib.errors import UserError, one_line
from harlib.figures import style
from harlib.storage import results
from harlib.storage.results import Folder

#: The looks of a figure, and the ending of each one's file.
SCREEN = {"light": ".svg", "dark": "-dark.svg"}
PRINTED = {"print": ".pdf"}


class Book:
    """The staged sources of one book; at the end of a ``with`` block all its figures are drawn.

    Figures are drawn by as many processes beside this one as the machine has cores: for light and
    dark pages, or for a ``printed`` book.
    """

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
        # A fork starts at once, but only on Linux is it safe beside what matplotlib has loaded.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._drawers = ProcessPoolExecutor(os.cpu_count(), context, _end_with_parent)
        self._figures: dict[str, Future] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        """Wait for all figures; what went wrong with one is raised here."""
        try:
            for name, figure in self._figures.items() if kind is None else ():
                _raise(name, figure)
        finally:
            self._drawers.shutdown(cancel_futures=True)

    def table(self, name: str, table: pd.DataFrame, **options) -> None:
        """Write one table; see :func:`book.generate.cells.write_table`."""
        cells.write_table(self.generated / "tables", name, table, **options)

    def figure(
        self, name: str, draw: Callable[[], Figure], *, title: str, alt: str,
        number: str | None = None, files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Draw one figure; ``files`` lie behind it.

        ``draw`` is called in another process: a :func:`functools.partial`, not a lambda.
        """
        looks = PRINTED if self.printed else SCREEN
        pictures = {look: f"{name}{suffix}" for look, suffix in looks.items()}
        first = next(iter(pictures.values()))
        folder = self.generated / "figures"
        self._figures[name] = self._drawers.submit(_draw, folder, pictures, draw)
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
                    *cells.links(files),
                ],
            },
        )

    def json(self, name: str, content: dict) -> None:
        """Write a JSON file under ``generated/``."""
        cells.write_json(self.generated / name, content)

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


def _end_with_parent() -> None:
    """Let a drawer not wait for figures for ever after the process that wanted them was killed."""

    def wait() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _draw(folder: Path, pictures: dict[str, str], draw: Callable[[], Figure]) -> None:
    """Save one figure in every look."""
    for look, name in pictures.items():
        with style.look(dark=look == "dark"):
            figure = draw()
            stamp = {"CreationDate" if look == "print" else "Date": None}
            figure.savefig(folder / name, metadata=stamp)
            plt.close(figure)


def _raise(name: str, figure: Future) -> None:
    """Wait for one figure, and raise what went wrong with it."""
    try:
        figure.result()
    except BrokenProcessPool:
        raise UserError("a process that drew figures was ended from outside") from None
    except Exception as error:
        error.add_note(f"figure {name}")
        raise


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
