"""HDF5 files with four keys: the report's own file, or anybody's of the same form.

``trX`` (windows, steps, 3), ``trY`` (windows, 6) one-hot, ``tstX`` and ``tstY``
likewise. Every window has the same number of steps; how many windows and steps
there are is free within the limits below.

The file is taken as a stranger's: whatever could make HDF5 look at another file
or set aside memory without bound is refused before any number is read.
"""

import math
from pathlib import Path

import h5py
import numpy as np

from harlib import paths
from harlib.data.dataset import Dataset
from harlib.errors import UserError, one_line
from harlib.protocol import CLASSES

KEYS = ("trX", "trY", "tstX", "tstY")
CHANNELS = 3
#: Most numbers in one array, and in one chunk of it: 400 MB as float64, and 37 times the published.
MAX_VALUES = 50_000_000
#: Compression and checksums that HDF5 itself brings: deflate, shuffle, Fletcher-32, szip,
#: n-bit, scale-offset, and h5py's LZF. Anything else would be code loaded from elsewhere.
FILTERS = {1, 2, 3, 4, 5, 6, 32000}
COURSE_FILE = Path("course") / "data-Mini Project 2.h5"
COURSE_SOURCE = "the data file of the published report, acceleration on three axes"


def load_course(data_dir: Path) -> Dataset:
    """The file that the report used, ``<data_dir>/course/data-Mini Project 2.h5``.

    Raises
    ------
    UserError
        It is not there, or see ``load``.
    """
    file = data_dir / COURSE_FILE
    if not file.exists():
        raise UserError(
            f"no course data: {file} does not exist; the file is not public, and who has it "
            f"puts it there (or sets data_dir or HARLIB_DATA)"
        )
    return load(file, name="course", source=COURSE_SOURCE)


def load(file: Path, name: str = "", source: str = "") -> Dataset:
    """Data set from an HDF5 file with the keys trX, trY, tstX and tstY.

    Raises
    ------
    UserError
        The file is missing, not whole, or anything in it is not as described
        at the top of this module.
    """
    try:
        if not file.is_file():
            what = "is a folder, not a file" if file.is_dir() else "does not exist"
            raise UserError(f"data file {file} {what}; a relative path counts from {paths.ROOT}")
        with h5py.File(file, "r", locking=False) as h5:
            X_train, Y_train, X_test, Y_test = (_read(h5, key, file) for key in KEYS)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError) as error:
        raise UserError(f"{file} is not a whole, readable HDF5 file: {one_line(error)}") from None
    if X_train.shape[1] != X_test.shape[1]:
        raise UserError(
            f"{file}: windows have {X_train.shape[1]} steps in trX and {X_test.shape[1]} in tstX; "
            f"both must have the same number"
        )
    return Dataset(
        name=name or paths.data_label(str(file)),
        source=source or f"HDF5 file {file.name}",
        X_train=_finite(X_train, f"{file}: key trX"),
        y_train=_classes(Y_train, f"{file}: key trY", len(X_train)),
        X_test=_finite(X_test, f"{file}: key tstX"),
        y_test=_classes(Y_test, f"{file}: key tstY", len(X_test)),
    )


def _read(h5: h5py.File, key: str, file: Path) -> np.ndarray:
    """Array of ``key`` as float64, after everything about it has been found harmless."""
    label = f"{file}: key {key}"
    link = h5.get(key, getlink=True) if key in h5.keys() else None  # noqa: SIM118
    if link is None:
        raise UserError(f"{label} is missing; needed are {', '.join(KEYS)}")
    if not isinstance(link, h5py.HardLink):
        raise UserError(f"{label} is a link to elsewhere; allowed is a data set")
    dataset = h5[key]
    if not isinstance(dataset, h5py.Dataset):
        raise UserError(f"{label} is a {type(dataset).__name__}; allowed is a data set")
    if dataset.is_virtual or dataset.external:
        raise UserError(f"{label} takes its values from another file; not allowed")
    if dataset.dtype.kind not in "fiub":
        raise UserError(f"{label} has type {dataset.dtype}; allowed are real numbers")
    shape = dataset.shape or ()
    wanted = ("windows", len(CLASSES)) if key.endswith("Y") else ("windows", "steps", CHANNELS)
    if len(shape) != len(wanted) or shape[-1] != wanted[-1] or 0 in shape:
        raise UserError(
            f"{label} has shape {shape}; allowed is ({', '.join(map(str, wanted))}), none of them 0"
        )
    if max(math.prod(shape), math.prod(dataset.chunks or ())) > MAX_VALUES:
        raise UserError(f"{label} has shape {shape}; at most {MAX_VALUES} numbers are read")
    filters = dataset.id.get_create_plist()
    for number in range(filters.get_nfilters()):
        if (code := filters.get_filter(number)[0]) not in FILTERS:
            raise UserError(f"{label} is packed by filter {code}, which is not allowed")
    return dataset[()].astype(np.float64)


def _finite(X: np.ndarray, label: str) -> np.ndarray:
    """``X`` (windows, steps, 3), if every number in it is finite."""
    if not np.isfinite(X).all():
        window, step, axis = np.argwhere(~np.isfinite(X))[0]
        raise UserError(
            f"{label}, window {window}, step {step}, axis {axis} is {X[window, step, axis]}; "
            f"allowed are finite numbers"
        )
    return X


def _classes(Y: np.ndarray, label: str, windows: int) -> np.ndarray:
    """Class numbers, int64 (windows,), from one-hot rows (windows, 6)."""
    if len(Y) != windows:
        raise UserError(f"{label} has {len(Y)} rows for {windows} windows")
    one_hot = ((Y == 0) | (Y == 1)).all(axis=1) & (Y.sum(axis=1) == 1)
    if not one_hot.all():
        row = int(np.argmin(one_hot))
        raise UserError(f"{label}, row {row} is {Y[row].tolist()}; allowed is one 1 and five 0")
    y = Y.argmax(axis=1).astype(np.int64)
    counts = np.bincount(y, minlength=len(CLASSES))
    if (counts == 0).any():
        absent = int(np.argmin(counts))
        raise UserError(
            f"{label} has no window of class {absent} ({CLASSES[absent]}); "
            f"all {len(CLASSES)} classes are needed"
        )
    return y
