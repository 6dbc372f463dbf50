"""Where numbers come from: code, versions, machine."""

import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import threadpoolctl

from harlib import paths
from harlib.job import Job

#: Rooms of harlib whose code makes a seed's result from its windows; "." is the network itself.
ROOMS = (".", "compiled", "runs", "storage")


def sources() -> list[Path]:
    """The files of :data:`ROOMS`: a change in one of them may change every number."""
    harlib = paths.ROOT / "harlib"
    return sorted(
        p for room in ROOMS for p in (harlib / room).iterdir() if p.suffix in (".py", ".c")
    )


def code_digest() -> str:
    """SHA-256 of :func:`sources`."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources())).hexdigest()


def digest(*arrays: np.ndarray, **named: np.ndarray) -> str:
    """SHA-256 of arrays, those that have a name with it, in their order."""
    found = hashlib.sha256()
    for name, value in [*(("", array) for array in arrays), *named.items()]:
        found.update(f"{name}{value.dtype.str}{value.shape}".encode())
        found.update(value.tobytes())
    return found.hexdigest()


def fingerprint(job: Job, seed: int, windows: str) -> str:
    """Digest of everything that the numbers of a seed depend on.

    ``windows`` is their digest, split as they are used. The number of epochs counts only if the
    learning rate depends on it: else a longer training begins like a shorter one.
    """
    epochs = 0 if job.protocol.schedule == "constant" else job.epochs
    what = [asdict(replace(job, epochs=epochs)), seed, windows, code_digest(), np.__version__]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def revision() -> str | None:
    """The checkout's commit, with ``-dirty`` where files differ from it; None outside git."""
    command = ["git", "-C", str(paths.ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def versions() -> dict[str, str]:
    """Versions of what the numbers and the pictures are made with."""
    names = ("numpy", "scikit-learn", "h5py", "pandas", "matplotlib", "papermill")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def machine() -> dict:
    """Kind of machine; nothing that names it or its user."""
    blas = [library for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]
    # SciPy brings one of its own, which is there or not as option C needs it or not: it has no part
    # in the numbers.
    blas = [library for library in blas if "numpy" in library["filepath"]] or blas
    kernels = sorted({f"{b['internal_api']} {b['version']} ({b['architecture']})" for b in blas})
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "blas": ", ".join(kernels),
    }
