"""A whole study to be disturbed: small data, few epochs, all of the flow up to the built book."""

import os
import signal
import subprocess
from pathlib import Path

from harlib import paths
from tests import started


class Study:
    """One study of a data file with a results folder of its own."""

    def __init__(self, data: Path, results_dir: Path, epochs: int = 2) -> None:
        self.results_dir, self.folder = results_dir, results_dir / data.stem
        self.html = results_dir / "book" / data.stem / "html"
        self.log = results_dir.with_name(f"{results_dir.name}.log")
        asked = {"data": data, "epochs": epochs, "seeds": 42, "jobs": 2}
        self.command = started.study("book", **asked, results_dir=results_dir)

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
        """Every result file that has the same bytes each time."""
        return started.contents(self.folder, "*/*.json", "*/*.npz")

    def said(self) -> str:
        """What it wrote last."""
        return self.log.read_text(errors="replace")[-3000:]
