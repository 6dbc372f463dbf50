"""The epoch loop: one seed of one run, from initial values to its best epoch."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from harlib import augment, metrics, optimisers, rnn
from harlib.errors import UserError
from harlib.inputs import Inputs
from harlib.protocol import CLASSES, Protocol, Run

METRICS = ("loss", "top1", "top2", "top3")
#: Windows, at most, that are augmented in one go.
AUGMENTED_TOGETHER = 300


@dataclass(frozen=True)
class Windows:
    """Windows ready for the network.

    Attributes
    ----------
    x : (T, n, K)
        Time-major inputs in the type of the run.
    label : int64 array, (n,)
        Classes.
    """

    x: np.ndarray
    label: np.ndarray

    @classmethod
    def from_arrays(cls, X: np.ndarray, label: np.ndarray, dtype: str) -> "Windows":
        """From ``X`` (n, T, K) as a data set holds it.

        Raises
        ------
        UserError
            A value does not fit into ``dtype``.
        """
        with np.errstate(over="ignore"):
            x = np.ascontiguousarray(X.transpose(1, 0, 2), dtype=dtype)
        if not np.isfinite(x).all():
            raise UserError(
                f"data: values up to {np.abs(X).max():.3g} do not fit into dtype {dtype}; "
                f"allowed are at most {np.finfo(dtype).max:.3g}"
            )
        return cls(x, label)


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation accuracy has not grown for long enough (report, section II-C).

    Attributes
    ----------
    patience : int
        Epochs in a row without improvement after which training stops.
    min_delta : float
        What the accuracy must grow by, in percentage points, to count as improvement.
    validation_fraction : float
        Part of the training windows that validates instead.
    """

    patience: int = 30
    min_delta: float = 1e-5
    validation_fraction: float = 0.1

    def stops_after(self, accuracy: list[float]) -> bool:
        """True if the last ``patience`` of the accuracies since epoch 0 brought nothing new."""
        best, since = -math.inf, 0
        for value in accuracy:
            improved = value > best + self.min_delta
            best, since = (value, 0) if improved else (best, since + 1)
        return since >= self.patience


@dataclass
class Progress:
    """Where the training of one seed stands: all that is needed to go on.

    ``history[split][metric]`` holds one value an epoch, from epoch 0.
    """

    params: rnn.Parameters
    history: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    memory: optimisers.Memory = field(default_factory=dict)
    best_params: rnn.Parameters = field(default_factory=dict)
    best_epoch: int = 0
    confusion: list[list[int]] = field(default_factory=list)
    stopped: bool = False
    training_seconds: float = 0.0
    evaluation_seconds: float = 0.0

    @property
    def epochs_done(self) -> int:
        """Number of finished epochs; -1 before the first evaluation."""
        return len(self.history["test"]["loss"]) - 1 if self.history else -1


class Diverged(UserError):
    """The loss or a gradient is no longer a finite number."""


def train(
    run: Run,
    protocol: Protocol,
    splits: dict[str, Windows],
    *,
    seed: int,
    epochs: int,
    dtype: str = "float32",
    loops: str = "numpy",
    stopping: EarlyStopping | None = None,
    resume: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda progress: None,
    after_batch: Callable[[rnn.Parameters, int, int, np.ndarray], None] | None = None,
) -> Progress:
    """Train one seed and evaluate every split before the first update and after each epoch.

    Parameters
    ----------
    splits : dict of Windows
        ``train``, ``test`` and, where the protocol selects by it, ``validation``.
    epochs : int
        Number of passes over the training windows; 0 gives the initial evaluation only.
    loops : str
        ``numpy`` or ``compiled``: what walks the steps.
    stopping : EarlyStopping, optional
        When to stop before that.
    resume : Progress, optional
        Where an interrupted training of the same fingerprint stood.
    after_epoch : callable
        Called with the progress after each evaluation (to save it, to show it).
    after_batch : callable, optional
        Called after each update (to watch it) with the parameters, the epoch and the batch, both
        from 1, and the classes of the batch's windows.

    Raises
    ------
    Diverged
        Names the seed, the epoch and the batch.
    """
    train_set = splits["train"]
    # Fitted to the training windows alone; the other splits go through what came of them.
    inputs = Inputs.fit(protocol, train_set.x)
    ready = {name: Windows(inputs(split.x), split.label) for name, split in splits.items()}
    steps, windows, channels = ready["train"].x.shape
    classes = len(CLASSES)
    target = np.eye(classes, dtype=dtype)[train_set.label]
    progress = resume or Progress(
        rnn.initial_values(
            seed, run.hidden_units, channels=channels, classes=classes,
            initial=protocol.initial, initial_range=protocol.initial_range, dtype=dtype,
        )
    )  # fmt: skip
    batch = min(protocol.batch_size or run.batch_size, windows)
    workspaces = {batch: rnn.Workspace(progress.params, steps, batch, loops=loops)}
    if rest := windows % batch:
        workspaces[rest] = rnn.Workspace(progress.params, steps, rest, loops=loops)
    # bptt sums over the steps; the protocol says how often that is divided by their number.
    division = steps**protocol.steps_divisions
    learning_rate = run.learning_rate * protocol.learning_rate_scale
    update = optimisers.OPTIMISERS[protocol.optimiser]

    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        while progress.epochs_done < epochs and not progress.stopped:
            epoch = progress.epochs_done + 1
            start = time.perf_counter()
            if epoch > 0:
                rate = learning_rate
                if protocol.schedule == "cosine":
                    rate *= optimisers.cosine(epoch, epochs)
                # Seeded by (seed, epoch), so that a resumed training needs no generator state.
                rng = np.random.default_rng([seed, epoch])
                batches = _batches(protocol, rng, ready["train"].x, train_set.x, inputs, batch)
                for number, (chosen, x) in enumerate(batches):
                    gradient = rnn.bptt(
                        progress.params, x, target[chosen], workspaces[x.shape[1]],
                        protocol.output, protocol.loss_from,
                    )  # fmt: skip
                    _check_finite(gradient, seed, epoch, number, windows, batch)
                    for part in gradient.values():
                        part /= division
                    if protocol.clip:
                        optimisers.clip(gradient, protocol.clip)
                    if protocol.weight_decay:
                        optimisers.decay(progress.params, rate * protocol.weight_decay)
                    update(progress.params, gradient, rate, progress.memory)
                    if protocol.weight_average:
                        optimisers.average(
                            progress.params, progress.memory, protocol.weight_average
                        )
                    if after_batch:
                        after_batch(progress.params, epoch, number + 1, train_set.label[chosen])
            trained = time.perf_counter()
            _evaluate(progress, protocol, ready, seed, loops)
            if stopping:
                progress.stopped = stopping.stops_after(progress.history["validation"]["top1"])
            progress.training_seconds += trained - start
            progress.evaluation_seconds += time.perf_counter() - trained
            after_epoch(progress)
    return progress


def _batches(
    protocol: Protocol, rng: np.random.Generator, ready: np.ndarray, raw: np.ndarray,
    inputs: Inputs, batch: int,
) -> Iterator[tuple[slice | np.ndarray, np.ndarray]]:  # fmt: skip
    """Each batch of an epoch: which windows (a slice as they lie, or indices), and their inputs.

    ``ready`` are the inputs of the training windows as they are, ``raw`` the windows themselves,
    for augmentation.
    """
    windows = raw.shape[1]
    order = rng.permutation(windows) if protocol.shuffle else None

    def rows(start: int, stop: int) -> slice | np.ndarray:
        return slice(start, stop) if order is None else order[start:stop]

    # Some hundred windows are changed together: for ten at a time NumPy's calls cost more than what
    # they do. As many as stay in the cache.
    together = batch * max(1, AUGMENTED_TOGETHER // batch) if protocol.augments else batch
    for first in range(0, windows, together):
        last = min(first + together, windows)
        if protocol.augments:
            given = inputs(augment.augment(raw[:, rows(first, last)], rng, protocol))
        else:
            given = ready[:, rows(first, last)]
        for start in range(first, last, batch):
            stop = min(start + batch, last)
            yield rows(start, stop), given[:, start - first : stop - first]


def _check_finite(
    gradient: rnn.Parameters, seed: int, epoch: int, number: int, windows: int, batch: int
) -> None:
    # A NaN or infinity anywhere in the batch reaches the sums over all its steps: the biases.
    if not (np.isfinite(gradient["b_a"]).all() and np.isfinite(gradient["b_y"]).all()):
        raise Diverged(
            f"training diverged: the gradient is not a finite number at seed {seed}, epoch "
            f"{epoch}, batch {number + 1} of {-(-windows // batch)}; a smaller learning rate or "
            f"inputs of a common scale (g) are needed"
        )


def _evaluate(
    progress: Progress, protocol: Protocol, splits: dict[str, Windows], seed: int, loops: str
) -> None:
    """Append the metrics of every split; keep parameters and confusion of a new best epoch."""
    epoch = progress.epochs_done + 1
    params = optimisers.averaged(progress.params, progress.memory)
    predictions = {}
    for split, windows in splits.items():
        scores, loss = rnn.predict(
            params, windows.x, windows.label, output=protocol.output,
            scores_from=protocol.scores_from, loss_from=protocol.loss_from, loops=loops,
        )  # fmt: skip
        if not np.isfinite(loss).all() or not np.isfinite(scores).all():
            raise Diverged(
                f"training diverged: the loss of the {split} windows is not a finite number at "
                f"seed {seed}, epoch {epoch}, in the evaluation after the last batch"
            )
        predictions[split] = scores
        history = progress.history.setdefault(split, {name: [] for name in METRICS})
        for name, value in metrics.summary(scores, loss, windows.label).items():
            history[name].append(value)
    if protocol.selection == "last":
        better = True
    else:
        selection = progress.history[protocol.selection]["top1"]
        better = epoch == 0 or selection[-1] > max(selection[:-1])  # the first one on ties
    if better:
        progress.best_epoch = epoch
        progress.best_params = {name: value.copy() for name, value in params.items()}
        confusion = metrics.confusion_matrix(predictions["test"], splits["test"].label)
        progress.confusion = confusion.tolist()
