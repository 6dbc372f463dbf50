"""The archive of MotionSense: its recordings, and the windows that are cut from them.

The rule that makes the windows of ``data/motionsense.h5``, fixed once:

1. A recording that is in the archive twice, byte for byte, counts once: the lower trial stays.
2. A recording is cut into consecutive windows of 150 rows from its first row,
   without overlap; what is left at its end is dropped.
3. Windows of subjects 1 to 20 are for training, of 21 to 24 for testing.
4. The n windows of a class stand in order of subject, trial and time, and k of
   them are taken: numbers floor(i n / k), i = 0 .. k-1. So every subject and
   trial gives its share, and no random numbers are involved.
5. The classes follow one another in the order of ``CLASSES``.
"""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from harlib.errors import UserError, one_line
from harlib.protocol import CLASSES
from harlib.storage import files

#: SHA-256 of the archive's content: see ``read_recordings``. The zip itself has no published one.
RECORDINGS_SHA256 = "c8e100bdf5073453cce72eaa5210f66ac5821098e4dbcab51c63aff88ef111a0"
STEPS = 150
LAST_TRAINING_SUBJECT = 20
TRAIN_PER_CLASS, TEST_PER_CLASS = 500, 100
ACTIVITIES = {
    "dws": "downstairs", "jog": "jogging", "sit": "sitting",
    "std": "standing", "ups": "upstairs", "wlk": "walking",
}  # fmt: skip
COLUMNS = [f"{part}.{axis}" for part in ("gravity", "userAcceleration") for axis in "xyz"]
ATTRIBUTES = {
    "source": "MotionSense (Malekzadeh et al., IoTDI 2019), total acceleration in g, "
    "subjects 1-20 for training, 21-24 for testing",
    "unit": "g",
    "sampling_rate_hz": 50.0,
    "classes": ", ".join(CLASSES),
    "archive": "https://github.com/mmalekzadeh/motion-sense, data/A_DeviceMotion_data.zip",
    "citation": "M. Malekzadeh, R. G. Clegg, A. Cavallaro, H. Haddadi: Mobile Sensor Data "
    "Anonymization. Internet of Things Design and Implementation (IoTDI), 2019",
    "licence": "MIT, copyright (c) 2018 Mohammad Malekzadeh; text: data/motionsense-LICENSE",
}
#: A recording's place in the archive, behind whatever folders.
_PLACE = re.compile(r".*A_DeviceMotion_data/([a-z]{3})_(\d{1,2})/sub_(\d{1,2})\.csv", re.ASCII)
#: Most bytes of a CSV that are read; the largest published one has 2.5 MB.
MAX_CSV = 16 * 2**20


@dataclass(frozen=True, order=True)
class Recording:
    """Where a recording belongs, and its bytes; recordings sort by class, subject and trial."""

    y: int
    subject: int
    trial: int
    content: bytes


def read_recordings(archive: Path) -> tuple[list[Recording], str]:
    """Every recording in the zip, in order, and the SHA-256 of them all.

    That is the digest of the lines ``<SHA-256 of the CSV>  <activity>_<trial>/sub_<subject>.csv``,
    sorted: it does not depend on how they were zipped.

    Raises
    ------
    UserError
        It is not a zip, or is damaged.
    """
    if not archive.is_file():  # a pipe would be waited for
        found = files.what_is_there(archive, "zip", (".zip",))
        raise UserError(f"archive {archive} {found}")
    recordings, lines = [], []
    try:
        with zipfile.ZipFile(archive) as zipped:
            for member in zipped.namelist():
                if not (place := _PLACE.fullmatch(member)) or place[1] not in ACTIVITIES:
                    continue
                with zipped.open(member) as stream:
                    content = stream.read(MAX_CSV)  # however much it may unpack to
                activity, trial, subject = place.groups()
                y = CLASSES.index(ACTIVITIES[activity])
                recordings.append(Recording(y, int(subject), int(trial), content))
                digest = hashlib.sha256(content).hexdigest()
                lines.append(f"{digest}  {activity}_{trial}/sub_{subject}.csv\n")
    except Exception as error:  # zipfile raises a dozen kinds on rubbish
        raise UserError(f"cannot read {archive}: {one_line(error)}") from None
    digest = hashlib.sha256("".join(sorted(lines)).encode())
    return sorted(recordings), digest.hexdigest()


def without_twins(recordings: list[Recording]) -> list[Recording]:
    """The recordings, each content once: the first that has it."""
    return sorted({one.content: one for one in reversed(recordings)}.values())


def total_acceleration(content: bytes) -> np.ndarray:
    """Gravity and the user's own acceleration added, float64 (rows, 3) in g, from a CSV file."""
    values = pd.read_csv(io.BytesIO(content), usecols=COLUMNS, dtype=np.float64)[COLUMNS]
    return values.to_numpy()[:, :3] + values.to_numpy()[:, 3:]


def cut(acceleration: np.ndarray) -> np.ndarray:
    """Consecutive windows (n, 150, 3) of a recording (rows, 3); the remainder is dropped."""
    n = len(acceleration) // STEPS
    return acceleration[: n * STEPS].reshape(n, STEPS, 3)


def select(
    recordings: list[Recording], train: int = TRAIN_PER_CLASS, test: int = TEST_PER_CLASS
) -> dict[str, np.ndarray]:
    """The windows taken, by their name in the file; ``train`` and ``test`` are windows a class.

    ``X`` (windows, 150, 3) in g and one-hot ``Y`` (windows, 6) are float32. ``S`` is the subject,
    ``T`` the trial and ``R`` the recording's row at which a window begins, int32 (windows,).

    Raises
    ------
    UserError
        A class has too few windows.
    """
    windows = [cut(total_acceleration(one.content)) for one in recordings]
    counts = [len(of_one) for of_one in windows]
    X = np.concatenate(windows)
    y, subject, trial = np.repeat(
        [(one.y, one.subject, one.trial) for one in recordings], counts, axis=0
    ).T
    row = np.concatenate([STEPS * np.arange(n) for n in counts])
    training = subject <= LAST_TRAINING_SUBJECT
    arrays = {}
    for part, of_part, k in (("tr", training, train), ("tst", ~training, test)):
        taken = []
        for number, activity in enumerate(CLASSES):
            candidates = np.flatnonzero(of_part & (y == number))
            if len(candidates) < k:
                raise UserError(
                    f"class {activity} has {len(candidates)} windows for {part}X, {k} are needed"
                )
            taken.append(candidates[np.arange(k) * len(candidates) // k])
        rows = np.concatenate(taken)
        arrays[f"{part}X"] = X[rows].astype(np.float32)
        arrays[f"{part}Y"] = np.eye(len(CLASSES), dtype=np.float32)[y[rows]]
        for key, values in {"S": subject, "T": trial, "R": row}.items():
            arrays[f"{part}{key}"] = values[rows].astype(np.int32)
    return arrays


def write(file: Path, arrays: dict[str, np.ndarray], recordings_sha256: str) -> None:
    """Write ``arrays`` as HDF5; the same arrays give the same bytes with the same HDF5."""
    content = io.BytesIO()
    with h5py.File(content, "w") as h5:
        h5.attrs.update({**ATTRIBUTES, "recordings_sha256": recordings_sha256})
        for name, array in arrays.items():
            # An axis by itself packs best: the file has to stay below 5 MB.
            chunks = (min(len(array), TRAIN_PER_CLASS), STEPS, 1) if array.ndim == 3 else True
            h5.create_dataset(
                name, data=array, chunks=chunks, compression="gzip", compression_opts=9,
                shuffle=True, track_times=False,
            )  # fmt: skip
    files.write(file, content.getvalue())


def joined(recordings: list[Recording], seconds: int = 16) -> str:
    """``data/recordings/six-activities.csv``: each activity of the first test person, in a row.

    Rows 250 to 1049 of the first trial of each. In MotionSense a recording has one activity, so
    this is joined; the phone's place in the pocket may change at a joint.
    """
    rate, subject = int(ATTRIBUTES["sampling_rate_hz"]), LAST_TRAINING_SUBJECT + 1
    order = ("standing", "walking", "upstairs", "downstairs", "jogging", "sitting")
    first = {one.y: one for one in reversed(recordings) if one.subject == subject}
    rows = slice(5 * rate, (5 + seconds) * rate)
    parts = [total_acceleration(first[CLASSES.index(name)].content)[rows] for name in order]
    table = pd.DataFrame(np.concatenate(parts).round(4), columns=list("xyz"))
    table.insert(0, "t", np.arange(len(table)) / rate)
    table["activity"] = np.repeat(order, seconds * rate)
    return table.to_csv(index=False, lineterminator="\n")
