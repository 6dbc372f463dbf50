"""Kills a process while it writes a checkpoint."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harlib import rnn
from harlib.storage import checkpoint
from harlib.train import Progress
from tests.faults import torture

_UNITS = 100


def progress(epochs: int) -> Progress:
    """A training that stands after ``epochs``, its parameters told apart by that number."""
    params = {
        name: np.full_like(value, epochs) for name, value in rnn.initial_values(0, _UNITS).items()
    }
    history = {"test": {"loss": [float(epochs)] * (epochs + 1)}}
    return Progress(params, history=history, best_params=params)


# Forked from a server that has loaded everything: a writer starts at once.
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload([__name__])


def write_for_ever(path: Path, ready) -> None:
    """Write one checkpoint after another, as a training does; say when the first is there."""
    for epochs in range(10**9):
        checkpoint.write(path, progress(epochs % 300), "torture")
        if epochs == 0:
            ready.set()


def killed_once(path: Path, seconds: float) -> str:
    """Kill a writer after ``seconds`` of writing; says what is wrong with what is left."""
    ready = _START.Event()
    writer = _START.Process(target=write_for_ever, args=(path, ready))
    writer.start()
    ready.wait()
    time.sleep(seconds)
    writer.kill()
    writer.join()
    writer.close()
    found = checkpoint.read(path, "torture")
    if found is None:
        return f"no whole checkpoint after {1e3 * seconds:.2f} ms"
    same = progress(found.epochs_done)
    if any((found.params[name] != same.params[name]).any() for name in rnn.NAMES):
        return f"a checkpoint made of two after {1e3 * seconds:.2f} ms"
    return ""


@torture(
    "checkpoint-write",
    what="`kill -9` while a checkpoint is written: training can go on from a whole one",
    times=200,
    test="tests/test_torture.py::test_a_kill_inside_the_write_leaves_a_whole_checkpoint",
)
def checkpoint_write(rng: np.random.Generator) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(200):
            yield killed_once(Path(folder) / "run-01-seed-42.checkpoint.npz", rng.uniform(0, 0.05))
