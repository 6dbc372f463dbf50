"""HDF5 files: what is read, and what is refused before it can do harm."""

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
def test_reads_four_keys(tmp_path, options):
    arrays = four_keys(train=13, test=7, steps=4)
    dataset = data.load(str(write_hdf5(tmp_path / "mine.h5", arrays, **options)))
    assert dataset.name == "mine"
    np.testing.assert_array_equal(dataset.X_train, arrays["trX"])
    np.testing.assert_array_equal(dataset.X_test, arrays["tstX"])
    np.testing.assert_array_equal(np.eye(6)[dataset.y_train], arrays["trY"])
    np.testing.assert_array_equal(np.eye(6)[dataset.y_test], arrays["tstY"])
    assert dataset.sampling_rate is None and dataset.subject_train is None


@pytest.mark.parametrize("dtype", ["f2", ">f8", "u1", "?"])
def test_any_real_number_becomes_float64(tmp_path, dtype):
    arrays = {key: abs(array).astype(dtype) for key, array in four_keys().items()}
    dataset = hdf5.load(write_hdf5(tmp_path / "a.h5", arrays))
    assert dataset.X_train.dtype == np.float64 and dataset.y_train.dtype == np.int64
    np.testing.assert_array_equal(dataset.X_train, arrays["trX"].astype(np.float64))


def test_what_a_file_may_say_besides(tmp_path):
    subjects = {"trS": np.arange(12) % 5, "tstS": np.arange(6)[:, None]}
    file = write_hdf5(tmp_path / "mine.h5", {**four_keys(), **subjects})
    with h5py.File(file, "a") as h5:
        h5.attrs.update(source="my phone", unit="m/s²", sampling_rate_hz=100.0)
    dataset = hdf5.load(file)
    assert dataset.subject_train.tolist() == subjects["trS"].tolist()
    assert dataset.subject_test.tolist() == list(range(6))
    assert (dataset.source, dataset.unit, dataset.sampling_rate) == ("my phone", "m/s²", 100.0)
    for key, values in {"trS": np.arange(11), "tstS": np.arange(6) + 0.5}.items():
        wrong = write_hdf5(tmp_path / "wrong.h5", {**four_keys(), **subjects, key: values})
        refused(wrong, f"key {key} has")
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
        (NUMBERS_0_TO_5, "classes as whole numbers 0..5"),
        (COLUMNS, "classes as whole numbers 0..5"),
        (MATLAB, "axes in MATLAB's order"),
        (MATLAB_NUMBERS, "axes in MATLAB's order, classes as whole numbers 0..5"),
    ],
)
def test_another_order_that_can_mean_one_thing_only(tmp_path, other, said):
    usual = hdf5.load(write_hdf5(tmp_path / "mine.h5", four_keys()))
    assert usual.source == "HDF5 file mine.h5"
    dataset = hdf5.load(write_hdf5(tmp_path / "mine.h5", {**four_keys(), **other}))
    assert dataset.sha256() == usual.sha256()
    assert dataset.source == f"HDF5 file mine.h5, {said}"


def at_rest(length):
    """Windows of a phone that mostly lies still, its acceleration then so long."""
    X = 0.01 * np.random.RandomState(0).normal(size=(12, 50, 3)) + [0, length, 0]
    X[6:] += np.random.RandomState(1).normal(size=(6, 50, 3)) * length
    return {**four_keys(), "trX": X, "tstX": X[:6]}


def test_the_unit_is_told_by_the_length_at_rest(tmp_path):
    assert hdf5.load(write_hdf5(tmp_path / "a.h5", at_rest(1.0))).unit == "g"
    assert hdf5.load(write_hdf5(tmp_path / "a.h5", at_rest(3.0))).unit == ""
    restless = {**at_rest(9.8), "trX": 9 * np.random.RandomState(1).normal(size=(12, 50, 3))}
    assert hdf5.load(write_hdf5(tmp_path / "a.h5", restless)).unit == ""
    metres = write_hdf5(tmp_path / "a.h5", at_rest(9.8))
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
    whole = file.read_bytes()
    parts = [whole[: int(len(whole) * share)] for share in (0, 0.1, 0.5, 0.9, 0.999)]
    for content in (*parts, b"trX,trY,tstX,tstY\n"):
        file.write_bytes(content)
        refused(file, "not a whole, readable HDF5 file")

    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(hdf5.h5py, "File", deny)
    refused(file, "Permission denied")


def changed(key, where, value):
    """The good array of ``key`` with another value at ``where``."""
    array = four_keys()[key]
    array[where] = value
    return array


CLASS_4_MISSING = np.eye(6)[[0, 1, 2, 3, 0, 5]]
ONE_HOT = "allowed is one 1 and five 0"
NUMBERS = np.arange(12) % 6
BAD = [
    ("tstX", np.zeros((0, 7, 3)), " has shape (0, 7, 3)"),
    ("trX", np.float64(1), " has shape ()"),
    ("tstX", np.zeros((6, 7, 2)), " has shape (6, 7, 2); allowed is (windows, steps, 3), or"),
    ("trY", np.ones((12, 5)), " has shape (12, 5); allowed is (windows, 6), one-hot, or"),
    ("trY", NUMBERS + 1, ", row 5 is 6.0; allowed is a whole number 0..5"),
    ("trY", NUMBERS[:11], " has 11 rows for 12 windows"),
    ("trX", np.full((12, 7, 3), b"1.0"), " has type |S3; allowed are real numbers"),
    ("tstY", CLASS_4_MISSING, f" has no window of class 4 ({CLASSES[4]})"),
    ("trX", changed("trX", (3, 4, 2), np.nan), ", window 3, step 4, axis 2 is nan"),
    ("trY", changed("trY", 2, 0), f", row 2 is [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]; {ONE_HOT}"),
    ("tstY", changed("tstY", 2, [1, 1, 0, 0, 0, 0]), ONE_HOT),
    ("trY", changed("trY", 2, np.nan), ONE_HOT),
]


@pytest.mark.parametrize("key, array, words", BAD)
def test_an_array_of_another_kind(tmp_path, key, array, words):
    file = write_hdf5(tmp_path / "a.h5", {**four_keys(), key: array})
    refused(file, f"key {key}", words)


@pytest.mark.parametrize("key", hdf5.KEYS)
def test_missing_key_says_what_was_found(tmp_path, key):
    arrays = four_keys()
    array = arrays.pop(key)
    other = {**arrays, key.lower(): array}
    words = f"key {key} is missing (did you mean {key.lower()}?)", "trX, trY, tstX, tstY"
    refused(write_hdf5(tmp_path / "a.h5", other), *words)
    deeper = {**arrays, f"data/{key}": array}
    words = "found data, ", "group data has one: move the keys to the top"
    refused(write_hdf5(tmp_path / "a.h5", deeper), *words)
    refused(write_hdf5(tmp_path / "a.h5", {}), "key trX is missing", "found nothing")


def test_steps_that_differ(tmp_path):
    arrays = {**four_keys(), "tstX": np.zeros((6, 8, 3))}
    refused(write_hdf5(tmp_path / "a.h5", arrays), "7 steps in trX and 8 in tstX")


def outside(h5):
    """Values that lie as bytes in another file."""
    values = h5.filename.replace("a.h5", "secret.bin")
    np.zeros((12, 7, 3)).tofile(values)
    h5.create_dataset("trX", (12, 7, 3), "f8", external=[(values, 0, h5py.h5f.UNLIMITED)])


def virtual(h5):
    layout = h5py.VirtualLayout((12, 7, 3), "f8")
    layout[:] = h5py.VirtualSource(h5.filename.replace("a.h5", "other.h5"), "trX", (12, 7, 3))
    h5.create_virtual_dataset("trX", layout)


def huge(h5):
    h5.create_dataset("trX", (2**40, 150, 3), "f8", chunks=(1, 150, 3))


def foreign_filter(h5):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((12, 7, 3))
    plist.set_filter(305, h5py.h5z.FLAG_OPTIONAL)  # a registered number of no built-in filter
    space = h5py.h5s.create_simple((12, 7, 3))
    h5py.h5d.create(h5.id, b"trX", h5py.h5t.IEEE_F64LE, space, dcpl=plist)


HOSTILE = {
    "group": (lambda h5: h5.create_group("trX"), "key trX is a Group"),
    "soft link": (lambda h5: h5.update(trX=h5py.SoftLink("/tstX")), "key trX is a link"),
    "link to a file": (
        lambda h5: h5.update(trX=h5py.ExternalLink("other.h5", "trX")), "key trX is a link"),
    "values elsewhere": (outside, "key trX takes its values from another file"),
    "virtual": (virtual, "key trX takes its values from another file"),
    "huge": (huge, f"key trX has shape (1099511627776, 150, 3); at most {hdf5.MAX_VALUES}"),
    "filter": (foreign_filter, "key trX is packed by filter 305"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_could_do_harm_is_refused_before_it_is_read(tmp_path, case):
    put, words = HOSTILE[case]
    write_hdf5(tmp_path / "other.h5", four_keys())
    file = write_hdf5(tmp_path / "a.h5", four_keys())
    with h5py.File(file, "a") as h5:
        del h5["trX"]
        put(h5)
    assert file.stat().st_size < 1e6
    refused(file, words)
