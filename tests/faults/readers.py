"""Readers of files that come from elsewhere or may be broken: valid ones, and how they are read.

What a reader gives is used as the project uses it; an AssertionError says what is not whole.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import nbformat
import numpy as np

from book.generate import gathered
from book.generate.staging import read_notebook
from harlib import rnn
from harlib.data import hdf5
from harlib.paper import tables
from harlib.protocol import CLASSES
from harlib.runs import experiment, trained_network
from harlib.storage import checkpoint, results
from harlib.train import Progress
from tests.data import data_helpers
from tests.faults import broken
from workflow import motionsense_archive

_RECORDINGS = data_helpers.recordings(subjects=(1, 21), rows=150)
_LINES = (f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in _RECORDINGS.items())
_DIGEST = hashlib.sha256("".join(sorted(_LINES)).encode()).hexdigest()
_PARAMS = rnn.initial_values(0, 4)
_PROGRESS = Progress(_PARAMS, {"train": {"loss": [0.5]}}, {"t": np.ones(1)}, _PARAMS, 1, [[1, 2]])


def valid(folder: Path) -> dict[str, list[Path]]:
    """Valid files by the name of their reader, made in an empty folder."""
    data = data_helpers.write_hdf5(folder / "tiny.h5", data_helpers.four_keys(36, 18))
    given = {"data": str(data), "results_dir": str(folder), "loops": "numpy"}
    experiment.run(1, seeds=(1, 2), epochs=2, **given)
    split = {"max_epochs": 3, "patience": 2, "validation_fraction": 1 / 3}
    experiment.early_stopping(1, seeds=(1,), **split, **given)
    checkpoint.write(folder / "checkpoint.npz", _PROGRESS, "same")
    ran = data.with_suffix("") / "published"

    output = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    cells = [
        nbformat.v4.new_markdown_cell("# Run 1\ntext"),
        nbformat.v4.new_code_cell("1 + 1", outputs=[output]),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "run.ipynb")

    recordings = data_helpers.write_zip(folder / "recordings.zip", _RECORDINGS)
    assert motionsense_archive.read_recordings(recordings)[1] == _DIGEST

    filters = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    return {
        "result-json": [ran / "run-01.json", ran / "early-stopping-01.json"],
        "timing-json": [ran / "run-01.timing.json"],
        "weights-npz": [ran / "run-01-seed-1.npz"],
        "checkpoint-npz": [folder / "checkpoint.npz"],
        "notebook-json": [folder / "run.ipynb"],
        "windows-hdf5": [
            data_helpers.write_hdf5(folder / "plain.h5", data_helpers.four_keys()),
            data_helpers.write_hdf5(folder / "packed.h5", data_helpers.four_keys(), **filters),
        ],
        "recordings-zip": [recordings],
    }


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


def checkpoint_npz(path: Path) -> object:
    assert checkpoint.read(path, "another") is None
    if found := checkpoint.read(path, "same"):
        np.testing.assert_equal(asdict(found), asdict(_PROGRESS))
    return found


def notebook_json(path: Path) -> object:
    return nbformat.writes(read_notebook(path, "Title"))


def windows_hdf5(path: Path) -> object:
    found = hdf5.load(path)
    for X, y in ((found.X_train, found.y_train), (found.X_test, found.y_test)):
        assert X.shape[2] == 3 and len(X) == len(y) and np.isfinite(X).all()
        assert set(y.tolist()) == set(range(len(CLASSES)))
    return found.describe()


def recordings_zip(path: Path) -> object:
    found, digest = motionsense_archive.read_recordings(path)
    same = sorted(one.content for one in found) == sorted(_RECORDINGS.values())
    assert same or digest != _DIGEST, "a changed recording is taken for the published one"
    return motionsense_archive.select(found, 1, 1) if digest == _DIGEST else found


#: How a file is broken and how it is read, by the name that the attack has behind ``broken-``.
READERS = {
    "result-json": (broken.text, result_json),
    "timing-json": (broken.text, timing_json),
    "weights-npz": (broken.zipped, weights_npz),
    "checkpoint-npz": (broken.zipped, checkpoint_npz),
    "notebook-json": (broken.text, notebook_json),
    "windows-hdf5": (broken.damaged, windows_hdf5),
    "recordings-zip": (broken.zipped, recordings_zip),
}
