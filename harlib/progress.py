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


class EpochBar:
    """A bar over the epochs of one seed; ``bar(progress)`` after each epoch."""

    def __init__(self, title: str, epochs: int, stream: TextIO | None = None) -> None:
        stream = stream or sys.stdout
        terminal = stream.isatty()
        self.every = 1 if terminal else max(1, -(-epochs // 5))
        self.bar = tqdm(
            total=epochs,
            desc=title,
            unit="epoch",
            file=stream if terminal else _Lines(stream),
            # Off a terminal, draw only when told to: after every fifth of the epochs.
            mininterval=0.1 if terminal else float("inf"),
            miniters=None if terminal else 0,
            delay=0 if terminal else 1e-9,
            ncols=None if terminal else 100,
            bar_format="{desc} {percentage:3.0f} % |{bar:10}| {n_fmt}/{total_fmt} epochs "
            "[{elapsed}<{remaining}{postfix}]",
            leave=terminal,
        )

    def __call__(self, progress: Progress) -> None:
        done = progress.epochs_done
        self.bar.n = done
        test = progress.history["test"]
        self.bar.set_postfix_str(
            f"loss {test['loss'][-1]:.1f}, test Top-1 {test['top1'][-1]:.1f} %", refresh=False
        )
        if done % self.every == 0 or done == self.bar.total or progress.stopped:
            self.bar.refresh()

    def close(self) -> None:
        self.bar.close()
