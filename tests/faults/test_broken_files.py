"""Broken and hostile files: each reader refuses them in one line, and does nothing else."""

import io
import os
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harlib.errors import UserError, one_line
from tests.faults import readers
from tests.faults.broken import packed
from tests.faults.readers import READERS

#: Seconds of processor time that one small file may take, bytes that a reader may take, characters
#: of a message that is still one line for a reader: a path and what was found twice.
MAX_SECONDS, MAX_MEMORY, MAX_MESSAGE = 5.0, 200e6, 2000


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """Valid files by the name of their reader."""
    return readers.valid(tmp_path_factory.mktemp("valid"))


def refused(name, path):
    """Read a file: the one clear line that refuses it, or nothing; and nothing else is done."""
    _, read = READERS[name]
    start, message = time.process_time(), ""
    tracemalloc.start()
    try:
        read(path)
    except UserError as error:
        message = str(error)
        assert message.isprintable() and 10 < len(message) < MAX_MESSAGE + len(str(path))
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < MAX_MEMORY and time.process_time() - start < MAX_SECONDS
    assert set(path.parent.parent.rglob("*")) <= {path.parent, path}
    return message


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.attack(f"broken-{name}")) for name in READERS]
)
def test_changed_files_are_refused_in_one_line_or_whole(name, valid, attempts, tmp_path):
    change, _ = READERS[name]
    path = tmp_path / "inner" / "file"
    path.parent.mkdir()
    for whole in valid[name]:  # whatever reading needs is loaded then
        path.write_bytes(whole.read_bytes())
        assert refused(name, path) == ""

    @attempts.settings
    @given(st.data())
    def attack(data):
        whole = data.draw(st.sampled_from(valid[name]))
        path.write_bytes(data.draw(change(whole.read_bytes())))
        attempts.times += 1
        refused(name, path)

    attack()


def npy(shape, content=b"", descr="<f4"):
    """An array file whose header promises ``shape``, whatever follows."""
    header = io.BytesIO()
    said = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, said)
    return header.getvalue() + content


def packed_zeros(path):
    """An array that is small only as long as it is packed."""
    path.write_bytes(packed([("W_aa.npy", npy((2**26,), bytes(2**28)))], zipfile.ZIP_DEFLATED))


BOMBS = {
    "a promise of 4 EB": npy((2**60,)),
    "a deep header": b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000,
    "no end of a header": b"\x93NUMPY\x01\x00\x28\x00{'descr': '''" + b" " * 27,
    "a type of no size": npy((2**60,), descr="|V0"),
    # Whatever unpickles it ends: `sys.exit()`, as a pickle has it.
    "objects": npy((2,), b"csys\nexit\n(tR.  ", descr="|O"),
    "a header of Python 2": npy((2,), b"x" * 8).replace(b"(2,), ", b"(2L,),"),
    # Python's parser, which NumPy asks, opens a file in 3.12 to complain of this one.
    "a header that is code": npy((2,), b"x" * 8).replace(b"(2,), ", b"0or 2,"),
}
NOT_FILES = {
    "missing": lambda path: None,
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path),
    "empty": Path.touch,
}
HOSTILE_JSON = {
    "deep objects": b'{"a":' * 10**5,
    "a huge number": b'{"run_no": 1' + b"0" * 10**6 + b"}",
    "beyond an integer": b'{"run_no": ' + b"1" * 30 + b"}",
    "beyond a float": b'{"run_no": 1e999}',
    "not a number": b'{"run_no": NaN}',
    "no object": b"[1]",
    "twice": b'{"run_no": 1, "run_no": 2}',
    "not UTF-8": b'{"run_no": "\xff"}',
    "a file beyond the limit": b" " * (2**26 + 1),
}
#: What is laid before which reader.
HOSTILE = [
    *((name, case, make) for name in READERS if name != "checkpoint-npz"  # training begins anew
      for case, make in NOT_FILES.items()),
    *(("weights-npz", case, packed([("W_aa.npy", array)])) for case, array in BOMBS.items()),
    ("weights-npz", "packed zeros", packed_zeros),
    *(("result-json", case, content) for case, content in HOSTILE_JSON.items()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case", "made"), HOSTILE, ids=[f"{name}: {case}" for name, case, _ in HOSTILE]
)
def test_hostile_files_are_refused_before_they_take_memory(name, case, made, tmp_path):
    path = tmp_path / "inner" / "file"
    path.parent.mkdir()
    made(path) if callable(made) else path.write_bytes(made)
    message = refused(name, path)
    assert path.name in message
    if case in HOSTILE_JSON:  # for what it is, not for what it lacks
        words = "does not hold a JSON object" if case == "no object" else "cannot be read"
        assert words in message


def test_a_message_shows_what_a_terminal_would_obey():
    assert one_line(ValueError("a\x1b[2J\nb\x00")) == "a\\x1b[2J b\\x00"
    assert len(one_line("x" * 10**6)) < 600 and len(one_line("\x00" * 10**6)) < 600
    assert one_line("") == "" and one_line(KeyError()) == "KeyError"
