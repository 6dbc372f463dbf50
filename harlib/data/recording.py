"""Cuts ``data/recordings/six-activities.csv``: ``python -m harlib.data.recording ARCHIVE.zip``.

16 s of each activity of subject 21, the first of the test people: rows 250 to 1049 of the first
trial of each, one after the other. In MotionSense a recording has one activity, so this is joined;
the phone's place in the pocket may change at a joint.
"""

import sys

import numpy as np
import pandas as pd

from harlib import paths
from harlib.data import motionsense
from harlib.errors import UserError, command
from harlib.protocol import CLASSES
from harlib.storage import files

FILE = paths.ROOT / "data" / "recordings" / "six-activities.csv"
SUBJECT = motionsense.LAST_TRAINING_SUBJECT + 1
ORDER = ("standing", "walking", "upstairs", "downstairs", "jogging", "sitting")
ROWS = slice(250, 1050)


def cut(recordings: list[motionsense.Recording]) -> pd.DataFrame:
    """Times in s, three axes in g, and the activity, from the recordings of the archive."""
    first = {one.y: one for one in reversed(recordings) if one.subject == SUBJECT}
    parts = [motionsense.total_acceleration(first[CLASSES.index(a)].content)[ROWS] for a in ORDER]
    table = pd.DataFrame(np.concatenate(parts).round(4), columns=list("xyz"))
    table.insert(0, "t", np.arange(len(table)) / motionsense.ATTRIBUTES["sampling_rate_hz"])
    return table.assign(activity=np.repeat(ORDER, [len(part) for part in parts]))


@command
def main() -> None:
    """Command line; the exit code says whether it worked."""
    if len(sys.argv) != 2:
        raise UserError("needed is the archive: python -m harlib.data.recording ARCHIVE.zip")
    recordings, _ = motionsense.read_recordings(paths.resolve(sys.argv[1]))
    files.write(FILE, cut(recordings).to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    sys.exit(main())
