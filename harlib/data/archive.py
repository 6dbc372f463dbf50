"""MotionSense as it lies on disk: a zip or a folder with the 360 CSV files.

Nothing is ever extracted: a recording is read into memory by its name, such as
``dws_1/sub_1.csv``, and counts only if it is the published one, byte for byte.
"""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harlib.errors import UserError, one_line
from harlib.storage import files

NAME = "A_DeviceMotion_data"
#: Largest CSV that is read, in bytes; the largest published one has 2.5 MB.
MAX_CSV = 16 * 2**20

RECORDING = re.compile(
    r"(?P<activity>dws|jog|sit|std|ups|wlk)_(?P<trial>\d{1,2})/sub_(?P<subject>\d{1,2})\.csv",
    re.ASCII,
)
#: The same behind any folders, and in a line that ``sha256sum`` writes.
_PATH = re.compile(rf"(.*/)?(?P<name>{RECORDING.pattern})", re.ASCII)
_CHECKSUM = re.compile(rf"(?P<digest>[0-9a-f]{{64}}) [ *]{_PATH.pattern}", re.ASCII)
# What zipfile raises on rubbish, besides what any file raises.
_BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, MemoryError,
    OverflowError, RuntimeError,
)  # fmt: skip


@contextmanager
def readable(what: Path | str) -> Iterator[None]:
    """Turn whatever keeps ``what`` from being read in the block into a UserError."""
    try:
        yield
    except (*files.BROKEN, *_BROKEN_ZIP) as error:
        reason = getattr(error, "strerror", "") or one_line(error)
        raise UserError(f"cannot read {what}: {reason}") from None


def read_checksums(path: Path) -> dict[str, str]:
    """SHA-256 of every recording, by its name, from a list that ``sha256sum -c`` understands."""
    with readable(path):
        lines = files.read_bytes(path, files.MAX_JSON).decode("utf-8", "replace").splitlines()
    digests = {}
    for number, line in enumerate(lines, start=1):
        entry = _CHECKSUM.fullmatch(line)
        if entry is None or entry["name"] in digests:
            raise UserError(
                f"{path} line {number}: allowed is a SHA-256, two spaces and the path of a "
                f"recording such as {NAME}/dws_1/sub_1.csv, each once"
            )
        digests[entry["name"]] = entry["digest"]
    return digests


class Zip:
    """A zip with the recordings, whatever other folders it carries.

    Attributes
    ----------
    path : Path
    files : list of Path
        What would be written anew if a recording changed.
    names : list of str
        Recordings in it, sorted.

    Raises
    ------
    UserError
        It cannot be read or is not a zip.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = [path]
        with readable(path):
            if not path.is_file():
                raise ValueError("it is not a file")
            self._zip = zipfile.ZipFile(path)
        # Other parts of MotionSense use the same names, so that the folder's own come last and win.
        self._members = {}
        for member in sorted(self._zip.namelist(), key=lambda member: NAME in member):
            if found := _PATH.fullmatch(member.replace("\\", "/")):
                self._members[found["name"]] = member
        self.names = sorted(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of a recording; UserError if it is damaged or longer than MAX_CSV."""
        with readable(f"{self.path}: {name}"), self._zip.open(self._members[name]) as stream:
            content = stream.read(MAX_CSV + 1)  # however much it may unpack to
            if len(content) > MAX_CSV:
                raise ValueError(f"it is larger than {MAX_CSV} bytes, the most that is read")
        return content


class Tree:
    """A folder with the recordings; same attributes as :class:`Zip`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path):
            found = (file.relative_to(path).as_posix() for file in path.glob("*_*/sub_*.csv"))
            self.names = sorted(name for name in found if RECORDING.fullmatch(name))
        self.files = [path / name for name in self.names]

    def read(self, name: str) -> bytes:
        """The bytes of a recording; UserError if it is no plain file of at most MAX_CSV bytes."""
        with readable(f"{self.path}: {name}"):
            return files.read_bytes(self.path / name, MAX_CSV)


def find(folder: Path) -> Zip | Tree:
    """The zip in ``folder``, else the tree of CSV files in it.

    Raises
    ------
    UserError
        Neither is there, or it cannot be read.
    """
    zipped = folder / f"{NAME}.zip"
    with readable(folder):
        if zipped.exists():
            return Zip(zipped)
        for tree in (folder / NAME, folder):
            if tree.is_dir() and (source := Tree(tree)).names:
                return source
    raise UserError(
        f"no MotionSense data: neither {zipped} nor a folder {folder / NAME} with files "
        f"dws_1/sub_1.csv; `make data` downloads it; or set data_dir or HARLIB_DATA to the folder "
        f"that has it"
    )


def read_all(source: Zip | Tree, digests: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every recording in ``digests``, in that order.

    Raises
    ------
    UserError
        A recording is missing, or is not the published one, byte for byte.
    """
    missing = sorted(set(digests) - set(source.names))
    if missing:
        raise UserError(
            f"{source.path}: {len(missing)} of {len(digests)} recordings are missing, "
            f"the first is {missing[0]}"
        )
    for name, digest in digests.items():
        content = source.read(name)
        if hashlib.sha256(content).hexdigest() != digest:
            raise UserError(
                f"{source.path}: {name} is damaged or changed: its SHA-256 is not the published one"
            )
        yield name, content


def verify(source: Zip | Tree, digests: dict[str, str]) -> None:
    """Refuse a source in which any recording is missing or not the published one."""
    for _ in read_all(source, digests):
        pass
