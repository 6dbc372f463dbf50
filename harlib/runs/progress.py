"""Progress of a training: a moving bar on a terminal, a line now and then in a log."""

import sys

from tqdm import tqdm

from harlib.train import Progress


class Bar(tqdm):
    """A bar over the epochs of one training; ``bar(epoch, text)`` after each epoch.

    Off a terminal it is a line after every fifth of the epochs.
    """

    def __init__(self, title: str, epochs: int) -> None:
        moves = sys.stdout.isatty()
        super().__init__(
            total=epochs,
            desc=title,
            file=sys.stdout,
            delay=0 if moves else float("inf"),
            bar_format="{desc} {percentage:3.0f} % |{bar:10}| {n_fmt}/{total_fmt} epochs "
            "[{elapsed}<{remaining}{postfix}]",
            leave=moves,
        )
        self.moves = moves
        self.every = max(1, -(-epochs // 5))

    def __call__(self, epoch: int, text: str, ends: bool = False) -> None:
        self.n = epoch
        self.set_postfix_str(text, refresh=self.moves)
        if not self.moves and (epoch % self.every == 0 or epoch == self.total or ends):
            print(self, flush=True)


class EpochBar(Bar):
    """The bar of one seed of a run; ``bar(progress)`` after each epoch."""

    def __call__(self, progress: Progress) -> None:
        test = progress.history["test"]
        text = f"loss {test['loss'][-1]:.1f}, test Top-1 {test['top1'][-1]:.1f} %"
        super().__call__(progress.epochs_done, text, ends=progress.stopped)
