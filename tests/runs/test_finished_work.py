"""Finished work: read, added to, and never replaced by what is shorter or different."""

import pytest

from harlib import train
from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import results
from tests.data.data_helpers import write_hdf5
from tests.runs.conftest import run
from tests.started import contents as files


@pytest.mark.parametrize("protocol", ["published", "corrected"])  # the latter has a schedule
def test_a_longer_training_replaces_a_shorter_one(tmp_path, given, protocol):
    given = {**given, "protocol": protocol}
    short = results.read(run(tmp_path, "a", given, epochs=2, seeds=(42, 7)) / "run-02.json")
    folder = run(tmp_path, "a", given)
    assert files(folder) == files(run(tmp_path, "b", given))
    losses = results.read(folder / "run-02.json")["seeds"]["42"]["train"]["loss"]
    begun = short["seeds"]["42"]["train"]["loss"] == losses[:3]
    assert begun == (protocol == "published"), "a schedule over other epochs is another training"


OTHER = [
    ({"epochs": 2}, "epochs=2"),
    ({"epochs": 7, "seeds": (42,)}, "epochs=7"),
    ({"dtype": "float64"}, "dtype=float64"),
    ({"epochs": 2, "loops": "numpy"}, "epochs=2,loops=numpy"),
]


@pytest.mark.parametrize("changes, place", OTHER)
def test_a_shorter_or_different_one_gets_a_place_of_its_own(
    tmp_path, given, changes, place, capsys
):
    folder = run(tmp_path, "a", given)
    before = files(folder)
    run(tmp_path, "a", given, **changes)
    assert f"is kept: this one goes to {tmp_path}/a/{place}/small/" in capsys.readouterr().out
    assert files(folder) == before
    fresh = run(tmp_path, "b", given, **changes)
    assert files(tmp_path / "a" / place / "small" / "published") == files(fresh)


def test_other_data_of_the_same_name_gets_a_place_of_its_own(tmp_path, given, small_arrays):
    folder = run(tmp_path, "a", given)
    before = files(folder)
    turned = {**small_arrays, "trX": -small_arrays["trX"]}
    other = write_hdf5(tmp_path / "other" / "small.h5", turned)
    run(tmp_path, "a", given, data=str(other))
    (place,) = (tmp_path / "a").glob("data=*/small/published")
    assert files(folder) == before
    assert files(place) == files(run(tmp_path, "b", given, data=str(other)))


def test_further_seeds_are_added_and_train_alone(tmp_path, given, monkeypatch, capsys):
    fresh = run(tmp_path, "b", given, seeds=(7, 42, 263))
    folder = run(tmp_path, "a", given)
    trained = []
    monkeypatch.setattr(
        experiment, "train", lambda *a, **k: trained.append(k["seed"]) or train.train(*a, **k)
    )
    result = experiment.run(2, results_dir=str(tmp_path / "a"), **{**given, "seeds": (7,)})
    assert trained == [7] and list(result["seeds"]) == ["7"]
    assert files(folder) == files(fresh)
    # What is there already is read, whichever part of it is asked for.
    assert "is finished: read from" not in capsys.readouterr().out
    result = experiment.run(2, results_dir=str(tmp_path / "a"), **{**given, "seeds": (263, 7)})
    assert trained == [7] and list(result["seeds"]) == ["263", "7"]
    assert "is finished: read from" in capsys.readouterr().out
    assert files(folder) == files(fresh)


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"run_no": 9}, "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        ({"seed": 1}, r"unknown parameter seed \(did you mean seeds\?\)"),
    ],
)
def test_python_is_told_what_a_notebook_is_told(given, tmp_path, wrong, words):
    for work in (experiment.run, experiment.early_stopping):
        with pytest.raises(UserError, match=words):
            work(**{"run_no": 2, **wrong, "results_dir": str(tmp_path)})
    assert not list(tmp_path.glob("*/*.json"))
