"""What the book's page Reliability says of the attacks, and how its record is kept."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from book.generate.pages import reliability
from harlib import paths
from harlib.errors import UserError
from harlib.storage import records
from tests.faults import conftest
from tests.faults.readers import READERS

ROWS = conftest.words()


def attacks():
    """The test that repeats each attack, by the attack's name."""
    found = {}
    for file in (paths.ROOT / "tests" / "faults").glob("test_*.py"):
        marked = r'mark\.attack\(f?"([\w{}-]+)".*?\ndef (test_\w+)'
        for attack, test in re.findall(marked, file.read_text(), re.DOTALL):
            for reader in READERS:  # "broken-{name}" stands for all
                name = attack.replace("{name}", reader)
                found[name] = f"tests/faults/{file.name}::{test}"
    return found


def test_every_row_names_what_repeats_it_and_lost_nothing():
    own = {n: row["test"] for n, row in ROWS.items() if row["test"].startswith("tests/faults")}
    assert own == attacks()
    makefile = (paths.ROOT / "Makefile").read_text()
    for said in {row["test"] for row in ROWS.values()} - {*own.values()}:
        file, _, test = said.partition("::")
        if test:  # of another room
            (path,) = (paths.ROOT / "tests").rglob(Path(file).name)
            assert f"def {test}(" in path.read_text()
        else:
            assert f"\n{said.split()[1]}: setup  ##" in makefile
    assert {row["lost"] for row in ROWS.values()} == {0}


def test_rows_are_counted_kept_and_shown_as_measured_here(tmp_path):
    for outcome, name, times in (("failed", "full-disk", 2), ("passed", "downloads", 5)):
        row = {"id": name, "times": times, "seed": 3}
        report = SimpleNamespace(failed=outcome == "failed", duration=1.0)
        report.user_properties = [("attack", row)]
        reporter = SimpleNamespace(stats={outcome: [report]}, write_line=print)
        options = {"--record": str(tmp_path), "--hypothesis-seed": "3"}
        config = SimpleNamespace(getoption=lambda name, *_, given=options: given[name])
        conftest.pytest_terminal_summary(reporter, config)
    content = records.read("reliability", str(tmp_path)).content
    assert [(row["id"], row["times"], row["lost"]) for row in content["rows"]] == [
        ("downloads", 5, 0), ("full-disk", 2, 1)
    ]  # fmt: skip
    assert content["code_sha256"] and content["machine"]
    found = reliability.rows(str(tmp_path))
    assert {row["id"] for row, here in found if here} == {"downloads", "full-disk"}
    shown = reliability.table(found)
    assert list(shown.index) == list(ROWS)
    assert shown.loc["full-disk"].tolist()[1:3] == ["2", "1"]
    never = reliability.table([({**ROWS["pythons"], "times": 0}, False)])
    assert never.iloc[0].tolist()[1:3] == ["not run yet", ""]


@pytest.mark.parametrize("rows", [None, {}, [1], [{"id": "x"}]])
def test_a_record_without_rows_is_refused(tmp_path, rows):
    records.write("reliability", {"rows": rows}, str(tmp_path))
    with pytest.raises(UserError, match=r"reliability\.json is not valid"):
        reliability.rows(str(tmp_path))


def test_an_unknown_name_is_refused():
    option = SimpleNamespace(keyword="nonsense")
    config = SimpleNamespace(getoption=lambda *_: "results", option=option)
    with pytest.raises(pytest.UsageError, match=r"called nonsense: .*checkpoint-write"):
        conftest.pytest_collection_finish(SimpleNamespace(items=[], config=config))
