"""HDF5 files: what is read, and what is refused before it can do harm."""

from unittest import mock

import h5py
import numpy as np
import pytest

from harlib import data
from harlib.data import hdf5
from harlib.protocol import CLASSES
from tests.data.data_helpers import four_keys, refusal, write_hdf5


def refused(file, *words):
    with refusal(str(file), *words):
        hdf5.load(file)


@pytest.mark.parametrize("options", [{}, {"compression": "gzip", "shuffle": True}])
@pytest.mark.parametrize("dtype", ["f8", "f2", ">f8", "u1", "?"])
def test_four_keys_of_any_real_numbers_are_read(tmp_path, dtype, options):
    arrays = {key: abs(array).astype(dtype) for key, array in four_keys(13, 7, 4).items()}
    dataset = data.load(str(write_hdf5(tmp_path / "mine.h5", arrays, **options)))
    assert dataset.X_train.dtype == np.float64 and dataset.y_train.dtype == np.int64
    np.testing.assert_array_equal(dataset.X_train, arrays["trX"].astype(np.float64))
    np.testing.assert_array_equal(dataset.X_test, arrays["tstX"].astype(np.float64))
    np.testing.assert_array_equal(np.eye(6)[dataset.y_train], arrays["trY"])
    np.testing.assert_array_equal(np.eye(6)[dataset.y_test], arrays["tstY"])
    assert dataset.name == "mine"
    assert dataset.sampling_rate is None and dataset.subject_train is None


def test_what_a_file_may_say_besides(tmp_path):
    subjects = {"trS": np.arange(12) % 5, "tstS": np.arange(6)[:, None]}
    file = write_hdf5(tmp_path / "mine.h5", {**four_keys(), **subjects})
    with h5py.File(file, "a") as h5:
        h5.attrs.update(source="my phone", unit="m/s²", sampling_rate_hz=100.0)
    dataset = hdf5.load(file)
    assert dataset.subject_train.tolist() == subjects["trS"].tolist()
    assert dataset.subject_test.tolist() == list(range(6))
    assert (dataset.source, dataset.unit, dataset.sampling_rate) == ("my phone", "m/s²", 100.0)
    with h5py.File(file, "a") as h5:
        h5.attrs["unit"] = 1
    refused(file, "attribute unit is 1; allowed is text")


NUMBERS_0_TO_5 = {k: y.argmax(1) for k, y in four_keys().items() if k.endswith("Y")}
COLUMNS = {key: y[:, None] for key, y in NUMBERS_0_TO_5.items()}
MATLAB = {key: array.T for key, array in four_keys().items()}
MATLAB_NUMBERS = {**MATLAB, **{key: y.T for key, y in COLUMNS.items()}}


@pytest.mark.parametrize(
    "other, said",
    [
        ({}, ""),
        (NUMBERS_0_TO_5, ", classes as whole numbers 0..5"),
        (COLUMNS, ", classes as whole numbers 0..5"),
        (MATLAB, ", axes in MATLAB's order"),
        (MATLAB_NUMBERS, ", axes in MATLAB's order, classes as whole numbers 0..5"),
    ],
)
def test_another_order_that_can_mean_one_thing_only(tmp_path, other, said):
    usual = hdf5.load(write_hdf5(tmp_path / "mine.h5", four_keys()))
    dataset = hdf5.load(write_hdf5(tmp_path / "mine.h5", {**four_keys(), **other}))
    assert dataset.sha256() == usual.sha256()
    assert dataset.source == f"HDF5 file mine.h5{said}"


def test_the_unit_is_told_by_the_length_at_rest(tmp_path):
    restless = np.random.RandomState(1).normal(size=(12, 50, 3))
    resting = 0.01 * restless + [0, 1, 0]
    mostly_resting = np.concatenate([resting[:6], restless[6:]])

    def file(X):
        return write_hdf5(tmp_path / "a.h5", {**four_keys(), "trX": X, "tstX": X[:6]})

    assert hdf5.load(file(mostly_resting)).unit == "g"
    assert hdf5.load(file(3 * mostly_resting)).unit == ""
    assert hdf5.load(file(6 * restless)).unit == ""  # about 9.2 long, but never at rest
    metres = file(9.8 * mostly_resting)
    refused(metres, "at rest the acceleration is 9.8", "m/s²", "divide trX and tstX by 9.80665")
    with h5py.File(metres, "a") as h5:
        h5.attrs["unit"] = "m/s²"
    assert hdf5.load(metres).unit == "m/s²"


def test_no_file_or_none_that_is_whole(tmp_path, monkeypatch):
    refused(tmp_path / "none.h5", "does not exist", f"looked in {tmp_path}: no HDF5 file there")
    refused(tmp_path, "is a folder")
    file = write_hdf5(tmp_path / "a.h5", four_keys(steps=150))
    refused(tmp_path / "b.h5", "does not exist (did you mean a.h5?)")
    refused(tmp_path / "deep" / "er" / "a.h5", f"looked in {tmp_path}: HDF5 files there: a.h5")
    for content in (file.read_bytes()[:-100], b"trX,trY,tstX,tstY\n"):
        file.write_bytes(content)
        refused(file, "not a whole, readable HDF5 file")
    denied = mock.Mock(side_effect=PermissionError(13, "Permission denied"))
    monkeypatch.setattr(hdf5.h5py, "File", denied)
    refused(file, "Permission denied")


def changed(key, where, value):
    """The good array of ``key`` with another value at ``where``."""
    array = four_keys()[key]
    array[where] = value
    return array


def made(what, **given):
    """What creates trX so that it could do harm."""
    return lambda h5: getattr(h5, f"create_{what}")("trX", **given)


X, Y = (four_keys()[key] for key in ("trX", "trY"))
USUAL = {"shape": (12, 7, 3), "dtype": "f8"}
HUGE = USUAL | {"shape": (2**40, 1, 3), "chunks": (1, 1, 3)}
PACKED = USUAL | {"compression": 305, "allow_unknown_filter": True}
ELSEWHERE = [("secret.bin", 0, h5py.h5f.UNLIMITED)]
VIRTUAL = h5py.VirtualLayout(**USUAL)
NUMBERS = np.arange(12) % 6
ONE_HOT = "allowed is one 1 and five 0"
GONE = dict.fromkeys(four_keys())
REFUSED = [
    ({"tstX": np.zeros((0, 7, 3))}, "key tstX has shape (0, 7, 3)"),
    ({"trX": np.float64(1)}, "key trX has shape ()"),
    ({"tstX": X[:6, :, :2]}, "tstX has shape (6, 7, 2); allowed is (windows, steps, 3), or"),
    ({"trY": Y[:, :5]}, "key trY has shape (12, 5); allowed is (windows, 6), one-hot, or"),
    ({"trY": NUMBERS + 1}, "key trY, row 5 is 6.0; allowed is a whole number 0..5"),
    ({"trY": NUMBERS[:11]}, "key trY has 11 rows for 12 windows"),
    ({"trX": np.full((12, 7, 3), b"1.0")}, "key trX has type |S3; allowed are real numbers"),
    ({"tstY": np.eye(6)[[0, 1, 2, 3, 0, 5]]}, f"tstY has no window of class 4 ({CLASSES[4]})"),
    ({"trX": changed("trX", (3, 4, 2), np.nan)}, "key trX, window 3, step 4, axis 2 is nan"),
    ({"trY": changed("trY", 2, 0)}, f"trY, row 2 is [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]; {ONE_HOT}"),
    ({"tstY": changed("tstY", 2, [1, 1, 0, 0, 0, 0])}, f"0.0]; {ONE_HOT}"),
    ({"trY": changed("trY", 2, np.nan)}, f"nan]; {ONE_HOT}"),
    ({"tstX": np.zeros((6, 8, 3))}, "7 steps in trX and 8 in tstX"),
    ({"trS": np.arange(11)}, "key trS has shape (11,) for 12 windows"),
    ({"tstS": np.arange(6) + 0.5}, "key tstS has other values than whole numbers"),
    ({"tstY": None, "tsty": Y}, "key tstY is missing (did you mean tsty?); needed are trX, trY, "),
    ({"trX": None, "a/trX": X}, "found a, trY, tstX, tstY; group a has one: move the keys to the"),
    (GONE, "key trX is missing; needed are trX, trY, tstX, tstY, found nothing"),
    ({"trX": None, "trX/a": X}, "key trX is a Group"),
    ({"trX": h5py.SoftLink("/tstX")}, "key trX is a link"),
    ({"trX": h5py.ExternalLink("other.h5", "trX")}, "key trX is a link"),
    ({"trX": made("dataset", **USUAL, external=ELSEWHERE)}, "trX takes its values from another"),
    ({"trX": made("virtual_dataset", layout=VIRTUAL)}, "trX takes its values from another file"),
    ({"trX": made("dataset", **HUGE)}, "key trX has shape (1099511627776"),
    ({"trX": made("dataset", **PACKED)}, "key trX is packed by filter 305"),
]


@pytest.mark.parametrize("other, words", REFUSED)
def test_an_array_of_another_kind_or_that_could_do_harm(tmp_path, other, words):
    file = write_hdf5(tmp_path / "a.h5", four_keys())
    with h5py.File(file, "a") as h5:
        for key, value in other.items():
            h5.pop(key, None)
            if callable(value):
                value(h5)
            elif value is not None:
                h5[key] = value
    refused(file, words)
