"""Installs the lock file and runs the tests under every Python that the project supports."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harlib import paths
from tests.faults import NotRun, torture

VERSIONS = ("3.11", "3.12", "3.13")
#: What of the outer project must not reach the inner one.
_OURS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def interpreter(version: str) -> str | None:
    """An interpreter of this version that runs: on the path, or one that pyenv or uv keeps."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    candidates = [shutil.which(f"python{version}")]
    for folder in [*pyenv.glob(f"{version}.*"), *uv.glob(f"cpython-{version}.*")]:
        candidates.append(str(folder / "bin" / f"python{version}"))
    for candidate in filter(None, candidates):
        if version_of(candidate).startswith(f"{version}."):
            return candidate
    return None


def version_of(python: str) -> str:
    """``3.12.1``; empty if it does not run or cannot make environments."""
    code = "import ensurepip, sys, venv; print(*sys.version_info[:3], sep='.')"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def passes(python: str, folder: Path, tests: tuple[str, ...] = ()) -> str:
    """Install a copy of the project into ``folder`` with ``python`` and test it; says what failed.

    The copy is of what git has; ``tests`` are files, none: all.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    run = {"cwd": folder, "env": environment, "text": True, "capture_output": True, "check": False}
    clone = ["git", "clone", "--quiet", "--no-hardlinks", str(paths.ROOT), "."]
    setup = ["make", "--no-print-directory", "setup", f"PYTHON={python}"]
    test = [".venv/bin/python", "-m", "pytest", *tests]
    for step in (clone, setup, test):
        done = subprocess.run(step, **run)
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines()
            failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
            said = "; ".join([*failed, *lines[-1:]])
            what = f"{' '.join(step[:3])} ended with {done.returncode}: {said}"
            return f"{version_of(python)}: {what}"
    return ""


@torture(
    "pythons",
    what=f"Python {', '.join(VERSIONS)}: a fresh copy installs from the lock file and passes every "
    "test",
    times=len(VERSIONS),
    test="make torture NAMES=pythons",
)
def pythons(rng: np.random.Generator) -> Iterator[str]:
    found = {version: interpreter(version) for version in VERSIONS}
    if missing := [version for version, python in found.items() if not python]:
        raise NotRun(f"there is no Python {', '.join(missing)} on this machine")
    for python in found.values():
        with tempfile.TemporaryDirectory() as folder:
            yield passes(python, Path(folder))
