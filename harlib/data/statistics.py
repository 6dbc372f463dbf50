"""Simple statistics of windows, by class and subject: the yardstick of the synthetic data.

``python -m harlib.data.statistics`` computes them from MotionSense and writes
``data/motionsense_statistics.csv``. That file holds a class's mean over the
subjects and quantiles over the subjects, no measurement of any one subject.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths
from harlib.data import motionsense
from harlib.data.dataset import Dataset
from harlib.errors import UserError, command, one_line
from harlib.protocol import CLASSES
from harlib.storage import files

FILE = paths.ROOT / "data" / "motionsense_statistics.csv"
AXES = "xyz"
#: Unit of each statistic. "change" is the mean absolute difference of consecutive steps.
UNITS = {
    **{f"{name}_{axis}": "g" for name in ("mean", "spread", "std", "change") for axis in AXES},
    **{f"magnitude_{name}": "g" for name in ("mean", "std", "min", "max")},
    "dominant_frequency": "Hz",
}
#: What is said of the subjects' values: mean, 5 and 95 % quantile, least and greatest.
NUMBERS = ("mean", "q05", "q95", "min", "max")
_LOWEST_FREQUENCY = 0.5


def dominant_frequency(signal: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Frequency of the highest peak above 0.5 Hz in the spectrum of each row, in Hz.

    ``signal`` is (windows, steps); a Hann window, and zeros to four times the
    length so that the grid is finer than one over the window's duration.
    """
    steps = signal.shape[1]
    centred = (signal - signal.mean(axis=1, keepdims=True)) * np.hanning(steps)
    spectrum = np.abs(np.fft.rfft(centred, 4 * steps, axis=1))
    frequency = np.fft.rfftfreq(4 * steps, 1 / sampling_rate)
    spectrum[:, frequency < _LOWEST_FREQUENCY] = 0
    return frequency[spectrum.argmax(axis=1)]


def of_windows(X: np.ndarray, sampling_rate: float) -> dict[str, float]:
    """The statistics of the windows (n, steps, 3) of one subject and class.

    Mean, standard deviation and change are means over the windows of the
    value in a window; ``spread`` is the standard deviation over the windows
    of the mean in a window; the magnitude's extremes and dominant frequency are medians over the
    windows.
    """
    magnitude = np.linalg.norm(X, axis=2)
    values = {}
    for k, axis in enumerate(AXES):
        values[f"mean_{axis}"] = X[:, :, k].mean()
        values[f"spread_{axis}"] = X[:, :, k].mean(axis=1).std()
        values[f"std_{axis}"] = X[:, :, k].std(axis=1).mean()
        values[f"change_{axis}"] = np.abs(np.diff(X[:, :, k], axis=1)).mean()
    values["magnitude_mean"] = magnitude.mean()
    values["magnitude_std"] = magnitude.std(axis=1).mean()
    values["magnitude_min"] = np.median(magnitude.min(axis=1))
    values["magnitude_max"] = np.median(magnitude.max(axis=1))
    values["dominant_frequency"] = np.median(dominant_frequency(magnitude, sampling_rate))
    return {name: float(values[name]) for name in UNITS}


def by_subject(
    X: np.ndarray, y: np.ndarray, subject: np.ndarray, sampling_rate: float
) -> pd.DataFrame:
    """One row a class and subject: columns class, subject, and the statistics."""
    rows = []
    for k, activity in enumerate(CLASSES):
        for person in np.unique(subject[y == k]):
            values = of_windows(X[(y == k) & (subject == person)], sampling_rate)
            rows.append({"class": activity, "subject": int(person), **values})
    return pd.DataFrame(rows)


def of_dataset(dataset: Dataset) -> pd.DataFrame:
    """``by_subject`` of all its windows; one subject, number 0, if the data set names none.

    The dominant frequency counts in cycles a step where the sampling rate is unknown.
    """
    subject = np.zeros(len(dataset.y_train) + len(dataset.y_test), dtype=np.int64)
    if dataset.subject_train is not None and dataset.subject_test is not None:
        subject = np.concatenate([dataset.subject_train, dataset.subject_test])
    return by_subject(
        np.concatenate([dataset.X_train, dataset.X_test]),
        np.concatenate([dataset.y_train, dataset.y_test]),
        subject,
        dataset.sampling_rate or 1.0,
    )


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """``NUMBERS`` over the subjects of ``by_subject``: one row a class and statistic, its unit."""
    rows = []
    for activity in CLASSES:
        for statistic, unit in UNITS.items():
            values = table.loc[table["class"] == activity, statistic]
            low, high = values.quantile([0.05, 0.95])
            numbers = values.mean(), low, high, values.min(), values.max()
            rows.append((activity, statistic, unit, *numbers))
    return pd.DataFrame(rows, columns=["class", "statistic", "unit", *NUMBERS])


def read(file: Path = FILE) -> pd.DataFrame:
    """The statistics of the real subjects, as the repository carries them.

    Raises
    ------
    UserError
        The file is missing or not as it was.
    """
    wanted = [[activity, name, unit] for activity in CLASSES for name, unit in UNITS.items()]
    try:
        table = pd.read_csv(io.BytesIO(files.read_bytes(file, files.MAX_JSON)))
        named = table[["class", "statistic", "unit"]].to_numpy().tolist()
        if named != wanted or not np.isfinite(table[list(NUMBERS)].to_numpy(np.float64)).all():
            raise ValueError("its rows or numbers are not those of every class")
    except (*files.BROKEN, KeyError, TypeError) as error:
        raise UserError(
            f"{file}: cannot be read ({one_line(error)}); it belongs to the project, restore it "
            f"from there"
        ) from None
    return table


@command
def main() -> None:
    """Rewrite ``data/motionsense_statistics.csv``."""
    table = summary(of_dataset(motionsense.load()))
    table.to_csv(FILE, index=False, float_format="%.4f", lineterminator="\n")
    print(f"{len(table)} statistics written to {FILE.relative_to(paths.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
