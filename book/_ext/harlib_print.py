"""The printed book: what LaTeX has to be told so that it reads like the pages.

Three transforms, for the LaTeX builder only: the numbers of tables and figures,
tables that fit the paper, and a first page that is not a chapter.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from harlib_numbers import FIGTYPES
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


def latex(code: str) -> nodes.raw:
    return nodes.raw("", code, format="latex")


def with_pages(node: nodes.Element, page: str) -> Iterator[tuple[str, nodes.Element]]:
    """Every element under ``node`` with the name of the page that it came from."""
    for child in node.children:
        if isinstance(child, nodes.Element):
            yield page, child
            inner = child["docname"] if isinstance(child, addnodes.start_of_file) else page
            yield from with_pages(child, inner)


class PrintedNumbers(SphinxPostTransform):
    """Before each numbered table and figure, redefine how LaTeX prints its counter."""

    formats = ("latex",)
    default_priority = 900

    def run(self, **kwargs) -> None:
        for page, node in list(with_pages(self.document, self.config.root_doc)):
            figtype = node.tagname
            if figtype not in FIGTYPES:
                continue
            numbers = self.env.toc_fignumbers.get(page, {}).get(figtype, {})
            for number in (numbers[i][0] for i in node["ids"] if i in numbers):
                # \theH... names the target of links, and must be unique as well.
                code = rf"\renewcommand{{\the{figtype}}}{{{number}}}"
                code += rf"\renewcommand{{\theH{figtype}}}{{{number}}}"
                node.parent.insert(node.parent.index(node), latex(code))


class PrintedTables(SphinxPostTransform):
    """Make the report's tables fit the page.

    Sphinx gives every column of a table the same share of the line, which many
    columns of numbers under spanning headers overflow. Those tables are written
    here as one ``tabular``, as wide as its numbers and scaled down to the line if
    need be. Tables with running text stay with Sphinx, as long tables.
    """

    formats = ("latex",)
    default_priority = 910

    def run(self, **kwargs) -> None:
        for page, table in list(with_pages(self.document, self.config.root_doc)):
            if "report-table" not in table.get("classes", []):
                continue
            at = table.parent.index(table)
            if "report-table-text" in table["classes"]:
                break_literals(table)
                table["classes"] += ["colwidths-given", "longtable"]
                table.parent.insert(at + 1, latex(r"\endgroup"))
                table.parent.insert(at, latex(r"\begingroup\footnotesize"))
            else:
                label = rf"\detokenize{{{page}:{table['ids'][0]}}}"
                table.parent[at : at + 1] = [nodes.paragraph("", "", *self._tabular(table, label))]

    @staticmethod
    def _tabular(table: nodes.table, label: str) -> Iterator[nodes.Node]:
        """The table as LaTeX code with the contents of its cells, still nodes, in between."""
        (title, group) = table.children
        columns = group["cols"]
        yield latex(r"\begin{table}[H]\centering\small\caption{")
        yield from title.children
        yield latex(rf"}}\label{{{label}}}\begin{{adjustbox}}{{max width=\linewidth}}")
        yield latex(rf"\begin{{tabular}}{{l{'r' * (columns - 1)}}}\toprule ")
        header = placed_rows(group.next_node(nodes.thead), in_last_row=True)
        for position, cells in enumerate(header, start=1):
            yield from line(cells)
            groups = [
                (cell["column"] + 1, cell["morecols"]) for cell in cells if "morecols" in cell
            ]
            rules = "".join(rf"\cmidrule(lr){{{first}-{first + more}}}" for first, more in groups)
            yield latex(r"\midrule " if position == len(header) else rules)
        for cells in placed_rows(group.next_node(nodes.tbody), in_last_row=False):
            if any("morerows" in cell for cell in cells):
                yield latex(r"\addlinespace ")
            yield from line(cells)
        yield latex(r"\bottomrule\end{tabular}\end{adjustbox}\end{table}")


def break_literals(table: nodes.table) -> None:
    """Let the name of a test, or a path, go on in the next line; LaTeX would keep it whole."""
    for literal in table.findall(nodes.literal):
        parts = re.findall(r"[^_/:.=]+[_/:.=]*|[_/:.=]+", literal.astext())
        literal.clear()
        for part in parts:
            literal += [nodes.Text(part), latex(r"\allowbreak{}")]


#: Classes of the cells that hold words.
LEFT = {"report-label", "report-source"}


def line(cells: list[nodes.entry]) -> Iterator[nodes.Node]:
    """A row of a ``tabular``."""
    column = 0
    for cell in cells:
        start, more = cell["column"], cell.get("morecols", 0)
        words = LEFT & set(cell["classes"]) or start == 0
        alignment = "c" if more else "l" if words else "r"
        yield latex("&" * (start - column) + rf"\multicolumn{{{more + 1}}}{{{alignment}}}{{")
        yield from (child for paragraph in cell.children for child in paragraph.children)
        yield latex("}")
        column = start + more
    yield latex(r"\\ ")


def placed_rows(part: nodes.Element, *, in_last_row: bool) -> list[list[nodes.entry]]:
    """Rows of a table's head or body; a cell of several rows is put into the first or last."""
    rows: list[list[nodes.entry]] = [[] for _ in part.children]
    for position, row in enumerate(part.children):
        for cell in row.children:
            rows[position + in_last_row * cell.get("morerows", 0)].append(cell)
    return [sorted(row, key=lambda cell: cell["column"]) for row in rows]


class FirstPage(SphinxPostTransform):
    """Print the book's first page as a welcome without a number, so that chapters keep theirs.

    On the screen the list of all pages closes the first page's last section; in
    print that would make every page a part of it.
    """

    formats = ("latex",)
    default_priority = 920

    def run(self, **kwargs) -> None:
        first = next(self.document.findall(nodes.section))
        compounds = first.findall(nodes.compound)
        wrapper = next(node for node in compounds if "toctree-wrapper" in node["classes"])
        wrapper.parent.remove(wrapper)
        for section in [child for child in first.children if isinstance(child, nodes.section)]:
            heading = latex(rf"\section*{{{section.next_node(nodes.title).astext()}}}")
            at = first.index(section)
            first[at : at + 1] = [heading, *section.children[1:]]
        first.insert(1, latex(r"\chapter*{Welcome}\addcontentsline{toc}{chapter}{Welcome}"))
        first.append(wrapper)


def setup(app: Sphinx) -> dict:
    for transform in (PrintedNumbers, PrintedTables, FirstPage):
        app.add_post_transform(transform)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
