"""Every reader of files: valid ones to begin with, how they are broken, and how they are read.

What a reader gives is used as the project uses it; an AssertionError says what is not whole.
"""

import fnmatch
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
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
from harlib.data import hdf5, statistics
from harlib.paper import printed, tables
from harlib.protocol import CLASSES
from harlib.runs import experiment, trained_network
from harlib.storage import checkpoint, records, results
from harlib.train import Progress
from tests.data import data_helpers
from tests.faults import broken
from workflow import motionsense_archive

_RECORDINGS = data_helpers.recordings(subjects=(1, 21), rows=150)
_LINES = (f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in _RECORDINGS.items())
_DIGEST = hashlib.sha256("".join(sorted(_LINES)).encode()).hexdigest()
_PROTOCOLS = ("corrected+shuffle=False", "published+clip=1.0+optimiser=adam")


@cache
def _everything() -> dict[str, bytes]:
    """Valid files of all kinds, by their place in a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _results(folder)
        _notebooks(folder)
        _windows(folder)
        members = [(f"A_DeviceMotion_data/{name}", c) for name, c in _RECORDINGS.items()]
        for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            (folder / f"{how}.zip").write_bytes(broken.packed(members, how))
        shutil.copytree(paths.PUBLISHED, folder / "published")
        shutil.copy(statistics.FILE, folder / "statistics.csv")
        for name in _PROTOCOLS:
            (folder / f"{name}.name").write_text(name)
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _results(folder: Path) -> None:
    """A short run, option C, a checkpoint, a record."""
    data = data_helpers.write_hdf5(folder / "tiny.h5", data_helpers.four_keys(36, 18))
    given = {"data": str(data), "results_dir": str(folder), "loops": "numpy"}
    experiment.run(1, seeds=(1, 2), epochs=2, **given)
    split = {"max_epochs": 3, "patience": 2, "validation_fraction": 1 / 3}
    experiment.early_stopping(1, seeds=(1,), **split, **given)
    params = rnn.initial_values(0, 4)
    curves = {name: [40.0, 50.0] for name in ("loss", "top1", "top2", "top3")}
    memory = {"t": np.zeros((), np.int64), "m.W_aa": np.ones((4, 4))}
    progress = Progress(params, {"train": curves, "test": curves}, memory, params, 1, [[1, 2]])
    checkpoint.write(folder / "checkpoint.npz", progress, "same")
    records.write("x", {"rows": [{"times": 3}]}, str(folder))


def _notebooks(folder: Path) -> None:
    """One of each minor version, whose schema is then loaded; cells have an id since 4.5."""
    output = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    code = nbformat.v4.new_code_cell("1 + 1", outputs=[output])
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Run 1\ntext"), code])
    for minor in (5, 4, 3, 2, 1, 0):
        (folder / f"{minor}.ipynb").write_text(json.dumps({**made, "nbformat_minor": minor}))
        for cell in made.cells:
            cell.pop("id", None)


def _windows(folder: Path) -> None:
    """The three ways in which HDF5 lays out arrays."""
    keys = data_helpers.four_keys()
    packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    data_helpers.write_hdf5(folder / "windows" / "plain.h5", keys)
    data_helpers.write_hdf5(folder / "windows" / "packed.h5", keys, **packed)
    with h5py.File(folder / "windows" / "latest.h5", "w", libver="latest") as file:
        for key, value in keys.items():
            # Of no length given, so that the format's indices of chunks are there too.
            most = (None, *value.shape[1:])
            file.create_dataset(key, data=value, maxshape=most, compression="lzf")


class Reader(NamedTuple):
    """How to attack a reader: a pattern of its files, how they are changed, how they are read."""

    places: str
    change: Callable[[bytes], st.SearchStrategy[bytes]]
    read: Callable[[Path], object]

    def valid(self) -> dict[str, bytes]:
        """Its valid files by place."""
        files = _everything()
        return {place: files[place] for place in fnmatch.filter(files, self.places)}


def result_json(path: Path) -> object:
    found = results.read(path)
    assert results.to_json(found)
    for seed in found["seeds"]:
        trained_network.initial_values(found, int(seed))
    stops_early = "patience" in found["config"]
    return tables.option_c(found, int(seed)) if stops_early else tables.run_rows(found)


def timing_json(path: Path) -> object:
    found = gathered.read_timing(path, ["1", "2"])
    seconds = [s["training_seconds"] + s["evaluation_seconds"] for s in found["seeds"].values()]
    assert 0 <= sum(seconds) < float("inf")
    return json.dumps(found["versions"])


def weights_npz(path: Path) -> object:
    found = results.read_weights(path)
    assert all(np.isfinite(value).all() for value in found.values())
    return found["W_aa"] @ found["W_ax"]


def _broken_checkpoint(content: bytes) -> st.SearchStrategy[bytes]:
    """As any other zip, or with its JSON part changed."""
    with np.load(io.BytesIO(content)) as file:
        arrays = dict(file)

    def with_state(state: bytes) -> bytes:
        made = io.BytesIO()
        np.savez(made, **{**arrays, "state": np.frombuffer(state, np.uint8)})
        return made.getvalue()

    return broken.zipped(content) | broken.text(arrays["state"].tobytes()).map(with_state)


def checkpoint_npz(path: Path) -> object:
    found = checkpoint.read(path, "same")
    if found is not None:
        assert 0 <= found.best_epoch <= max(found.epochs_done, 0)
        assert found.params["W_aa"].shape == found.best_params["W_aa"].shape
        assert all(np.isfinite(curve).all() for s in found.history.values() for curve in s.values())
    return found


def record_json(path: Path) -> object:
    return results.to_json(records.read("x", str(path.parents[1])).content)


def notebook_json(path: Path) -> object:
    return nbformat.writes(read_notebook(path, "Title"))


def windows_hdf5(path: Path) -> object:
    found = hdf5.load(path)
    for X, y in ((found.X_train, found.y_train), (found.X_test, found.y_test)):
        assert X.shape[2] == 3 and len(X) == len(y) and np.isfinite(X).all()
        assert set(y.tolist()) == set(range(len(CLASSES)))
    return found.describe()


def recordings_zip(path: Path) -> object:
    recordings, digest = motionsense_archive.read_recordings(path)
    found = sorted(one.content for one in recordings)
    same = found == sorted(_RECORDINGS.values())
    assert same or digest != _DIGEST, "a changed recording is taken for the published one"
    if path.read_bytes() in _everything().values():
        assert same and digest == _DIGEST, "the published recordings are not known again"
    return motionsense_archive.select(recordings, 1, 1) if digest == _DIGEST else found


def statistics_csv(path: Path) -> object:
    with mock.patch.object(statistics, "FILE", path):
        found = statistics.read()
    assert {*found["class"]} == {*CLASSES} and np.isfinite(found[["mean", "q05"]]).all(axis=None)
    return found


def published_csv(path: Path) -> object:
    with mock.patch.object(paths, "PUBLISHED", path.parent):
        if path.stem == "text":
            return printed.text_facts()
        found = printed.table(int(path.stem.removeprefix("table-")))
    assert np.isfinite(found.to_numpy(float)).all()
    return found


def protocol_name(path: Path) -> object:
    found = protocol.named(path.read_bytes().decode("utf-8", "surrogateescape"))
    assert protocol.named(found.name) == found, "a name that reads back as another protocol"
    assert "/" not in found.name and found.name.isprintable()
    return found


#: By the name that the attack has behind ``broken-``.
READERS = {
    "result-json": Reader("tiny/*-01.json", broken.text, result_json),
    "timing-json": Reader("tiny/*/run-*.timing.json", broken.text, timing_json),
    "weights-npz": Reader("tiny/*/run-*.npz", broken.zipped, weights_npz),
    "checkpoint-npz": Reader("checkpoint.npz", _broken_checkpoint, checkpoint_npz),
    "record-json": Reader("records/x.json", broken.text, record_json),
    "notebook-json": Reader("*.ipynb", broken.text, notebook_json),
    "windows-hdf5": Reader("windows/*.h5", broken.damaged, windows_hdf5),
    "recordings-zip": Reader("*.zip", broken.zipped, recordings_zip),
    "statistics-csv": Reader("statistics.csv", broken.text, statistics_csv),
    "published-csv": Reader("published/*.csv", broken.text, published_csv),
    "protocol-name": Reader("*.name", broken.damaged, protocol_name),
}
