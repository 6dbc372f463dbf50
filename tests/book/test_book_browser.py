"""The built book in a real browser, from disk: what a reader sees, and what the pages ask for.

The book is the folder in ``$HARLIB_BOOK``, else ``book/_build/html``. Without a
built book, or without Chromium, these tests are skipped and say so.
"""

import os
import re
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is missing")

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox: it cannot start for root in a container. The rest keeps Chromium itself off the net.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
# Cells that hold an interval, 95.2 ± 0.5, and more than one line.
BROKEN = r"""() => [...document.querySelectorAll("table.report-table td p")].filter(p => {
    if (!/^\S+\u00a0±\u00a0\S+$/.test(p.textContent)) return false;
    const lines = document.createRange();
    lines.selectNodeContents(p);
    return new Set([...lines.getClientRects()].map(r => Math.round(r.top))).size > 1;
}).map(p => p.textContent)"""

# Icons that are drawn with a font that the page does not bring: empty boxes. The list "On this
# page" has one more where it is hidden.
BOXES = r"""() => {
    document.querySelectorAll(".bd-sidebar-secondary").forEach(e => e.classList.add("hide"));
    const brought = new Set([...document.fonts].map(f => f.family.replace(/["\\]/g, "")));
    const first = style => style.fontFamily.split(",")[0].replace(/["\\]/g, "").trim();
    return [...document.querySelectorAll("body *")].flatMap(e => ["::before", "::after"]
        .map(part => getComputedStyle(e, part))
        .filter(style => !["none", "normal", '""'].includes(style.content))
        .map(first)
        .filter(family => family.startsWith("Font Awesome") && !brought.has(family)));
}"""


@dataclass
class Visit:
    """What one page did and showed."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    formulas: int = 0
    typeset: int = 0
    raw: str = ""
    captions: dict[str, str] = field(default_factory=dict)
    equations: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    phone_width: int = 0


@pytest.fixture(scope="module")
def book() -> Path:
    folder = Path(os.environ.get("HARLIB_BOOK") or ROOT / "book" / "_build" / "html").resolve()
    if not (folder / "index.html").is_file():
        pytest.skip(f"no built book at {folder}: make one with `make report`, or set HARLIB_BOOK")
    return folder


@pytest.fixture(scope="module")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the path")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield running
        running.close()


def is_local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:"))


@pytest.fixture(scope="module")
def context(browser):
    """A window in light mode that lets no request leave the machine."""
    window = browser.new_context(viewport=DESKTOP, color_scheme="light")
    window.route(lambda url: not is_local(url), lambda route: route.abort())
    yield window
    window.close()


def wait_for_formulas(page) -> None:
    page.wait_for_load_state("load")
    page.evaluate("() => window.MathJax?.startup?.promise")


@pytest.fixture(scope="module")
def visits(book, context) -> dict[str, Visit]:
    """Every page of the book, opened once."""
    pages = sorted(
        path.relative_to(book).as_posix()
        for path in book.rglob("*.html")
        if not {"_static", "_sources", "_downloads"} & set(path.relative_to(book).parts)
    )
    return {name: visit(context, book / name) for name in pages}


def visit(context, path: Path) -> Visit:
    seen = Visit()
    page = context.new_page()
    page.on("console", lambda message: (
        seen.complaints.append(message.text) if message.type in ("error", "warning") else None
    ))  # fmt: skip
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("requestfailed", lambda request: seen.complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto(path.as_uri())
    wait_for_formulas(page)
    # As properties, not attributes: the browser has made them absolute.
    seen.links = page.eval_on_selector_all(
        "a[href], link[href], img[src], script[src]", "all => all.map(e => e.href || e.src)"
    )
    seen.formulas = page.locator(".math").count()
    seen.typeset = page.locator(".math mjx-container").count()
    seen.raw = page.inner_text("body")
    seen.captions = page.eval_on_selector_all(
        "table[id], figure[id]",
        "all => Object.fromEntries(all.map(e => [e.id, e.querySelector('.caption-number')])"
        ".filter(([id, number]) => number).map(([id, number]) => [id, number.innerText.trim()]))",
    )
    seen.equations = page.eval_on_selector_all(
        ".math[id]",
        "all => Object.fromEntries(all.map(e => [e.id, e.querySelector('.eqno').innerText]))",
    )
    seen.broken = page.evaluate(BROKEN)
    seen.boxes = page.evaluate(BOXES)
    page.set_viewport_size(PHONE)
    seen.phone_width = page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    )
    page.close()
    return seen


def test_every_page_loads_quietly(visits):
    assert len(visits) > 10
    assert {name: v.complaints for name, v in visits.items() if v.complaints} == {}


def test_no_request_leaves_the_machine(visits):
    assert all(v.requests for v in visits.values())
    assert [url for v in visits.values() for url in v.requests if not is_local(url)] == []


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


def test_every_link_and_download_inside_the_book_resolves(book, visits):
    broken, downloads = [], 0
    for name, seen in visits.items():
        for url in seen.links:
            parts = urlsplit(url)
            if parts.scheme != "file":
                continue
            target = Path(unquote(parts.path))
            downloads += "_downloads" in target.parts or "_sources" in target.parts
            fragment = unquote(parts.fragment)
            found = target.is_relative_to(book) and target.is_file()
            if found and fragment and target.suffix == ".html":
                found = fragment in anchors(target)
            if not found:
                broken.append((name, url))
    assert broken == []
    assert downloads > len(visits) / 2


def test_mathematics_is_typeset(visits):
    assert sum(v.formulas for v in visits.values()) > 40
    for name, seen in visits.items():
        assert seen.typeset == seen.formulas, name
        assert r"\(" not in seen.raw, name
        assert r"\[" not in seen.raw, name


def test_equations_are_numbered_as_in_the_report(visits):
    numbers = visits["implementation.html"].equations
    expected = {f"equation-eq-{n}": f"({n})" for n in range(1, 14)}
    assert {key: value.rstrip("#") for key, value in numbers.items()} == expected


def test_tables_and_figures_carry_their_numbers(visits):
    captions = {key: text for v in visits.values() for key, text in v.captions.items()}
    assert {f"table-{n}" for n in range(1, 6)} | {"figure-1", "figure-2"} <= set(captions)
    for key, text in captions.items():
        kind, _, number = key.partition("-")
        if kind == "table" and number.isdecimal():
            assert text == f"TABLE {ROMAN[int(number) - 1]}"
        elif kind == "figure" and number.isdecimal():
            assert text == f"Fig. {number}"
        else:
            assert re.fullmatch(r"(TABLE|Fig\.) S\d+", text), (key, text)


def test_no_interval_breaks_over_lines(visits):
    assert {n: v.broken for n, v in visits.items() if v.broken} == {}


def test_every_icon_has_a_font(visits):
    assert {n: v.boxes for n, v in visits.items() if v.boxes} == {}


def test_no_page_scrolls_sideways_on_a_phone(visits):
    too_wide = {n: v.phone_width for n, v in visits.items() if v.phone_width > PHONE["width"]}
    assert too_wide == {}


def search(page, words: str) -> list[str]:
    """Titles that the search field of the page finds."""
    page.keyboard.press("Control+k")
    field = page.locator("input[name=q]:visible")
    field.fill(words)
    field.press("Enter")
    page.wait_for_url("**/search.html?*")
    page.locator("#search-results li a").first.wait_for(timeout=15_000)
    page.wait_for_function("!document.querySelector('#search-progress')?.innerText.includes('...')")
    return page.locator("#search-results li a").all_inner_texts()


def test_search_finds_early_stopping_from_disk(book, context):
    page = context.new_page()
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto((book / "index.html").as_uri())
    found = " ".join(search(page, "early stopping"))
    page.close()
    assert "Early stopping" in found
    assert complaints == []


def test_figure_opens_larger_by_keyboard_and_closes(book, context):
    page = context.new_page()
    page.goto((book / "experiments.html").as_uri())
    button = page.get_by_role("button", name="Enlarge Fig. 1")
    small = button.locator("img:visible").bounding_box()
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Fig. 1")
    large = dialog.locator("img:visible").bounding_box()
    assert large["width"] > 1.2 * small["width"]
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert button.evaluate("e => e === document.activeElement")
    page.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_figures_follow_the_mode(book, browser, mode):
    window = browser.new_context(viewport=DESKTOP, color_scheme=mode)
    page = window.new_page()
    page.goto((book / "experiments.html").as_uri())
    shown = page.locator("figure.report-figure img:visible")
    assert shown.count() == page.locator("figure.report-figure").count() > 0
    other = "dark" if mode == "light" else "light"
    assert page.locator(f"figure.report-figure img.only-{other}:visible").count() == 0
    assert page.locator("figure.report-figure figcaption:visible").count() == shown.count()
    window.close()
