"""Counts what the attacks try, and keeps it as the record that the book's page Reliability shows.

A test marked ``attack(id)`` repeats one row of ``data/records/reliability.json``, where the row's
words stand. ``--record=RESULTS`` writes the rows that were repeated.
"""

import datetime
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from harlib.storage import records

settings.register_profile(
    "few", max_examples=25, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
settings.register_profile(
    "many", settings.get_profile("few"), max_examples=5000, derandomize=False, print_blob=True
)


def pytest_addoption(parser):
    parser.addoption("--record", metavar="RESULTS", help="where to keep what came of the attacks")


def pytest_configure(config):
    words = "a row of the record; how often make test, make torture try"
    config.addinivalue_line("markers", f"attack(id, few, many): {words}")


def pytest_itemcollected(item):
    """``-k full-disk`` selects the attack of that name."""
    if mark := item.get_closest_marker("attack"):
        item.extra_keyword_matches.add(mark.args[0])


def pytest_collection_finish(session):
    if not session.items and session.config.getoption("--record", None):
        name = session.config.option.keyword
        raise pytest.UsageError(f"no attack is called {name}: {', '.join(words())}")


def pytest_terminal_summary(terminalreporter, config):
    if results_dir := config.getoption("--record", None):
        path, seed = records.path("reliability", results_dir), config.getoption("--hypothesis-seed")
        terminalreporter.write_line(f"record: {path}; seed {seed}")


def words() -> dict[str, dict]:
    """The rows of the project's record by their name."""
    return {row["id"]: row for row in records.read("reliability", "data").content["rows"]}


def keep(row: dict, results_dir: str) -> None:
    """Write a row that was repeated now into the record of a results folder."""
    known, own = words(), records.read("reliability", results_dir)
    rows = {row["id"]: row for row in own.content["rows"]} if own.here else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    rows[row["id"]] = {**known[row["id"]], **row, "date": today}
    ordered = [rows[name] for name in known if name in rows]
    records.write("reliability", {"rows": ordered}, results_dir)


class Attempts:
    """Generators of random numbers, one for each time that something is to be tried; counted."""

    def __init__(self, seed: int, planned: int, profile: str) -> None:
        self.seed, self.planned, self.times = seed, planned, 0
        #: How often hypothesis tries something, where it draws.
        self.settings = settings.get_profile(profile)

    def __iter__(self) -> Iterator[np.random.Generator]:
        for number in range(self.planned):
            self.times += 1
            yield np.random.default_rng([self.seed, number])


@pytest.fixture
def attempts(request):
    """The :class:`Attempts` of a test that is marked as an attack."""
    mark = request.node.get_closest_marker("attack")
    profile = "many" if settings.get_current_profile_name() == "many" else "few"
    seed = int(request.config.getoption("--hypothesis-seed", None) or 0)
    made = Attempts(seed, mark.kwargs.get(profile, 0), profile)
    start, failed = time.monotonic(), request.session.testsfailed
    yield made
    if results_dir := request.config.getoption("--record", None):
        keep({
            "id": mark.args[0], "times": made.times, "seed": seed,
            "lost": int(request.session.testsfailed > failed),
            "seconds": round(time.monotonic() - start, 1),
        }, results_dir)  # fmt: skip
