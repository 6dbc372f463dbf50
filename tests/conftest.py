"""What several test files need: small data, and a place for results."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
import pytest

from tests.data.data_helpers import write_hdf5


@pytest.fixture
def small_arrays() -> dict[str, np.ndarray]:
    """A four-key data set: 66 training and 18 test windows of 12 steps, in class order."""
    rng = np.random.default_rng(5)

    def part(per_class: int) -> tuple[np.ndarray, np.ndarray]:
        label = np.repeat(np.arange(6), per_class)
        centre = rng.normal(size=(6, 1, 3))[label]
        windows = centre + 0.5 * rng.standard_normal((len(label), 12, 3))
        return windows, np.eye(6)[label]

    trX, trY = part(11)
    tstX, tstY = part(3)
    return {"trX": trX, "trY": trY, "tstX": tstX, "tstY": tstY}


@pytest.fixture
def small_file(tmp_path, small_arrays):
    """The same as an HDF5 file."""
    return write_hdf5(tmp_path / "small.h5", small_arrays)
