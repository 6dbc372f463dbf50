"""Saves where the training of a seed stands, after each epoch, so that a kill loses little."""

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from harlib import atomic, rnn
from harlib.train import Progress

_ARRAYS = ("params", "best_params", "memory")


def write(path: Path, progress: Progress, fingerprint: str) -> None:
    """Write a checkpoint, whole or not at all; a UserError where it cannot be written."""
    state = {k: v for k, v in asdict(progress).items() if k not in _ARRAYS}
    text = json.dumps({"fingerprint": fingerprint, **state})
    arrays = {f"{k}.{name}": v for k in _ARRAYS for name, v in getattr(progress, k).items()}
    content = io.BytesIO()
    np.savez(content, state=np.frombuffer(text.encode(), np.uint8), **arrays)
    # Not waiting for the disk: what a power cut spoils of it is noticed, and made again.
    atomic.write(path, content.getvalue(), durable=False)


def read(path: Path, fingerprint: str) -> Progress | None:
    """Progress from a checkpoint; None if there is none, it is damaged or of another training."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            state = json.loads(file["state"].tobytes())
            if state.pop("fingerprint") != fingerprint:
                return None
            for k in _ARRAYS:
                names = [name for name in file.files if name.startswith(f"{k}.")]
                state[k] = {name.removeprefix(f"{k}."): file[name] for name in names}
            for k in ("params", "best_params"):
                if set(state[k]) != set(rnn.NAMES):
                    return None
        return Progress(**state)
    # A checkpoint only saves time: whatever is wrong with it, training begins anew.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
        return None
