"""The built book in a real browser, from disk: what a reader sees, and what the pages ask for.

The book is the folder in ``$HARLIB_BOOK``, else ``book/_build/html``. Without a
built book, or without Chromium, these tests are skipped and say so.
"""

import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from harlib import paths
from tests.book.test_try_it import assert_the_page_says_the_same

pytestmark = pytest.mark.long

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

# What one page shows. Links as properties, not attributes: the browser has made them absolute.
SEEN = r"""() => ({
    links: [...document.querySelectorAll("a[href], link[href], img[src], script[src]")]
        .map(e => e.href || e.src),
    formulas: document.querySelectorAll(".math").length,
    typeset: document.querySelectorAll(".math mjx-container").length,
    text: document.body.innerText,
})"""

WIDTH = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"


@pytest.fixture(scope="module")
def book() -> Path:
    folder = os.environ.get("HARLIB_BOOK") or paths.ROOT / "book" / "_build" / "html"
    folder = Path(folder).resolve()
    if not (folder / "index.html").is_file():
        pytest.skip(f"no built book at {folder}: make one with `make report`, or set HARLIB_BOOK")
    return folder


def is_local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:"))


@pytest.fixture(scope="module")
def context(browser):
    """A window in light mode that lets no request leave the machine."""
    window = browser.new_context(viewport=DESKTOP, color_scheme="light")
    window.route(lambda url: not is_local(url), lambda route: route.abort())
    yield window
    window.close()


@pytest.fixture(scope="module")
def visits(book, context) -> dict[str, dict]:
    """What every page of the book does and shows, opened once."""
    pages = [*book.glob("*.html"), *book.glob("generated/**/*.html")]
    return {page.name: visit(context, page) for page in pages}


def listen(page) -> list[str]:
    """Errors, what the console shows, requests that leave the machine; the theme says [PST]."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: "[PST]" in said.text or complaints.append(said.text))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("request", lambda one: is_local(one.url) or complaints.append(f"left: {one.url}"))
    return complaints


def visit(context, path: Path) -> dict:
    page = context.new_page()
    complaints = listen(page)
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    page.evaluate("() => window.MathJax?.startup?.promise")
    seen = {**page.evaluate(SEEN), "complaints": complaints}
    page.set_viewport_size(PHONE)
    seen["phone_width"] = page.evaluate(WIDTH)
    page.close()
    return seen


def test_what_a_page_asks_for_or_complains_of_is_heard(context, tmp_path):
    page = context.new_page()
    complaints = listen(page)
    loud = tmp_path / "loud.html"
    loud.write_text("<img src='https://book.example/a.png'><script>no()</script>")
    page.goto(loud.as_uri())
    page.close()
    assert "left: https://book.example/a.png" in complaints
    assert any("no is not defined" in said for said in complaints)


def test_every_page_loads_quietly_and_no_request_leaves_the_machine(visits):
    assert len(visits) > 10
    assert {name: v["complaints"] for name, v in visits.items() if v["complaints"]} == {}


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


def test_every_link_and_download_inside_the_book_resolves(book, visits):
    downloads = 0
    for name, seen in visits.items():
        for parts in map(urlsplit, seen["links"]):
            if parts.scheme != "file":
                continue
            target, fragment = Path(unquote(parts.path)), unquote(parts.fragment)
            downloads += "_downloads" in target.parts or "_sources" in target.parts
            assert target.is_relative_to(book) and target.is_file(), (name, target)
            if fragment and target.suffix == ".html":
                assert fragment in anchors(target), (name, target, fragment)
    assert downloads > len(visits) / 2


def test_mathematics_is_typeset_and_no_page_scrolls_sideways_on_a_phone(visits):
    assert sum(v["formulas"] for v in visits.values()) > 40
    for name, seen in visits.items():
        assert seen["typeset"] == seen["formulas"], name
        assert r"\(" not in seen["text"] and r"\[" not in seen["text"], name
        assert seen["phone_width"] <= PHONE["width"], name


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


def test_the_trained_networks_of_try_it_have_the_scores_of_numpy(book, context):
    page = context.new_page()
    page.goto((book / "try_it.html").as_uri())
    content = page.evaluate("TRY_IT")
    assert len(content["networks"]) == 2 and content["windows"]
    assert_the_page_says_the_same(page, content["networks"], content["windows"])
    page.close()
