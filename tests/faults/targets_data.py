"""Readers of data: HDF5 files, the recordings of MotionSense, and what is made of them."""

import hashlib
from pathlib import Path

import h5py
import numpy as np

from harlib.data import archive, hdf5, motionsense, statistics, store
from harlib.protocol import CLASSES
from tests.faults import mutate
from tests.faults.target import File, files, target

# HDF5


def _arrays(rng: np.random.Generator) -> dict[str, np.ndarray]:
    found = {}
    for key, count in (("tr", 12), ("tst", 6)):
        found[f"{key}X"] = rng.standard_normal((count, 7, 3))
        found[f"{key}Y"] = np.eye(6)[np.arange(count) % 6]
    return found


def _hdf5_files(folder: Path) -> list[File]:
    kinds = {
        "plain": ({}, {}),
        "packed": ({"compression": "gzip", "shuffle": True, "fletcher32": True}, {}),
        "latest": ({"chunks": True, "maxshape": None}, {"libver": "latest"}),
        "lzf": ({"compression": "lzf"}, {"track_order": True}),
    }
    for name, (options, file_options) in kinds.items():
        with h5py.File(folder / f"{name}.h5", "w", **file_options) as file:
            for key, value in _arrays(np.random.default_rng(0)).items():
                shape = {"maxshape": (None, *value.shape[1:])} if "maxshape" in options else {}
                file.create_dataset(key, data=value, **{**options, **shape})
    return files(folder)


@target("HDF5 files with windows", 15_000, _hdf5_files, mutate.damage)
def windows_hdf5(path: Path) -> object:
    found = hdf5.load(path, name="x")
    for X, y in ((found.X_train, found.y_train), (found.X_test, found.y_test)):
        assert X.shape[2] == 3 and len(X) == len(y) and np.isfinite(X).all()
        assert set(y.tolist()) == set(range(len(CLASSES)))
    return found.describe()


# MotionSense


def _recording(rows: int) -> bytes:
    values = np.random.default_rng(rows).uniform(-1, 1, (rows, 6))
    lines = [",".join(f"{value:.5f}" for value in row) for row in values]
    header = ",".join(["", *motionsense.COLUMNS])
    return "\n".join([header, *(f"{n},{line}" for n, line in enumerate(lines))]).encode()


_RECORDINGS = {
    f"{activity}_1/sub_{subject}.csv": _recording(150 + subject)
    for activity in motionsense.ACTIVITIES
    for subject in (1, 21)
}
_DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in _RECORDINGS.items()}

_CHECKSUMS = "".join(f"{digest}  {archive.NAME}/{name}\n" for name, digest in _DIGESTS.items())


def _zip_files(folder: Path) -> list[File]:
    for name, packing in (("stored", mutate.zipfile.ZIP_STORED), ("deflated", 8)):
        with mutate.zipfile.ZipFile(folder / f"{name}.zip", "w", packing) as file:
            for member, content in _RECORDINGS.items():
                file.writestr(f"{archive.NAME}/{member}", content)
    return files(folder)


@target("zips of recordings", 4_000, _zip_files, mutate.zipped)
def recordings_zip(path: Path) -> object:
    found = motionsense.read_windows(archive.Zip(path), _DIGESTS)
    assert len(found.X) == len(_RECORDINGS), "a recording that is not the published one was taken"
    return motionsense.select(found, 1, 1)


@target(
    "lists of checksums", 6_000,
    lambda folder: [("list", _CHECKSUMS.encode())],
    mutate.damage,
)  # fmt: skip
def checksum_list(path: Path) -> object:
    found = archive.read_checksums(path)
    assert all(archive.RECORDING.fullmatch(name) and len(d) == 64 for name, d in found.items())
    return found


def _store_files(folder: Path) -> list[File]:
    arrays = {"X_train": np.ones((6, 5, 3)), "y_train": np.arange(6)}
    store.write(folder / "windows.npz", "key", arrays)
    return files(folder)


@target("stored windows", 4_000, _store_files, mutate.zipped)
def stored_windows(path: Path) -> object:
    found = store.read(path, "key", 2**20)
    assert found is None or (found["X_train"] == 1).all(), "another array than was stored"
    return found


@target(
    "the statistics of real subjects", 3_000,
    lambda folder: [("s.csv", statistics.FILE.read_bytes())], mutate.csv_text,
)  # fmt: skip
def statistics_csv(path: Path) -> object:
    found = statistics.read(path)
    assert {*found["class"]} == {*CLASSES} and np.isfinite(found[["mean", "q05"]]).all(axis=None)
    return found


def write_windows(file: Path) -> Path:
    """A file of 36 training and 18 test windows of 7 random steps."""
    with h5py.File(file, "w") as made:
        for key, value in _arrays(np.random.default_rng(1)).items():
            made[key] = np.concatenate([value, value, value])
    return file
