"""Nobody's window is in two splits; none of a test subject reaches training or selection."""

from dataclasses import replace

import numpy as np
import pytest

from harlib.data import load
from harlib.runs import experiment, splits
from tests.analysis.made_up import other_test_windows, people
from tests.data.data_helpers import refusal
from tests.started import contents

PROTOCOLS = (
    "corrected",
    "corrected+selection=validation",
    "published+selection=last",
    "published+standardise=True+selection=validation",
    "corrected+samples_per_step=5",
    "corrected+input_average=5+weight_average=0.9+weight_decay=0.1",
)


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """Train on a data set: what is not measured on test windows, with the weights; what is."""

    def trained(dataset, work=experiment.run, **given):
        monkeypatch.setattr(experiment, "load_data", lambda *_: dataset)
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        given |= {"seeds": (1, 2), "loops": "numpy", "results_dir": str(folder)}
        entries = work(6, data="made.h5", **given)["seeds"]
        measured = [(entry.pop("test"), entry.pop("confusion")) for entry in entries.values()]
        weights = contents(folder, "*/*/*.npz")
        assert len(weights) == 2
        return (entries, weights), measured

    return trained


STOPPING = {"work": experiment.early_stopping, "max_epochs": 12, "patience": 2}


@pytest.mark.parametrize("given", [*({"protocol": p, "epochs": 4} for p in PROTOCOLS), STOPPING])
def test_other_test_windows_change_nothing_but_the_test_figures(given, trained):
    kept, measured = trained(people(), **given)
    again, otherwise = trained(other_test_windows(people()), **given)
    assert kept == again and measured != otherwise


def test_selection_on_the_test_windows_would_be_seen(trained):
    """The check above can fail: under the published protocol the reported epoch depends on them."""
    given = {"protocol": "published+steps_divisions=1+shuffle=True", "epochs": 12}
    kept, _ = trained(people(), **given)
    again, _ = trained(other_test_windows(people()), **given)
    assert kept[0]["1"]["train"] == again[0]["1"]["train"] and kept != again


def test_validation_windows_are_of_subjects_that_are_neither_trained_on_nor_tested():
    made = people()
    whose = {"X_train": made.subject_train, "X_test": made.subject_test}
    # The windows themselves say whose they are.
    whose = {name: np.zeros((len(of), 10, 3)) + of[:, None, None] for name, of in whose.items()}
    held_out = []
    for seed in (1, 2):
        parts = splits.by_subject(replace(made, **whose), seed, "float64")
        people_of = {name: set(part.x.flat) for name, part in parts.items()}
        assert people_of["test"] == {21, 22} and len(people_of["validation"]) == 2
        assert people_of["train"] == set(range(8)) - people_of["validation"]
        held_out.append(people_of["validation"])
    assert held_out[0] != held_out[1]


def test_validation_by_subject_needs_to_know_the_subjects():
    with refusal("does not say whose"):
        splits.by_subject(replace(people(), subject_train=None), 1, "float64")


def test_the_split_is_stratified_and_nothing_is_in_both(small_file, small_arrays):
    parts = splits.stratified(load(str(small_file)), 0.2, 42, "float64")
    assert set(np.bincount(parts["validation"].label)) <= {2, 3}
    windows = np.concatenate([parts["train"].x, parts["validation"].x], axis=1).transpose(1, 0, 2)
    order, wanted = (np.argsort(X[:, 0, 0]) for X in (windows, small_arrays["trX"]))
    np.testing.assert_array_equal(windows[order], small_arrays["trX"][wanted])


def test_a_fraction_that_leaves_a_class_out_is_refused(small_file, tmp_path):
    given = {"data": str(small_file), "results_dir": str(tmp_path / "o")}
    with refusal("validation_fraction = 0.01 does not split 66"):
        experiment.early_stopping(8, validation_fraction=0.01, **given)
    assert not (tmp_path / "o").exists()
