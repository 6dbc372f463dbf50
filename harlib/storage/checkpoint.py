"""Saves where the training of a seed stands, after each epoch, so that a kill loses little."""

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from harlib import rnn
from harlib.storage import files
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
    files.write(path, content.getvalue(), durable=False)


def read(path: Path, fingerprint: str) -> Progress | None:
    """Progress from a checkpoint; None if there is none, it is damaged or of another training."""
    # A checkpoint only saves time: whatever is wrong with it, training begins anew.
    try:
        found = files.read_npz(path)
        state = files.parse_json(found.pop("state").tobytes())
        if state.pop("fingerprint") != fingerprint:
            return None
        for k in _ARRAYS:
            names = [name for name in found if name.startswith(f"{k}.")]
            state[k] = {name.removeprefix(f"{k}."): found[name] for name in names}
        progress = Progress(**state)
        return progress if _is_whole(progress) else None
    except (*files.BROKEN, KeyError, TypeError, AttributeError, IndexError):
        return None


def _is_whole(progress: Progress) -> bool:
    """True if the parts of a progress are of the right kind and go together."""
    shapes = {name: value.shape for name, value in progress.params.items()}
    arrays = [*progress.params.values(), *progress.best_params.values(), *progress.memory.values()]
    curves = [curve for split in progress.history.values() for curve in split.values()]
    done = progress.epochs_done
    seconds = (progress.training_seconds, progress.evaluation_seconds)
    return (
        set(shapes) == set(rnn.NAMES)
        and shapes == {name: value.shape for name, value in progress.best_params.items()}
        and all(a.dtype.kind in "fi" and np.isfinite(a).all() for a in arrays)
        and all(len(curve) == done + 1 and min(curve) >= 0 for curve in curves)
        and type(progress.best_epoch) is int and 0 <= progress.best_epoch <= max(done, 0)
        and type(progress.stopped) is bool and min(seconds) >= 0
        and all(type(count) is int for row in progress.confusion for count in row)
    )  # fmt: skip
