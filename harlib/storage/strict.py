"""Files taken as a stranger's: bytes with a limit, JSON without surprises, arrays without pickles.

Every function raises one of :data:`BROKEN` and nothing else, whatever the file holds, and sets
aside no more memory than its limit allows. Who calls says what that means for the user.
"""

import json
import math
import re
import stat
import struct
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

#: Most bytes of a JSON file, and of a file of arrays; the largest written here have 3 and 1 MB.
MAX_JSON, MAX_NPZ = 64 * 2**20, 256 * 2**20
#: Most digits of a whole number in JSON: all those of 64 bits.
_DIGITS = 19
#: Most levels of lists and objects in JSON; a result has five.
_DEPTH = 50
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

#: What a file that cannot be read raises here.
BROKEN = (OSError, ValueError)
# What the libraries raise on rubbish, besides.
_RUBBISH = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RecursionError,
    RuntimeError, SyntaxError, TypeError, struct.error, tokenize.TokenError,
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error,
)  # fmt: skip


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a plain file of at most ``limit`` bytes."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device never ends
        raise ValueError("it is not a file")
    with path.open("rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"it is larger than {limit} bytes, the most that is read")
    return content


def parse_json(content: bytes) -> object:
    """The value of a JSON text in UTF-8.

    Refused besides what is no JSON: NaN and infinities, also as ``1e999``; whole numbers of more
    than 64 bits; an object with the same key twice; half a surrogate pair; too many levels.
    """
    text = content.decode("utf-8")
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_finite, parse_int=_whole,
            parse_constant=_constant,
        )  # fmt: skip
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except _RUBBISH as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    return value


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser, which recurses, meets it."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _DEPTH:
            raise ValueError(f"it has more than {_DEPTH} levels")


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is no finite number")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS:
        raise ValueError(f"{text[:40]}... has more than {_DIGITS} digits")
    return int(text)


def _constant(text: str) -> float:
    raise ValueError(f"{text} is no finite number")


def read_npz(path: Path, limit: int = MAX_NPZ) -> dict[str, np.ndarray]:
    """All arrays of an uncompressed NPZ without pickles, by name; copies, not views."""
    if path.stat().st_size > limit:
        raise ValueError(f"it is larger than {limit} bytes, the most that is read")
    if not path.is_file():
        raise ValueError("it is not a file")
    arrays = {}
    try:
        with (
            warnings.catch_warnings(),
            path.open("rb") as stream,
            zipfile.ZipFile(stream) as archive,
        ):
            warnings.simplefilter("error")  # NumPy bears with headers of Python 2, and says so
            members = archive.infolist()
            # Stored without compression, and together no larger than the file: no bomb.
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise ValueError("an array in it is compressed")
            if sum(member.file_size for member in members) > path.stat().st_size:
                raise ValueError("its arrays overlap")
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name in arrays:
                    raise ValueError(f"{name!r} is there twice")
                with archive.open(member) as content:
                    arrays[name] = _read_array(content, member.file_size)
    except (*_RUBBISH, Warning) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    return arrays


#: The header of an array as NumPy writes it. Any other is not shown to NumPy, which has Python's
#: parser read it; that opens files when it complains.
_HEADER = re.compile(
    rb"\{'descr': '[<>|=]?[a-zA-Z]\d{1,4}', 'fortran_order': (True|False), "
    rb"'shape': \((\d{1,18},|\d{1,18}(, \d{1,18})+)?\), \} *\n"
)


def _read_array(content: zipfile.ZipExtFile, size: int) -> np.ndarray:
    if np.lib.format.read_magic(content) != (1, 0):
        raise ValueError("an array is not of version 1.0")
    start = content.tell()
    if not _HEADER.fullmatch(content.read(int.from_bytes(content.read(2), "little"))):
        raise ValueError("an array has a header that NumPy does not write")
    content.seek(start)
    shape, _, dtype = np.lib.format.read_array_header_1_0(content)
    # The header's promise is checked before memory is set aside for it.
    if dtype.hasobject or dtype.itemsize == 0 or any(n < 0 for n in shape):
        raise ValueError("an array is not made of numbers")
    if content.tell() + math.prod(shape) * dtype.itemsize != size:
        raise ValueError("an array is longer or shorter than it says")
    content.seek(0)
    return np.lib.format.read_array(content, allow_pickle=False)
