"""``kill -9`` at random moments: of a whole study, and of the writing of one checkpoint."""

import multiprocessing
import shutil
import signal
import time
from dataclasses import asdict

import numpy as np
import pytest

from harlib import rnn
from harlib.storage import checkpoint
from harlib.train import Progress
from tests import started

# Forked from a server that has loaded everything: a writer starts at once.
FORKS = multiprocessing.get_context("forkserver")


def progress(epochs):
    """A training that stands after ``epochs``, its parameters told apart by that number."""
    drawn = rnn.initial_values(0, 100)
    params = {name: np.full_like(value, epochs) for name, value in drawn.items()}
    history = {"test": {"loss": [epochs / 3] * (epochs + 1)}}
    memory = {"m.W_aa": np.full(3, epochs)}
    return Progress(params, history, memory, params, 0, [[1]], True, epochs / 7)


def write_for_ever(path, ready):
    """Write one checkpoint after another, as a training does; say when the first is there."""
    for epochs in range(10**9):
        checkpoint.write(path, progress(epochs % 300), "same")
        ready.set()


@pytest.mark.attack("checkpoint-write", few=4, many=200)
def test_a_kill_inside_the_write_leaves_a_whole_checkpoint(attempts, tmp_path):
    FORKS.set_forkserver_preload([__name__])
    path = tmp_path / "c.npz"
    for rng in attempts:
        ready = FORKS.Event()
        writer = FORKS.Process(target=write_for_ever, args=(path, ready))
        writer.start()
        assert ready.wait(60)
        time.sleep(rng.uniform(0, 0.05))
        writer.kill()
        writer.join()
        found = checkpoint.read(path, "same")
        assert found is not None, "no whole checkpoint"
        np.testing.assert_equal(asdict(found), asdict(progress(found.epochs_done)))


@pytest.mark.long
@pytest.mark.attack("killed-anywhere", few=1, many=20)
def test_a_study_killed_anywhere_goes_on_to_the_same_bytes(attempts, small_file, tmp_path):
    """From reading the data to building the book; what is killed goes on, and is killed again."""
    calm, killed = tmp_path / "undisturbed", tmp_path / "killed"
    finished = set()

    def study(results_dir, *killer):
        asked = {"data": small_file, "epochs": 2, "seeds": 42, "jobs": 2}
        return started.run(*killer, *started.study("book", **asked, results_dir=results_dir))

    def files(results_dir):
        return started.contents(results_dir / "small", "*/*.json", "*/*.npz")

    def results():
        """Results that are there, with their inodes: a run that is repeated has another one."""
        return {(path, path.stat().st_ino) for path in killed.glob("small/*/*-0?.json")}

    def ended(done):
        assert done.returncode == 0, done.stderr
        assert files(killed) == files(calm)
        assert finished <= results(), "a finished run was trained again"
        for left_over in (".*.tmp*", "*.checkpoint.npz"):
            assert not any(killed.rglob(left_over))
        shutil.rmtree(killed)  # and again from nothing
        finished.clear()

    start = time.monotonic()
    assert study(calm).returncode == 0
    whole = time.monotonic() - start
    for rng in attempts:
        # The whole process group, and timeout with it.
        killer = "timeout", "--signal=KILL", rng.uniform(0, whole)
        while (done := study(killed, *killer)).returncode != -signal.SIGKILL:
            ended(done)  # before it was to be killed
        finished |= results()
    ended(study(killed))
