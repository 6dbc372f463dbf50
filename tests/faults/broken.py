"""Valid files made slightly or thoroughly invalid: strategies of hypothesis."""

import io
import re
import warnings
import zipfile
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: What breaks parsers: ends of ranges of numbers, quotes, paths, things that are code elsewhere.
BYTES = (
    b"\x00", b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\xff" * 8,
    b"\xff" * 7 + b"\x7f", b"\r\n", b'"', b"'", b",", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"nan", b"inf", b"-1", b"1e999", b"0x10", b"9" * 40, b"../", b"\\", b"/etc/passwd", b"\x1b[2J",
    b"\x80\x04cos\nsystem\n", b"__import__('os')", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY",
)  # fmt: skip
#: What may stand in place of an entry or a cell, or right before or behind a number.
ENTRIES = (
    b"null", b"true", b"false", b"0", b"1", b"-1", b"2147483648", b"9223372036854775807", b"0.5",
    b"-0.0", b"1e308", b"5e-324", b"100.00000001", b"1e999", b"NaN", b"-Infinity", b"1" * 400,
    b"1" * 5000, b"", b"-", b'""', b'"0"', b'"nan"', b'"\x00"', b'"\\u0000"', b'"\\ud800"',
    b'"\x1b[31m"', b'"\\n"', '"٣"'.encode(), b'"../../x"', b'"__class__"', b'"{0.__class__}"',
    b"[]", b"[[]]", b"[" + b"0," * 50 + b"0]", b"{}", b'{"": null}', b'["1"]', b'{"a": 1, "a": 2}',
    b"[" * 3000 + b"]" * 3000,
)  # fmt: skip
#: What a member of a zip may be called.
NAMES = ("../x.csv", "/etc/passwd", "..\\x", "C:x", "\x00", "", "..", "x" * 300, "é", "W_aa.npy/")
_PIECE = re.compile(rb'("(?:[^"\\]|\\.)*"|[][{}:,\n])')

settings.register_profile(
    "few", max_examples=25, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
settings.register_profile(
    "many", settings.get_profile("few"), max_examples=5000, derandomize=False, print_blob=True
)


def profile() -> str:
    """``many`` with ``--hypothesis-profile=many``, else ``few``: how often attacks are repeated."""
    return "many" if settings.get_current_profile_name() == "many" else "few"


@st.composite
def _edited(draw, whole: Sequence, others: st.SearchStrategy) -> Sequence:
    """Bytes or a list with stretches of it cut out, repeated, exchanged or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start, place = draw(st.integers(0, len(whole))), draw(st.integers(0, len(whole)))
        length = draw(st.integers(0, 20) | st.just(len(whole)))
        stretch, rest = whole[start : start + length], whole[start + length :]
        others_here = [whole[:0], stretch * 2, whole[place : place + length]]
        instead = draw(st.sampled_from(others_here) | others)
        whole = whole[:start] + instead + draw(st.sampled_from([whole[:0], stretch])) + rest
    return whole


@st.composite
def _flipped(draw, content: bytes) -> bytes:
    """One bit is another."""
    place, bit = draw(st.integers(0, len(content) - 1)), draw(st.integers(0, 7))
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """A bit flipped, or some bytes cut, repeated, exchanged or put in."""
    some = _edited(content, st.sampled_from(BYTES) | st.binary(min_size=1, max_size=4))
    return some | _flipped(content) if content else some


def text(content: bytes) -> st.SearchStrategy[bytes]:
    """JSON or CSV with entries, cells, names, rows cut, repeated, exchanged or put in."""
    pieces = [piece for piece in _PIECE.split(content) if piece]
    edited = _edited(pieces, st.sampled_from(ENTRIES).map(lambda entry: [entry]))
    return edited.map(b"".join) | damaged(content)


@st.composite
def zipped(draw, content: bytes) -> bytes:
    """A zip whose members were renamed, doubled, packed otherwise or damaged before they went in.

    Unlike damage from outside, that leaves every checksum of the zip right.
    """
    if draw(st.booleans()):
        return draw(damaged(content))
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    name, inner = draw(st.sampled_from(members))
    if draw(st.booleans()):
        renamed = st.tuples(st.sampled_from([*NAMES, name]), st.just(inner))
        members = draw(_edited(members, renamed.map(lambda member: [member])))
    else:
        # What stands first is the header of an array, or the names of the columns.
        end = draw(st.sampled_from([128, len(inner)]))
        members[members.index((name, inner))] = (name, draw(damaged(inner[:end])) + inner[end:])
    return packed(members, draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])))


def packed(members: Sequence[tuple[str, bytes]], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these members, also if two have one name."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packing) as made:
        warnings.simplefilter("ignore")
        for name, inner in members:
            made.writestr(zipfile.ZipInfo(name), inner, compress_type=packing)
    return file.getvalue()
