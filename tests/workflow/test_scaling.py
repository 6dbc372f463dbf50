"""The page "Scaling out": its record, its tables, its arithmetic by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from book.generate.pages import scaling
from book.generate.staging import Book
from harlib import paths
from harlib.errors import UserError
from harlib.protocol import RUNS
from harlib.storage import records

COPY = records.read("scaling", "data")


def filled(book, results_dir):
    """What the page's text quotes, from the record in a results folder."""
    return scaling.fill(book, SimpleNamespace(record=lambda name: records.read(name, results_dir)))


def test_an_average_configuration_and_a_submission_by_hand():
    rows = [(10, 50, 4), (30, 50, 3), (10, 100, 2), (30, 100, 1)]
    content = {
        "epoch": [{"batch": b, "units": n, "cpu_seconds": s} for b, n, s in rows],
        "configuration_start": {"cpu_seconds": 7},
        "scheduling_cpu_seconds": 0.5, "slurm": {"sbatch_seconds": 0.25},
    }  # fmt: skip
    assert scaling.configuration_seconds(content) == 7 + 3 * 50 * 2.5
    assert scaling.submission_seconds(content) == 0.75


def test_the_page_shows_a_record_with_every_run(tmp_path):
    book = Book(tmp_path)
    values = filled(book, "data")
    epochs = COPY.content["epoch"]
    sizes = {(row["batch"], row["units"]) for row in epochs}
    assert {(run.batch_size, run.hidden_units) for run in RUNS.values()} == sizes
    costs = pd.read_csv(book.generated / "tables" / "scaling-costs.csv", index_col=0)["Seconds"]
    assert costs.iloc[0] == epochs[0]["cpu_seconds"] and (costs > 0).all()
    quoted = (paths.ROOT / "book" / "scaling.md").read_text()
    assert all(f"{{{{ {name} }}}}" in quoted for name in values)


@pytest.mark.parametrize(
    "spoilt",
    [{"epoch": None}, {"planning": []}, {"slurm": 3}, {"job_start": {"cpu_seconds": "much"}}],
)
def test_a_spoilt_record_is_refused_in_one_line(tmp_path, spoilt):
    records.write("scaling", COPY.content | spoilt, str(tmp_path))
    with pytest.raises(UserError, match=r"scaling\.json is not valid"):
        filled(Book(tmp_path / "book"), str(tmp_path))
