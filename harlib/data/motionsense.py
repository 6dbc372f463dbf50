"""MotionSense: real people, from the published recordings to training and test windows.

Malekzadeh, Clegg, Cavallaro, Haddadi: Mobile Sensor Data Anonymization, IoTDI 2019.
24 subjects with a phone in the front trouser pocket, 50 Hz; total acceleration
is gravity + userAcceleration, in g.

The rule that makes the windows, fixed once:

1. A recording is cut into consecutive windows of 150 rows from its first row,
   without overlap; what is left at its end is dropped.
2. Windows of subjects 1 to 20 are for training, of 21 to 24 for testing.
3. The n windows of a class stand in order of subject, trial and time, and k of
   them are taken: numbers floor(i n / k), i = 0 .. k-1. So every subject and
   trial gives its share, and no random numbers are involved.
4. The classes follow one another in the order of ``CLASSES``.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths
from harlib.data import archive, store
from harlib.data.dataset import Dataset
from harlib.errors import UserError
from harlib.protocol import CLASSES

FOLDER = "motionsense"
SOURCE = (
    "MotionSense (Malekzadeh et al., IoTDI 2019), total acceleration in g, "
    "subjects 1-20 for training, 21-24 for testing"
)
SAMPLING_RATE = 50.0
STEPS = 150
LAST_TRAINING_SUBJECT = 20
TRAIN_PER_CLASS, TEST_PER_CLASS = 500, 100
ACTIVITIES = {
    "dws": "downstairs", "jog": "jogging", "sit": "sitting",
    "std": "standing", "ups": "upstairs", "wlk": "walking",
}  # fmt: skip
COLUMNS = [f"{part}.{axis}" for part in ("gravity", "userAcceleration") for axis in "xyz"]
#: Goes up when the rule above or the reading changes, so that stored windows are made anew.
RULE_VERSION = 1


@dataclass(frozen=True)
class Windows:
    """Windows in order of class, subject, trial and time.

    Attributes
    ----------
    X : float64 array, (windows, 150, 3)
        Total acceleration in g.
    y, subject : int64 array, (windows,)
        Class 0..5; subject 1..24.
    """

    X: np.ndarray
    y: np.ndarray
    subject: np.ndarray


def total_acceleration(recording: bytes) -> np.ndarray:
    """Gravity and the user's own acceleration added, float64 (rows, 3) in g, from a CSV file."""
    # Nothing is checked here: what a recording with the published SHA-256 holds is known.
    values = pd.read_csv(io.BytesIO(recording), usecols=COLUMNS, dtype=np.float64)[COLUMNS]
    return values.to_numpy()[:, :3] + values.to_numpy()[:, 3:]


def cut(acceleration: np.ndarray) -> np.ndarray:
    """Consecutive windows (n, 150, 3) of a recording (rows, 3); the remainder is dropped."""
    n = len(acceleration) // STEPS
    return acceleration[: n * STEPS].reshape(n, STEPS, 3)


def pick(n: int, k: int) -> np.ndarray:
    """Numbers of the ``k`` windows taken of ``n``: floor(i n / k)."""
    return np.arange(k) * n // k


def read_windows(source: archive.Zip | archive.Tree, digests: dict[str, str]) -> Windows:
    """Every window of every published recording in ``source``.

    Raises
    ------
    UserError
        A recording is missing or not the published one.
    """

    def order(name: str) -> tuple[int, int, int]:
        """Class, subject and trial of a recording."""
        entry = archive.RECORDING.fullmatch(name)
        y = CLASSES.index(ACTIVITIES[entry["activity"]])
        return y, int(entry["subject"]), int(entry["trial"])

    names = sorted(digests, key=order)
    recordings = archive.read_all(source, {name: digests[name] for name in names})
    found = [cut(total_acceleration(content)) for _, content in recordings]
    counts = [len(windows) for windows in found]
    labels = np.array([order(name) for name in names], dtype=np.int64)
    return Windows(
        X=np.concatenate(found),
        y=np.repeat(labels[:, 0], counts),
        subject=np.repeat(labels[:, 1], counts),
    )


def select(windows: Windows, train_per_class: int, test_per_class: int) -> dict[str, np.ndarray]:
    """The windows taken, by the name of the field of :class:`Dataset`.

    Raises
    ------
    UserError
        A class has too few windows.
    """
    training = windows.subject <= LAST_TRAINING_SUBJECT
    parts = {"train": (training, train_per_class), "test": (~training, test_per_class)}
    arrays = {}
    for part, (of_part, k) in parts.items():
        taken = []
        for y, activity in enumerate(CLASSES):
            candidates = np.flatnonzero(of_part & (windows.y == y))
            if len(candidates) < k:
                raise UserError(
                    f"MotionSense: class {activity} has {len(candidates)} windows for {part}, "
                    f"{k} are needed"
                )
            taken.append(candidates[pick(len(candidates), k)])
        rows = np.concatenate(taken)
        arrays[f"X_{part}"] = windows.X[rows]
        arrays[f"y_{part}"] = windows.y[rows]
        arrays[f"subject_{part}"] = windows.subject[rows]
    return arrays


def load(
    data_dir: Path,
    checksums: Path = paths.MOTIONSENSE_CHECKSUMS,
    train_per_class: int = TRAIN_PER_CLASS,
    test_per_class: int = TEST_PER_CLASS,
    fallback: Path = paths.ROOT / "data" / "cache",
) -> Dataset:
    """MotionSense as training and test windows, 500 and 100 a class.

    The finished windows are stored in ``<data_dir>/motionsense/windows.npz``,
    or under ``fallback`` where that folder does not take files.

    Raises
    ------
    UserError
        The data are missing or not the published ones, see ``read_windows``.
    """
    source = archive.find(data_dir / FOLDER)
    digests = archive.read_checksums(checksums)
    with archive.readable(source.path):
        files = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in source.files]
    # Stored windows count for one state of the source only: if that was changed, it is checked.
    key = repr((RULE_VERSION, train_per_class, test_per_class, digests, files))
    places = [folder / FOLDER / "windows.npz" for folder in (data_dir, fallback)]
    for place in places:
        if arrays := store.read(place, key):
            break
    else:
        arrays = select(read_windows(source, digests), train_per_class, test_per_class)
        any(store.write(place, key, arrays) for place in places)
    return Dataset(name=FOLDER, source=SOURCE, sampling_rate=SAMPLING_RATE, **arrays)
