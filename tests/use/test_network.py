"""A trained network as an object: which one is loaded, and that it says what the study says."""

import doctest

import h5py
import numpy as np
import pytest

import harlib
from harlib import Network, metrics, paths, use
from harlib.protocol import CLASSES
from harlib.runs import experiment
from harlib.use import network as module
from tests.data.data_helpers import four_keys, refusal, write_hdf5
from tests.started import python

SHIPPED = paths.ROOT / "data" / "networks"
RECORDING = paths.ROOT / "data" / "recordings" / "six-activities.csv"


@pytest.fixture(scope="module")
def network():
    return Network.load("data/networks")


@pytest.fixture(scope="module")
def data():
    return harlib.load_data()


def test_the_shipped_network_gives_the_confusion_of_its_result(network, data):
    """So frame, steps and standardisation are those of the evaluation."""
    scores = network.scores(data.X_test)
    entry = network.result["seeds"]["42"]
    assert metrics.confusion_matrix(scores, data.y_test).tolist() == entry["confusion"]
    assert network.result["data"]["sha256"] == data.sha256()
    assert sum(file.stat().st_size for file in (SHIPPED / "motionsense").rglob("*.*")) < 100_000


@pytest.mark.long
def test_the_shipped_network_is_made_by_one_line(network, tmp_path):
    made = experiment.run(4, protocol="corrected", seeds=(42,), results_dir=str(tmp_path))
    accuracy = [result["seeds"]["42"]["test"]["top1"][-1] for result in (made, network.result)]
    assert accuracy[0] == pytest.approx(accuracy[1], abs=1)


def test_the_limit_of_certainty_is_what_its_comment_says(network, data):
    scores = network.scores(data.X_train)
    right = scores.argmax(axis=1) == data.y_train
    assert (scores.max(axis=1)[right] >= use.SURE).mean() == pytest.approx(0.98, abs=0.01)


def test_one_window_or_many_in_any_type(network, data):
    all_of_them = network.scores(data.X_test[:7])
    assert all_of_them.shape == (7, 6)
    np.testing.assert_allclose(network.scores(data.X_test[3]), all_of_them[3], atol=1e-6)
    np.testing.assert_allclose(network.scores(data.X_test[3].tolist()), all_of_them[3], atol=1e-6)
    by_step = network.scores_by_step(data.X_test[:7])
    assert by_step.shape == (7, 50, 6)
    np.testing.assert_allclose(by_step[:, -1], all_of_them, atol=1e-5)


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (np.zeros((3, 150)), "windows of shape (3, 150): allowed are numbers in g of shape"),
        (np.zeros((0, 150, 3)), "windows of shape (0, 150, 3)"),
        ([["a", "b", "c"]], "windows: could not convert string to float: 'a'; allowed"),
        ([[1, 2, 3], [1, 2]], "windows: setting an array element with a sequence"),
        (np.full((1, 150, 3), np.nan), "window 0, step 0, axis 0 is nan: allowed are finite"),
        (np.full((150, 3), 1e30), "window 0, step 0, axis 0 is 1e+30"),
        (np.full((150, 3), 5.66), "9.8 long, so its unit seems to be m/s²; allowed is g"),
        (np.zeros((150, 3)), "0 long, so its unit is not g, or gravity is not in it"),
        (np.full((2, 3), 0.6), "samples_per_step = 3; allowed is at most 2, the samples of a win"),
    ],
)
def test_what_is_no_window_is_refused(network, windows, message):
    with refusal(message):
        network.scores(windows)


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """A results folder with three networks of a data set of one's own, without a rate."""
    folder = tmp_path_factory.mktemp("several")
    file = write_hdf5(folder / "small.h5", four_keys(66, 18))
    given = {"data": str(file), "epochs": 1, "results_dir": str(folder)}
    experiment.run(4, seeds=(1, 2), **given)
    experiment.run(8, seeds=(1,), protocol="published+clip=1", **given)
    return folder


def test_which_one_is_said_as_far_as_needed(several):
    assert (Network.load(several, seed=2).seed, Network.load(several, 8).seed) == (2, 1)
    assert Network.load(several / "small" / "published", 4, 1).result["run_no"] == 4
    asked = Network.load(str(several), protocol="published+clip=1.0")
    assert repr(asked).startswith("Network(run 8, protocol published+clip=1.0, seed 1: ")
    assert repr(asked).endswith(" % right on small)")
    data = harlib.load_data(str(several / "small.h5"))
    told = metrics.confusion_matrix(asked.scores(data.X_test), data.y_test)
    assert told.tolist() == asked.result["seeds"]["1"]["confusion"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "say which by run_no, seed, protocol or folder: small/published/run-04-seed-1, "),
        ({"run_no": 5}, "no network of run_no = 5 there: there are small/published/run-04-seed-1"),
        ({"run_no": "4"}, "parameter run_no = '4': allowed is a whole number from 1 to 8"),
        ({"folder": "nowhere"}, "there is no folder "),
        ({"folder": "notebooks"}, "no network there: notebooks/run.ipynb trains one"),
    ],
)
def test_none_or_several_are_listed(several, asked, message):
    with refusal(message):
        Network.load(**{"folder": several, **asked})


def test_a_recording_is_refused_where_no_rate_is_known(several):
    with refusal("data small does not say at which rate its windows are"):
        Network.load(several, 8).recognise(RECORDING)


def test_the_recording_that_comes_along_is_mostly_recognised(network):
    read = network.read("data/recordings/six-activities.csv")
    told = network.recognise(read)
    columns = ["from (s)", "to (s)", "activity", *CLASSES, "true activity"]
    assert list(told.columns) == columns
    right = use.told_right(told)
    assert right["Windows"].sum() == len(told) == 32 and right["Right"].sum() >= 27
    assert told.attrs["recording"] == "Recording(six-activities.csv: 96.0 s at 50 Hz; in g)"


def test_that_recording_is_cut_where_its_data_sheet_says(network):
    """Against windows of the same rows in the data set, which say where they are from."""
    ((_, signal),) = network.read(RECORDING).pieces
    with h5py.File(paths.ROOT / "data" / "motionsense.h5") as file:
        X, Y, S, T, R = (file[f"tst{key}"][()] for key in "XYSTR")
    trials = {"standing": 6, "walking": 7, "upstairs": 3, "downstairs": 1}
    trials |= {"jogging": 9, "sitting": 5}
    compared = 0
    for place, (activity, trial) in enumerate(trials.items()):
        own = (Y.argmax(1) == CLASSES.index(activity)) & (S == 21) & (trial == T)
        for n in np.flatnonzero(own & (R >= 250) & (R <= 900)):
            rows = signal[800 * place + R[n] - 250 :][:150]
            np.testing.assert_allclose(rows, X[n], atol=6e-5)
            compared += 1
    assert compared >= 6


def test_doctests_run():
    done = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert done.attempted >= 6 and not done.failed


def test_what_import_harlib_offers_comes_when_it_is_asked_for():
    """And nothing before: pandas and the like would make every import slow."""
    code = (
        "import sys, harlib; assert not {'pandas', 'numpy', 'harlib.use'} & set(sys.modules);"
        "assert {'Network', 'RUNS'} <= set(dir(harlib)) and 'train' not in dir(harlib);"
        "from harlib import Network, load_data, RUNS, PUBLISHED, CORRECTED;"
        "from harlib import top_n_accuracy, confusion_matrix;"
        "import harlib.train; assert callable(harlib.train.train);"
        "assert not hasattr(harlib, 'Networks')"
    )
    python("-c", code, folder="/").check_returncode()
