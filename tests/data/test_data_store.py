"""Stored arrays: whole and ours, or not believed. Of hostile files, see the reader of arrays."""

import numpy as np

from harlib.data import store

ARRAYS = {"X": np.arange(6.0).reshape(2, 3), "y": np.array([1, 2])}


def test_what_was_stored_under_the_key_or_nothing(tmp_path):
    file = tmp_path / "new" / "a.npz"
    assert store.write(file, "key", ARRAYS)
    stored = store.read(file, "key")
    assert stored.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(stored[name], array)
        assert stored[name].dtype == array.dtype
    assert [path.name for path in file.parent.iterdir()] == ["a.npz"]
    assert store.read(file, "other") is None
    assert store.read(tmp_path / "none.npz", "key") is None


def test_nothing_half_written(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.np, "savez", full)
    assert not store.write(tmp_path / "a.npz", "key", ARRAYS)
    assert not list(tmp_path.iterdir())
