"""What several test files need: small data."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
import pytest

from tests.data.data_helpers import four_keys, write_hdf5


@pytest.fixture
def small_arrays() -> dict[str, np.ndarray]:
    """A four-key data set: 66 training and 18 test windows of 12 steps, in a cloud a class."""
    arrays, centre = four_keys(66, 18, 12), np.random.RandomState(5).normal(size=(6, 1, 3))
    for part in ("tr", "tst"):
        noise, y = arrays[f"{part}X"], arrays[f"{part}Y"].argmax(axis=1)
        arrays[f"{part}X"] = centre[y] + 0.5 * noise
    return arrays


@pytest.fixture
def small_file(tmp_path, small_arrays):
    """The same as an HDF5 file."""
    return write_hdf5(tmp_path / "small.h5", small_arrays)
