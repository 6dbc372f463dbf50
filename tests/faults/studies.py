"""A study to be disturbed: small data, few epochs, all of the flow up to the built book."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import numpy as np

from harlib import paths
from harlib.data import load
from harlib.protocol import CLASSES

#: Windows of each class in the small data.
_TRAIN, _TEST = 12, 4


@contextmanager
def small_data() -> Iterator[Path]:
    """A folder with ``windows.h5``: some of the built-in data's windows, in class order."""
    dataset = load("synthetic")
    with TemporaryDirectory(prefix="harlib-torture-", ignore_cleanup_errors=True) as folder:
        with h5py.File(Path(folder, "windows.h5"), "w") as file:
            for part, X, y, count in (
                ("tr", dataset.X_train, dataset.y_train, _TRAIN),
                ("tst", dataset.X_test, dataset.y_test, _TEST),
            ):
                rows = np.concatenate([np.flatnonzero(y == c)[:count] for c in range(len(CLASSES))])
                file[f"{part}X"], file[f"{part}Y"] = X[rows], np.eye(len(CLASSES))[y[rows]]
        yield Path(folder)


class Study:
    """One study of a data file with a results folder of its own."""

    def __init__(
        self, data: Path, results_dir: Path, *, target: str = "book", jobs: int = 2, epochs: int = 2
    ) -> None:
        self.results_dir = results_dir
        self.folder = results_dir / data.stem
        self.log = results_dir.with_name(f"{results_dir.name}.log")
        self.command = [
            sys.executable, "-m", "workflow.study", "--data", str(data), "--epochs", str(epochs),
            "--seeds", "42", "--jobs", str(jobs), "--results-dir", str(results_dir), target,
        ]  # fmt: skip

    def start(self, **options) -> subprocess.Popen:
        """Start it, as the leader of a process group; what it says goes into its log."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **options,
            )  # fmt: skip

    def run(self, **options) -> int:
        """Run it to its end; returns the exit code."""
        return self.start(**options).wait()

    def killed_after(self, seconds: float) -> bool:
        """Start it and kill its process group after ``seconds``; False if it ended before."""
        process = self.start()
        try:
            process.wait(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True

    def results(self) -> dict[str, bytes]:
        """Every result file by its path below the results of the data."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for pattern in ("*/*.json", "*/*.npz")
            for path in sorted(self.folder.glob(pattern))
            # Seconds may differ; the manifest holds the digests of these same files.
            if not path.name.endswith(".timing.json")
        }

    def finished(self) -> dict[str, int]:
        """Inodes of the results that are there: another one means that a run was repeated."""
        found = {}
        for pattern in ("run", "early-stopping"):
            for path in self.folder.glob(f"*/{pattern}-0?.json"):
                found[str(path.relative_to(self.folder))] = path.stat().st_ino
        return found

    def left_over(self) -> list[str]:
        """Temporary files and checkpoints that nobody needs any more."""
        return [
            str(path.relative_to(self.results_dir))
            for pattern in ("**/.*.tmp*", "**/*.checkpoint.npz")
            for path in self.results_dir.glob(pattern)
        ]

    def stage(self) -> str:
        """How far it has come."""
        if (self.results_dir / "book").exists():
            return "book"
        return "training" if list(self.folder.glob("*/*.npz")) else "data"

    def said(self, lines: int = 5) -> str:
        """The end of its log, on one line."""
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def remove(self) -> None:
        """Remove its results."""
        shutil.rmtree(self.results_dir, ignore_errors=True)


def timed(study: Study) -> float:
    """Run to the end; returns the seconds.

    Raises
    ------
    RuntimeError
        It failed although nobody disturbed it.
    """
    start = time.perf_counter()
    if study.run() != 0:
        raise RuntimeError(f"an undisturbed study failed: {study.said(20)}")
    return time.perf_counter() - start
