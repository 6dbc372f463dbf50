"""Small stand-ins for the data that the repository does not carry."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.random import RandomState

from harlib import paths
from harlib.data import archive, motionsense
from harlib.errors import UserError

HEADER = ",attitude.roll,gravity.x,gravity.y,gravity.z,userAcceleration.x,userAcceleration.y," \
    "userAcceleration.z"  # fmt: skip


@contextmanager
def refusal(*words: str) -> Iterator[None]:
    """The block ends in a refusal of one line that has all of ``words``."""
    with pytest.raises(UserError) as caught:
        yield
    message = str(caught.value)
    assert message.isprintable()
    for word in words:
        assert word in message, message


def csv(rows: int, seed: int) -> str:
    """A recording in the published form, with random values."""
    values = RandomState(seed).uniform(-1, 1, (rows, 7))
    lines = [f"{n}," + ",".join(f"{value:.6f}" for value in row) for n, row in enumerate(values)]
    return "\n".join([HEADER, *lines]) + "\n"


def recordings(subjects: tuple[int, ...] = (1, 2, 21), rows: int = 320) -> dict[str, bytes]:
    """Two windows a recording, one recording an activity and subject."""
    return {
        f"{activity}_{trial}/sub_{subject}.csv": csv(rows, 100 * trial + subject).encode()
        for trial, activity in enumerate(motionsense.ACTIVITIES, start=1)
        for subject in subjects
    }


def write_checksums(folder: Path, files: dict[str, bytes]) -> Path:
    """A checksum list of ``files`` as ``sha256sum`` writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "list.sha256"
    listing.write_text(
        "".join(
            f"{hashlib.sha256(content).hexdigest()}  {archive.NAME}/{name}\n"
            for name, content in files.items()
        )
    )
    return listing


def write_zip(file: Path, files: dict[str, bytes], prefix: str = f"{archive.NAME}/") -> Path:
    """A zip of ``files``, each name behind ``prefix``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(prefix + name, content)
    return file


def write_tree(folder: Path, files: dict[str, bytes]) -> Path:
    """The same as a tree of files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def four_keys(train: int = 12, test: int = 6, steps: int = 7) -> dict[str, np.ndarray]:
    """Arrays of a good HDF5 file."""
    rng = RandomState(0)
    return {
        "trX": rng.normal(size=(train, steps, 3)),
        "trY": np.eye(6)[np.arange(train) % 6],
        "tstX": rng.normal(size=(test, steps, 3)),
        "tstY": np.eye(6)[np.arange(test) % 6],
    }


def write_hdf5(file: Path, arrays: dict[str, np.ndarray], **options: object) -> Path:
    """An HDF5 file with one data set a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(file, "w") as h5:
        for key, array in arrays.items():
            h5.create_dataset(key, data=array, **options)
    return file


def real_data_dir() -> Path:
    """Folder that has the real MotionSense; skips the test where there is none."""
    places = [os.environ.get("HARLIB_DATA", ""), "../shared/data", "data"]
    for place in places:
        folder = paths.resolve(place)
        if place and (folder / motionsense.FOLDER / f"{archive.NAME}.zip").is_file():
            return folder
    pytest.skip("the real MotionSense data are not here (make data fetches them)")
