"""The book's own machinery, on sample content made up here: no study is needed to build it."""

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from book.generate import staging
from harlib import paths
from harlib.protocol import HEADLINE
from tests.started import python

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>'


def sphinx(source: Path, target: Path, builder: str = "html"):
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder]
    return python(*words, "-d", source.parent / "doctrees", source, target)


def picture(folder: Path, pictures: dict[str, str], draw: None) -> None:
    """Stands for what draws a figure."""
    for name in pictures.values():
        (folder / name).write_text(f"{PICTURE}<!-- {name} -->")


@pytest.fixture(scope="module")
def stage():
    """Makes the staged sources of a book, in which nothing is computed yet."""

    def staged(folder: Path, quoted: dict[str, str], **options: bool) -> staging.Book:
        book = staging.Book(folder, **options)
        build = {"data_title": "synthetic data", "protocol": "published"}
        book.json("build.json", build | {"warning": "Made by <other> code."})
        book.json("values.json", quoted)
        return book

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "_draw", picture)
        yield staged


def sample_table(book: staging.Book, name: str, number: str | None = None) -> None:
    """A run's three rows under a header that spans two columns; the second mean is bold."""
    labels = [(7, source) for source in ("published", "re-computed", "difference")]
    table = pd.DataFrame(
        [["32.500", "1.5"], ["33.750", "2.5"], ["+1.250", "+1.0"]],
        pd.MultiIndex.from_tuples(labels, names=["Run no.", "Source"]),
        pd.MultiIndex.from_product([["Top-1"], ["mean", "deviation"]]),
    )
    best, note = table == "33.750", "Largest mean in **bold**."
    book.table(name, table, number=number, bold=best, title=f"Caption of {name}", note=note)


def fill(source: Path, stage, **options: bool) -> None:
    """Stage all pages of the book, with something for everything they show."""
    text = "\n".join(page.read_text("utf-8") for page in (paths.ROOT / "book").rglob("*.md"))
    names = re.findall(r"\{\{ *(\w+) *\}\}", text)
    numbers = {f"table-{n}": roman for n, roman in enumerate(ROMAN, start=1)}
    numbers |= {f"figure-{n}": str(n) for n in range(1, 6)}
    with stage(source, {name: f"[{name}]" for name in names}, **options) as book:
        for name in re.findall(r"\{report-table\} (\S+)", text):
            sample_table(book, name, numbers.get(name))
        for name in re.findall(r"\{report-figure\} (\S+)", text):
            described = {"title": f"Caption of {name}", "alt": f"Curves of {name}"}
            book.figure(name, None, number=numbers.get(name), **described)
        tests = pd.DataFrame({"Repeated by": ["`tests/test_x.py::test_y`"]}, index=["kill"])
        book.table("attempts", tests.rename_axis("Name"), title="Caption of attempts")
        ends = [f"{kind}-{HEADLINE:02d}" for kind in ("learned", "people")]
        for name in ("run-07", "run-08", "early-stopping-08", "heatmaps-08", "diagnosis-02",
                     "improvements-02", *ends):  # fmt: skip
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}")])
            nbformat.write(notebook, book.generated / "notebooks" / f"{name}.ipynb")
        for name in re.findall(r"\{literalinclude\} generated/(\S+)", text):
            (book.generated / name).write_text(f"session of {name}")
        for name in ("run-07", "early-stopping-08"):
            for suffix in (".json", "-seed-42.npz", "-seed-263.npz"):
                (book.generated / "results" / f"{name}{suffix}").write_text(name + suffix)


@pytest.fixture(scope="module")
def html(tmp_path_factory, stage) -> Path:
    """The folder of all pages, built."""
    folder = tmp_path_factory.mktemp("book")
    fill(folder / "source", stage)
    built = sphinx(folder / "source", folder / "html")
    assert (built.returncode, built.stderr) == (0, "")
    return folder / "html"


@pytest.fixture(scope="module")
def page(html):
    """Reads a page of the built book by its name."""
    return lambda name: BeautifulSoup((html / f"{name}.html").read_text("utf-8"), "html.parser")


def words(node) -> str:
    return " ".join(node.get_text(" ").split())


def test_captions_equations_and_references_carry_the_numbers_of_the_report(page):
    """All other captions count for themselves."""
    toctree = (paths.ROOT / "book" / "index.md").read_text("utf-8").split("{toctree}")[1]
    pages = ["index", *re.findall(r"^[\w-]+$", toctree, re.MULTILINE)]
    captions = [c for name in pages for c in page(name).article.find_all(class_="caption-number")]
    numbers = {caption.find_parent(id=True)["id"]: words(caption) for caption in captions}
    known = {f"table-{n}": f"TABLE {roman}" for n, roman in enumerate(ROMAN, start=1)}
    known |= {f"figure-{n}": f"Fig. {n}" for n in range(1, 6)}
    assert {name: numbers.pop(name) for name in known} == known
    for label in ("TABLE", "Fig."):
        others = [number for number in numbers.values() if number.startswith(label)]
        assert others == [f"{label} S{count + 1}" for count in range(len(others))]
        assert len(others) > 3
    links = {link.get("href"): words(link) for link in page("protocol").article.find_all("a")}
    assert links["experiments.html#table-2"] == "TABLE II"
    assert links["implementation.html#equation-eq-3"] == "(3)"
    assert words(page("data").find("a", href="#windows")) == "Fig. S3"
    equations = page("implementation").find_all(class_="eqno")
    places = [f"equation-eq-{number}" for number in range(1, 14)]
    assert [equation.find_parent(id=True)["id"] for equation in equations] == places
    for number, equation in enumerate(equations, start=1):
        assert words(equation).startswith(f"({number})")


def test_table_keeps_spans_kinds_bold_and_its_note(page):
    table = page("experiments").find(id="table-2")
    first, second = table.thead.find_all("tr")
    assert [cell.get("rowspan") for cell in first.find_all("th")] == ["2", "2", None]
    assert [cell.get("colspan") for cell in first.find_all("th")] == [None, None, "2"]
    assert [words(cell) for cell in second.find_all("th")] == ["mean", "deviation"]
    rows = table.tbody.find_all("tr")
    assert [words(row) for row in rows] == [
        "7 published 32.500 1.5", "re-computed 33.750 2.5", "difference +1.250 +1.0"
    ]  # fmt: skip
    kinds = [row.find_all("td")[-1]["class"][0] for row in rows]
    assert kinds == ["report-published", "report-recomputed", "report-difference"]
    assert [words(bold) for bold in table.tbody.find_all("strong")] == ["33.750"]
    assert rows[0].find(class_="report-label")["rowspan"] == "3"
    assert not rows[1].th  # what stands first in the row is not its heading
    assert page("reliability").find(id="attempts").tbody.th
    assert words(page("experiments").find(class_="report-note").strong) == "bold"


def test_figures_have_both_modes_and_all_files_can_be_downloaded(html, page):
    article = page("experiments").article
    light, dark = article.find(id="figure-1").find_all("img")
    assert (light["class"], dark["class"]) == (["only-light"], ["only-dark"])
    assert light["alt"] == dark["alt"] == "Curves of figure-1"
    assert "figure-1.svg" in (html / light["src"]).read_text(encoding="utf-8")
    assert "figure-1-dark.svg" in (html / dark["src"]).read_text(encoding="utf-8")
    targets = [link["href"] for link in article.select(".report-downloads a")]
    assert len(targets) == 7 and all((html / target).is_file() for target in targets)
    (line,) = article.select(".report-files li")
    assert words(line) == "Run 7: results · weights, seed 42 · weights, seed 263"
    files = [(html / link["href"]).read_text() for link in line.find_all("a")]
    assert files == ["run-07.json", "run-07-seed-42.npz", "run-07-seed-263.npz"]
    link = page("generated/notebooks/run-07").find("a", class_="btn-download-source-button")
    notebook = html / "generated" / "notebooks" / link["href"]
    assert nbformat.read(notebook, as_version=4).cells[0].source == "# run-07"


def test_every_page_names_its_data_and_values_reach_the_text(html, page):
    pages = [path for path in html.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 12
    for path in pages:
        text = words(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
        assert "made from synthetic data" in text, path.name
        assert "Made by <other> code." in text, path.name
    assert "[best_run_top1]" in words(page("index").article)


def test_the_same_pages_print(tmp_path, stage):
    fill(tmp_path / "source", stage, printed=True)
    target = tmp_path / "latex"
    built = sphinx(tmp_path / "source", target, "latex")
    assert (built.returncode, built.stderr) == (0, "")
    tex = (target / "harlib.tex").read_text(encoding="utf-8")
    for number in ROMAN:
        assert tex.count(rf"\renewcommand{{\thetable}}{{{number}}}") == 1
    caption = tex.index(r"Caption of table\sphinxhyphen{}2")
    assert tex.index(r"{\thetable}{II}") < caption < tex.index(r"{\thetable}{III}")
    assert r"\label{\detokenize{experiments:table-2}}" in tex
    assert r"\multicolumn{2}{c}{Top\sphinxhyphen{}1}" in tex
    tall = re.sub(r"\s+", " ", tex[caption:])
    assert re.search(r"\\multicolumn\{1\}\{l\}\{7\}&.*?32\.500", tall)
    assert re.search(r"1\.5\}\\\\ &\\multicolumn\{1\}\{l\}\{re\\sphinxhyphen\{\}computed\}", tall)
    tried = tex[tex.index("Caption of attempts") :]
    assert re.search(r"tests/\\allowbreak\{\}\s*test\\_\\allowbreak\{\}\s*x\.", tried)
    assert r"\sphinxincludegraphics{{figure-1}.pdf}" in tex
    assert "-dark" not in tex.replace("\\sphinxhyphen{}", "-")
    # The welcome is no chapter, so that the introduction is chapter 1 here too.
    assert tex.index(r"\chapter*{Welcome}") < tex.index(r"\section*{What was found}")
    assert re.search(r"\\chapter\{([^}]*)\}", tex)[1] == "Introduction"


FAULTS = {
    "substitution": ("{{ best_rum }}", "'best_rum' is undefined"),
    "no-table": ("```{report-table} table-9\n```", "generated/tables/table-9.json: no such file"),
    "no-figure": ("```{report-figure} absent\n```", "generated/figures/absent.json: no such file"),
    "row": ("```{report-table} short\n```", "short.json: row 1 fills 1 of 4 columns"),
    "header": ("```{report-table} ragged\n```", "ragged.json: row 2 fills 2 of 1 columns"),
    "kind": ("```{report-table} kind\n```", "kind.json: cell kind 'guess': allowed is label, "),
    "key": ("```{report-table} key\n```", "key.json: no 'title' in"),
    "json": ("```{report-table} broken\n```", "broken.json: not valid JSON"),
    "download": ("```{report-table} lost\n```", "download file not readable"),
    "files": ("```{report-files} run\n```", "generated/results: no run-??.json"),
    "reference": ("{numref}`table-9`", "undefined label: 'table-9'"),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory, stage):
    """One build of a page for each fault."""
    book = stage(tmp_path_factory.mktemp("faulty") / "source", {})
    for page in book.folder.rglob("*.md"):
        page.unlink()
    index = "\n".join(["# Faults", "", "```{toctree}", *FAULTS, "```", ""])
    (book.folder / "index.md").write_text(index, encoding="utf-8")
    for name, (text, _) in FAULTS.items():
        (book.folder / f"{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    sample_table(book, "whole")
    whole = json.loads((book.generated / "tables/whole.json").read_text())
    for name, change in {
        "short": {"rows": [[{"text": "1"}]]},
        "ragged": {"header": [[{"text": "one"}], [{"text": "two", "span": 2}]]},
        "kind": {"rows": [[{"text": "1", "kind": "guess"}] * 4]},
        "lost": {"downloads": [{"label": "CSV", "path": "lost-file.csv"}]},
    }.items():
        book.json(f"tables/{name}.json", whole | change)
    book.json("tables/key.json", {"header": [[{"text": "a"}]], "rows": []})
    (book.generated / "tables" / "broken.json").write_text("{", encoding="utf-8")
    return sphinx(book.folder, book.folder.parent / "html")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_the_build_and_is_named(faulty, fault):
    assert faulty.returncode != 0
    lines = [line for line in faulty.stderr.splitlines() if f"{fault}.md" in line]
    assert any(FAULTS[fault][1] in line for line in lines), faulty.stderr


def test_without_results_the_build_says_how_to_get_them(tmp_path, stage):
    book = stage(tmp_path / "source", {})
    (book.generated / "values.json").unlink()
    built = sphinx(book.folder, tmp_path / "html")
    assert built.returncode != 0
    assert re.search("no generated/values.json.*`make report`", built.stderr)
