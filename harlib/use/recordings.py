"""Recordings of a phone: read by their header, brought to one rate, to g, and one way up.

Read are text tables with commas, semicolons (then also decimal commas) or tabs:

- phyphox: ``Time (s)``, ``Acceleration x (m/s^2)``, and y and z alike;
- Sensor Logger, ``TotalAcceleration.csv``: ``time``, ``seconds_elapsed``, ``z``, ``y``, ``x``;
- MotionSense: ``gravity.x``, ``userAcceleration.x``, ... in g at 50 Hz, without times;
- plain: ``t``, ``x``, ``y``, ``z``; a column ``activity`` says what was really done.

What cannot be is refused in one line: what, where, and what is allowed.
"""

import io
import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths
from harlib.data.hdf5 import STANDARD_GRAVITY
from harlib.errors import UserError, one_line
from harlib.runs import parameters
from harlib.storage import files

#: Most bytes of a file; 24 hours in 50 rows a second take about 170 MB.
MAX_BYTES = 200 * 2**20
#: Seconds of a recording; seconds without a row that count as a gap.
SHORTEST, LONGEST, GAP = 3.0, 24 * 3600.0, 0.25
#: Rows a second.
RATES = (20.0, 1000.0)
#: The largest number that is taken for a measured acceleration, whatever its unit.
LARGEST = 1000.0
#: Where the movement is averaged out, what is left is gravity. In every recording of MotionSense it
#: is 0.92 to 1.26 g long, and at least 0.45 of the length that the acceleration has on the whole
#: (running is the least); without gravity the middle one of each activity is below 0.25 moving.
IN_G, LEAST_SHARE = (0.75, 1.5), 0.4
MOTIONSENSE_RATE = 50.0

_AXIS = re.compile(
    r"(?:(?:total ?)?a(?:cc(?:el(?:eration|erometer)?)?)?[ _.]?)?([xyz])(?: ?[(\[](.+)[)\]])?", re.I
)
_TIME = re.compile(
    r"(?:t|time|timestamp|seconds|seconds_elapsed)(?: ?[(\[](s|ms|us|ns)[)\]])?", re.I
)
_SECONDS = {None: 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_UNITS = {"g": "g", "m/s^2": "m/s2", "m/s²": "m/s2", "m/s2": "m/s2"}
_MOTIONSENSE = {axis: [f"gravity.{axis}", f"userAcceleration.{axis}"] for axis in "xyz"}
_OTHER = re.compile(r"linear|without g|user ?acc|gyro|rotation|rad/s|magne|µT", re.I)
_TOTAL = (
    "allowed is acceleration with gravity in it: phyphox `Acceleration with g`, "
    "Sensor Logger `TotalAcceleration.csv`"
)


@dataclass(frozen=True, repr=False)
class Recording:
    """A recording at one rate, in g, turned as in MotionSense.

    Attributes
    ----------
    pieces : list of (float, (rows, 3) array)
        What lies between gaps: when it begins, in seconds, and the acceleration in g.
    rate : float
        Rows a second.
    said : str
        What it was, and what was done to it.
    labels : (times, names) or None
        What was really done, from each of the ``times`` on.
    """

    pieces: list[tuple[float, np.ndarray]]
    rate: float
    said: str
    labels: tuple[np.ndarray, np.ndarray] | None = None

    def __repr__(self) -> str:
        return f"Recording({self.said})"

    def windows(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Consecutive windows: when each begins (n,), and (n, steps, 3); what is left is dropped.

        Raises
        ------
        UserError
            No piece is so long.
        """
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

    Parameters
    ----------
    source : path, DataFrame or array
        A relative path counts from the project's root; a DataFrame has columns as a file has; an
        array is (rows, 3), x, y and z.
    unit : str
        ``g``, ``m/s2``; ``auto``: what the header says, or else the length of gravity.
    sampling_rate : float
        Rows a second where there are no times; 0: from the times.

    Raises
    ------
    UserError
        It is no such recording; says what, where, and what is allowed.
    """
    given = parameters.check_values({"unit": unit, "sampling_rate": sampling_rate})
    name, table, line = _table(source)
    t_column, axes, said_unit, known_rate = _columns(name, table)
    parts = [sum(_numbers(name, table, c, line) for c in columns) for columns in axes]
    acceleration = np.stack(parts, axis=1)
    given_rate = given["sampling_rate"] or known_rate
    if t_column is not None and not given["sampling_rate"]:
        factor = _SECONDS[_TIME.fullmatch(str(t_column))[1]]
        t = factor * _numbers(name, table, t_column, line, limit=np.inf)
        t -= t[0]
    elif given_rate:
        t = np.arange(len(table)) / given_rate
    else:
        raise UserError(
            f"{name}: no column of times; needed is one, such as t in seconds, or sampling_rate"
        )
    measured = _check_times(name, t, line)
    pieces = _resampled(name, t, acceleration, measured, rate)
    steps = int(0.9 * SHORTEST * rate)
    windows = [a[: len(a) // steps * steps].reshape(-1, steps, 3) for _, a in pieces]
    scale, done = _in_g(name, np.concatenate(windows), said_unit if unit == "auto" else unit)
    pieces = [(start, scale * a) for start, a in pieces]
    if len(pieces) > 1:
        done.append(f"{len(pieces)} pieces between gaps")
    said = f"{name}: {t[-1]:.1f} s at {measured:.4g} Hz; " + ", ".join(done)
    labels = (t, table["activity"].to_numpy(str)) if "activity" in table else None
    return Recording(pieces, rate, said, labels)


def not_measured(values: np.ndarray, limit: float = LARGEST) -> np.ndarray:
    """True where a value is not finite, or larger than what a phone can measure."""
    return ~(np.abs(values) <= limit)


def gravity(windows: np.ndarray) -> tuple[float, float]:
    """How long the mean of a window (n, T, 3) is, and what share that is of all; medians."""
    length = np.linalg.norm(windows.mean(axis=1), axis=1)
    whole = np.sqrt((windows**2).sum(axis=2).mean(axis=1))
    return float(np.median(length)), float(np.median(length / np.maximum(whole, 1e-9)))


def _table(source: object) -> tuple[str, pd.DataFrame, int]:
    """Name, table, and the number of its first row as a message gives it: the line in a file."""
    if isinstance(source, pd.DataFrame):
        return "table", source.reset_index(drop=True), 0
    if not isinstance(source, (str, os.PathLike)):
        try:
            array = np.asarray(source, dtype=np.float64)
        except (TypeError, ValueError):
            array = np.empty(0)
        if array.ndim != 2 or array.shape[1] != 3:
            raise UserError(f"recording of shape {array.shape}: allowed is (rows, 3), x, y and z")
        return "array", pd.DataFrame(array, columns=list("xyz")), 0
    path = paths.resolve(source)
    if not path.is_file():
        found = files.what_is_there(path, "CSV file", (".csv", ".txt", ".tsv"))
        raise UserError(f"recording {path} {found}")
    return path.name, _parsed(path), 2


def _parsed(path: Path) -> pd.DataFrame:
    """The table in a text file."""
    try:
        text = files.read_bytes(path, MAX_BYTES).decode("utf-8-sig").rstrip()
        header, _, rest = text.partition("\n")
        separator = max("\t;,", key=header.count)
        first = rest.partition("\n")[0]
        if any(re.fullmatch(r'[-+"]*[\d.]+"?', field) for field in header.split(separator)):
            raise ValueError("its first line holds numbers; needed are names of columns there")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text), sep=separator, index_col=False, skip_blank_lines=False,
                decimal="," if separator != "," and "," in first else ".", low_memory=False,
            )  # fmt: skip
    except UnicodeDecodeError:
        reason = "it is not text"
    except pd.errors.ParserWarning:
        reason = "its lines have more fields than the first one"
    except (OSError, ValueError, MemoryError) as error:
        reason = one_line(error)
    raise UserError(f"{path} is no table: {reason}; allowed is a CSV with a header") from None


def _columns(name: str, table: pd.DataFrame) -> tuple[object, list[list[object]], str, float]:
    """The column of times or None; those whose sum is each axis; the unit; the rate, if known."""
    there = list(table.columns)
    if all(set(columns) <= set(there) for columns in _MOTIONSENSE.values()):
        return None, list(_MOTIONSENSE.values()), "g", MOTIONSENSE_RATE
    times = [c for c in there if _TIME.fullmatch(str(c))]
    times.sort(key=lambda c: "seconds_elapsed" not in str(c))
    axes, units = {}, {""}
    for column in there:
        found = _AXIS.fullmatch(str(column).strip())
        if not found or (found[2] and found[2] not in _UNITS):
            continue
        if found[1].lower() in axes:
            raise UserError(f"{name}: axis {found[1]} is there twice; allowed is one column each")
        axes[found[1].lower()] = [column]
        units.add(_UNITS.get(found[2], ""))
    listed = one_line(", ".join(map(str, there[:9])))
    if missing := [axis for axis in "xyz" if axis not in axes]:
        if other := [c for c in there if _OTHER.search(str(c))]:
            raise UserError(f"{name}: column {one_line(str(other[0]))} is something else; {_TOTAL}")
        raise UserError(
            f"{name}: no column for axis {missing[0]} among {listed}; needed are t, x, y, z"
        )
    return times[0] if times else None, [axes[axis] for axis in "xyz"], max(units), 0.0


def _numbers(
    name: str, table: pd.DataFrame, column: object, line: int, limit: float = LARGEST
) -> np.ndarray:
    """A column as float64; every row must hold a number."""
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    if not len(values):
        raise UserError(f"{name}: there are no rows in it")
    if (wrong := not_measured(values, min(limit, 1e300))).any():
        row = int(np.argmax(wrong))
        raw = table[column].iloc[row]
        what = "empty or not a number" if pd.isna(raw) else one_line(repr(str(raw)))
        raise UserError(
            f"{name}, {_place(row, line)}, column {column} is {what}; allowed are finite numbers"
            + (f" up to {limit:g}" if np.isfinite(limit) else "")
        )
    return values


def _place(row: int, line: int) -> str:
    return f"line {row + line}" if line else f"row {row}"


def _check_times(name: str, t: np.ndarray, line: int) -> float:
    """Rows a second, from times that go on, neither too fast nor too slow, and evenly."""
    between = np.diff(t)
    if len(wrong := np.flatnonzero(between <= 0)):
        row = int(wrong[0]) + 1
        how = "stands still" if between[row - 1] == 0 else "goes back"
        raise UserError(f"{name}, {_place(row, line)}: time {how}; allowed are times that grow")
    if not len(t) > 1 or not SHORTEST * 0.99 <= t[-1] + between.mean() <= LONGEST:
        raise UserError(f"{name}: {t[-1]:.3g} s; allowed are 3 s to 24 hours, in seconds")
    rate = 1 / float(np.median(between))
    if not RATES[0] * 0.99 <= rate <= RATES[1]:
        raise UserError(
            f"{name}: {rate:.3g} rows a second; allowed are {RATES[0]:g} to {RATES[1]:g}; are the "
            f"times in seconds?"
        )
    blocks = between[: len(between) // 50 * 50].reshape(-1, 50)
    pace = np.median(blocks, axis=1) if len(blocks) else np.ones(1)
    if pace.max() > 1.5 * pace.min():
        other = int(np.argmax(np.abs(np.log(pace / pace[0])) > 0.2))
        raise UserError(
            f"{name}, near {_place(50 * other, line)}: {1 / pace[0]:.3g} rows a second before, "
            f"{1 / pace[other]:.3g} after; allowed is one rate"
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
        even = np.stack([np.interp(grid, t[rows], acceleration[rows, k]) for k in range(3)], axis=1)
        if several > 1:
            from scipy import signal  # not above: it takes longer to load than all the rest

            even = signal.resample_poly(even, 1, several, axis=0, padtype="line")
        pieces.append((float(begin), even))
    if not pieces:
        raise UserError(f"{name}: nowhere 3 s without a gap of {GAP:g} s; needed is one such piece")
    return pieces


def _in_g(name: str, windows: np.ndarray, unit: str) -> tuple[float, list[str]]:
    """What brings ``windows`` (n, T, 3) to g and MotionSense's way up, and what was done, in words.

    ``unit`` is ``g``, ``m/s2``, or nothing where it is not said.
    """
    length, share = gravity(windows)
    scale, done = 1.0, ["in g"]
    if (unit or ("m/s2" if length > 5 else "g")) == "m/s2":
        scale, done = 1 / STANDARD_GRAVITY, [f"in m/s², divided by {STANDARD_GRAVITY}"]
    length *= scale
    if share < LEAST_SHARE or length < 0.5:
        raise UserError(
            f"{name}: {done[0]}; only {length:.2g} g are left on average: no gravity is in it; "
            f"{_TOTAL}"
        )
    if not IN_G[0] <= length <= IN_G[1]:
        raise UserError(
            f"{name}: {done[0]}; {length:.3g} g are left on average, where gravity is 1; allowed "
            f"are g and m/s² (unit = g or m/s2)"
        )
    # The sign differs between systems, and the way up between pockets. In MotionSense nearly every
    # phone has gravity towards the positive y, and a network that has only seen that needs it.
    if windows[:, :, 1].mean() < 0:
        scale = -scale
        done.append("turned over, so that gravity is along the positive y, as in MotionSense")
    return scale, done
