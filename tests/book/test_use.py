"""The page on use from Python shows what Python shows, whatever data its book is of."""

import re
import sys

import matplotlib as mpl
import pytest

from book.generate.pages import use
from book.generate.staging import Book
from harlib import paths

mpl.use("agg")


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # pytest has threads
def test_sessions_numbers_and_what_the_page_asks_for(tmp_path):
    with Book(tmp_path / "book") as book:
        quoted = use.fill(book, None)
    text = (paths.ROOT / "book" / "use.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\{\{ (\w+) \}\}", text)) <= set(quoted)
    sessions = {f"use-{name}.txt" for name in use.SESSIONS}
    assert set(re.findall(r"generated/(\S+\.txt)", text)) == sessions
    for folder, directive in (("figures", "report-figure"), ("tables", "report-table")):
        for name in re.findall(rf"{{{directive}}} (\S+)", text):
            assert (book.generated / folder / f"{name}.json").is_file()
    shown = "".join((book.generated / name).read_text() for name in sorted(sessions))
    assert ">>> network\nNetwork(run 4, protocol corrected, seed 42: " in shown
    assert shown.count("harlib.errors.UserError: ") == 2 and "Traceback" not in shown
    assert str(paths.ROOT) not in shown
