"""Progress of a training: a moving bar on a terminal, a line now and then in a log."""

import sys
from typing import TextIO

from tqdm import tqdm

from harlib.train import Progress


class _Lines:
    """A text stream that keeps every frame of a bar as a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        frame = text.replace("\r", "").strip()
        if frame:
            self.stream.write(frame + "\n")

    def flush(self) -> None:
        self.stream.flush()


def _bar(title: str, epochs: int, stream: TextIO) -> tqdm:
    terminal = stream.isatty()
    return tqdm(
        total=epochs,
        desc=title,
        unit="epoch",
        file=stream if terminal else _Lines(stream),
        # Off a terminal, draw only when told to: after every fifth of the epochs.
        mininterval=0.1 if terminal else float("inf"),
        miniters=None if terminal else 0,
        delay=0 if terminal else 1e-9,
        bar_format="{desc} {percentage:3.0f} % |{bar:10}| {n_fmt}/{total_fmt} epochs "
        "[{elapsed}<{remaining}{postfix}]",
        leave=terminal,
    )


class Bar:
    """A bar over the epochs of one training; ``bar(epoch, text)`` after each epoch."""

    def __init__(self, title: str, epochs: int, stream: TextIO | None = None) -> None:
        stream = stream or sys.stdout
        self.every = 1 if stream.isatty() else max(1, -(-epochs // 5))
        self.bar = _bar(title, epochs, stream)

    def __call__(self, epoch: int, text: str, ends: bool = False) -> None:
        self.bar.n = epoch
        self.bar.set_postfix_str(text, refresh=False)
        if epoch % self.every == 0 or epoch == self.bar.total or ends:
            self.bar.refresh()

    def close(self) -> None:
        self.bar.close()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class EpochBar(Bar):
    """The bar of one seed of a run; ``bar(progress)`` after each epoch."""

    def __call__(self, progress: Progress) -> None:
        test = progress.history["test"]
        text = f"loss {test['loss'][-1]:.1f}, test Top-1 {test['top1'][-1]:.1f} %"
        super().__call__(progress.epochs_done, text, ends=progress.stopped)
