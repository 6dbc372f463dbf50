"""Valid files made slightly or thoroughly invalid, from a generator of random numbers."""

import io
import json
import zipfile

import numpy as np

#: What breaks parsers: ends of ranges of numbers, quotes, paths, things that are code elsewhere.
BYTES = (
    b"\x00", b"\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80", b"\xff" * 8, b"\xff" * 7 + b"\x7f", b"\n", b"\r\n", b'"', b"'", b",",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"nan", b"inf", b"-1", b"1e999", b"0x10",
    b"9" * 40, b"../", b"\\", b"/etc/passwd", b"C:\\", b"\x1b[2J", b"\x80\x04cos\nsystem\n",
    b"__import__('os')", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY", b"[" * 200, b"{" * 200,
)  # fmt: skip
#: Values that an entry of a JSON file may have in place of its own.
VALUES = (
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, -(2**63), 10**18, 0.5, -0.0, 1e308, 5e-324,
    100.00000001, "", "0", "nan", "\x00", "\x1b[31m", "\n", "٣", "../../x", "C:\\x", "__class__",
    "{0.__class__}", "%s", [], [[]], [0] * 50, {}, {"": None}, {"__proto__": 1}, [None], ["1"],
)  # fmt: skip
#: Numbers that JSON has but a machine has not, written as they stand; see :func:`json_text`.
_WRITTEN = ("NaN", "-Infinity", "1e999", "1" * 400, "1" * 5000, "[" * 3000 + "]" * 3000,
            '"\\ud800"', '{"a": 1, "a": 2}')  # fmt: skip
_MARK = "written as it stands"
NAMES = (
    "../x.csv", "/etc/passwd", "..\\..\\x", "C:/x", "C:x", "a/../../b", "\x00", "", ".", "..",
    "con", "x" * 300, "é", "\x1b[2J", "W_aa.npy", "W_aa.npy/", "dws_1/sub_1.csv",
    "A_DeviceMotion_data/../dws_1/sub_1.csv", "__MACOSX/dws_1/sub_1.csv",
)  # fmt: skip


def damage(rng: np.random.Generator, content: bytes, others: list[bytes]) -> bytes:
    """Some bytes changed, cut, doubled or put in, or the rest taken from another file."""
    changed = bytearray(content)
    for _ in range(1 + int(rng.geometric(0.4))):
        start = int(rng.integers(len(changed) + 1))
        length = int(min(rng.geometric(0.05), len(changed) - start))
        kind = rng.integers(9)
        if kind <= 1 and start < len(changed):
            changed[start] ^= 1 << int(rng.integers(8))
        elif kind == 2 and start < len(changed):
            changed[start] = int(rng.integers(256))
        elif kind == 3:
            del changed[start : start + length]
        elif kind == 4:
            changed[start:start] = changed[start : start + length] * int(rng.integers(1, 4))
        elif kind == 5:
            put = BYTES[rng.integers(len(BYTES))]
            changed[start : start + len(put)] = put
        elif kind == 6:
            changed[start:start] = BYTES[rng.integers(len(BYTES))]
        elif kind == 7 and rng.random() < 0.3:
            del changed[start:]
        elif kind == 8 and rng.random() < 0.3:
            other = others[rng.integers(len(others))]
            changed[start:] = other[int(rng.integers(len(other) + 1)) :]
    return bytes(changed)


def json_text(rng: np.random.Generator, content: bytes, others: list[bytes]) -> bytes:
    """A JSON file with some entries replaced, removed, renamed or exchanged."""
    if rng.random() < 0.3:
        return damage(rng, content, others)
    value = json.loads(content)
    for _ in range(int(rng.geometric(0.6))):
        _change_one(rng, value)
    text = json.dumps(value)
    while f'"{_MARK}"' in text:
        text = text.replace(f'"{_MARK}"', _WRITTEN[rng.integers(len(_WRITTEN))], 1)
    return text.encode()


def _change_one(rng: np.random.Generator, value: object) -> None:
    """Walk to a random entry, as deep as it goes or not, and change it in place."""
    places = list(range(len(value))) if isinstance(value, list) else list(value)
    if not places:
        return
    place = places[rng.integers(len(places))]
    inner = value[place]
    if isinstance(inner, (list, dict)) and inner and rng.random() < 0.85:
        _change_one(rng, inner)
        return
    kind = rng.integers(8)
    if kind == 0:
        del value[place]
    elif kind == 1 and isinstance(value, dict):
        value[str(VALUES[rng.integers(len(VALUES))])] = value.pop(place)
    elif kind == 2:
        value[place] = value[places[rng.integers(len(places))]]
    elif kind == 3 and isinstance(value, list):
        value.insert(place, inner)
    elif kind == 4 and isinstance(inner, (int, float)):
        value[place] = inner + [1, -1, 0.5, 100, 1e-6][rng.integers(5)]
    elif kind == 5:
        value[place] = _MARK
    else:
        # A copy: two entries must not become one list.
        value[place] = json.loads(json.dumps(VALUES[rng.integers(len(VALUES))]))


def csv_text(rng: np.random.Generator, content: bytes, others: list[bytes]) -> bytes:
    """A table with cells, rows or columns exchanged, emptied or replaced."""
    if rng.random() < 0.3:
        return damage(rng, content, others)
    rows = [line.split(b",") for line in content.split(b"\n")]
    for _ in range(int(rng.geometric(0.6))):
        row = int(rng.integers(len(rows))) if rng.random() < 0.8 else 0
        cell = int(rng.integers(len(rows[row]))) if rows[row] else 0
        kind = rng.integers(6)
        if kind == 0 and len(rows) > 1:
            del rows[row]
        elif kind == 1:
            rows.insert(row, rows[int(rng.integers(len(rows)))][:])
        elif kind == 2 and rows[row]:
            del rows[row][cell]
        elif kind == 3:
            other = rows[int(rng.integers(len(rows)))]
            rows[row].insert(cell, other[0] if other else b"")
        elif rows[row]:
            text = str(VALUES[rng.integers(len(VALUES))]).encode()
            rows[row][cell] = text if kind == 4 else BYTES[rng.integers(len(BYTES))]
    return b"\n".join(b",".join(row) for row in rows)


def zipped(rng: np.random.Generator, content: bytes, others: list[bytes]) -> bytes:
    """A zip whose members were renamed, doubled, packed otherwise or damaged before they went in.

    Unlike damage from outside, that leaves every checksum of the zip right.
    """
    if rng.random() < 0.4:
        return damage(rng, content, others)
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = [(member.filename, old.read(member)) for member in old.infolist()]
    for _ in range(int(rng.geometric(0.6))):
        at = int(rng.integers(len(members)))
        name, inner = members[at]
        kind = rng.integers(8)
        if kind == 0 and len(members) > 1:
            del members[at]
        elif kind == 1:
            members.append((NAMES[rng.integers(len(NAMES))], inner))
        elif kind == 2:
            members[at] = (NAMES[rng.integers(len(NAMES))], inner)
        elif kind == 3:
            members[at] = (name, inner * int(rng.integers(0, 4)))
        elif kind == 4:  # what stands first: the header of an array, the names of the columns
            members[at] = (name, damage(rng, inner[:128], others) + inner[128:])
        else:
            members[at] = (name, damage(rng, inner, [m[1] for m in members]))
    file = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED if rng.random() < 0.3 else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", packing) as new:
        for name, inner in members:
            new.writestr(zipfile.ZipInfo(name), inner, compress_type=packing)
    made = file.getvalue()
    return made if rng.random() < 0.8 else damage(rng, made, others)
