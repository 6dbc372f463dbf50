"""The staged sources of a book: a copy of ``book/`` and, beside it, what was computed."""

import json
import multiprocessing
import shutil
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from matplotlib.figure import Figure

from book.generate import cells
from harlib import paths
from harlib.errors import UserError, one_line
from harlib.figures import style
from harlib.storage import files


class Book:
    """The staged sources of one book, and what has been put into it.

    With ``drawers`` above 0 figures are drawn by so many processes beside this one, and are there
    after :meth:`finish`. They are forked, so they know what is to be drawn without being told.
    """

    def __init__(self, folder: Path, drawers: int = 0) -> None:
        self.folder = folder
        self.drawers = drawers
        self._drawing: list[tuple[str, multiprocessing.Process, Connection]] = []
        self.generated = folder / "generated"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(
            paths.ROOT / "book",
            folder,
            ignore=shutil.ignore_patterns("_build", "__pycache__", "generate", "__init__.py"),
        )
        for part in ("tables", "figures", "notebooks", "results"):
            (self.generated / part).mkdir(parents=True)

    def table(self, name: str, table: pd.DataFrame, **options) -> None:
        """Write one table; see :func:`book.generate.cells.write_table`."""
        cells.write_table(self.generated / "tables", name, table, **options)

    def figure(
        self, name: str, draw: Callable[[], Figure], *, title: str, alt: str,
        number: str | None = None, files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Draw one figure for a light page, a dark page and print; ``files`` lie behind it."""
        if self.drawers:
            self._draw_beside(name, draw)
        else:
            self._draw(name, draw)
        self.json(
            f"figures/{name}.json",
            {
                "name": name,
                "number": number,
                "title": title,
                "alt": alt,
                "light": f"{name}.svg",
                "dark": f"{name}-dark.svg",
                "pdf": f"{name}.pdf",
                "downloads": [
                    {"label": "SVG", "path": f"{name}.svg"},
                    {"label": "PDF", "path": f"{name}.pdf"},
                    *cells.links(files),
                ],
            },
        )

    def _draw(self, name: str, draw: Callable[[], Figure]) -> None:
        folder = self.generated / "figures"
        for dark, suffixes in ((False, (".svg", ".pdf")), (True, ("-dark.svg",))):
            with style.look(dark):
                figure = draw()
                for suffix in suffixes:
                    stamp = {"Date": None} if "svg" in suffix else {"CreationDate": None}
                    figure.savefig(folder / f"{name}{suffix}", metadata=stamp)
                plt.close(figure)

    def _draw_beside(self, name: str, draw: Callable[[], Figure]) -> None:
        while len(self._drawing) >= self.drawers:
            self._wait()
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe(duplex=False)
        process = fork.Process(target=self._drawer, args=(theirs, name, draw))
        process.start()
        theirs.close()
        self._drawing.append((name, process, ours))

    def _drawer(self, parent: Connection, name: str, draw: Callable[[], Figure]) -> None:
        try:
            self._draw(name, draw)
            parent.send(None)
        except (UserError, OSError) as error:
            parent.send(error)
        except Exception:
            parent.send(RuntimeError(f"figure {name}: {traceback.format_exc()}"))

    def _wait(self) -> None:
        """Wait for the figure that was begun first; what went wrong with it is raised here."""
        name, process, from_drawer = self._drawing.pop(0)
        try:
            error = from_drawer.recv()
        except EOFError:
            error = UserError(f"the process that drew figure {name} was ended from outside")
        process.join()
        if error:
            raise error

    def finish(self) -> None:
        """Wait for all figures."""
        while self._drawing:
            self._wait()

    def json(self, name: str, content: dict) -> None:
        """Write a JSON file under ``generated/``."""
        text = json.dumps(content, indent=1, ensure_ascii=False)
        files.write(self.generated / name, text.encode())

    def notebook(self, file: Path, title: str) -> None:
        """Copy an executed notebook; its first heading becomes ``title``, so that pages differ."""
        nbformat.write(read_notebook(file, title), self.generated / "notebooks" / file.name)

    def replace(self, page: str, other: str) -> None:
        """Let a staged page be another one: where what it tells of was not measured."""
        shutil.copy(self.folder / other, self.folder / page)

    def drop(self, page: str) -> None:
        """Empty a staged part: what it shows was not made for this book."""
        (self.folder / page).write_text("", encoding="utf-8")

    def copy(self, part: str, files: list[Path]) -> None:
        """Copy files into a folder under ``generated/``."""
        for file in files:
            shutil.copy(file, self.generated / part / file.name)


def read_notebook(file: Path, title: str) -> nbformat.NotebookNode:
    """An executed notebook, its first heading replaced by ``title``.

    Raises
    ------
    UserError
        It is missing or broken, or does not begin with a heading.
    """
    try:
        content = files.parse_json(files.read_bytes(file, files.MAX_JSON))
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
    return notebook
