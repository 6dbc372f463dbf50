"""The published tables: their structure, their reading, and what a damaged file says."""

import re
import shutil

import pytest

from harlib import paths, protocol
from harlib.errors import UserError
from harlib.paper import printed


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the published files that a test may damage."""
    folder = tmp_path / "published"
    shutil.copytree(paths.PUBLISHED, folder)
    monkeypatch.setattr(paths, "PUBLISHED", folder)
    return folder


@pytest.mark.parametrize(
    ("number", "shape"),
    [(1, (8, 5)), (2, (8, 6)), (3, (8, 4)), (4, (8, 4)), (5, (8, 4)), (6, (3, 3)), (7, (3, 3)),
     (8, (6, 6))],
)  # fmt: skip
def test_shape_and_kind(number, shape):
    values = printed.table(number)
    assert printed.table_as_printed(number).shape == values.shape == shape
    assert all(kind in ("int64", "float64") for kind in values.dtypes)
    if number <= 5:
        assert values.index.tolist() == list(printed.RUN_NOS)


def test_cells_known_from_the_report():
    assert printed.table_as_printed(1).loc[1, "seconds"] == "287.620758"
    assert printed.table_as_printed(3).loc[3, "test_std"] == "0.491"
    assert printed.table_as_printed(4).loc[4, "test_mean"] == "47.000"
    assert printed.table_as_printed(6).loc["top1", "validation"] == "48.334"
    assert printed.table_as_printed(8).loc[4, 4] == "1"


def test_table_1_is_the_protocol():
    for run_no, line in printed.table(1).iterrows():
        run = protocol.RUNS[run_no]
        assert line["batch_size"] == run.batch_size and line["hidden_units"] == run.hidden_units
        assert line["learning_rate"] == run.learning_rate and line["epochs"] == protocol.EPOCHS


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("table-3.csv", "31.500", "31.5", "table-3.csv, line 5, column train_mean: '31.5'"),
        ("table-3.csv", "31.500", "131.500", "line 5, column train_mean: '131.500'"),
        ("table-1.csv", "1,10,", "1,ten,", "line 2, column batch_size: 'ten'; allowed is a whole"),
        ("table-8.csv", "13,0,67", "13,\u0663,67", "line 2, column 2: '\u0663'; allowed is"),
        ("table-8.csv", "13,0,67", f"13,{10**19},67", "line 2, column 2: '1000"),
        ("table-6.csv", "top2,", "top5,", "line 3, column metric: 'top5'; allowed is top2"),
        ("table-2.csv", "\n3,", "\n2,", "line 4, column run_no: '2'; allowed is 3"),
        ("table-8.csv", "true_class", "class", "table-8.csv, line 1: the columns must be true_cl"),
        ("table-8.csv", "13,0,67", "13,67", "table-8.csv, line 2: 6 cells; allowed are 7"),
        ("table-7.csv", "top3,70.073,76.000,69.334\n", "", "2 rows of data; allowed are the 3"),
        ("table-7.csv", "76.000", '"76.000', "table-7.csv: cannot be read"),
        ("table-5.csv", None, "", "table-5.csv, line 1: the columns must be run_no"),
        ("table-5.csv", None, "\xff\xfe\x00", "table-5.csv: cannot be read"),
        ("text.csv", "epochs_caption", "learning_rates", "text.csv, line 4, column id: 'learn"),
        ("text.csv", "Section I,", ",", "text.csv, line 2, column place: ''; allowed is some"),
    ],
)
def test_damaged_file(copy, name, old, new, message):
    text = (copy / name).read_text(encoding="utf-8")
    assert old is None or old in text
    damaged = new.encode("latin-1") if old is None else text.replace(old, new, 1).encode()
    (copy / name).write_bytes(damaged)
    with pytest.raises(UserError, match=re.escape(message)) as error:
        printed.text_facts() if name == "text.csv" else printed.table(int(name[6]))
    assert "\n" not in str(error.value)


def test_missing_file(copy):
    (copy / "table-5.csv").unlink()
    with pytest.raises(UserError, match=r"table-5\.csv: cannot be read"):
        printed.table(5)
