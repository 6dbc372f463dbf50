"""Broken and hostile files: each reader refuses them in one line, and does nothing else."""

import io
import json
import os
import pickle
import resource
import time
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harlib.data import hdf5
from harlib.errors import UserError, one_line
from tests.faults import broken, guard
from tests.faults.readers import READERS

#: Seconds of processor time that one small file may take, bytes that a reader may add, characters
#: of a message that is still one line for a reader: a path and what was found twice.
MAX_SECONDS, MAX_MEMORY, MAX_MESSAGE = 5.0, 3 * 2**30, 2000


@pytest.fixture(scope="module", autouse=True)
def limited_memory():
    """What would take more is an error, and so a loss."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    most = psutil.Process().memory_info().vms + MAX_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def put(path, content):
    """Write a file where its reader looks for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def take(name, folder, place, content):
    """Read a file: a value comes of it or one clear line, and nothing else is done."""
    path = put(folder / place, content)
    start = time.process_time()
    with guard.watched(folder) as acts:
        try:
            READERS[name].read(path)
        except UserError as error:
            message = str(error).replace(str(folder), "")
            assert message.isprintable() and 10 < len(message) < MAX_MESSAGE
    assert acts == [], "did what reading does not need"
    assert time.process_time() - start < MAX_SECONDS


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.attack(f"broken-{name}")) for name in READERS]
)
def test_changed_files_are_refused_in_one_line_or_whole(name, attempts, tmp_path):
    files = READERS[name].valid()
    for place, content in files.items():  # whatever reading needs is loaded then
        READERS[name].read(put(tmp_path / place, content))

    @settings.get_profile(broken.profile())
    @given(st.data())
    def attack(data):
        place = data.draw(st.sampled_from(sorted(files)))
        content = data.draw(READERS[name].change(files[place]))
        attempts.count()
        take(name, tmp_path, place, content)

    attack()


class Payload:
    """Unpickled, it would make a file that gives it away."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


def test_no_reader_runs_what_a_pickle_holds(tmp_path):
    trace = tmp_path / "it-ran"
    poison, objects = pickle.dumps(Payload(trace)), np.array([Payload(trace)], dtype=object)
    npy, npz, h5 = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(npy, objects, allow_pickle=True)
    np.savez(npz, W_aa=objects, state=objects)
    with h5py.File(h5, "w") as made:
        for key in hdf5.KEYS:
            made[key] = np.void(poison)
    text = json.dumps({"seeds": {"1": poison.decode("latin-1")}, "run_no": 1}).encode()
    for content in (poison, npy.getvalue(), npz.getvalue(), h5.getvalue(), text):
        for name in READERS:
            take(name, tmp_path / name, next(iter(READERS[name].valid())), content)
    assert not trace.exists()
    with guard.watched(tmp_path / "elsewhere") as acts:
        trace.with_name("other").write_text("")
        pickle.loads(poison)  # the payload would have worked, and been seen
    assert trace.exists()
    assert [act.split()[0] for act in acts] == ["open", "pickle.find_class", "os.system"]


def npy(shape, content=b"", descr="<f4"):
    """An array file whose header promises ``shape``, whatever follows."""
    header = io.BytesIO()
    said = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, said)
    return header.getvalue() + content


BOMBS = {
    "a promise of 4 EB": npy((2**60,)),
    "a deep header": b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000,
    "no end of a header": b"\x93NUMPY\x01\x00\x28\x00{'descr': '''" + b" " * 27,
    "a type of no size": npy((2**60,), descr="|V0"),
    "objects": npy((1,), b"x" * 8, descr="|O"),
    "a header of Python 2": npy((2,), b"x" * 8).replace(b"(2,), ", b"(2L,),"),
    # Python's parser, which NumPy asks, opens a file in 3.12 to complain of this one.
    "a header that is code": npy((2,), b"x" * 8).replace(b"(2,), ", b"0or 2,"),
    "packed zeros": b"",  # made when it is wanted: 256 MB
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
#: What is laid before which readers.
HOSTILE = [
    (NOT_FILES, ("result-json", "timing-json", "weights-npz", "notebook-json", "windows-hdf5",
                 "recordings-zip", "statistics-csv")),
    (BOMBS, ("weights-npz", "checkpoint-npz")),
    (HOSTILE_JSON, ("result-json", "record-json")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "case", "made"), [
    pytest.param(name, case, made, id=f"{name}: {case}")
    for cases, names in HOSTILE for name in names for case, made in cases.items()
])  # fmt: skip
def test_hostile_files_are_refused_before_they_take_memory(name, case, made, tmp_path):
    path = put(tmp_path / next(iter(READERS[name].valid())), b"")
    if case in NOT_FILES:
        path.unlink()
        made(path)
    elif case in BOMBS:
        inner, how = made, zipfile.ZIP_STORED
        if case == "packed zeros":
            inner, how = npy((2**26,), bytes(2**28)), zipfile.ZIP_DEFLATED
        path.write_bytes(broken.packed([("W_aa.npy", inner)], how))
    else:
        path.write_bytes(made)
    tracemalloc.start()
    try:
        if name == "checkpoint-npz":  # training begins anew
            assert READERS[name].read(path) is None
        else:
            with pytest.raises(UserError) as caught:
                READERS[name].read(path)
            message = str(caught.value)
            assert message.isprintable() and path.name in message
            if case in HOSTILE_JSON:  # for what it is, not for what it lacks
                words = "does not hold a JSON object" if case == "no object" else "cannot be read"
                assert words in message
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_a_message_shows_what_a_terminal_would_obey():
    assert one_line(ValueError("a\x1b[2J\nb\x00")) == "a\\x1b[2J b\\x00"
    assert len(one_line("x" * 10**6)) < 600 and len(one_line("\x00" * 10**6)) < 600
    assert one_line("") == "" and one_line(KeyError()) == "KeyError"
