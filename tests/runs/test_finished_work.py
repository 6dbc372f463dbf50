"""Finished work: read, added to, and never replaced by what is shorter or different."""

import pytest

from harlib.runs import experiment
from harlib.storage import results
from tests.data.data_helpers import refusal, write_hdf5
from tests.started import contents as files


@pytest.mark.parametrize("protocol", ["published", "corrected"])  # the latter has a schedule
def test_a_longer_training_replaces_a_shorter_one(run, protocol):
    short = results.read(run("a", protocol, epochs=2, seeds=(42, 7)) / "run-02.json")
    folder = run("a", protocol)
    assert files(folder) == files(run("b", protocol))
    losses = results.read(folder / "run-02.json")["seeds"]["42"]["train"]["loss"]
    begun = short["seeds"]["42"]["train"]["loss"] == losses[:3]
    assert begun == (protocol == "published"), "a schedule over other epochs is another training"


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"epochs": 2}, "epochs=2"),
        ({"epochs": 7, "seeds": (42,)}, "epochs=7"),
        ({"dtype": "float64"}, "dtype=float64"),
        ({"epochs": 2, "loops": "numpy"}, "epochs=2,loops=numpy"),
        ({"data": "turned"}, "data=*"),
    ],
)
def test_a_shorter_or_different_one_gets_a_place_of_its_own(
    run, tmp_path, small_arrays, changes, place, capsys
):
    if "data" in changes:  # other data of the same name
        turned = {**small_arrays, "trX": -small_arrays["trX"]}
        changes = {"data": str(write_hdf5(tmp_path / "turned" / "small.h5", turned))}
    folder = run("a")
    before = files(folder)
    run("a", **changes)
    (own,) = tmp_path.glob(f"a/{place}/small/published")
    assert f"is kept: this one goes to {own}" in capsys.readouterr().out
    assert files(folder) == before
    assert files(own) == files(run("b", **changes))


def test_further_seeds_are_added_and_train_alone(run, small_file, tmp_path, trained, capsys):
    fresh, folder = run("b", seeds=(7, 42, 263)), run("a")
    given = {"data": str(small_file), "epochs": 6, "results_dir": str(tmp_path / "a")}
    trained()
    # What is there already is read, whichever part of it is asked for.
    for seeds, new in (((7,), [7]), ((263, 7), [])):
        capsys.readouterr()
        result = experiment.run(2, seeds=seeds, **given)
        assert trained() == new and list(result["seeds"]) == list(map(str, seeds))
        assert ("is finished: read from" in capsys.readouterr().out) == (not new)
        assert files(folder) == files(fresh)


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"run_no": 9}, "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        ({"seed": 1}, "unknown parameter seed (did you mean seeds?)"),
    ],
)
def test_python_is_told_what_a_notebook_is_told(tmp_path, wrong, words):
    for work in (experiment.run, experiment.early_stopping):
        with refusal(words):
            work(**{"run_no": 2, **wrong, "results_dir": str(tmp_path)})
    assert not list(tmp_path.iterdir())
