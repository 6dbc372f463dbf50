"""Commands of the project, started as a user starts them, and copies of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

from harlib import paths


def run(*words: object, folder: Path = paths.ROOT, **environment: str) -> CompletedProcess:
    """What a command does in a folder: its exit code and what it says."""
    return subprocess.run(
        [str(word) for word in words], cwd=folder, env=os.environ | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def python(*words: object, folder: Path = paths.ROOT, **environment: str) -> CompletedProcess:
    """The same of Python."""
    return run(sys.executable, *words, folder=folder, **environment)


def copied(folder: Path) -> Path:
    """A copy of the project, without what is made from it."""
    left_out = shutil.ignore_patterns(".*", "results", "_build", "*.pyc")
    return shutil.copytree(paths.ROOT, folder, ignore=left_out)


def result_bytes(folder: Path) -> dict[str, bytes]:
    """The result files of runs by name; without seconds, which differ from run to run."""
    files = [*folder.rglob("run-*.json"), *folder.rglob("run-*.npz")]
    return {path.name: path.read_bytes() for path in files if ".timing" not in path.name}
