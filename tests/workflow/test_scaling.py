"""The page "Scaling out": its record, its tables, its arithmetic by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from book.generate.pages import scaling
from book.generate.staging import Book
from harlib.storage import records

COPY = records.read("scaling", "data")


def test_the_page_shows_the_record(tmp_path):
    book = Book(tmp_path)
    values = scaling.fill(book, SimpleNamespace(record=lambda name: COPY))
    costs = pd.read_csv(book.generated / "tables" / "scaling-costs.csv", index_col=0)["Seconds"]
    assert costs.iloc[0] == COPY.content["job_start"]["cpu_seconds"] and (costs > 0).all()
    submission = COPY.content["scheduling_cpu_seconds"] + COPY.content["slurm"]["sbatch_seconds"]
    assert float(values["scaling_submission"]) == pytest.approx(submission, abs=0.005)
