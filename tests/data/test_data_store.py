"""Stored arrays: whole and ours, or not believed."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from numpy.random import RandomState

from harlib.data import store

ARRAYS = {"X": np.arange(6.0).reshape(2, 3), "y": np.array([1, 2])}


def test_round_trip(tmp_path):
    file = tmp_path / "new" / "a.npz"
    assert store.write(file, "key", ARRAYS)
    stored = store.read(file, "key", 10_000)
    assert stored.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(stored[name], array)
        assert stored[name].dtype == array.dtype
    assert [path.name for path in file.parent.iterdir()] == ["a.npz"]


def test_other_key_or_too_large(tmp_path):
    store.write(tmp_path / "a.npz", "key", ARRAYS)
    assert store.read(tmp_path / "a.npz", "other", 10_000) is None
    assert store.read(tmp_path / "a.npz", "key", 100) is None
    assert store.read(tmp_path / "none.npz", "key", 10_000) is None


def test_nothing_half_written(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.np, "savez", full)
    assert not store.write(tmp_path / "a.npz", "key", ARRAYS)
    assert not list(tmp_path.iterdir())


class Trap:
    """Unpickled, it would leave a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def test_no_code_is_run_from_a_file(tmp_path):
    mark = tmp_path / "mark"
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        content = io.BytesIO()
        header = {"descr": "|O", "fortran_order": False, "shape": (1,)}
        np.lib.format.write_array_header_1_0(content, header)
        archive.writestr("X.npy", content.getvalue() + pickle.dumps(Trap(mark)))
    assert store.read(tmp_path / "a.npz", "key", 10_000) is None
    assert not mark.exists()


@pytest.mark.parametrize("shape", [(2**50,), (2**40, 2**40), (-1, 3)])
def test_a_header_that_promises_too_much(tmp_path, shape):
    content = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, header)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("X.npy", content.getvalue())
    assert store.read(tmp_path / "a.npz", "key", 10_000) is None


def test_packed_arrays_are_not_unpacked(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", X=np.zeros(10**6))
    assert store.read(tmp_path / "a.npz", "key", 10_000) is None


def test_random_damage_is_noticed(tmp_path):
    file, rng = tmp_path / "a.npz", RandomState(0)
    store.write(file, "key", ARRAYS)
    good = file.read_bytes()
    for _ in range(300):
        damaged = bytearray(good)
        for place in rng.randint(0, len(good), size=2):
            damaged[place] ^= 1 << rng.randint(8)
        file.write_bytes(damaged)
        stored = store.read(file, "key", 10_000)
        # What is in none of the arrays, such as a date in the zip, may change.
        if stored is not None:
            assert stored.keys() == ARRAYS.keys()
            assert all((stored[name] == array).all() for name, array in ARRAYS.items())
