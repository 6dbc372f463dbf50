"""Result files: what they are called, how they are written, and reading them with suspicion.

In ``<results_dir>/<data>/<protocol>/``:

- ``run-07.json``: what was asked for, configuration, data, and the curves of every seed;
- ``run-07-seed-42.npz``: the parameters of a seed at its best epoch;
- ``run-07.timing.json``: seconds, machine, versions: what may differ from run to run.

The first two have the same bytes for the same inputs on one machine. ``manifest.json`` says which
files there are and what they were made from (:mod:`harlib.storage.manifest`).
"""

import io
import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from harlib import paths, rnn
from harlib.errors import UserError, one_line
from harlib.storage import files, result_checks


class Folder:
    """The folder that holds the results of one data set under one protocol."""

    def __init__(self, results_dir: str, data: str, protocol: str) -> None:
        self.path = paths.resolve(results_dir) / paths.data_label(data) / protocol

    @classmethod
    def at(cls, path: Path) -> "Folder":
        """The folder that lies at an absolute path."""
        here = cls.__new__(cls)
        here.path = path
        return here

    def result(self, run_no: int, kind: str = "run") -> Path:
        """``run-07.json``; with kind ``early-stopping``, ``early-stopping-07.json``."""
        return self.path / f"{kind}-{run_no:02d}.json"

    def timing(self, run_no: int, kind: str = "run") -> Path:
        return self.path / f"{kind}-{run_no:02d}.timing.json"

    def weights(self, run_no: int, seed: int | str, kind: str = "run") -> Path:
        return self.path / f"{kind}-{run_no:02d}-seed-{seed}.npz"

    def checkpoint(self, run_no: int, seed: int, kind: str = "run") -> Path:
        return self.path / f"{kind}-{run_no:02d}-seed-{seed}.checkpoint.npz"

    def create(self) -> None:
        """Make the folder and make sure that it can be written, before any work is done."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.path).close()
        except OSError as error:
            raise UserError(
                f"results folder {self.path} cannot be written ({error.strerror}): "
                f"set results_dir to a folder that can"
            ) from None


def of_seeds(result: dict, seeds: Iterable[int | str]) -> dict:
    """A result with these of its seeds alone, in this order."""
    return {**result, "seeds": {str(seed): result["seeds"][str(seed)] for seed in seeds}}


def together(found: dict) -> dict:
    """Results by whatever key, each with those seeds alone that all of them have."""
    shared = set.intersection(*(set(result["seeds"]) for result in found.values()))
    return {
        key: of_seeds(result, [seed for seed in result["seeds"] if seed in shared])
        for key, result in found.items()
    }


def to_json(content: dict) -> str:
    """JSON with lists of numbers on one line; refuses NaN, which JSON does not have."""
    text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
    return re.sub(
        r"\[[^\[\]{}\"]*\]", lambda m: re.sub(r"\s+", " ", m[0]).replace("[ ", "[").replace(
            " ]", "]"), text) + "\n"  # fmt: skip


def write_json(path: Path, content: dict) -> None:
    """Write ``content``, whole or not at all; a UserError where it cannot be written."""
    files.write(path, to_json(content).encode())


def write_weights(path: Path, params: rnn.Parameters) -> None:
    """Write parameters as an uncompressed NPZ without pickles; same values, same bytes."""
    # In memory first: a full disk under the archive would be an error of the archive's own.
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{name: params[name] for name in rnn.NAMES})
    files.write(path, content.getvalue())


def read_weights(path: Path) -> rnn.Parameters:
    """Parameters from a weights file: all of them, finite, of shapes that go together.

    Else a UserError that names the file.
    """
    try:
        arrays = files.read_npz(path)
    except files.BROKEN as error:
        raise UserError(f"weights file {path} cannot be read: {one_line(error)}") from None
    if missing := [name for name in rnn.NAMES if name not in arrays]:
        raise UserError(f"weights file {path}: {missing[0]} is missing")
    params = {name: arrays[name] for name in rnn.NAMES}
    N, K = params["W_ax"].shape if params["W_ax"].ndim == 2 else (0, 0)
    C = len(params["b_y"]) if params["b_y"].ndim else 0
    for name, shape in rnn.shapes(N, K, C).items():
        value = params[name]
        if value.shape != shape or value.dtype.kind != "f" or not np.isfinite(value).all():
            raise UserError(f"weights file {path}: {name} is not a finite array of shape {shape}")
    return params


def read_json(path: Path) -> dict:
    """An object from a JSON file, or a UserError that names the file."""
    try:
        content = files.parse_json(files.read_bytes(path, files.MAX_JSON))
    except FileNotFoundError:
        raise UserError(f"result file {path} is missing: run its notebook first") from None
    except files.BROKEN as error:
        raise UserError(f"result file {path} cannot be read: {one_line(error)}") from None
    if not isinstance(content, dict):
        raise UserError(f"result file {path} does not hold a JSON object")
    return content


def read(path: Path) -> dict:
    """A result file, checked: shape, ranges, and that its numbers agree with one another.

    Else a UserError that names the file, and what in it is wrong.
    """
    content = read_json(path)
    if problem := result_checks.problem(content):
        raise UserError(f"result file {path} is not valid: {one_line(problem)}")
    return content
