"""What a data set is: windows of acceleration, their classes, and where they came from."""

import hashlib
from dataclasses import dataclass

import numpy as np

from harlib.protocol import CLASSES


@dataclass(frozen=True)
class Dataset:
    """Training and test windows.

    Attributes
    ----------
    name : str
        ``motionsense``, ``synthetic`` or the stem of a file's name.
    source : str
        One line for captions: where the windows came from.
    X_train, X_test : float64 array, (windows, steps, channels)
        Acceleration, in ``unit``.
    y_train, y_test : int64 array, (windows,)
        Class of each window, 0..5.
    sampling_rate : float or None
        Steps a second, in Hz; None if the file does not say.
    subject_train, subject_test : int64 array (windows,) or None
        Who wore the sensor; None if the file does not say.
    unit : str
        ``g``, what the file says, or nothing where it is not known.
    """

    name: str
    source: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    sampling_rate: float | None = None
    subject_train: np.ndarray | None = None
    subject_test: np.ndarray | None = None
    unit: str = ""

    @property
    def is_synthetic(self) -> bool:
        """True for the built-in data, which must be called synthetic wherever it shows."""
        return self.name == "synthetic"

    @property
    def shared_subjects(self) -> set[int] | None:
        """Who is in both parts; None if the data does not say whose each window is."""
        if self.subject_train is None or self.subject_test is None:
            return None
        return set(self.subject_train.tolist()) & set(self.subject_test.tolist())

    def in_unit(self, name: str) -> str:
        """``name (unit)``: what an axis or a column of accelerations is called."""
        return f"{name} ({self.unit})" if self.unit else name

    def sha256(self) -> str:
        """Digest of the four arrays (shape, type and bytes, little-endian, in order)."""
        digest = hashlib.sha256()
        for array in (self.X_train, self.y_train, self.X_test, self.y_test):
            array = np.ascontiguousarray(array)
            array = array.astype(array.dtype.newbyteorder("<"), copy=False)
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    def describe(self) -> dict:
        """The ``data`` entry of a result file."""
        return {
            "name": self.name,
            "source": self.source,
            "sha256": self.sha256(),
            "train_windows": len(self.y_train),
            "test_windows": len(self.y_test),
            "train_per_class": np.bincount(self.y_train, minlength=len(CLASSES)).tolist(),
            "test_per_class": np.bincount(self.y_test, minlength=len(CLASSES)).tolist(),
            "steps": self.X_train.shape[1],
            "channels": self.X_train.shape[2],
            "sampling_rate_hz": self.sampling_rate,
        }

    def __repr__(self) -> str:
        n, steps, channels = self.X_train.shape
        return (
            f"Dataset({self.name}: {n} training + {len(self.y_test)} test windows "
            f"of {steps} steps x {channels} channels)"
        )
