"""The classes as their signals describe them: simple statistics of each window, and distances.

The statistics are those of the data chapter (:mod:`harlib.data.statistics`), one set a window. The
*distance* of two classes is that of their means over the training windows, with the covariance
within the classes as the measure (Mahalanobis, 1936). No network has a part in it: where the
distance is small, the signals are alike.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib.data import statistics
from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES


def features(X: np.ndarray, sampling_rate: float | None) -> pd.DataFrame:
    """Statistics of each window of ``X`` (n, T, K): one row a window, columns with their unit.

    Frequency in cycles a step where the sampling rate is not known. Of a signal with other than
    three channels only the means, deviations and changes.
    """
    columns = {}
    names = statistics.AXES if X.shape[2] == 3 else [str(k) for k in range(X.shape[2])]
    for k, axis in enumerate(names):
        columns[f"mean {axis} (g)"] = X[:, :, k].mean(axis=1)
        columns[f"deviation {axis} (g)"] = X[:, :, k].std(axis=1)
        columns[f"change {axis} (g)"] = np.abs(np.diff(X[:, :, k], axis=1)).mean(axis=1)
    magnitude = np.linalg.norm(X, axis=2)
    columns["mean magnitude (g)"] = magnitude.mean(axis=1)
    columns["deviation of magnitude (g)"] = magnitude.std(axis=1)
    columns["least magnitude (g)"] = magnitude.min(axis=1)
    columns["greatest magnitude (g)"] = magnitude.max(axis=1)
    unit = "Hz" if sampling_rate else "per step"
    columns[f"dominant frequency ({unit})"] = statistics.dominant_frequency(
        magnitude, sampling_rate or 1.0
    )
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Signals:
    """The classes as their signals describe them: means and covariance within, from training.

    Attributes
    ----------
    names : list of str
        Of the F statistics.
    centre : (C, F)
        Mean over the training windows of each class.
    deviation : (C, F)
        Standard deviation within each class.
    whiten : (F, F)
        Turns differences of statistics into distances: ``|whiten @ difference|``.
    reach : (C,)
        Distance from its own class's centre within which 95 % of a class's training windows lie.
    test : (n, F)
        The statistics of the test windows.
    """

    names: list[str]
    centre: np.ndarray
    deviation: np.ndarray
    whiten: np.ndarray
    reach: np.ndarray
    test: np.ndarray

    def distance(self, first: int, second: int) -> float:
        """Distance of two classes, in deviations within a class."""
        return float(np.linalg.norm(self.whiten @ (self.centre[first] - self.centre[second])))

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Distance of test windows ``rows`` from every class, (rows, C)."""
        away = self.test[rows][:, None] - self.centre
        return np.linalg.norm(away @ self.whiten.T, axis=2)


def describe(dataset: Dataset) -> Signals:
    """The statistics of a data set's windows, and the classes that they make."""
    train = features(dataset.X_train, dataset.sampling_rate)
    of_class = [train[dataset.y_train == k].to_numpy() for k in range(len(CLASSES))]
    within = np.concatenate([part - part.mean(axis=0) for part in of_class])
    values, vectors = np.linalg.eigh(within.T @ within / len(within))
    # Statistics that say the same twice (or never change) span no direction of their own.
    kept = values > values.max() * 1e-10
    whiten = (vectors[:, kept] / np.sqrt(values[kept])).T
    away = [np.linalg.norm((part - part.mean(axis=0)) @ whiten.T, axis=1) for part in of_class]
    return Signals(
        list(train.columns),
        np.stack([part.mean(axis=0) for part in of_class]),
        np.stack([part.std(axis=0) for part in of_class]),
        whiten,
        np.array([np.quantile(distance, 0.95) for distance in away]),
        features(dataset.X_test, dataset.sampling_rate).to_numpy(),
    )
