"""A result file that has been changed, cut or made up is refused, never shown."""

import json

import numpy as np
import pytest

from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import results
from tests.data.data_helpers import refusal


@pytest.fixture
def result_file(small_file, tmp_path):
    experiment.run(
        1, data=str(small_file), seeds=(1, 2), epochs=4, results_dir=str(tmp_path / "out")
    )
    return tmp_path / "out" / "small" / "published" / "run-01.json"


def change(inner: dict | list, where: str, value: object) -> None:
    """Replace the entry at the dotted path ``where``, or remove it."""
    first, _, rest = where.partition(".")
    key = int(first) if isinstance(inner, list) else first
    if rest:
        change(inner[key], rest, value)
    elif value is ...:
        del inner[key]
    else:
        inner[key] = value


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("run_no", "one"),
        ("asked", ...),
        ("asked.epochs", 5),
        ("asked.run_no", 2),
        ("asked.seeds", [1]),
        ("asked.patience", 30),
        ("config.hidden_units", 51),
        ("config.protocol", "nonsense"),
        ("config", ...),
        ("config.selection", "nothing"),
        ("data", {}),
        ("data.channels", 2**31),
        ("seeds", {}),
        ("seeds.1.test.top1.2", 101),
        ("seeds.1.test.top1.2", 99.9),
        ("seeds.1.train.loss.0", -1),
        ("seeds.1.train.top3", [50.0]),
        ("seeds.1.train.top3.4", ...),
        ("seeds.2.best_epoch", 400),
        ("seeds.2.confusion.0", [3, 0, 0, 0, 0, 1]),
        ("seeds.2.confusion", [[1]]),
        ("seeds.2.test", None),
        ("seeds.1.inputs", {"mean": [0.0] * 3, "deviation": [1.0] * 3}),
    ],
)
def test_a_changed_result_is_refused(result_file, where, value):
    content = json.loads(result_file.read_text())
    change(content, where, value)
    result_file.write_text(json.dumps(content))
    with refusal("run-01.json is not valid"):
        results.read(result_file)


def test_stopping_early_that_nobody_asked_for_is_refused(result_file):
    content = json.loads(result_file.read_text())
    content["config"] |= {"patience": 3, "min_delta": 0.0, "validation_fraction": 0.1}
    content["config"]["selection"] = "validation"
    for entry in content["seeds"].values():
        entry["validation"], entry["stopped_epoch"] = entry["test"], 4
    result_file.write_text(json.dumps(content))
    with pytest.raises(UserError, match="patience = 3 was done, which was not asked for"):
        results.read(result_file)


def test_one_changed_accuracy_of_the_best_epoch_is_noticed(result_file):
    content = json.loads(result_file.read_text())
    entry = content["seeds"]["1"]
    entry["test"]["top1"][entry["best_epoch"]] += 100 / 18
    entry["test"]["top2"] = entry["test"]["top3"] = [100.0] * 5
    result_file.write_text(json.dumps(content))
    with pytest.raises(UserError, match="confusion does not give the Top-1"):
        results.read(result_file)


def test_a_missing_result_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="is missing: run its notebook first"):
        results.read(tmp_path / "run-03.json")


def test_weights_of_another_shape_or_kind_are_refused(result_file):
    path = result_file.with_name("run-01-seed-1.npz")
    params = results.read_weights(path)
    assert params["W_aa"].shape == (50, 50)
    for name, value in (
        ("W_ax", params["W_ax"][:-1]),
        ("b_a", np.full((50, 1), np.nan)),
        ("b_y", np.zeros((6, 1), int)),
        ("W_aa", np.zeros(3)),
    ):
        np.savez(path, **{**params, name: value})
        with pytest.raises(UserError, match="is not a finite array"):
            results.read_weights(path)


def test_json_keeps_numbers_on_one_line_and_refuses_nan():
    text = results.to_json({"a": [1.5, 2], "b": {"c": [[1, 2], [3, 4]]}})
    assert '"a": [1.5, 2]' in text and "[3, 4]" in text
    assert json.loads(text) == {"a": [1.5, 2], "b": {"c": [[1, 2], [3, 4]]}}
    with pytest.raises(ValueError):
        results.to_json({"a": float("nan")})
