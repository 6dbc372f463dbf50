"""The book's own machinery, on sample content made up here: no study is needed to build it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

pytest.importorskip("sphinx_book_theme", reason="the book's packages are not installed")
pytest.importorskip("mathjax", reason="the book's packages are not installed")

BOOK = Path(__file__).resolve().parents[1] / "book"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>'


def sphinx(source: Path, target: Path, builder: str = "html") -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder]
    # Pages that one builder has read are not read again for the next.
    command += ["-d", str(source.parent / "doctrees"), str(source), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def stage(source: Path, *, pages: bool) -> Path:
    """A staged copy of the book's folder, with or without its pages, and nothing computed yet."""
    source.mkdir()
    for name in ("_ext", "_static"):
        shutil.copytree(BOOK / name, source / name)
    shutil.copy(BOOK / "conf.py", source)
    for page in BOOK.glob("*.md") if pages else ():
        shutil.copy(page, source)
    if pages:
        shutil.copytree(BOOK / "parts", source / "parts")
    for folder in ("tables", "figures", "notebooks", "results"):
        (source / "generated" / folder).mkdir(parents=True)
    build = {"data": "synthetic", "data_title": "synthetic data", "protocol": "published"}
    build["warning"] = "Made by <other> code."
    write(source, "build.json", build)
    write(source, "values.json", {})
    return source


def write(source: Path, name: str, content: dict) -> None:
    (source / "generated" / name).write_text(json.dumps(content), encoding="utf-8")


def sample_table(source: Path, name: str, number: str | None, **changes) -> None:
    """Run no. | published, here, difference: under one header that spans three columns."""
    write(source, f"tables/{name}.json", {
        "name": name,
        "number": number,
        "title": f"Caption of {name}",
        "header": [
            [{"text": "Run no.", "span": 1, "rows": 2}, {"text": "Top-1", "span": 3, "rows": 1}],
            [{"text": text, "span": 1, "rows": 1} for text in ("published", "here", "diff.")],
        ],
        "rows": [[
            {"text": "7", "bold": False, "kind": "label"},
            {"text": "32.500", "bold": False, "kind": "published"},
            {"text": "31.250", "bold": True, "kind": "recomputed"},
            {"text": "−1.250", "bold": False, "kind": "difference"},
        ]],
        "note": "Largest mean in **bold**.",
        "downloads": [{"label": "CSV", "path": f"{name}.csv"}],
        **changes,
    })  # fmt: skip
    (source / "generated" / "tables" / f"{name}.csv").write_text("run_no\n7\n", encoding="utf-8")


def sample_figure(source: Path, name: str, number: str | None) -> None:
    write(source, f"figures/{name}.json", {
        "name": name,
        "number": number,
        "title": f"Caption of {name}",
        "alt": f"Curves of {name}",
        "light": f"{name}.svg",
        "dark": f"{name}-dark.svg",
        "pdf": f"{name}.pdf",
        "downloads": [{"label": "SVG", "path": f"{name}.svg"}],
    })  # fmt: skip
    for suffix in (".svg", "-dark.svg", ".pdf"):
        (source / "generated" / "figures" / f"{name}{suffix}").write_text(
            PICTURE + f"<!-- {name}{suffix} -->", encoding="utf-8"
        )


def sample_notebook(source: Path, name: str) -> None:
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        },
        cells=[nbformat.v4.new_markdown_cell(f"# {name}"), nbformat.v4.new_code_cell("1 + 1")],
    )
    nbformat.write(notebook, source / "generated" / "notebooks" / f"{name}.ipynb")


@pytest.fixture(scope="module")
def whole_book(tmp_path_factory) -> Path:
    """All pages of the book, with something for everything they show."""
    source = stage(tmp_path_factory.mktemp("book") / "source", pages=True)
    text = "\n".join(page.read_text(encoding="utf-8") for page in source.rglob("*.md"))
    for name in re.findall(r"\{report-table\} (\S+)", text):
        numbered = re.fullmatch(r"table-(\d)", name)
        sample_table(source, name, ROMAN[int(numbered[1]) - 1] if numbered else None)
    for name in re.findall(r"\{report-figure\} (\S+)", text):
        numbered = re.fullmatch(r"figure-(\d)", name)
        sample_figure(source, name, numbered[1] if numbered else None)
    label, source_of = {"text": "7", "kind": "label", "rows": 2}, {"text": "here", "kind": "source"}
    numbers = [{"text": "1.5", "kind": "number"}, {"text": "2.5", "kind": "number"}]
    rows = [[label, source_of, *numbers], [source_of, *numbers]]
    sample_table(source, "saturation", None, rows=rows)
    step = {"text": "step", "kind": "label"}
    sample_table(source, "ladder", None, rows=[[label, step, *numbers], [step, *numbers]])
    test = {"text": "`tests/test_x.py::test_y`", "kind": "text"}
    sample_table(source, "attempts", None, rows=[[step, test, *numbers]])
    for name in ("run-07", "run-08", "early-stopping-08", "heatmaps-08", "diagnosis-06",
                 "improvements-06", "learned-04"):  # fmt: skip
        sample_notebook(source, name)
    names = re.findall(r"\{\{ *(\w+) *\}\}", text)
    write(source, "values.json", {name: f"[{name}]" for name in names})
    for name in ("run-07", "early-stopping-08"):
        for suffix in (".json", "-seed-42.npz", "-seed-263.npz"):
            (source / "generated" / "results" / f"{name}{suffix}").write_text(name + suffix)
    return source


@pytest.fixture(scope="module")
def html(whole_book) -> Path:
    built = sphinx(whole_book, whole_book.parent / "html")
    assert built.stderr == ""
    assert built.returncode == 0
    return whole_book.parent / "html"


def page(html: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def words(node) -> str:
    return " ".join(node.get_text(" ").split())


def test_numbers_of_the_report_are_kept(html):
    experiments = page(html, "experiments")
    for position in range(5):
        caption = experiments.find(id=f"table-{position + 1}").caption
        assert words(caption.find(class_="caption-number")) == f"TABLE {ROMAN[position]}"
    for number in ("1", "2"):
        figure = experiments.find(id=f"figure-{number}")
        assert words(figure.find(class_="caption-number")) == f"Fig. {number}"
    # A later page shows table VI first, though other tables come before it in the book.
    assert "TABLE VI" in words(page(html, "early-stopping").find(id="table-6").caption)


def test_references_carry_the_same_numbers(html):
    links = {link.get("href"): words(link) for link in page(html, "protocol").article.find_all("a")}
    assert links["experiments.html#table-2"] == "TABLE II"
    assert links["experiments.html#table-5"] == "TABLE V"
    assert words(page(html, "data").find("a", href="#windows")) == "Fig. S1"


def test_tables_of_the_book_count_for_themselves(html):
    numbers = []
    toctree = (BOOK / "index.md").read_text(encoding="utf-8").split("{toctree}")[1]
    pages = re.findall(r"^[\w-]+$", toctree, re.MULTILINE)
    assert {"introduction", "diagnosis", "glossary"} <= set(pages)
    for name in pages:
        captions = page(html, name).article.find_all(class_="caption-number")
        numbers += [words(caption) for caption in captions]
    supplementary = [number for number in numbers if number.startswith("TABLE S")]
    assert supplementary == [f"TABLE S{count + 1}" for count in range(len(supplementary))]
    assert len(supplementary) > 3


def test_table_keeps_spans_kinds_and_bold(html):
    table = page(html, "experiments").find(id="table-2")
    first, second = table.thead.find_all("tr")
    assert [cell.get("rowspan") for cell in first.find_all("th")] == ["2", None]
    assert [cell.get("colspan") for cell in first.find_all("th")] == [None, "3"]
    assert [words(cell) for cell in second.find_all("th")] == ["published", "here", "diff."]
    (row,) = table.tbody.find_all("tr")
    assert "report-label" in row.th["class"]
    kinds = [cell["class"][0] for cell in row.find_all("td")]
    assert kinds == ["report-published", "report-recomputed", "report-difference"]
    assert [words(bold) for bold in row.find_all("strong")] == ["31.250"]


def test_cell_may_span_rows(html):
    first, second = page(html, "heatmaps").find(id="saturation").tbody.find_all("tr")
    assert words(first) == "7 here 1.5 2.5"
    assert words(second) == "here 1.5 2.5"
    assert first.find(class_="report-label")["rowspan"] == "2"
    assert not second.th  # what stands first in the row is not its heading
    _, second = page(html, "diagnosis").find(id="ladder").tbody.find_all("tr")
    assert [cell.name for cell in second.find_all(["th", "td"])] == ["td"] * 3
    assert "report-label" in second.td["class"]


def test_notes_and_downloads_follow_a_table(html):
    article = page(html, "experiments").article
    assert words(article.find(class_="report-note").strong) == "bold"
    targets = [link["href"] for link in article.select(".report-downloads a")]
    assert len(targets) == 7
    assert all((html / target).is_file() for target in targets)


def test_result_files_and_weights_can_be_downloaded(html):
    (line,) = page(html, "experiments").select(".report-files li")
    assert words(line) == "Run 7: results · weights, seed 42 · weights, seed 263"
    files = [(html / link["href"]).read_text() for link in line.find_all("a")]
    assert files == ["run-07.json", "run-07-seed-42.npz", "run-07-seed-263.npz"]


def test_figure_has_both_modes_and_a_description(html):
    figure = page(html, "experiments").find(id="figure-1")
    light, dark = figure.find_all("img")
    assert (light["class"], dark["class"]) == (["only-light"], ["only-dark"])
    assert light["alt"] == dark["alt"] == "Curves of figure-1"
    assert "figure-1.svg" in (html / light["src"]).read_text(encoding="utf-8")
    assert "figure-1-dark.svg" in (html / dark["src"]).read_text(encoding="utf-8")
    # The theme hides a caption that lies beside a hidden picture.
    assert figure.figcaption not in light.find_next_siblings()


def test_equations_keep_the_numbers_of_the_report(html):
    implementation = page(html, "implementation")
    for number in range(1, 14):
        equation = implementation.find(id=f"equation-eq-{number}")
        assert words(equation.find(class_="eqno")).startswith(f"({number})")
    assert len(implementation.find_all(class_="eqno")) == 13
    reference = page(html, "protocol").find("a", href="implementation.html#equation-eq-3")
    assert words(reference) == "(3)"


def test_every_page_says_what_data_it_is_made_from(html):
    pages = [path for path in html.rglob("*.html") if "_static" not in path.parts]
    for path in pages:
        text = words(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
        assert "made from synthetic data" in text, path.name
        assert "Made by <other> code." in text, path.name
    assert len(pages) > 12


def test_nothing_is_loaded_from_elsewhere(html):
    for path in html.rglob("*.html"):
        if "_static" in path.parts:
            continue
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        loaded = [tag["src"] for tag in soup.find_all(src=True)]
        loaded += [tag["href"] for tag in soup.find_all("link", href=True) if tag["href"] != "#"]
        assert loaded
        assert not [url for url in loaded if re.match(r"(https?:)?//", url)], path.name
        for url in loaded:
            assert (path.parent / url.split("?")[0].split("#")[0]).is_file(), (path.name, url)


def test_notebook_can_be_downloaded(html):
    link = page(html, "generated/notebooks/run-07").find("a", class_="btn-download-source-button")
    target = (html / "generated" / "notebooks" / link["href"]).resolve()
    assert nbformat.read(target, as_version=4).cells[0].source == "# run-07"


def test_values_reach_the_pages(html):
    assert "[best_run_top1]" in words(page(html, "index").article)


def test_the_same_pages_print(whole_book):
    built = sphinx(whole_book, whole_book.parent / "latex", "latex")
    assert built.stderr == ""
    assert built.returncode == 0
    tex = (whole_book.parent / "latex" / "harlib.tex").read_text(encoding="utf-8")
    for number in ROMAN:
        assert tex.count(rf"\renewcommand{{\thetable}}{{{number}}}") == 1
    caption = tex.index(r"Caption of table\sphinxhyphen{}2")
    assert tex.index(r"{\thetable}{II}") < caption < tex.index(r"{\thetable}{III}")
    assert r"\label{\detokenize{experiments:table-2}}" in tex
    assert r"\multicolumn{3}{c}{Top\sphinxhyphen{}1}" in tex
    tall = tex[tex.index("Caption of saturation") :]
    assert re.search(r"\\multicolumn\{1\}\{l\}\{7\}&.*?1\.5", tall, re.S)
    assert re.search(r"2\.5\}\\\\ &\\multicolumn\{1\}\{l\}\{here\}", re.sub(r"\s+", " ", tall))
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
def faulty(tmp_path_factory) -> subprocess.CompletedProcess:
    """One build of a page for each fault."""
    source = stage(tmp_path_factory.mktemp("faulty") / "source", pages=False)
    index = "\n".join(["# Faults", "", "```{toctree}", *FAULTS, "```", ""])
    (source / "index.md").write_text(index, encoding="utf-8")
    for name, (text, _) in FAULTS.items():
        (source / f"{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    cell = {"text": "1", "kind": "label"}
    sample_table(source, "short", None, rows=[[cell]])
    ragged = [[{"text": "one"}], [{"text": "two", "span": 2}]]
    sample_table(source, "ragged", None, header=ragged)
    sample_table(source, "kind", None, rows=[[{"text": "1", "kind": "guess"}] * 4])
    write(source, "tables/key.json", {"header": [[{"text": "a"}]], "rows": []})
    (source / "generated" / "tables" / "broken.json").write_text("{", encoding="utf-8")
    sample_table(source, "lost", None, downloads=[{"label": "CSV", "path": "lost-file.csv"}])
    return sphinx(source, source.parent / "html")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_the_build_and_is_named(faulty, fault):
    assert faulty.returncode != 0
    lines = [line for line in faulty.stderr.splitlines() if f"{fault}.md" in line]
    assert any(FAULTS[fault][1] in line for line in lines), faulty.stderr


def test_without_results_the_build_says_how_to_get_them(tmp_path):
    source = stage(tmp_path / "source", pages=False)
    (source / "generated" / "values.json").unlink()
    built = sphinx(source, tmp_path / "html")
    assert built.returncode != 0
    assert "no generated/values.json" in built.stderr
    assert "make report" in built.stderr
