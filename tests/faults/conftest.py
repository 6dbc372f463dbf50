"""Counts what the attacks try, and keeps it as the record that the book's page Reliability shows.

A test marked ``attack(id)`` repeats one row of ``data/records/reliability.json``, where the row's
words stand. ``--record=RESULTS`` writes the rows that were repeated.
"""

import datetime
from collections.abc import Iterator

import numpy as np
import pytest

from harlib.storage import records
from tests.faults import broken


def pytest_addoption(parser):
    parser.addoption("--record", metavar="RESULTS", help="where to keep what came of the attacks")


def pytest_configure(config):
    words = "a row of the record; how often make test, make torture try"
    config.addinivalue_line("markers", f"attack(id, few, many): {words}")


def pytest_itemcollected(item):
    """``-k full-disk`` selects the attack of that name."""
    if mark := item.get_closest_marker("attack"):
        item.extra_keyword_matches.add(mark.args[0])


def words() -> dict[str, dict]:
    """The rows of the project's record by their name."""
    return {row["id"]: row for row in records.read("reliability", "data").content["rows"]}


def pytest_collection_finish(session):
    if not session.items and session.config.getoption("--record", None):
        name = session.config.option.keyword
        raise pytest.UsageError(f"no attack is called {name}: {', '.join(words())}")


class Attempts:
    """Generators of random numbers, one for each time that something is to be tried; counted."""

    def __init__(self, row: dict, planned: int) -> None:
        self.row, self.planned = row, planned

    def __iter__(self) -> Iterator[np.random.Generator]:
        for number in range(self.planned):
            self.count()
            yield np.random.default_rng([self.row["seed"], number])

    def count(self) -> None:
        """One more was tried."""
        self.row["times"] += 1


@pytest.fixture
def attempts(request):
    """The :class:`Attempts` of a test that is marked as an attack."""
    mark = request.node.get_closest_marker("attack")
    seed = int(request.config.getoption("--hypothesis-seed", None) or 0)
    row = {"id": mark.args[0], "times": 0, "seed": seed}
    # By reference: the count is read after the test.
    request.node.user_properties.append(("attack", row))
    return Attempts(row, mark.kwargs.get(broken.profile(), 0))


def pytest_terminal_summary(terminalreporter, config):
    """Write the record, or those of its rows that were repeated now."""
    results_dir = config.getoption("--record", None)
    if results_dir is None:
        return
    known, own = words(), records.read("reliability", results_dir)
    rows = {row["id"]: row for row in own.content["rows"]} if own.here else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    ended = terminalreporter.stats
    for report in [*ended.get("passed", []), *ended.get("failed", [])]:
        for row in (value for name, value in report.user_properties if name == "attack"):
            done = {"lost": int(report.failed), "seconds": round(report.duration, 1), "date": today}
            rows[row["id"]] = {**known[row["id"]], **row, **done}
    ordered = [rows[name] for name in known if name in rows]
    path = records.write("reliability", {"rows": ordered}, results_dir)
    terminalreporter.write_line(f"record: {path}; seed {config.getoption('--hypothesis-seed')}")
