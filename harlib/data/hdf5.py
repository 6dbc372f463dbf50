"""HDF5 files with four keys: the shipped windows, the report's own file, or anybody's alike.

What may be in one is in ``data/README.md``, "A file of your own". It is taken as a stranger's:
whatever could make HDF5 look at another file or set aside memory without bound is refused before
any number is read.
"""

import math
from pathlib import Path

import h5py
import numpy as np

from harlib import paths
from harlib.data.dataset import Dataset
from harlib.errors import UserError, did_you_mean, one_line
from harlib.protocol import CLASSES
from harlib.storage import files

KEYS = ("trX", "trY", "tstX", "tstY")
CHANNELS = 3
#: Most numbers in one array, and in one chunk of it: 400 MB as float64, and 37 times the published.
MAX_VALUES = 50_000_000
#: Compression and checksums that HDF5 itself brings: deflate, shuffle, Fletcher-32, szip,
#: n-bit, scale-offset, and h5py's LZF. Anything else would be code loaded from elsewhere.
FILTERS = {1, 2, 3, 4, 5, 6, 32000}
STANDARD_GRAVITY = 9.80665
#: Resting lengths of the acceleration that are taken for g and for m/s².
IN_G, IN_METRES = (0.9, 1.1), (8.5, 11.0)


def load(file: Path) -> Dataset:
    """Data set from an HDF5 file as ``data/README.md`` describes it; a UserError of any other."""
    if not file.is_file():
        found = files.what_is_there(file, "HDF5 file", paths.HDF5_ENDINGS)
        raise UserError(f"data file {file} {found}")
    try:
        with h5py.File(file, "r", locking=False) as h5:
            train, understood = _part(h5, "tr", file)
            test, _ = _part(h5, "tst", file)
            said = {name: h5.attrs.get(name) for name in ("source", "unit", "sampling_rate_hz")}
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError) as error:
        raise UserError(f"{file} is not a whole, readable HDF5 file: {one_line(error)}") from None
    steps, test_steps = train["X"].shape[1], test["X"].shape[1]
    if steps != test_steps:
        raise UserError(
            f"{file}: windows have {steps} steps in trX and {test_steps} in tstX; both must have "
            f"the same number"
        )
    for name, kind in (("source", "text"), ("unit", "text"), ("sampling_rate_hz", "a number")):
        if not isinstance(said[name], (str if kind == "text" else float, type(None))):
            raise UserError(
                f"{file}: attribute {name} is {one_line(str(said[name]))}; allowed is {kind}"
            )
    return Dataset(
        name=paths.data_label(str(file)),
        source=one_line(said["source"] or ", ".join([f"HDF5 file {file.name}", *understood])),
        unit=said["unit"] or _unit(train["X"], file),
        sampling_rate=said["sampling_rate_hz"],
        **{f"{name}_train": array for name, array in train.items()},
        **{f"{name}_test": array for name, array in test.items()},
    )


def _part(h5: h5py.File, part: str, file: Path) -> tuple[dict[str, np.ndarray | None], list[str]]:
    """``X`` (n, steps, 3), float64; ``y`` and ``subject`` (n,), int64; what was understood."""
    understood = []
    X = _read(h5, f"{part}X", file)
    label = f"{file}: key {part}X"
    reversed_axes = X.ndim == 3 and X.shape[0] == CHANNELS != X.shape[2]
    if reversed_axes:
        X = np.ascontiguousarray(X.T)
        understood.append("axes in MATLAB's order")
    if X.ndim != 3 or X.shape[2] != CHANNELS:
        raise UserError(
            f"{label} has shape {X.shape}; allowed is (windows, steps, 3), or MATLAB's "
            f"(3, steps, windows)"
        )
    if not np.isfinite(X).all():
        window, step, axis = np.argwhere(~np.isfinite(X))[0]
        raise UserError(
            f"{label}, window {window}, step {step}, axis {axis} is {X[window, step, axis]}; "
            f"allowed are finite numbers"
        )
    Y = _read(h5, f"{part}Y", file)
    label = f"{file}: key {part}Y"
    if reversed_axes and Y.ndim == 2:
        Y = Y.T
    if Y.ndim == 2 and 1 in Y.shape:
        Y = Y.ravel()
    if Y.ndim not in (1, 2) or (Y.ndim == 2 and Y.shape[1] != len(CLASSES)):
        raise UserError(
            f"{label} has shape {Y.shape}; allowed is (windows, 6), one-hot, or (windows,), whole "
            f"numbers 0..5"
        )
    if len(Y) != len(X):
        raise UserError(f"{label} has {len(Y)} rows for {len(X)} windows")
    if Y.ndim == 1:
        understood.append("classes as whole numbers 0..5")
    y, subject = _classes(Y, label), _subjects(h5, f"{part}S", len(X), file)
    return {"X": X, "y": y, "subject": subject}, understood


def _read(h5: h5py.File, key: str, file: Path) -> np.ndarray:
    """Array of ``key`` as float64, after everything about it has been found harmless."""
    label = f"{file}: key {key}"
    link = h5.get(key, getlink=True) if key in h5.keys() else None  # noqa: SIM118
    if link is None:
        found = sorted(h5.keys())
        inside = [name for name in found if isinstance(h5.get(name, getlink=True), h5py.HardLink)]
        inside = [name for name in inside if isinstance(h5[name], h5py.Group) and key in h5[name]]
        deeper = f"; group {inside[0]} has one: move the keys to the top" if inside else ""
        listed = one_line(", ".join(found[:9])) or "nothing"
        raise UserError(
            f"{label} is missing{did_you_mean(key, found)}; needed are {', '.join(KEYS)}, "
            f"found {listed}{deeper}"
        )
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
    if not shape or 0 in shape:
        raise UserError(f"{label} has shape {shape}: there is nothing in it")
    if max(math.prod(shape), math.prod(dataset.chunks or ())) > MAX_VALUES:
        raise UserError(f"{label} has shape {shape}; at most {MAX_VALUES} numbers are read")
    filters = dataset.id.get_create_plist()
    for number in range(filters.get_nfilters()):
        if (code := filters.get_filter(number)[0]) not in FILTERS:
            raise UserError(f"{label} is packed by filter {code}, which is not allowed")
    return dataset[()].astype(np.float64)


def _classes(Y: np.ndarray, label: str) -> np.ndarray:
    """Class numbers, int64 (windows,), from one-hot rows (windows, 6) or whole numbers."""
    numbers = np.arange(len(CLASSES))
    if Y.ndim == 2:
        good = ((Y == 0) | (Y == 1)).all(axis=1) & (Y.sum(axis=1) == 1)
        y, allowed = Y.argmax(axis=1), "one 1 and five 0"
    else:
        good, y, allowed = np.isin(Y, numbers), Y, "a whole number 0..5"
    if not good.all():
        row = int(np.argmin(good))
        raise UserError(f"{label}, row {row} is {Y[row].tolist()}; allowed is {allowed}")
    absent = np.setdiff1d(numbers, y)
    if len(absent):
        raise UserError(
            f"{label} has no window of class {absent[0]} ({CLASSES[absent[0]]}); "
            f"all {len(CLASSES)} classes are needed"
        )
    return y.astype(np.int64)


def _subjects(h5: h5py.File, key: str, windows: int, file: Path) -> np.ndarray | None:
    """Whose each window is, int64 (windows,), if the file says so."""
    if key not in h5.keys():  # noqa: SIM118
        return None
    values = _read(h5, key, file).ravel()
    if not (np.isfinite(values).all() and (values == np.round(values)).all()):
        raise UserError(f"{file}: key {key} has other values than whole numbers")
    if len(values) != windows:
        raise UserError(f"{file}: key {key} has shape {values.shape} for {windows} windows")
    return values.astype(np.int64)


def _unit(X: np.ndarray, file: Path) -> str:
    """``g``, or nothing where the values do not tell; X (windows, steps, 3).

    The length of the acceleration at rest tells: its median in the quietest
    tenth of the windows, if it varies by less than a tenth there.
    """
    length = np.linalg.norm(np.clip(X, -1e6, 1e6), axis=2)  # there are files with 1e300 in them
    spread = length.std(axis=1)
    quiet = spread <= np.quantile(spread, 0.1)
    at_rest = float(np.median(length[quiet]))
    if np.median(spread[quiet]) > 0.1 * at_rest:
        return ""
    if IN_METRES[0] <= at_rest <= IN_METRES[1]:
        raise UserError(
            f"{file}: at rest the acceleration is {at_rest:.2f} long, so its unit seems to be "
            f"m/s²; allowed is g: divide trX and tstX by {STANDARD_GRAVITY} (or, if they shall be "
            f"taken as they are, give the file an attribute `unit`)"
        )
    return "g" if IN_G[0] <= at_rest <= IN_G[1] else ""
