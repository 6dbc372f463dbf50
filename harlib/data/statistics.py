"""Simple statistics of windows, by class and subject: the yardstick of the synthetic data.

``data/motionsense_statistics.csv`` is the :func:`summary` of MotionSense. It holds a class's mean
and quantiles over the subjects, no measurement of any one subject.
"""

import io

import numpy as np
import pandas as pd
from scipy.signal import periodogram

from harlib import paths
from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES
from harlib.storage import files

FILE = paths.ROOT / "data" / "motionsense_statistics.csv"
SHA256 = "019a609b811dea6db8cd1024d58a1158864cb7d0d367cd0f548c6d6fdf57e8c1"
AXES = "xyz"
#: Unit of each statistic.
UNITS = {
    **{f"{name}_{axis}": "g" for name in ("mean", "spread", "std", "change") for axis in AXES},
    **{f"magnitude_{name}": "g" for name in ("mean", "std", "min", "max")},
    "dominant_frequency": "Hz",
}


def of_windows(X: np.ndarray, sampling_rate: float) -> pd.DataFrame:
    """Simple statistics of each window of ``X`` (n, steps, 3), one row a window.

    Of each axis ``mean``, ``std`` and ``change``, the mean absolute difference of consecutive
    steps; then those of the magnitude. Its dominant frequency is that of the highest peak of its
    spectrum above 0.5 Hz.
    """
    values = {}
    for k, axis in enumerate(AXES):
        values[f"mean_{axis}"] = X[:, :, k].mean(axis=1)
        values[f"std_{axis}"] = X[:, :, k].std(axis=1)
        values[f"change_{axis}"] = np.abs(np.diff(X[:, :, k], axis=1)).mean(axis=1)
    magnitude = np.linalg.norm(X, axis=2)
    for name in ("mean", "std", "min", "max"):
        values[f"magnitude_{name}"] = getattr(magnitude, name)(axis=1)
    # Zeros to four times the length: a grid that is finer than one over the window's duration.
    steps = X.shape[1]
    frequency, power = periodogram(magnitude, sampling_rate, np.hanning(steps), nfft=4 * steps)
    power[:, frequency < 0.5] = 0
    values["dominant_frequency"] = frequency[power.argmax(axis=1)]
    return pd.DataFrame(values)


def of_dataset(dataset: Dataset) -> pd.DataFrame:
    """One row a class and subject: columns class, subject, and those of :data:`UNITS`.

    The data set names its subjects and its rate. ``spread`` is the deviation over the windows of
    the mean in a window. Over the windows, the magnitude's extremes and the dominant frequency are
    medians, all others means.
    """
    subject = np.concatenate([dataset.subject_train, dataset.subject_test])
    activity = np.array(CLASSES)[np.concatenate([dataset.y_train, dataset.y_test])]
    X = np.concatenate([dataset.X_train, dataset.X_test])
    windows = of_windows(X, dataset.sampling_rate).groupby([activity, subject])
    table = windows.mean()
    for axis in AXES:
        table[f"spread_{axis}"] = windows[f"mean_{axis}"].std(ddof=0)
    medians = ["magnitude_min", "magnitude_max", "dominant_frequency"]
    table[medians] = windows[medians].median()
    return table[list(UNITS)].rename_axis(["class", "subject"]).reset_index()


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, quantiles, least and greatest of the subjects: a row a class and statistic."""
    values = table.melt(["class", "subject"], var_name="statistic").groupby(["class", "statistic"])
    values = values["value"]
    numbers = {"mean": values.mean(), "q05": values.quantile(0.05), "q95": values.quantile(0.95)}
    found = pd.DataFrame({**numbers, "min": values.min(), "max": values.max()})
    found.insert(0, "unit", found.index.get_level_values("statistic").map(UNITS))
    return found.loc[pd.MultiIndex.from_product([CLASSES, UNITS])].reset_index()


def read() -> pd.DataFrame:
    """The statistics of the real subjects; a UserError where the file is not as it was."""
    return pd.read_csv(io.BytesIO(files.shipped(FILE, SHA256)))
