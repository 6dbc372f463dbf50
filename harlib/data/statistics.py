"""Simple statistics of windows, by class and subject: those of MotionSense are the yardstick."""

import numpy as np
import pandas as pd
from scipy.signal import periodogram

from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES

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


def summary(dataset: Dataset) -> pd.DataFrame:
    """Mean and quantiles of :func:`of_dataset` over the subjects, by statistic and class."""
    table = of_dataset(dataset).melt(["class", "subject"], var_name="statistic")
    values = table.groupby(["statistic", "class"])["value"]
    quantiles = {"q05": values.quantile(0.05), "q95": values.quantile(0.95)}
    found = pd.DataFrame({"mean": values.mean(), **quantiles})
    return found.loc[pd.MultiIndex.from_product([UNITS, CLASSES])]
