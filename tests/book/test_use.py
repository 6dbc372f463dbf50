"""The page on use from Python shows what Python shows, whatever data its book is of."""

import re

from book.generate.pages import use
from harlib import paths
from tests.faults.numbers import Shown


def test_sessions_numbers_and_what_the_page_asks_for(tmp_path):
    book = Shown(tmp_path)
    quoted = use.fill(book, None)
    text = (paths.ROOT / "book" / "use.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\{\{ (\w+) \}\}", text)) <= set(quoted)
    sessions = {f"use-{name}.txt" for name in use.SESSIONS}
    assert set(re.findall(r"generated/(\S+\.txt)", text)) == sessions
    assert set(re.findall(r"{report-figure} (\S+)", text)) <= set(book.figures)
    assert set(re.findall(r"{report-table} (\S+)", text)) <= set(book.tables)
    shown = "".join((book.generated / name).read_text() for name in sorted(sessions))
    assert ">>> network\nNetwork(run 4, protocol corrected, seed 42: " in shown
    assert shown.count("harlib.errors.UserError: ") == 2 and "Traceback" not in shown
    assert str(paths.ROOT) not in shown
