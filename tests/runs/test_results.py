"""A result file that has been changed, cut or made up is refused, never shown."""

import functools
import json
import operator
from dataclasses import replace

import numpy as np
import pytest

from harlib.job import EarlyStopping, Job
from harlib.protocol import PUBLISHED, RUNS
from harlib.storage import results
from tests.data.data_helpers import refusal

STOPS, BY_VALIDATION = EarlyStopping(3, 0.0, 0.1), replace(PUBLISHED, selection="validation")
STOPPED = Job(RUNS[2], BY_VALIDATION, epochs=6, stopping=STOPS).config()
ALL_RIGHT = np.diag([3] * 6).tolist()
MEAN_0 = {"mean": [0.0] * 3, "deviation": [1.0] * 3}
CHANGES = [
    ("run_no", "one", "run_no must be integer"),
    ("asked", ..., "must contain ['asked']"),
    ("asked.epochs", 5, "epochs = 5 was asked for, and 6 was done"),
    ("asked.run_no", 1, "run_no = 1 was asked for, and 2 was done"),
    ("asked.seeds", [1], "seeds = [1] was asked for, and [42, 263] was done"),
    ("asked.patience", 30, "patience = 30 was asked for, and None was done"),
    ("config.hidden_units", 51, "hidden_units is 51, which is not that of run 2"),
    ("config.protocol", "nonsense", "there is no protocol 'nonsense'"),
    ("config", ..., "must contain ['config']"),
    ("config", STOPPED, "patience = 3 was done, which was not asked for"),
    ("config.selection", "nothing", "selection is 'nothing', which is not that of run 2"),
    ("data", {}, "must contain ['channels', "),
    ("data.channels", 2**31, "channels must be smaller"),
    ("seeds", {}, "seeds must contain at least 1"),
    ("seeds.42.test.top1.2", 101, "top1[2] must be smaller than or equal to 100"),
    ("seeds.42.test.top1.2", 99.9, "top1 has a value, 99.9, that no count of 18 windows gives"),
    ("seeds.42.train.loss.0", -1, "train cannot be validated"),
    ("seeds.42.train.top3", [50.0], "top3 does not have 7 values"),
    ("seeds.263.best_epoch", 400, "best_epoch is not the epoch that the selection rule gives"),
    ("seeds.263.confusion.0", [3, 0, 0, 0, 0, 1], "the test windows of each class in its rows"),
    ("seeds.263.confusion", [[1]], "confusion is not 6 rows of 6 counts"),
    ("seeds.263.confusion", ALL_RIGHT, "confusion does not give the Top-1 accuracy of the best"),
    ("seeds.263.test", None, "test must be object"),
    ("seeds.42.inputs", MEAN_0, "inputs and standardise do not go together"),
]


@pytest.mark.parametrize(("where", "value", "said"), CHANGES)
def test_a_changed_result_is_refused(run, where, value, said):
    path = run("out") / "run-02.json"
    content = json.loads(path.read_text())
    # Seeds are of two digits and more, places in a list of one.
    *way, last = [int(key) if len(key) == 1 else key for key in where.split(".")]
    inner = functools.reduce(operator.getitem, way, content)
    inner[last] = value
    if value is ...:
        del inner[last]
    path.write_text(json.dumps(content))
    with refusal("run-02.json is not valid", said):
        results.read(path)


def test_a_missing_result_says_what_to_do(tmp_path):
    with refusal("is missing: run its notebook first"):
        results.read(tmp_path / "run-03.json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("W_ax", np.ones((49, 3))),
        ("b_a", np.full((50, 1), np.nan)),
        ("b_y", np.zeros((6, 1), int)),
        ("W_aa", np.zeros(3)),
    ],
)
def test_weights_of_another_shape_or_kind_are_refused(run, name, value):
    path = run("out", epochs=0) / "run-02-seed-42.npz"
    params = results.read_weights(path)
    assert params["W_aa"].shape == (50, 50)
    np.savez(path, **{**params, name: value})
    with refusal("is not a finite array"):
        results.read_weights(path)


def test_json_keeps_numbers_on_one_line_and_refuses_nan():
    text = results.to_json({"a": [1.5, 2], "b": {"c": [[1, 2], [3, 4]]}})
    assert '"a": [1.5, 2]' in text and "[3, 4]" in text
    assert json.loads(text) == {"a": [1.5, 2], "b": {"c": [[1, 2], [3, 4]]}}
    with pytest.raises(ValueError):
        results.to_json({"a": float("nan")})
