"""What the book's page Reliability says of the attacks, and how its record is kept."""

import re
from types import SimpleNamespace

import pytest

from book.generate.pages import reliability
from harlib import paths
from harlib.storage import records
from tests.faults import conftest
from tests.faults.readers import READERS

ROWS = conftest.words()


def test_every_row_names_what_repeats_it_and_lost_nothing():
    attacks = {f"broken-{name}" for name in READERS}
    for file in (paths.ROOT / "tests" / "faults").glob("test_*.py"):
        attacks |= set(re.findall(r'mark\.attack\("([\w-]+)"', file.read_text()))
    assert {n for n, row in ROWS.items() if row["test"].startswith("tests/faults")} == attacks
    for row in ROWS.values():
        file, _, test = row["test"].partition("::")
        if test:
            assert f"def {test}(" in (paths.ROOT / file).read_text()
        else:
            assert f"\n{file.split()[1]}: setup  ##" in (paths.ROOT / "Makefile").read_text()
        assert row["lost"] == 0


def test_rows_are_counted_kept_and_shown_as_measured_here(tmp_path):
    for lost, name, times in ((1, "full-disk", 2), (0, "checkpoint-write", 5)):
        row = {"id": name, "times": times, "seed": 3, "lost": lost, "seconds": 1.0}
        conftest.keep(row, str(tmp_path))
    content = records.read("reliability", str(tmp_path)).content
    assert [row["id"] for row in content["rows"]] == ["checkpoint-write", "full-disk"]
    assert content["code_sha256"] and content["machine"]
    found = reliability.rows(str(tmp_path))
    assert {row["id"] for row, here in found if here} == {"checkpoint-write", "full-disk"}
    shown = reliability.table(found)
    assert list(shown.index) == list(ROWS)
    assert shown.loc["full-disk"].tolist()[1:3] == ["2", "1"]


def test_an_unknown_name_is_refused():
    option = SimpleNamespace(keyword="nonsense")
    config = SimpleNamespace(getoption=lambda *_: "results", option=option)
    with pytest.raises(pytest.UsageError, match=r"called nonsense: .*checkpoint-write"):
        conftest.pytest_collection_finish(SimpleNamespace(items=[], config=config))
