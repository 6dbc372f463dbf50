"""MotionSense: real people, as the windows that the repository carries.

Malekzadeh, Clegg, Cavallaro, Haddadi: Mobile Sensor Data Anonymization, IoTDI 2019.
24 subjects with a phone in the front trouser pocket, 50 Hz; total acceleration, in g.
:mod:`workflow.motionsense_archive` cuts the windows from the archive, by a rule fixed once.
"""

from harlib import paths
from harlib.data import hdf5
from harlib.data.dataset import Dataset
from harlib.storage import files

NAME = "motionsense"
FILE = paths.ROOT / "data" / "motionsense.h5"
#: SHA-256 of that file; a change of the rule changes it.
SHA256 = "df822b88dc193ed3cc29220657bcf461ccaf36e2a78e7ed268a619fb8402f1fe"


def load() -> Dataset:
    """The windows that the repository carries; a UserError where the file is not the one."""
    files.shipped(FILE, SHA256, ", `make data` makes it anew")
    return hdf5.load(FILE)
