"""Broken and hostile files: each reader refuses them in one line, and does nothing else.

The long form is `make torture` (tests/faults/readers.py).
"""

import io
import json
import os
import pickle
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest

from book.generate import gathered
from book.generate.staging import read_notebook
from harlib import paths
from harlib.data import archive, hdf5, store
from harlib.errors import UserError, one_line
from harlib.storage import checkpoint, records, results, strict
from tests.faults import fuzz, guard, mutate, targets

#: Numbers of the changed files that each reader is given, of seed 0.
FILES = range(40)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_changed_files_are_refused_in_one_line_or_whole(name, tmp_path):
    target = targets.TARGETS[name]
    (tmp_path / "made").mkdir()
    (tmp_path / "read").mkdir()
    files = target.prepare(tmp_path / "made")
    for file, content in files:
        target.read(fuzz.put(tmp_path / "read", file, content))
    lost = []
    for number in FILES:
        file, content = fuzz.changed(target, files, 0, number)
        lost.append(fuzz.attempt(target, fuzz.put(tmp_path / "read", file, content)))
    assert [text for text in lost if text] == []


class Payload:
    """Unpickled, it would make a file that gives it away."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


def test_no_reader_runs_what_a_pickle_holds(tmp_path):
    trace = tmp_path / "it-ran"
    (tmp_path / "read").mkdir()
    poison = pickle.dumps(Payload(trace))
    npy, npz = io.BytesIO(), io.BytesIO()
    np.save(npy, np.array([Payload(trace)], dtype=object), allow_pickle=True)
    np.savez(npz, W_aa=np.array([Payload(trace)], dtype=object), state=np.array([Payload(trace)]))
    h5 = io.BytesIO()
    with h5py.File(h5, "w") as made:
        for key in hdf5.KEYS:
            made[key] = np.void(poison)
    text = json.dumps({"seeds": {"1": poison.decode("latin-1")}, "run_no": 1}).encode()
    contents = [poison, npy.getvalue(), npz.getvalue(), h5.getvalue(), text]
    names = {"published_csv": "table-3.csv", "record_json": "records/x.json"}
    for content in contents:
        for name, target in targets.TARGETS.items():
            file = fuzz.put(tmp_path / "read", names.get(name, "payload"), content)
            assert fuzz.attempt(target, file) == "", name
    assert not trace.exists()
    pickle.loads(poison)  # the payload would have worked
    assert trace.exists()


def test_the_guard_sees_code_processes_and_other_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(secret)
    acts = {
        "open": lambda: secret.read_text(),
        "open through a link": lambda: (tmp_path / "in" / "link").read_text(),
        "write": lambda: (tmp_path / "written").write_text("x"),
        "exec": lambda: exec("1"),
        "process": lambda: os.system("true"),
        "pickle": lambda: pickle.loads(pickle.dumps(Payload(tmp_path / "ran"))),
        "socket": lambda: __import__("socket").socket().close(),
    }
    for name, act in acts.items():
        with guard.watched(tmp_path / "in") as seen:
            act()
        assert seen, name
    (tmp_path / "in" / "own").write_text("x")
    with guard.watched(tmp_path / "in") as seen:
        (tmp_path / "in" / "own").read_text()
    assert not seen


def test_an_attack_notices_a_crash_a_traceback_and_a_wrong_value(tmp_path, monkeypatch):
    def read(path):
        number = int(path.read_bytes() or b"9")
        if number == 3:
            os._exit(7)
        if number == 5:
            raise KeyError("x")
        if number == 6:
            raise UserError("two\nlines of it")
        assert number != 8, "not whole"

    def change(rng, content, others):
        return str(next(numbers)).encode()

    numbers = iter(range(10))
    sick = targets.Target("x", 10, lambda folder: [("f", b"0")], change, read)
    monkeypatch.setitem(targets.TARGETS, "sick", sick)
    lost = []
    for number in (1, 5, 6, 8):
        (tmp_path / "f").write_text(str(number))
        lost.append(fuzz.attempt(sick, tmp_path / "f"))
    assert lost[0] == ""
    assert "KeyError" in lost[1] and "not one clear line" in lost[2] and "not whole" in lost[3]
    numbers = iter([1, 3, 1])
    said = list(fuzz.attack("sick", np.random.default_rng(0), 2))
    assert said[0] == "" and "the process ended (7)" in said[1]


def refused(read, *arguments, words=""):
    """The reader's one line; it may not take more than 200 MB to find it."""
    tracemalloc.start()
    try:
        with pytest.raises(UserError) as caught:
            read(*arguments)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()
    message = str(caught.value)
    assert message.isprintable() and words in message, message


def npz(path, members, packing=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def npy(shape, content=b"", descr="<f4"):
    """An array file whose header promises ``shape``, whatever follows."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return header.getvalue() + content


BOMBS = {
    "packed zeros": lambda path: npz(
        path, {"W_aa": npy((2**26,), b"\0" * 2**28)}, zipfile.ZIP_DEFLATED),
    "a promise of 4 EB": lambda path: npz(path, {"W_aa": npy((2**60,))}),
    "a negative shape": lambda path: npz(path, {"W_aa": npy((-1, 4))}),
    "a deep header": lambda path: npz(
        path, {"W_aa": b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000}),
    "no end of a header": lambda path: npz(
        path, {"W_aa": b"\x93NUMPY\x01\x00\x28\x00{'descr': '''" + b" " * 27}),
    "a type of no size": lambda path: npz(path, {"W_aa": npy((2**60,), descr="|V0")}),
    "objects": lambda path: npz(path, {"W_aa": npy((1,), b"x" * 8, descr="|O")}),
    "a header of Python 2": lambda path: npz(
        path, {"W_aa": npy((2,), b"x" * 8).replace(b"(2,), ", b"(2L,),")}),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_of_arrays_are_refused_before_they_take_memory(bomb, tmp_path):
    path = BOMBS[bomb](tmp_path / "w.npz")
    refused(results.read_weights, path, words="cannot be read")
    assert checkpoint.read(path, "x") is None
    assert store.read(path, "x", 2**30) is None


def test_a_header_that_numpy_does_not_write_is_not_shown_to_it(tmp_path):
    """NumPy has Python's parser read it, which in 3.12 opens a file to complain of this one."""
    content = npy((2,), b"x" * 8).replace(b"(2,), ", b"0or 2,")
    path = npz(tmp_path / "w.npz", {"W_aa": content})
    refused(results.read_weights, path, words="a header that NumPy does not write")


def overlapping(path, members):
    """A zip whose directory names one member ``members`` times: each seems to have its bytes."""
    content = b"\0" * 10**6
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(members):
            file.writestr(f"{archive.NAME}/dws_1/sub_{n}.csv", content if n == 0 else b"x")
        first = file.infolist()[0]
        for member in file.infolist()[1:]:
            for field in ("header_offset", "compress_size", "file_size", "CRC"):
                setattr(member, field, getattr(first, field))
    return path


def test_a_zip_whose_members_overlap_is_refused_or_read_within_the_limit(tmp_path, monkeypatch):
    path = overlapping(tmp_path / "o.zip", 20)
    monkeypatch.setattr(archive, "MAX_CSV", 10**5)
    source = archive.Zip(path)
    for name in source.names:
        refused(source.read, name)


def test_a_zip_in_a_zip_stays_one_member(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_CSV", 2**20)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x", b"\0" * 2**24)
    path = tmp_path / "nested.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{archive.NAME}/dws_1/sub_1.csv", inner.getvalue())
    refused(archive.verify, archive.Zip(path), {"dws_1/sub_1.csv": "0" * 64}, words="damaged")


def test_what_links_lead_to_is_not_taken_and_pipes_are_not_waited_for(tmp_path):
    outside = tmp_path / "outside" / "sub_1.csv"
    outside.parent.mkdir()
    outside.write_text("secret")
    tree = tmp_path / "tree"
    (tree / "dws_1").mkdir(parents=True)
    (tree / "dws_1" / "sub_1.csv").symlink_to(outside)
    (tree / "jog_1").symlink_to(outside.parent)
    (tree / "sit_1").mkdir()
    os.mkfifo(tree / "sit_1" / "sub_1.csv")
    source = archive.Tree(tree)
    assert source.names
    for name in source.names:
        refused(archive.verify, source, {name: "0" * 64})


READERS = {
    "result": results.read,
    "weights": results.read_weights,
    "hdf5": hdf5.load,
    "zip": archive.Zip,
    "checksums": archive.read_checksums,
    "timing": lambda path: gathered.read_timing(path, ["1"]),
    "notebook": lambda path: read_notebook(path, "x"),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "loop", "empty"])
def test_what_is_no_file_is_refused(name, kind, tmp_path):
    path = tmp_path / "x"
    make = {
        "missing": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to(path),
        "empty": path.touch,
    }
    make[kind]()
    if (name, kind) == ("checksums", "empty"):
        assert READERS[name](path) == {}
    else:
        refused(READERS[name], path)


HOSTILE_JSON = {
    "deep lists": "[" * 10**6,
    "deep objects": '{"a":' * 10**5,
    "a huge number": '{"run_no": 1' + "0" * 10**6 + "}",
    "a huge exponent": '{"run_no": 1e999999999}',
    "not a number": '{"run_no": NaN}',
    "twice": '{"run_no": 1, "run_no": 2}',
    "half a pair": '{"run_no": "\\ud800"}',
    "not UTF-8": b'{"run_no": "\xff"}',
    "a mark at the start": b"\xef\xbb\xbf{}",
    "UTF-16": '{"run_no": 1}'.encode("utf-16"),
}


@pytest.mark.parametrize("case", HOSTILE_JSON)
def test_hostile_json_is_refused(case, tmp_path):
    content = HOSTILE_JSON[case]
    path = tmp_path / "run-01.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(results.read, path, words="cannot be read")


def test_files_beyond_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(strict, "MAX_JSON", 1000)
    path = tmp_path / "run-01.json"
    path.write_text(json.dumps({"x": "y" * 2000}))
    refused(results.read, path, words="larger than 1000 bytes")


def test_a_record_that_is_none_is_refused(tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "x.json").write_text("[1]")
    refused(records.read, "x", str(tmp_path), words="does not hold a JSON object")


def test_a_message_shows_what_a_terminal_would_obey():
    assert one_line(ValueError("a\x1b[2J\nb\x00")) == "a\\x1b[2J b\\x00"
    assert len(one_line("x" * 10**6)) < 600 and len(one_line("\x00" * 10**6)) < 600
    assert one_line("") == "" and one_line(KeyError()) == "KeyError"


def test_the_changes_are_the_same_for_the_same_seed_and_differ(tmp_path):
    target = targets.TARGETS["published_csv"]
    files = target.prepare(tmp_path)
    first = [fuzz.changed(target, files, 1, number) for number in range(20)]
    assert first == [fuzz.changed(target, files, 1, number) for number in range(20)]
    assert len({content for _, content in first}) > 15
    assert sum(content not in {c for _, c in files} for _, content in first) > 15
    assert paths.PUBLISHED.name == "published" and mutate.BYTES
