"""The published tables: their structure, their reading, and what a damaged file says."""

import re
import shutil

import pandas as pd
import pytest

from harlib import paths, protocol
from harlib.errors import UserError
from harlib.paper import printed
from harlib.protocol import CLASSES

SHAPES = {1: (8, 5), 2: (8, 6), 3: (8, 4), 4: (8, 4), 5: (8, 4), 6: (3, 3), 7: (3, 3), 8: (6, 6)}


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the published files that a test may damage."""
    folder = tmp_path / "published"
    shutil.copytree(paths.PUBLISHED, folder)
    monkeypatch.setattr(paths, "PUBLISHED", folder)
    return folder


@pytest.mark.parametrize("number", SHAPES)
def test_shape_index_and_values(number):
    published, values = printed.table_as_printed(number), printed.table(number)
    assert published.shape == values.shape == SHAPES[number]
    assert published.index.equals(values.index)
    for column in values:
        assert [float(text) for text in published[column]] == values[column].tolist()
    if number <= 5:
        assert values.index.tolist() == list(protocol.RUNS)


def test_cells_known_from_the_report():
    assert printed.table_as_printed(1).loc[1, "seconds"] == "287.620758"
    assert printed.table_as_printed(3).loc[3, "test_std"] == "0.491"
    assert printed.table_as_printed(4).loc[4, "test_mean"] == "47.000"
    assert printed.table_as_printed(6).loc["top1", "validation"] == "48.334"
    assert printed.table_as_printed(8).loc[4, 4] == "1"


def test_table_1_is_the_protocol():
    lines = printed.table(1)
    for run_no, run in protocol.RUNS.items():
        line = lines.loc[run_no]
        assert line["batch_size"] == run.batch_size
        assert line["hidden_units"] == run.hidden_units
        assert line["learning_rate"] == run.learning_rate
        assert line["epochs"] == protocol.EPOCHS


def test_table_2_is_the_test_columns_of_tables_3_to_5():
    second = printed.table(2)
    for top in (1, 2, 3):
        expected = second[[f"top{top}_mean", f"top{top}_std"]].set_axis(["mean", "std"], axis=1)
        pd.testing.assert_frame_equal(printed.accuracy("test", top), expected)


@pytest.mark.parametrize("split", ["train", "test"])
def test_more_guesses_are_never_worse(split):
    top1, top2, top3 = (printed.accuracy(split, top)["mean"] for top in (1, 2, 3))
    assert (top1 < top2).all()
    assert (top2 < top3).all()


def test_rows_of_table_8_are_the_classes_of_the_test_set():
    assert printed.table(8).sum(axis="columns").tolist() == [100] * len(CLASSES)


def test_early_stopping_tables():
    assert printed.early_stopping(8).equals(printed.table(6))
    assert printed.early_stopping(7).equals(printed.table(7))


@pytest.mark.parametrize("number", [0, 9, "2"])
def test_no_such_table(number):
    with pytest.raises(UserError, match=r"allowed is a number from 1 to 8"):
        printed.table(number)


def test_accuracy_refuses_what_is_not_there():
    with pytest.raises(UserError, match="split 'validation': allowed are train, test"):
        printed.accuracy("validation", 1)
    with pytest.raises(UserError, match="top 4: allowed are 1, 2, 3"):
        printed.accuracy("test", 4)
    with pytest.raises(UserError, match=r"run_no 3: .* runs 7, 8 only"):
        printed.early_stopping(3)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("table-3.csv", "31.500", "31.5", "table-3.csv, line 5, column train_mean: '31.5'"),
        ("table-3.csv", "31.500", "nan", "line 5, column train_mean: 'nan'"),
        ("table-3.csv", "31.500", "131.500", "line 5, column train_mean: '131.500'"),
        ("table-1.csv", "1,10,", "1,ten,", "line 2, column batch_size: 'ten'; allowed is a whole"),
        (
            "table-8.csv",
            "13,0,67",
            "13,\u0663,67",
            "line 2, column 2: '\u0663'; allowed is",
        ),
        ("table-8.csv", "13,0,67", f"13,{10**19},67", "line 2, column 2: '1000"),
        ("table-6.csv", "top2,", "top5,", "line 3, column metric: 'top5'; allowed is top2"),
        ("table-2.csv", "\n3,", "\n2,", "line 4, column run_no: '2'; allowed is 3"),
        ("table-8.csv", "true_class", "class", "table-8.csv, line 1: the columns must be true_cl"),
        ("table-8.csv", "13,0,67", "13,67", "table-8.csv, line 2: 6 cells; allowed are 7"),
        ("table-7.csv", "top3,70.073,76.000,69.334\n", "", "2 rows of data; allowed are the 3"),
        ("table-7.csv", "76.000", '"76.000', "table-7.csv: cannot be read"),
        ("text.csv", "epochs_caption", "learning_rates", "text.csv, line 4, column id: 'learn"),
        ("text.csv", "Section I,", ",", "text.csv, line 2, column place: ''; allowed is some"),
    ],
)
def test_damaged_file(copy, name, old, new, message):
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=re.escape(message)) as error:
        printed.text_facts() if name == "text.csv" else printed.table(int(name[6]))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_missing_empty_or_binary_file(copy, content):
    path = copy / "table-5.csv"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"table-5\.csv") as error:
        printed.table(5)
    assert "\n" not in str(error.value)
