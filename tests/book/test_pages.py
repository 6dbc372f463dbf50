"""Whoever wonders what fills a page finds it by the page's name."""

from book.generate.__main__ import PAGES
from harlib import paths


def test_a_module_is_named_like_the_page_that_it_fills():
    pages = {path.stem.replace("-", "_") for path in (paths.ROOT / "book").rglob("*.md")}
    modules = [page.__name__.rpartition(".")[2] for page in PAGES]
    assert set(modules) <= pages and len(set(modules)) == len(modules)
