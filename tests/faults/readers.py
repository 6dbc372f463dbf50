"""Every reader of files: valid ones to begin with, how they are broken, and how they are read.

What a reader gives is used as the project uses it; an AssertionError says what is not whole.
"""

import fnmatch
import hashlib
import io
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import h5py
import nbformat
import numpy as np
from hypothesis import strategies as st

from book.generate import gathered
from book.generate.staging import read_notebook
from harlib import paths, protocol, rnn
from harlib.data import archive, hdf5, motionsense, statistics, store
from harlib.paper import printed, tables
from harlib.protocol import CLASSES
from harlib.runs import experiment, trained_network
from harlib.storage import checkpoint, records, results
from harlib.train import Progress
from tests.data.data_helpers import four_keys, recordings, write_hdf5
from tests.faults import broken


class Reader(NamedTuple):
    """A reader, and how to attack it."""

    #: Gives valid files: content by place in a folder.
    valid: Callable[[], dict[str, bytes]]
    #: A strategy for what the bytes of one may become.
    change: Callable[[bytes], st.SearchStrategy[bytes]]
    #: Reads a file, and uses what comes of it.
    read: Callable[[Path], object]


READERS: dict[str, Reader] = {}


def reader(valid: Callable, change: Callable) -> Callable:
    """Enter the function that reads into :data:`READERS`."""

    def enter(read: Callable[[Path], object]) -> Callable[[Path], object]:
        READERS[read.__name__] = Reader(cache(valid), change, read)
        return read

    return enter


def made_by(make: Callable[[Path], object]) -> Callable[[], dict[str, bytes]]:
    """Gives what ``make`` leaves in an empty folder."""

    def valid() -> dict[str, bytes]:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
            found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
            return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    return valid


# Results


def _study(folder: Path) -> None:
    """A short run, and option C, on small random data."""
    data = write_hdf5(folder / "tiny.h5", four_keys(36, 18))
    given = {"data": str(data), "results_dir": str(folder), "loops": "numpy"}
    experiment.run(1, seeds=(1, 2), epochs=2, **given)
    split = {"max_epochs": 3, "patience": 2, "validation_fraction": 1 / 3}
    experiment.early_stopping(1, seeds=(1,), **split, **given)


_study_files = cache(made_by(_study))


def _of_study(pattern: str) -> Callable[[], dict[str, bytes]]:
    def valid() -> dict[str, bytes]:
        files = {Path(place).name: content for place, content in _study_files().items()}
        return {name: files[name] for name in fnmatch.filter(files, pattern)}

    return valid


@reader(_of_study("*-01.json"), broken.text)
def result_json(path: Path) -> object:
    found = results.read(path)
    assert results.to_json(found)
    for seed in found["seeds"]:
        trained_network.initial_values(found, int(seed))
    stops_early = "patience" in found["config"]
    return tables.option_c(found, int(seed)) if stops_early else tables.run_rows(found)


@reader(_of_study("run-*.timing.json"), broken.text)
def timing_json(path: Path) -> object:
    found = gathered.read_timing(path, ["1", "2"])
    seconds = [s["training_seconds"] + s["evaluation_seconds"] for s in found["seeds"].values()]
    assert 0 <= sum(seconds) < float("inf")
    return json.dumps(found["versions"])


@reader(_of_study("run-*.npz"), broken.zipped)
def weights_npz(path: Path) -> object:
    found = results.read_weights(path)
    assert all(np.isfinite(value).all() for value in found.values())
    return found["W_aa"] @ found["W_ax"]


def _checkpoint(folder: Path) -> None:
    params = rnn.initial_values(0, 4)
    curves = {name: [40.0, 50.0] for name in ("loss", "top1", "top2", "top3")}
    memory = {"t": np.zeros((), np.int64), "m.W_aa": np.ones((4, 4))}
    progress = Progress(params, {"train": curves, "test": curves}, memory, params, 1, [[1, 2]])
    checkpoint.write(folder / "c.npz", progress, "same")


def _broken_checkpoint(content: bytes) -> st.SearchStrategy[bytes]:
    """As any other zip, or with its JSON part changed."""
    with np.load(io.BytesIO(content)) as file:
        arrays = dict(file)

    def with_state(state: bytes) -> bytes:
        made = io.BytesIO()
        np.savez(made, **{**arrays, "state": np.frombuffer(state, np.uint8)})
        return made.getvalue()

    return broken.zipped(content) | broken.text(arrays["state"].tobytes()).map(with_state)


@reader(made_by(_checkpoint), _broken_checkpoint)
def checkpoint_npz(path: Path) -> object:
    found = checkpoint.read(path, "same")
    if found is not None:
        assert 0 <= found.best_epoch <= max(found.epochs_done, 0)
        assert found.params["W_aa"].shape == found.best_params["W_aa"].shape
        assert all(np.isfinite(curve).all() for s in found.history.values() for curve in s.values())
    return found


def _record(folder: Path) -> None:
    records.write("x", {"rows": [{"id": "a", "times": 3}]}, str(folder))


@reader(made_by(_record), broken.text)
def record_json(path: Path) -> object:
    return results.to_json(records.read("x", str(path.parents[1])).content)


def _notebooks() -> dict[str, bytes]:
    """One of each minor version, whose schema is then loaded; cells have an id since 4.5."""
    output = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    cells = [nbformat.v4.new_markdown_cell("# Run 1\ntext"),
             nbformat.v4.new_code_cell("1 + 1", outputs=[output])]  # fmt: skip
    old_cells = [{k: v for k, v in cell.items() if k != "id"} for cell in cells]
    made = nbformat.v4.new_notebook(cells=cells)
    versions = [{**made, "nbformat_minor": n, "cells": old_cells} for n in range(5)] + [made]
    return {f"{n}.ipynb": json.dumps(version).encode() for n, version in enumerate(versions)}


@reader(_notebooks, broken.text)
def notebook_json(path: Path) -> object:
    return nbformat.writes(read_notebook(path, "Title"))


# Data


def _hdf5(folder: Path) -> None:
    packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    write_hdf5(folder / "plain.h5", four_keys())
    write_hdf5(folder / "packed.h5", four_keys(), **packed)
    with h5py.File(folder / "latest.h5", "w", libver="latest", track_order=True) as file:
        for key, value in four_keys().items():
            # Of no length given, so that the format's indices of chunks are there too.
            most = (None, *value.shape[1:])
            file.create_dataset(key, data=value, maxshape=most, compression="lzf")


@reader(made_by(_hdf5), broken.damaged)
def windows_hdf5(path: Path) -> object:
    found = hdf5.load(path, name="x")
    for X, y in ((found.X_train, found.y_train), (found.X_test, found.y_test)):
        assert X.shape[2] == 3 and len(X) == len(y) and np.isfinite(X).all()
        assert set(y.tolist()) == set(range(len(CLASSES)))
    return found.describe()


_RECORDINGS = recordings(subjects=(1, 21), rows=150)
_DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in _RECORDINGS.items()}
_CHECKSUMS = "".join(f"{digest}  {archive.NAME}/{name}\n" for name, digest in _DIGESTS.items())
_MEMBERS = [(f"{archive.NAME}/{name}", content) for name, content in _RECORDINGS.items()]
_STORED = {"X_train": np.ones((6, 5, 3)), "y_train": np.arange(6)}


@reader(lambda: _RECORDINGS, broken.text)
def recording_csv(path: Path) -> object:
    name = f"{path.parent.name}/{path.name}"
    found = motionsense.read_windows(archive.Tree(path.parents[1]), {name: _DIGESTS[name]})
    assert path.read_bytes() == _RECORDINGS[name], "a changed recording was taken"
    return found


@reader(lambda: {f"{how}.zip": broken.packed(_MEMBERS, how) for how in (0, 8)}, broken.zipped)
def recordings_zip(path: Path) -> object:
    found = motionsense.read_windows(archive.Zip(path), _DIGESTS)
    assert len(found.X) == len(_RECORDINGS), "a recording that is not the published one was taken"
    return motionsense.select(found, 1, 1)


@reader(lambda: {"list": _CHECKSUMS.encode()}, broken.damaged)
def checksum_list(path: Path) -> object:
    found = archive.read_checksums(path)
    assert all(archive.RECORDING.fullmatch(name) and len(d) == 64 for name, d in found.items())
    return found


@reader(made_by(lambda folder: store.write(folder / "w.npz", "key", _STORED)), broken.zipped)
def stored_windows(path: Path) -> object:
    found = store.read(path, "key", 2**20)
    assert found is None or (found["X_train"] == 1).all(), "another array than was stored"
    return found


@reader(lambda: {"s.csv": statistics.FILE.read_bytes()}, broken.text)
def statistics_csv(path: Path) -> object:
    found = statistics.read(path)
    assert {*found["class"]} == {*CLASSES} and np.isfinite(found[["mean", "q05"]]).all(axis=None)
    return found


@reader(lambda: {p.name: p.read_bytes() for p in paths.PUBLISHED.glob("*.csv")}, broken.text)
def published_csv(path: Path) -> object:
    with mock.patch.object(paths, "PUBLISHED", path.parent):
        if path.stem == "text":
            return printed.text_facts()
        found = printed.table(int(path.stem.removeprefix("table-")))
    assert np.isfinite(found.to_numpy(float)).all()
    return found


_SWITCHED = b"published+clip=1.0+optimiser=adam"


@reader(lambda: {"a": b"corrected+shuffle=False", "b": _SWITCHED}, broken.damaged)
def protocol_name(path: Path) -> object:
    found = protocol.named(path.read_bytes().decode("utf-8", "surrogateescape"))
    assert protocol.named(found.name) == found, "a name that reads back as another protocol"
    assert "/" not in found.name and found.name.isprintable()
    return found
