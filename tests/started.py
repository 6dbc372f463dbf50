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


def study(target: str, **asked: object) -> list[object]:
    """The command that ``make`` gives for a study."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in asked.items()]
    return [sys.executable, "-m", "workflow.study", *words, target]


def contents(folder: Path, *patterns: str) -> dict[str, bytes]:
    """Files by their place in a folder, all or these; no seconds, which are others each time."""
    found = [path for pattern in patterns or ["**/*"] for path in folder.glob(pattern)]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if path.is_file() and ".timing" not in path.name
    }
