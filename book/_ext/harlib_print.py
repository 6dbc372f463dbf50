"""The printed book: what LaTeX has to be told so that it reads like the pages.

Three transforms, for the LaTeX builder only: the numbers of tables and figures,
tables that fit the paper, and a first page that is not a chapter.
"""

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
        header = header_rows(group.next_node(nodes.thead))
        for position, cells in enumerate(header, start=1):
            column = 0
            for start, span, entry in cells:
                yield latex("&" * (start - column) + rf"\multicolumn{{{span}}}")
                yield latex(f"{{{'l' if start == 0 else 'c' if span > 1 else 'r'}}}{{")
                yield from content(entry)
                yield latex("}")
                column = start + span - 1
            rules = "".join(
                rf"\cmidrule(lr){{{start + 1}-{start + span}}}"
                for start, span, _ in cells
                if span > 1
            )
            yield latex(r"\\ " + (r"\midrule " if position == len(header) else rules))
        for row in group.next_node(nodes.tbody).children:
            for position, entry in enumerate(row.children):
                yield latex("&" if position else "")
                yield from content(entry)
            yield latex(r"\\ ")
        yield latex(r"\bottomrule\end{tabular}\end{adjustbox}\end{table}")


def content(entry: nodes.entry) -> list[nodes.Node]:
    """The inline content of a cell."""
    return [child for paragraph in entry.children for child in paragraph.children]


def header_rows(thead: nodes.thead) -> list[list[tuple[int, int, nodes.entry]]]:
    """Header cells as (first column, columns, cell), each in the last row that it reaches."""
    rows: list[list[tuple[int, int, nodes.entry]]] = [[] for _ in thead.children]
    taken: set[tuple[int, int]] = set()
    for position, row in enumerate(thead.children):
        column = 0
        for entry in row.children:
            while (position, column) in taken:
                column += 1
            span, depth = entry.get("morecols", 0) + 1, entry.get("morerows", 0) + 1
            taken |= {(position + r, column + c) for r in range(depth) for c in range(span)}
            rows[position + depth - 1].append((column, span, entry))
    return [sorted(row, key=lambda cell: cell[0]) for row in rows]


class FirstPage(SphinxPostTransform):
    """Print the book's first page as a welcome without a number, so that chapters keep theirs.

    On the screen the list of all pages closes the first page's last section; in
    print that would make every page a part of it.
    """

    formats = ("latex",)
    default_priority = 920

    def run(self, **kwargs) -> None:
        first = next(self.document.findall(nodes.section))
        pages = [wrapper for wrapper in first.findall(nodes.compound) if self._holds_pages(wrapper)]
        for wrapper in pages[:1]:
            wrapper.parent.remove(wrapper)
            sections = [child for child in first.children if isinstance(child, nodes.section)]
            for section in sections:
                heading = latex(rf"\section*{{{section.next_node(nodes.title).astext()}}}")
                at = first.index(section)
                first[at : at + 1] = [heading, *section.children[1:]]
            first.insert(1, latex(r"\chapter*{Welcome}\addcontentsline{toc}{chapter}{Welcome}"))
            first.append(wrapper)

    @staticmethod
    def _holds_pages(node: nodes.compound) -> bool:
        return any(isinstance(child, addnodes.start_of_file) for child in node.children)


def setup(app: Sphinx) -> dict:
    for transform in (PrintedNumbers, PrintedTables, FirstPage):
        app.add_post_transform(transform)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
