"""Recordings of a phone: brought to one rate, to g, and one way up.

How their tables are read, and what is refused, is in :mod:`harlib.use.tables`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib.data.hdf5 import STANDARD_GRAVITY
from harlib.errors import UserError
from harlib.runs import parameters
from harlib.use.tables import TOTAL, find_columns, numbers, place, read_table

#: Seconds of a recording; seconds without a row that are a gap; rows a second.
SHORTEST, LONGEST, GAP, RATES = 3.0, 24 * 3600.0, 0.25, (20.0, 1000.0)
#: What is left of the acceleration on average over 3 s is gravity: in all of MotionSense 0.92 to
#: 1.26 g, and at least 0.45 of the whole (when jogging). Without gravity it is 0.25 when walking.
IN_G, LEAST_SHARE = (0.75, 1.5), 0.4


@dataclass(frozen=True, repr=False)
class Recording:
    """A recording at one rate, in g, turned as in MotionSense."""

    #: What lies between gaps: when it begins, in seconds, and the acceleration in g, (rows, 3).
    pieces: list[tuple[float, np.ndarray]]
    #: Rows a second.
    rate: float
    #: What it was, and what was done to it.
    said: str
    #: Times and names of what was really done, if it says.
    labels: tuple[np.ndarray, np.ndarray] | None = None

    def __repr__(self) -> str:
        return f"Recording({self.said})"

    def windows(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Consecutive windows: when each begins (n,), and (n, steps, 3); a rest is dropped."""
        starts, windows = [], []
        for start, acceleration in self.pieces:
            n = len(acceleration) // steps
            starts.append(start + np.arange(n) * steps / self.rate)
            windows.append(acceleration[: n * steps].reshape(n, steps, 3))
        if not sum(map(len, starts)):
            raise UserError(f"{self!r}: no piece is {steps / self.rate:g} s long, a window")
        return np.concatenate(starts), np.concatenate(windows)

    def label(self, start: float, end: float) -> str:
        """What was really done most of the time from ``start`` to ``end``."""
        times, names = self.labels
        inside = names[np.searchsorted(times, start) : np.searchsorted(times, end)]
        return str(pd.Series(inside).mode()[0]) if len(inside) else ""


def read(
    source: object, *, unit: str = "auto", sampling_rate: float = 0, rate: float = 50.0
) -> Recording:
    """A recording from a file, a DataFrame or an array, at ``rate`` rows a second, in g.

    A UserError says what of it cannot be used, and in which line.

    Parameters
    ----------
    source : path, DataFrame or array
        A relative path counts from the project's root; a DataFrame has columns as a file has; an
        array is (rows, 3), x, y and z.
    unit : str
        ``g``, ``m/s2``; ``auto``: by the length of gravity.
    sampling_rate : float
        Rows a second where there are no times; 0: from the times.
    """
    given = parameters.check_values({"unit": unit, "sampling_rate": sampling_rate})
    name, table, line = read_table(source)
    times, axes, known_rate = find_columns(name, table)
    acceleration = np.stack(
        [sum(numbers(name, table, column, line) for column in columns) for columns in axes], axis=1
    )
    if known_rate := given["sampling_rate"] or known_rate:
        t = np.arange(len(table)) / known_rate
    elif times is None:
        raise UserError(f"{name}: no column of times; needed is t, in seconds, or sampling_rate")
    else:
        t = numbers(name, table, times, line, limit=1e300)
        t = t - t[0]
    measured = _check_times(name, t, line)
    pieces = _resampled(name, t, acceleration, measured, rate)
    _, windows = Recording(pieces, rate, name).windows(int(0.9 * SHORTEST * rate))
    scale, done = _in_g(name, windows, given["unit"])
    pieces = [(start, scale * a) for start, a in pieces]
    if len(pieces) > 1:
        done.append(f"{len(pieces)} pieces between gaps")
    said = f"{name}: {t[-1]:.1f} s at {measured:.4g} Hz; " + ", ".join(done)
    labels = (t, table["activity"].to_numpy(str)) if "activity" in table else None
    return Recording(pieces, rate, said, labels)


def gravity(windows: np.ndarray) -> tuple[float, float]:
    """How long the mean of a window (n, T, 3) is, and what share that is of all; medians."""
    length = np.linalg.norm(windows.mean(axis=1), axis=1)
    whole = np.sqrt((windows**2).sum(axis=2).mean(axis=1))
    return float(np.median(length)), float(np.median(length / np.maximum(whole, 1e-9)))


def _check_times(name: str, t: np.ndarray, line: int) -> float:
    """Rows a second, from times that go on, neither too fast nor too slow, and evenly."""
    between = np.diff(t)
    if len(wrong := np.flatnonzero(between <= 0)):
        row = int(wrong[0]) + 1
        how = "stands still" if between[row - 1] == 0 else "goes back"
        raise UserError(f"{name}, {place(row, line)}: time {how}; allowed are times that grow")
    if len(t) < 2 or not SHORTEST * 0.99 <= t[-1] + between.mean() <= LONGEST:
        raise UserError(f"{name}: {t[-1]:.3g} s; allowed are 3 s to 24 hours, in seconds")
    rate = 1 / float(np.median(between))
    if not RATES[0] * 0.99 <= rate <= RATES[1]:
        raise UserError(
            f"{name}: {rate:.3g} rows a second; allowed are {RATES[0]:g} to {RATES[1]:g}; are the "
            f"times in seconds?"
        )
    pace = np.median(between[: len(between) // 50 * 50].reshape(-1, 50), axis=1)
    other = np.flatnonzero(np.abs(np.log(pace / pace[:1])) > 0.4)  # half as fast again, or as slow
    if len(other):
        before, after = 1 / pace[0], 1 / pace[other[0]]
        raise UserError(
            f"{name}, near {place(50 * int(other[0]), line)}: {before:.3g} rows a second before, "
            f"{after:.3g} after; allowed is one rate"
        )
    return rate


def _resampled(
    name: str, t: np.ndarray, acceleration: np.ndarray, measured: float, rate: float
) -> list[tuple[float, np.ndarray]]:
    """The pieces between gaps at ``rate``: straight lines to a multiple of it, then a low-pass."""
    several = max(1, int(np.ceil(measured / rate - 0.05)))
    borders = np.flatnonzero(np.diff(t) > max(GAP, 5 / measured)) + 1
    pieces = []
    for rows in np.split(np.arange(len(t)), borders):
        begin, end = t[rows[0]], t[rows[-1]]
        if end - begin + 1 / measured < 0.99 * SHORTEST:
            continue
        grid = begin + np.arange(round((end - begin) * rate * several) + 1) / (rate * several)
        even = np.stack([np.interp(grid, t[rows], values) for values in acceleration[rows].T], 1)
        if several > 1:
            from scipy import signal  # not above: it takes longer to load than all the rest

            even = signal.resample_poly(even, 1, several, axis=0, padtype="line")
        pieces.append((float(begin), even))
    if not pieces:
        raise UserError(f"{name}: nowhere 3 s without a gap of {GAP:g} s; needed is one such piece")
    return pieces


def _in_g(name: str, windows: np.ndarray, unit: str) -> tuple[float, list[str]]:
    """What brings ``windows`` (n, T, 3) to g and MotionSense's way up, and that in words."""
    length, share = gravity(windows)
    scale, done = 1.0, ["in g"]
    if unit == "m/s2" or (unit == "auto" and length > 5):
        scale, done = 1 / STANDARD_GRAVITY, [f"in m/s², divided by {STANDARD_GRAVITY}"]
    length *= scale
    what = f"{name}: {done[0]}; on average {length:.2g} g are left"
    if share < LEAST_SHARE or length < 0.5:
        raise UserError(f"{what}: no gravity is in it; {TOTAL}")
    if not IN_G[0] <= length <= IN_G[1]:
        raise UserError(f"{what}, where gravity is 1; allowed are g and m/s² (unit = g or m/s2)")
    # The sign differs between systems, and the way up between pockets. In MotionSense nearly every
    # phone has gravity towards the positive y, and a network that has only seen that needs it.
    if windows[:, :, 1].mean() < 0:
        scale = -scale
        done.append("turned over, so that gravity is along the positive y, as in MotionSense")
    return scale, done
