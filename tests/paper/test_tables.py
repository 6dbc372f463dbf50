"""The report's tables from made-up results, and damaged files of its own.

That every number of Tables I to VIII is that of the files, beside the printed one and in bold where
it is the best, tests/book/test_numbers.py recomputes from a whole study.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from book.generate import cells
from book.generate.staging import Book
from harlib import paths
from harlib.paper import printed, tables
from harlib.protocol import RUNS
from tests.data.data_helpers import refusal


def result(run_no, *top1):
    """A result whose seeds have these test Top-1 accuracies at the epoch that is reported."""
    level = {"top1": [0.0], "top2": [0.0], "top3": [0.0]}
    seeds = {
        str(seed): {"best_epoch": 0, "train": level, "validation": level,
                    "test": {"top1": [value], "top2": [value + 1], "top3": [value + 2]}}
        for seed, value in enumerate(top1)
    }  # fmt: skip
    return {"run_no": run_no, "seeds": seeds}


@pytest.fixture(scope="module")
def compared():
    runs = {run_no: result(run_no, 40.0 + min(run_no, 7), 50.0) for run_no in RUNS}
    return tables.compared(runs, tables.COLUMNS[3])


def test_of_equal_means_all_are_bold(compared):
    bold = cells.best_rows(compared)
    best = printed.accuracy("test", 1)["mean"].idxmax()
    rows = [(best, "published"), (7, "re-computed"), (8, "re-computed")]
    assert bold.index[bold["Test", "μ"]].tolist() == rows
    assert bold["Training", "μ"].xs("re-computed", level=1).all(), "all are equal"


def test_option_c_of_a_run_that_the_report_does_not_have_stands_alone():
    assert tables.option_c(result(3, 50), 0).loc["Top-2"].tolist() == [0, 0, 51]


def test_ranking_is_by_mean_then_deviation_then_number():
    tops = {1: (30, 30), 2: (20, 40), 3: (50, 10), 4: (31, 31), 5: (30, 30)}
    made_up = {run_no: result(run_no, *values) for run_no, values in tops.items()}
    assert tables.ranking(made_up) == [4, 1, 5, 2, 3]


def test_a_table_can_be_downloaded_with_all_digits(compared, tmp_path):
    book = Book(tmp_path)
    book.table("t", compared, title="T")
    back = pd.read_csv(book.generated / "tables/t.csv", header=[0, 1], index_col=[0, 1])
    np.testing.assert_allclose(back, compared, rtol=1e-12)


@pytest.mark.parametrize("name", printed.SHA256)
def test_a_file_that_is_not_as_it_was(tmp_path, monkeypatch, name):
    file = shutil.copy(paths.PUBLISHED / name, tmp_path)
    monkeypatch.setattr(paths, "PUBLISHED", tmp_path)
    read = printed.text_facts if name == "text.csv" else lambda: printed.table(int(name[6]))
    content = Path(file).read_bytes()
    Path(file).write_bytes(content.replace(b"0", b"1", 1))
    with refusal(f"{name} is damaged or changed: `git checkout"):
        read()
    Path(file).unlink()
    with refusal(f"{name} is missing: `git checkout"):
        read()
