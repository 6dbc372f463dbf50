"""The calculation of the page "Scaling out", by hand; its record; its page."""

import copy
import json

import pandas as pd
import pytest

from book.generate.pages import scaling
from book.generate.staging import Book
from harlib import paths
from harlib.errors import UserError
from harlib.protocol import RUNS
from harlib.storage import records
from workflow import scaling as model

COPY = records.read("scaling", "data")

#: Costs that make the arithmetic plain: every epoch of every seed one second.
PLAIN = model.Costs(
    epoch={(b, n): 1.0 for b in (10, 30) for n in (50, 100)},
    job=50.0, configuration=0.0, submission=0.5, planning=0.01,
)  # fmt: skip


def test_one_configuration_is_its_epochs_and_its_start():
    costs = model.Costs(
        {(10, 50): 4, (30, 50): 3, (10, 100): 2, (30, 100): 1}, 0, configuration=7, submission=0,
        planning=0,
    )  # fmt: skip
    each = model.configuration_seconds(costs, epochs=10, seeds=2)
    assert each == {1: 87, 2: 87, 3: 47, 4: 47, 5: 67, 6: 67, 7: 27, 8: 27}


def test_limits_by_hand():
    # 150 s a configuration; 800 of them in 100 jobs of eight, on nodes of 10 cores
    known = model.limits(PLAIN, per_job=8, configurations=800, cores=10)
    assert known[scaling.WORK] * 3600 == pytest.approx((800 * 150 + 100 * 50) / 10)
    assert known[scaling.SUBMISSION] * 3600 == pytest.approx(50)
    assert known[scaling.LONGEST] * 3600 == pytest.approx(50 + 8 * 150)
    assert known["planning"] * 3600 == pytest.approx(1)
    assert model.limits(PLAIN, 3, 10)[scaling.SUBMISSION] * 3600 == pytest.approx(4 * 0.5)


def test_the_longest_job_has_the_costliest_runs():
    costs = model.Costs(
        {(10, 50): 4, (30, 50): 3, (10, 100): 2, (30, 100): 1}, 0, 0, 0, 0
    )  # fmt: skip
    known = model.limits(costs, per_job=9)
    every = 150 * (4 + 4 + 2 + 2 + 3 + 3 + 1 + 1)
    assert known[scaling.LONGEST] * 3600 == pytest.approx(every + 150 * 4)


def test_more_nodes_help_until_something_else_counts():
    table = model.predict(PLAIN, 8, nodes=(1, 2, 1000), configurations=800, cores=10)
    assert table["Bottleneck"].tolist() == [scaling.WORK, scaling.WORK, scaling.LONGEST]
    assert table["Hours"].iloc[2] * 3600 == pytest.approx(1 + 1250)
    assert table["Times faster"].iloc[0] == 1
    slow = model.Costs(PLAIN.epoch, 0, 0, submission=60, planning=0)
    assert model.predict(slow, 1, nodes=(64,))["Bottleneck"].iloc[0] == scaling.SUBMISSION


def test_the_record_has_a_cost_for_every_run_and_the_study_lost_nothing():
    costs = model.costs(COPY.content)
    assert {(run.batch_size, run.hidden_units) for run in RUNS.values()} == set(costs.epoch)
    assert all(value > 0 for value in (*costs.epoch.values(), costs.job, costs.submission))
    study = COPY.content["study"]
    assert study["exit_code"] == 0 and not study["different"] and study["queued_again"] >= 1
    assert study["nodes"] == 2 and study["files"] == 2 * study["jobs"]


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def test_the_page_shows_the_record(book):
    with book:
        values = scaling.page(book, "data")
    hours = json.loads((book.generated / "tables" / "scaling-hours.json").read_text())
    assert [row[0]["text"] for row in hours["rows"]] == [f"{k:,}" for k in model.NODES]
    costs = pd.read_csv(book.generated / "tables" / "scaling-costs.csv", index_col=0)["Seconds"]
    assert costs.iloc[0] == COPY.content["epoch"][0]["cpu_seconds"]
    went = pd.read_csv(book.generated / "tables" / "scaling-slurm.csv", index_col=0)["Outcome"]
    assert went["Files with other bytes"] == "0"
    for name in ("scaling-chart.svg", "scaling-chart-dark.svg", "scaling-chart.pdf"):
        assert (book.generated / "figures" / name).stat().st_size > 1000
    quoted = (paths.ROOT / "book" / "scaling.md").read_text()
    assert all(f"{{{{ {name} }}}}" in quoted for name in values)


@pytest.mark.parametrize("spoil", [
    lambda c: c.pop("epoch"), lambda c: c["epoch"].pop(), lambda c: c.update(planning=[]),
    lambda c: c["study"].pop("different"), lambda c: c.update(slurm=3),
    lambda c: c["job_start"].update(cpu_seconds="much"),
])  # fmt: skip
def test_a_spoilt_record_is_refused_in_one_line(book, tmp_path, spoil):
    content = copy.deepcopy(COPY.content)
    spoil(content)
    path = records.path("scaling", str(tmp_path))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"scaling\.json is not valid"):
        scaling.page(book, str(tmp_path))


@pytest.mark.parametrize(("hours", "text"), [
    (0.5 / 3600, "0.5 s"), (42 / 3600, "42 s"), (0.5, "30 min"), (2.25, "2.2 h"), (240, "10 days"),
])  # fmt: skip
def test_times_are_said_as_people_say_them(hours, text):
    assert scaling._time(hours) == text
