"""Directives that show what the study has written. They compute nothing.

``{report-table}`` and ``{report-figure}`` read a small JSON file beside the data,
``generated/tables/<name>.json`` or ``generated/figures/<name>.json``, and make
ordinary table and figure nodes: captioned, numbered (see ``harlib_numbers``), and
referred to by their name, ``{numref}`table-2` ``. ``{report-files}`` links to
result files.
"""

import json
from collections import defaultdict
from itertools import count
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

#: More columns than this are set in smaller type on the screen.
WIDE = 8
#: More columns than this also reach into the right margin (a class of the theme, which
#: then hides "On this page").
WIDER = 14
#: The same for tables with running text.
WIDER_TEXT = 3


class ReportDirective(SphinxDirective):
    """Base: finds and reads ``generated/<folder>/<name>.json``."""

    required_arguments = 1
    folder: str

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = Path("generated", self.folder, f"{name}.json")
        self.env.note_dependency(path.as_posix())
        file = self.env.srcdir / path
        if file.exists():
            return self.build(name, json.loads(file.read_text("utf-8")))
        said = "%s: no such file; the study has not written it"
        logger.warning(said, path.as_posix(), location=self.get_location())
        return []

    def inline(self, text: str) -> list[nodes.Node]:
        """``text`` read as inline MyST."""
        parsed, messages = self.parse_inline(text)
        return parsed + messages

    def number_and_name(self, node: nodes.Element, name: str, spec: dict) -> None:
        """Give the node its place in the report, and the label that references use."""
        if spec.get("number") is not None:
            node["report_number"] = str(spec["number"])
        self.options["name"] = name
        self.add_name(node)
        self.set_source_info(node)

    def below(self, spec: dict) -> list[nodes.Node]:
        """The note and the links to the files that the table or figure came from."""
        below: list[nodes.Node] = []
        if spec.get("note"):
            note = self.inline(spec["note"])
            below.append(nodes.paragraph("", "", *note, classes=["report-note"]))
        links = nodes.paragraph("", "Download: ", classes=["report-downloads"])
        for position, download in enumerate(spec["downloads"]):
            links += nodes.Text(" · " if position else "")
            links += self.download(download["label"], download["path"])
        return [*below, addnodes.only("", links, expr="html")]

    def download(self, label: str, path: str) -> addnodes.download_reference:
        """A link to a file beside the JSON file."""
        text = nodes.inline("", label)
        return addnodes.download_reference("", "", text, reftarget=self.uri(path))

    def uri(self, path: str) -> str:
        """A path beside the JSON file, as Sphinx writes it: from the source folder's root."""
        return "/" + (PurePosixPath("generated", self.folder) / path).as_posix()


class ReportTable(ReportDirective):
    """``{report-table} table-2``: a table with header rows, kinds of cells, and downloads."""

    folder = "tables"

    def build(self, name: str, spec: dict) -> list[nodes.Node]:
        header, rows = spec["header"], spec["rows"]
        columns = sum(span_of(cell)[0] for cell in header[0])
        table = nodes.table("", classes=["report-table"])
        table += nodes.title("", "", *self.inline(spec["title"]))
        table += nodes.tgroup("", cols=columns)
        headings = True
        for names, cells in zip(by_column(header, columns), by_column(rows, columns), strict=True):
            # Only a table with running text uses the widths, and only in print.
            widest = max((len(cell["text"]) for cell in cells), default=1)
            words = [word for cell in names for word in cell["text"].split()]
            least = max(map(len, words), default=0) + 2
            colspec = nodes.colspec("", colwidth=min(max(widest, least, 4), 48))
            # docutils counts cells, not columns: beside a tall cell, and right of one, it would
            # take another for the row's heading.
            labels = [cell for cell in cells if cell.get("kind") == "label"]
            headings = headings and 0 < len(labels) == len(cells) == len(rows)
            if headings:
                colspec["stub"] = 1
            table[-1] += colspec
        for part, make, source in (
            (nodes.thead, self._heading, header),
            (nodes.tbody, self._cell, rows),
        ):
            table[-1] += part("", *(nodes.row("", *map(make, row)) for row in source))
        wide = columns > WIDER
        if any(cell.get("kind", "text") == "text" for row in rows for cell in row):
            table["classes"].append("report-table-text")
            wide = columns > WIDER_TEXT
        elif columns > WIDE:
            table["classes"].append("report-table-wide")
        self.number_and_name(table, name, spec)
        shown = nodes.container("", table, classes=["full-width"]) if wide else table
        return [shown, *self.below(spec)]

    def _cell(self, cell: dict) -> nodes.entry:
        kind = cell.get("kind", "text")
        text = cell["text"]
        content = self.inline(text) if kind == "text" else [nodes.Text(text)]
        if cell.get("bold"):
            content = [nodes.strong("", "", *content)]
        entry = self._entry(cell, content, f"report-{kind}")
        if "\u00a0" in text and " " not in text:  # an interval: nowhere to break it
            entry["classes"].append("report-whole")
        return entry

    def _heading(self, cell: dict) -> nodes.entry:
        kind = "group" if span_of(cell)[0] > 1 else cell.get("kind", "heading")
        return self._entry(cell, [nodes.Text(cell["text"])], f"report-{kind}")

    @staticmethod
    def _entry(cell: dict, content: list[nodes.Node], css_class: str) -> nodes.entry:
        columns, rows = span_of(cell)
        entry = nodes.entry("", nodes.paragraph("", "", *content), classes=[css_class])
        entry["column"] = cell["column"]
        if columns > 1:
            entry["morecols"] = columns - 1
        if rows > 1:
            entry["morerows"] = rows - 1
        return entry


class ReportFiles(ReportDirective):
    """``{report-files} run``: links to result files and weights, a line for each run."""

    folder = "results"

    def run(self) -> list[nodes.Node]:
        (kind,) = self.arguments
        folder = Path(self.env.srcdir, "generated", self.folder)
        lines = nodes.bullet_list("", classes=["report-files"])
        for path in sorted(folder.glob(f"{kind}-??.json")):
            weights = sorted(folder.glob(f"{path.stem}-seed-*.npz"), key=lambda p: (len(p.name), p))
            line = nodes.paragraph("", f"Run {int(path.stem[-2:])}: ")
            line += self.download("results", path.name)
            for file in weights:
                line += nodes.Text(" · ")
                line += self.download(f"weights, seed {file.stem.rpartition('-')[2]}", file.name)
            lines += nodes.list_item("", line)
        return [addnodes.only("", lines, expr="html")]


class ReportFigure(ReportDirective):
    """``{report-figure} figure-1``: light and dark for the screen, or the one for print."""

    folder = "figures"

    def build(self, name: str, spec: dict) -> list[nodes.Node]:
        alt = spec["alt"]
        images = [
            # Classes of the theme: it shows one of the two, by the reader's choice.
            nodes.image("", uri=self.uri(path), alt=alt, classes=[f"only-{look}"])
            for look, path in spec["pictures"].items()
        ]
        figure = nodes.figure("", classes=["report-figure"])
        if "print" in spec["pictures"]:
            figure += images
        else:
            # In a box of their own: with an image the theme also hides the captions beside it.
            figure += nodes.container("", *images, classes=["report-images"])
        figure += nodes.caption("", "", *self.inline(spec["title"]))
        self.number_and_name(figure, name, spec)
        return [figure, *self.below(spec)]


def by_column(rows: list[list[dict]], width: int) -> list[list[dict]]:
    """The cells that start in each column; each cell is told which that is.

    A row lists only the cells that start in it, not those that reach into it from above.
    """
    taken: list[set[int]] = [set() for _ in rows]
    found = defaultdict(list)
    for position, row in enumerate(rows):
        for cell in row:
            span, depth = span_of(cell)
            cell["column"] = next(n for n in count() if n not in taken[position])
            for below in taken[position : position + depth]:
                below |= set(range(cell["column"], cell["column"] + span))
            found[cell["column"]].append(cell)
        assert taken[position] == set(range(width)), "a row fills the table"
    return [found[column] for column in range(width)]


def span_of(cell: dict) -> tuple[int, int]:
    """Columns and rows that a cell spans."""
    return cell.get("span", 1), cell.get("rows", 1)


def setup(app: Sphinx) -> dict:
    app.add_directive("report-table", ReportTable)
    app.add_directive("report-figure", ReportFigure)
    app.add_directive("report-files", ReportFiles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
