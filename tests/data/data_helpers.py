"""Small stand-ins for an archive and for HDF5 files, and what a refusal has to be."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from numpy.random import RandomState

from harlib.errors import UserError
from workflow.motionsense_archive import ACTIVITIES, COLUMNS


@contextmanager
def refusal(*words: str) -> Iterator[None]:
    """The block ends in a refusal of one line that has all of ``words``."""
    with pytest.raises(UserError) as caught:
        yield
    message = str(caught.value)
    assert message.isprintable()
    for word in words:
        assert word in message, message


def recordings(subjects: tuple[int, ...] = (1, 2, 21), rows: int = 320) -> dict[str, bytes]:
    """Two windows a recording, one recording an activity and subject, by path; random values."""

    def csv(seed: int) -> bytes:
        values = RandomState(seed).uniform(-1, 1, (rows, 7))
        columns = ["attitude.roll", *COLUMNS]  # and the first, which counts the rows
        return pd.DataFrame(values, columns=columns).to_csv(float_format="%.6f").encode()

    return {
        f"{activity}_{trial}/sub_{subject}.csv": csv(100 * trial + subject)
        for trial, activity in enumerate(ACTIVITIES, start=1)
        for subject in subjects
    }


def write_zip(file: Path, files: dict[str, bytes]) -> Path:
    """A zip of ``files`` in the archive's folder."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(f"A_DeviceMotion_data/{name}", content)
    return file


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
