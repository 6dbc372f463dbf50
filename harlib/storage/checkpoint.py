"""Saves where the training of a seed stands, after each epoch, so that a kill loses little."""

import io
import json
from pathlib import Path

import numpy as np

from harlib.storage import files, provenance
from harlib.train import Progress

_ARRAYS = ("params", "best_params", "memory")


def write(path: Path, progress: Progress, fingerprint: str) -> None:
    """Write a checkpoint, whole or not at all; a UserError where it cannot be written."""
    state = {k: v for k, v in vars(progress).items() if k not in _ARRAYS}
    arrays = {f"{k}.{name}": v for k in _ARRAYS for name, v in getattr(progress, k).items()}
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, seal=provenance.digest(**arrays) + fingerprint, **arrays)
    # Not waiting for the disk: what a power cut spoils of it is noticed, and made again.
    files.write(path, content.getvalue(), durable=False)


def read(path: Path, fingerprint: str) -> Progress | None:
    """Progress from a checkpoint; None if there is none, it is damaged or of another training."""
    # A checkpoint only saves time: whatever is wrong with it, training begins anew.
    try:
        found = files.read_npz(path)
        if found.pop("seal").item() != provenance.digest(**found) + fingerprint:
            return None
    except (*files.BROKEN, KeyError):
        return None
    state = json.loads(found.pop("state").tobytes())
    for k in _ARRAYS:
        names = [name for name in found if name.startswith(f"{k}.")]
        state[k] = {name.removeprefix(f"{k}."): found[name] for name in names}
    return Progress(**state)
