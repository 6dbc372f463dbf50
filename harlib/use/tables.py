"""Tables of accelerations as phones write them: which columns hold what, and that all are numbers.

Read are texts with commas, tabs or semicolons (then also decimal commas):

- phyphox: ``Time (s)``, ``Acceleration x (m/s^2)``, and y and z alike;
- Sensor Logger, ``TotalAcceleration.csv``: ``time``, ``seconds_elapsed``, ``z``, ``y``, ``x``;
- MotionSense: ``gravity.x``, ``userAcceleration.x``, ... at 50 Hz, without times;
- plain: ``t``, ``x``, ``y``, ``z``; a column ``activity`` says what was really done.

What cannot be is refused in one line: what, where, and what is allowed.
"""

import io
import os
import re
import warnings

import numpy as np
import pandas as pd

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.storage import files

#: Most bytes of a file; 24 hours in 50 rows a second take about 170 MB.
MAX_BYTES = 200 * 2**20
#: The largest number that is taken for a measured acceleration, whatever its unit.
LARGEST = 1000.0
MOTIONSENSE_RATE = 50.0

_AXIS = re.compile(r"((total ?)?a(cc(el(eration|erometer)?)?)?[ _.]?)?[xyz]", re.IGNORECASE)
_TIME = re.compile(r"t|time|timestamp|seconds|seconds_elapsed", re.IGNORECASE)
_MOTIONSENSE = [[f"gravity.{axis}", f"userAcceleration.{axis}"] for axis in "xyz"]
_OTHER = re.compile(r"linear|without g|user ?acc|gyro|rotation|magne", re.IGNORECASE)
TOTAL = (
    "allowed is acceleration with gravity in it: phyphox `Acceleration with g`, "
    "Sensor Logger `TotalAcceleration.csv`"
)


def read_table(source: object) -> tuple[str, pd.DataFrame, int]:
    """Name, table, and the number of its first row as a message gives it: the line in a file."""
    if isinstance(source, pd.DataFrame):
        return "table", source.reset_index(drop=True), 0
    if isinstance(source, (str, os.PathLike)):
        path = paths.resolve(source)
        if not path.is_file():
            found = files.what_is_there(path, "CSV file", (".csv",))
            raise UserError(f"recording {path} {found}")
        try:
            return path.name, _parsed(files.read_bytes(path, MAX_BYTES)), 2
        except files.BROKEN as error:
            reason = "it is not text" if isinstance(error, UnicodeError) else one_line(error)
        raise UserError(f"{path} is no table: {reason}; allowed is a CSV with a header")
    try:
        return "array", pd.DataFrame(np.asarray(source, np.float64), columns=list("xyz")), 0
    except (TypeError, ValueError) as error:
        reason = one_line(error)
    raise UserError(f"recording {type(source).__name__}: {reason}; allowed is (rows, 3), x, y, z")


def _parsed(content: bytes) -> pd.DataFrame:
    """The table in a text; a ValueError says why there is none."""
    text = content.decode("utf-8-sig").rstrip()
    header, _, rest = text.partition("\n")
    separator = max("\t;,", key=header.count)
    if any(re.fullmatch(r'[-+"]*[\d.]+"?', field) for field in header.strip().split(separator)):
        raise ValueError("its first line holds numbers; needed are names of columns there")
    comma = separator != "," and "," in rest.partition("\n")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(
                io.StringIO(text), sep=separator, decimal="," if comma else ".", index_col=False,
                skip_blank_lines=False, low_memory=False,
            )  # fmt: skip
        except pd.errors.ParserWarning:
            raise ValueError("its lines have more fields than the first one") from None


def find_columns(name: str, table: pd.DataFrame) -> tuple[object, list[list[object]], float]:
    """The column of times or None; those whose sum is each axis; rows a second if that is known."""
    if all(set(columns) <= set(table.columns) for columns in _MOTIONSENSE):
        return None, _MOTIONSENSE, MOTIONSENSE_RATE
    plain = {column: re.sub(r" ?[(\[].*", "", str(column)).strip() for column in table.columns}
    times = [column for column, word in plain.items() if _TIME.fullmatch(word)]
    times.sort(key=lambda column: plain[column] != "seconds_elapsed")
    axes = []
    for axis in "xyz":
        of_axis = [c for c, word in plain.items() if _AXIS.fullmatch(word) and word[-1:] == axis]
        if len(of_axis) != 1:
            how = "several columns" if of_axis else "no column"
            listed = one_line(", ".join(map(str, table.columns[:9])))
            needed = "needed are t, x, y, z"
            if any(_OTHER.search(str(column)) for column in table.columns):
                needed = f"gravity is taken off there, or it is another sensor: {TOTAL}"
            raise UserError(f"{name}: {how} for axis {axis} among {listed}; {needed}")
        axes.append(of_axis)
    return times[0] if times else None, axes, 0.0


def numbers(
    name: str, table: pd.DataFrame, column: object, line: int, limit: float = LARGEST
) -> np.ndarray:
    """A column as float64; every row must hold a number."""
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    if not len(values):
        raise UserError(f"{name}: there are no rows in it")
    if (wrong := ~(np.abs(values) <= limit)).any():
        row = int(np.argmax(wrong))
        raw = table[column].iloc[row]
        what = "empty or not a number" if pd.isna(raw) else one_line(repr(str(raw)))
        raise UserError(
            f"{name}, {place(row, line)}, column {column} is {what}; allowed are finite numbers "
            f"up to {limit:g}"
        )
    return values


def place(row: int, line: int) -> str:
    return f"line {row + line}" if line else f"row {row}"
