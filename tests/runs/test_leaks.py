"""No window of a test subject reaches training, standardisation, selection or early stopping."""

from dataclasses import replace

import numpy as np
import pytest

from harlib.errors import UserError
from harlib.runs import experiment, splits
from tests.analysis.made_up import other_test_windows, people

PROTOCOLS = (
    "corrected",
    "corrected+selection=validation",
    "published+selection=last",
    "published+standardise=True+selection=validation",
    "corrected+samples_per_step=5",
    "corrected+input_average=5+weight_average=0.9+weight_decay=0.1",
)


def trained(dataset, monkeypatch, tmp_path, name, **given):
    """Result without what is measured on test windows, and the bytes of the weights."""
    monkeypatch.setattr(experiment, "load_data", lambda *_: dataset)
    work = given.pop("work", experiment.run)
    given = {"seeds": (1, 2), "loops": "numpy", "results_dir": str(tmp_path / name), **given}
    content = work(6, data="made.h5", **given)
    kept = {
        seed: {k: v for k, v in entry.items() if k not in ("test", "confusion")}
        for seed, entry in content["seeds"].items()
    }
    weights = [path.read_bytes() for path in sorted((tmp_path / name).rglob("*-seed-?.npz"))]
    assert len(weights) == 2
    return kept, weights, content


STOPPING = {"work": experiment.early_stopping, "max_epochs": 12, "patience": 2}


@pytest.mark.parametrize("given", [*({"protocol": p, "epochs": 4} for p in PROTOCOLS), STOPPING])
def test_other_test_windows_change_nothing_but_the_test_figures(given, monkeypatch, tmp_path):
    kept, weights, content = trained(people(), monkeypatch, tmp_path, "a", **given)
    again = trained(other_test_windows(people()), monkeypatch, tmp_path, "b", **given)
    assert (kept, weights) == again[:2]
    assert content["seeds"]["1"]["test"]["loss"] != again[2]["seeds"]["1"]["test"]["loss"]


def test_selection_on_the_test_windows_would_be_seen(monkeypatch, tmp_path):
    """The check above can fail: under the published protocol the reported epoch depends on them."""
    given = {"protocol": "published+steps_divisions=1+shuffle=True", "epochs": 12}
    kept, weights, _ = trained(people(), monkeypatch, tmp_path, "a", **given)
    again = trained(other_test_windows(people()), monkeypatch, tmp_path, "b", **given)
    assert kept["1"]["train"] == again[0]["1"]["train"]
    assert (kept, weights) != again[:2]


def test_validation_windows_are_of_subjects_that_are_neither_trained_on_nor_tested():
    dataset = people()
    X = np.concatenate([dataset.X_train, dataset.X_test])
    whose = np.concatenate([dataset.subject_train, dataset.subject_test])
    rows = {x.tobytes(): int(s) for x, s in zip(X, whose, strict=True)}
    held_out = []
    for seed in (1, 2):
        parts = {
            name: {rows[x.tobytes()] for x in windows.x.transpose(1, 0, 2)}
            for name, windows in splits.by_subject(dataset, seed, "float64").items()
        }
        assert parts["test"] == {21, 22}
        assert len(parts["validation"]) == 2 and not parts["validation"] & parts["train"]
        assert parts["validation"] | parts["train"] == set(range(8))
        held_out.append(parts["validation"])
    assert held_out[0] != held_out[1]


def test_validation_by_subject_needs_to_know_the_subjects(monkeypatch, tmp_path):
    dataset = replace(people(), subject_train=None)
    monkeypatch.setattr(experiment, "load_data", lambda *_: dataset)
    with pytest.raises(UserError, match="does not say whose"):
        experiment.run(6, data="made.h5", protocol="corrected+selection=validation",
                       results_dir=str(tmp_path))  # fmt: skip
