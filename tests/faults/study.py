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
        self.html = results_dir / "book" / data.stem / "html"
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

    def results(self) -> list[Path]:
        """Every result file that has the same bytes each time: those of timings have not."""
        found = [*self.folder.glob("*/*.json"), *self.folder.glob("*/*.npz")]
        return [path for path in found if not path.name.endswith(".timing.json")]

    def said(self) -> str:
        """What it wrote last."""
        return self.log.read_text(errors="replace")[-3000:]


def contents(folder: Path, found: Iterable[Path] | None = None) -> dict[str, bytes]:
    """Files by their place in the folder; all that are there if none are named."""
    files = folder.rglob("*") if found is None else found
    return {str(f.relative_to(folder)): f.read_bytes() for f in files if f.is_file()}
