"""The book's own machinery, on sample content made up here: no study is needed to build it."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from book.generate import staging
from harlib import paths
from tests.started import python

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
#: Of the report's tables and figures.
NUMBERS = {f"table-{n}": roman for n, roman in enumerate(ROMAN, start=1)}
NUMBERS |= {f"figure-{n}": str(n) for n in range(1, 6)}
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
    """Rows of two runs under a header that spans two columns; the second mean is bold."""
    labels = [(7, "published"), (7, "re-computed"), (7, "difference"), (8, "published")]
    table = pd.DataFrame(
        [["32.500", "1.5"], ["33.750", "2.5"], ["+1.250", "+1.0"], ["31.000", "0.5"]],
        pd.MultiIndex.from_tuples(labels, names=["Run no.", "Source"]),
        pd.MultiIndex.from_product([["Top-1"], ["mean", "deviation"]]),
    )
    best, note = table == "33.750", "Largest mean in **bold**."
    book.table(name, table, number=number, bold=best, title=f"Caption of {name}", note=note)


def fill(source: Path, stage, **options: bool) -> None:
    """Stage all pages of the book, with something for everything they show."""
    text = "\n".join(page.read_text("utf-8") for page in (paths.ROOT / "book").rglob("*.md"))
    names = re.findall(r"\{\{ *(\w+) *\}\}", text)
    book = stage(source, {name: f"[{name}]" for name in names}, **options)
    for name in re.findall(r"\{report-table\} (\S+)", text):
        sample_table(book, name, NUMBERS.get(name))
    for name in re.findall(r"\{report-figure\} (\S+)", text):
        described = {"title": f"Caption of {name}", "alt": f"Curves of {name}"}
        book.figure(name, None, number=NUMBERS.get(name), **described)
    tests = pd.DataFrame({"Repeated by": ["`tests/test_x.py::test_y`"]}, index=["kill"])
    book.table("attempts", tests.rename_axis("Name"), title="Caption of attempts")
    for kind in re.findall(r"generated/notebooks/(\S+)\*", text):
        cell = nbformat.v4.new_markdown_cell(f"# {kind}07")
        notebook = nbformat.v4.new_notebook(cells=[cell])
        nbformat.write(notebook, book.generated / "notebooks" / f"{kind}07.ipynb")
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
    for name, number in NUMBERS.items():
        assert numbers.pop(name) in (f"TABLE {number}", f"Fig. {number}")
    for label in ("TABLE", "Fig."):
        others = [number for number in numbers.values() if number.startswith(label)]
        assert others == [f"{label} S{count + 1}" for count in range(len(others))] != []
    links = {link.get("href"): words(link) for link in page("protocol").article.find_all("a")}
    assert links["experiments.html#table-2"] == "TABLE II"
    assert links["implementation.html#equation-eq-3"] == "(3)"
    assert words(page("data").find("a", href="#windows")) == "Fig. S3"
    equations = page("implementation").find_all(class_="eqno")
    assert [words(e).split(")")[0] for e in equations] == [f"({n}" for n in range(1, 14)]


def test_table_keeps_spans_kinds_bold_and_its_note(page):
    table = page("experiments").find(id="table-2")
    assert [words(row) for row in table.find_all("tr")] == [
        "Run no. Source Top-1", "mean deviation", "7 published 32.500 1.5",
        "re-computed 33.750 2.5", "difference +1.250 +1.0", "8 published 31.000 0.5",
    ]  # fmt: skip
    assert table.thead.find_all("th")[2]["colspan"] == "2"
    assert table.tbody.find(class_="report-label")["rowspan"] == "3"
    kinds = [row.find_all("td")[-1]["class"][0] for row in table.tbody.find_all("tr")]
    assert kinds == [f"report-{k}" for k in ("published", "recomputed", "difference", "published")]
    assert [words(bold) for bold in table.tbody.find_all("strong")] == ["33.750"]
    assert words(page("experiments").find(class_="report-note").strong) == "bold"


def test_figures_have_both_modes_and_all_files_can_be_downloaded(html, page):
    article = page("experiments").article
    light, dark = article.find(id="figure-1").find_all("img")
    assert light["alt"] == dark["alt"] == "Curves of figure-1"
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
        for said in ("made from synthetic data", "Made by <other> code."):
            assert said in text, path.name
    assert "[best_run_top1]" in words(page("index").article)


def test_the_same_pages_print(tmp_path, stage):
    fill(tmp_path / "source", stage, printed=True)
    target = tmp_path / "latex"
    built = sphinx(tmp_path / "source", target, "latex")
    assert (built.returncode, built.stderr) == (0, "")
    tex = re.sub(r"\s+", " ", (target / "harlib.tex").read_text(encoding="utf-8"))
    for number in ROMAN:
        assert tex.count(rf"\renewcommand{{\thetable}}{{{number}}}") == 1
    assert r"\sphinxincludegraphics{{figure-1}.pdf}" in tex
    assert "-dark" not in tex.replace("\\sphinxhyphen{}", "-")
    at = 0
    for text in (
        # The welcome is no chapter, so that the introduction is chapter 1 here too.
        r"\chapter*{Welcome}", r"\section*{What was found}", r"\chapter{", "Introduction}",
        r"{\thetable}{II}", r"Caption of table\sphinxhyphen{}2",
        r"\label{\detokenize{experiments:table-2}}",
        r"\toprule &&\multicolumn{2}{c}{Top\sphinxhyphen{}1}\\ \cmidrule(lr){3-4}",
        r"\multicolumn{1}{l}{7}&\multicolumn{1}{l}{published}&\multicolumn{1}{r}{32.500}&",
        r"1.5}\\ &\multicolumn{1}{l}{re\sphinxhyphen{}computed}", r"{\thetable}{III}",
        "Caption of attempts", r"tests/\allowbreak{}",
    ):  # fmt: skip
        at = tex.index(text, at)


#: Faults of a page, and what is said of each.
FAULTS = {
    "{{ best_rum }}": "'best_rum' is undefined",
    "{numref}`table-9`": "undefined label: 'table-9'",
    "```{report-figure} absent\n```": "generated/figures/absent.json: no such file",
    "```{report-table} table-9\n```": "generated/tables/table-9.json: no such file",
}


def test_a_fault_fails_the_build_and_is_named(tmp_path, stage):
    book = stage(tmp_path / "source", {})
    for page in book.folder.rglob("*.md"):
        page.unlink()
    (book.folder / "index.md").write_text("\n\n".join(["# Faults", *FAULTS]))
    built = sphinx(book.folder, tmp_path / "html")
    assert built.returncode != 0
    lines = [line for line in built.stderr.splitlines() if "index.md" in line]
    assert [says for says in FAULTS.values() if not any(says in line for line in lines)] == []


def test_without_results_the_build_says_how_to_get_them(tmp_path, stage):
    book = stage(tmp_path / "source", {})
    (book.generated / "values.json").unlink()
    built = sphinx(book.folder, tmp_path / "html")
    assert built.returncode != 0
    assert re.search("no generated/values.json.*`make report`", built.stderr)
