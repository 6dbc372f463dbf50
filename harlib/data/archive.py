"""MotionSense as it lies on disk: a zip or a tree of CSV files, read with limits.

Nothing is ever extracted: a member of a zip is read into memory, so that no
path inside it can reach the disk. Both kinds offer the same few attributes,
see :class:`Zip`; a recording is named ``dws_1/sub_1.csv`` in either.
"""

import hashlib
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from harlib.errors import UserError, one_line
from harlib.storage import files

NAME = "A_DeviceMotion_data"
#: Largest CSV that is read, in bytes; the largest published one has 2.5 MB.
MAX_CSV = 16 * 2**20
#: Largest zip that is opened, and the most that its members may declare, in bytes; the
#: published one has 72 MB and 216 MB.
MAX_ZIP, MAX_DECLARED = 2**30, 4 * 2**30
#: Most members of a zip; 376 are published, other folders of the same data set add to them.
MAX_MEMBERS = 20_000

RECORDING = re.compile(
    r"(?P<activity>[a-z]{3})_(?P<trial>\d{1,2})/sub_(?P<subject>\d{1,2})\.csv", re.ASCII
)
_CHECKSUM = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<path>\S+)")
_BROKEN_ZIP = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    EOFError, ValueError, RuntimeError, NotImplementedError, OverflowError,
)  # fmt: skip


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to read ``path`` into a UserError."""
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or one_line(error)}") from None


def read_checksums(path: Path) -> dict[str, str]:
    """SHA-256 of every recording, by its name, from a list that ``sha256sum -c`` understands."""
    try:
        lines = files.read_bytes(path, files.MAX_JSON).decode("utf-8", "replace").splitlines()
    except files.BROKEN as error:
        raise UserError(f"cannot read {path}: {one_line(error)}") from None
    digests = {}
    for number, line in enumerate(lines, start=1):
        entry = _CHECKSUM.fullmatch(line)
        name = "/".join(PurePosixPath(entry["path"]).parts[-2:]) if entry else ""
        if not RECORDING.fullmatch(name) or name in digests:
            raise UserError(
                f"{path} line {number}: allowed is a SHA-256, two spaces and the path of a "
                f"recording such as {NAME}/dws_1/sub_1.csv, each once"
            )
        digests[name] = entry["digest"]
    return digests


class Zip:
    """A zip with the recordings, whatever other folders it carries.

    Attributes
    ----------
    path : Path
    names : list of str
        Recordings in it, sorted.

    Raises
    ------
    UserError
        It cannot be read, is not a zip, is too large, or has a path that climbs out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path):
            if not path.is_file():
                raise UserError(f"{path} is not a file")
            if path.stat().st_size > MAX_ZIP:
                raise UserError(f"{path}: larger than {MAX_ZIP} bytes, the most that is read")
            with self._whole():
                self._zip = zipfile.ZipFile(path)
        self._members = self._find_recordings(self._zip.infolist())
        self.names = sorted(self._members)

    @contextmanager
    def _whole(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except _BROKEN_ZIP as error:
            where = f"{self.path}: {name}" if name else f"{self.path}"
            raise UserError(f"{where} is not a whole zip: {one_line(error)}") from None

    def _find_recordings(self, members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(members) > MAX_MEMBERS:
            raise UserError(f"{self.path}: {len(members)} members, at most {MAX_MEMBERS} are read")
        declared = sum(member.file_size for member in members)
        if declared > MAX_DECLARED:
            raise UserError(
                f"{self.path}: unpacks to {declared} bytes, at most {MAX_DECLARED} are allowed"
            )
        by_folder: dict[str, dict[str, zipfile.ZipInfo]] = {}
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename.split("/")[0]:
                raise UserError(
                    f"{self.path}: member {member.filename!r} leads out of the folder; "
                    f"allowed are relative paths without .."
                )
            name = "/".join(path.parts[-2:])
            # macOS adds a shadow file to every file.
            if "__MACOSX" in path.parts or not RECORDING.fullmatch(name):
                continue
            folder = by_folder.setdefault("/".join(path.parts[:-2]), {})
            if name in folder:
                raise UserError(f"{self.path}: two members are called {member.filename!r}")
            folder[name] = member
        if len(by_folder) > 1:  # other parts of MotionSense use the same names of recordings
            by_folder = {f: m for f, m in by_folder.items() if PurePosixPath(f).name == NAME}
        if len(by_folder) != 1:
            raise UserError(f"{self.path}: allowed is one folder {NAME} with files dws_1/sub_1.csv")
        return next(iter(by_folder.values()))

    def label(self, name: str) -> str:
        """What to call a recording in a message."""
        return f"{self.path}: {name}"

    def read(self, name: str) -> bytes:
        """The bytes of a recording; UserError if it is damaged or longer than MAX_CSV."""
        member = self._members[name]
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UserError(f"{self.label(name)}: allowed are members stored or deflated")
        with readable(self.path), self._whole(name), self._zip.open(member) as stream:
            return _bounded(stream.read(MAX_CSV + 1), self.label(name))

    def fingerprint(self) -> str:
        """Changes whenever the file is written anew."""
        with readable(self.path):
            status = self.path.stat()
        return f"{self.path.name} {status.st_size} {status.st_mtime_ns}"


class Tree:
    """A folder with the recordings; same attributes as :class:`Zip`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with readable(path):
            found = (file.relative_to(path).as_posix() for file in path.glob("*_*/sub_*.csv"))
            self.names = sorted(name for name in found if RECORDING.fullmatch(name))

    def label(self, name: str) -> str:
        """What to call a recording in a message."""
        return str(self.path / name)

    def read(self, name: str) -> bytes:
        """The bytes of a recording; UserError if it is no plain file of at most MAX_CSV bytes."""
        file = self.path / name
        with readable(file):
            if not file.resolve().is_relative_to(self.path.resolve()):
                raise UserError(f"{file} leads out of the folder")
            if not stat.S_ISREG(file.stat().st_mode):
                raise UserError(f"{file} is not a file")
            with file.open("rb") as stream:
                return _bounded(stream.read(MAX_CSV + 1), str(file))

    def fingerprint(self) -> str:
        """Changes whenever one of the files is written anew."""
        digest = hashlib.sha256()
        for name in self.names:
            with readable(self.path / name):
                status = (self.path / name).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def _bounded(content: bytes, label: str) -> bytes:
    if len(content) > MAX_CSV:
        raise UserError(f"{label}: longer than {MAX_CSV} bytes, the most that is read")
    return content


def find(folder: Path) -> Zip | Tree:
    """The zip in ``folder``, else the tree of CSV files in it.

    Raises
    ------
    UserError
        Neither is there, or it cannot be read.
    """
    help_ = "`make data` downloads it; or set data_dir or HARLIB_DATA to the folder that has it"
    with readable(folder):
        if not folder.parent.is_dir():
            raise UserError(f"no MotionSense data: folder {folder.parent} does not exist; {help_}")
        zipped = folder / f"{NAME}.zip"
        if zipped.exists():
            return Zip(zipped)
        for tree in (folder / NAME, folder):
            if tree.is_dir() and (source := Tree(tree)).names:
                return source
    raise UserError(
        f"no MotionSense data: neither {zipped} nor a folder {folder / NAME} with files "
        f"dws_1/sub_1.csv; {help_}"
    )


def check(source: Zip | Tree, name: str, content: bytes, digests: dict[str, str]) -> None:
    """Refuse a recording that is not, byte for byte, the published one."""
    if hashlib.sha256(content).hexdigest() != digests[name]:
        raise UserError(
            f"{source.label(name)} is damaged or changed: its SHA-256 is not the published one"
        )


def check_complete(source: Zip | Tree, digests: dict[str, str]) -> None:
    """Refuse a source that lacks recordings."""
    missing = sorted(set(digests) - set(source.names))
    if missing:
        raise UserError(
            f"{source.path}: {len(missing)} of {len(digests)} recordings are missing, "
            f"the first is {missing[0]}"
        )


def verify(source: Zip | Tree, digests: dict[str, str]) -> None:
    """Refuse a source in which any recording is missing or not the published one."""
    check_complete(source, digests)
    for name in digests:
        check(source, name, source.read(name), digests)
