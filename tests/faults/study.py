"""A whole study to be disturbed: small data, few epochs, all of the flow up to the built book."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from harlib import paths


class Study:
    """One study of a data file with a results folder of its own."""

    def __init__(self, data: Path, results_dir: Path, epochs: int = 2) -> None:
        self.results_dir, self.folder = results_dir, results_dir / data.stem
        self.log = results_dir.with_name(f"{results_dir.name}.log")
        asked = {"data": data, "epochs": epochs, "seeds": 42, "jobs": 2, "results-dir": results_dir}
        words = [f"--{name}={value}" for name, value in asked.items()]
        self.command = [sys.executable, "-m", "workflow.study", *words, "book"]

    def run(self, seconds: float | None = None) -> int:
        """Run to the end; or kill its whole process group after ``seconds``. The exit code."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def results(self) -> dict[str, bytes]:
        """Every result file by its place; seconds may differ, so those of timings are left out."""
        found = [*self.folder.glob("*/*.json"), *self.folder.glob("*/*.npz")]
        return _content(self.folder, (p for p in found if not p.name.endswith(".timing.json")))

    def finished(self) -> set[tuple[str, int]]:
        """Results that are there, with their inodes: a run that is repeated has another one."""
        return {(str(path), path.stat().st_ino) for path in self.folder.glob("*/*-0?.json")}

    def left_over(self) -> list[Path]:
        """Temporary files and checkpoints that nobody needs any more."""
        return [*self.results_dir.rglob(".*.tmp*"), *self.results_dir.rglob("*.checkpoint.npz")]

    def html(self) -> dict[str, bytes]:
        """Every page and figure of the built book."""
        folder = self.results_dir / "book" / self.folder.name / "html"
        return _content(folder, (path for path in folder.rglob("*") if path.is_file()))

    def said(self) -> str:
        """What it wrote last."""
        return self.log.read_text(errors="replace")[-3000:]


def _content(folder: Path, found: Iterable[Path]) -> dict[str, bytes]:
    """Files by their place in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
