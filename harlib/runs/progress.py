"""Progress of a training: a moving bar on a terminal, a line now and then in a log."""

import sys
from typing import TextIO

from tqdm import tqdm

from harlib.train import Progress


class Bar:
    """A bar over the epochs of one training; ``bar(epoch, text)`` after each epoch.

    Off a terminal it is a line after every fifth of the epochs.
    """

    def __init__(self, title: str, epochs: int, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.moves = self.stream.isatty()
        self.every = 1 if self.moves else max(1, -(-epochs // 5))
        self.bar = tqdm(
            total=epochs,
            desc=title,
            unit="epoch",
            file=self.stream,
            delay=0 if self.moves else float("inf"),
            bar_format="{desc} {percentage:3.0f} % |{bar:10}| {n_fmt}/{total_fmt} epochs "
            "[{elapsed}<{remaining}{postfix}]",
            leave=self.moves,
        )

    def __call__(self, epoch: int, text: str, ends: bool = False) -> None:
        self.bar.n = epoch
        self.bar.set_postfix_str(text, refresh=False)
        if epoch % self.every == 0 or epoch == self.bar.total or ends:
            if self.moves:
                self.bar.refresh()
            else:
                print(self.bar, file=self.stream, flush=True)

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
