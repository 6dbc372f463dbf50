"""What a data set is: windows of acceleration, their classes, and where they came from."""

from dataclasses import dataclass

import numpy as np

from harlib.protocol import CLASSES
from harlib.storage import provenance


@dataclass(frozen=True)
class Dataset:
    """Training and test windows: ``X`` (windows, steps, 3), float64; classes ``y``, int64, 0..5."""

    #: ``motionsense``, ``synthetic`` or the stem of a file's name.
    name: str
    #: One line for captions: where the windows came from.
    source: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    #: Steps a second, in Hz; None if the file does not say.
    sampling_rate: float | None = None
    #: Who wore the sensor, int64 (windows,); None if the file does not say.
    subject_train: np.ndarray | None = None
    subject_test: np.ndarray | None = None
    #: Of the acceleration: ``g``, what the file says, or nothing where it is not known.
    unit: str = ""

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
        """Digest of the four arrays (type, shape and bytes, in order)."""
        return provenance.digest(self.X_train, self.y_train, self.X_test, self.y_test)

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
