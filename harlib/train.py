"""The epoch loop: one seed of one run, from initial values to its best epoch."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from harlib import metrics, optimisers, rnn
from harlib.augment import batches
from harlib.buffers import Buffers, Parameters
from harlib.errors import UserError
from harlib.inputs import Inputs, Windows
from harlib.job import Job
from harlib.protocol import CLASSES

METRICS = ("loss", "top1", "top2", "top3")


@dataclass
class Progress:
    """Where the training of one seed stands: all that is needed to go on.

    ``history[split][metric]`` holds one value an epoch, from epoch 0.
    """

    params: Parameters
    history: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    memory: optimisers.Memory = field(default_factory=dict)
    best_params: Parameters = field(default_factory=dict)
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


#: What :func:`train` may call after each update: parameters, epoch and batch, both from 1, and the
#: classes of the batch's windows.
AfterBatch = Callable[[Parameters, int, int, np.ndarray], None]


def train(
    job: Job,
    splits: dict[str, Windows],
    *,
    seed: int,
    buffers: type[Buffers] = Buffers,
    resume: Progress | None = None,
    after_epoch: Callable[[Progress], None] = lambda progress: None,
    after_batch: AfterBatch = lambda *state: None,
) -> Progress:
    """Train one seed and evaluate before the first update and after each epoch.

    Every split is evaluated; that of the training windows only if the job says so. What is no
    longer a finite number raises :class:`Diverged`, which names the seed, the epoch and the batch.

    Parameters
    ----------
    splits : dict of Windows
        ``train``, ``test`` and, where the protocol selects by it, ``validation``.
    buffers : type
        What to compute in: :class:`harlib.buffers.Buffers`, or those of the compiled loops.
    resume : Progress, optional
        Where an interrupted training of the same job, seed and windows stood.
    after_epoch, after_batch : callable
        Called after each evaluation (to save it, to show it), and after each update (to watch it).
    """
    protocol, raw = job.protocol, splits["train"]
    # Fitted to the training windows alone; the other splits go through what came of them.
    inputs = Inputs.fit(protocol, raw.x)
    ready = {name: Windows(inputs(split.x), split.label) for name, split in splits.items()}
    watched = {name: ready[name] for name in ready if name != "train" or job.evaluates_training}
    steps, windows, channels = ready["train"].x.shape
    progress = resume or Progress(
        rnn.initial_values(
            seed, job.run.hidden_units, channels=channels, classes=len(CLASSES),
            initial=protocol.initial, initial_range=protocol.initial_range, dtype=job.dtype,
        )
    )  # fmt: skip
    size = min(job.batch_size, windows)
    rooms = {n: buffers(progress.params, steps, n) for n in {size, windows % size} - {0}}

    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        while progress.epochs_done < job.epochs and not progress.stopped:
            epoch = progress.epochs_done + 1
            start = time.perf_counter()
            if epoch > 0:
                # Seeded by (seed, epoch): a resumed training needs no state of the generator.
                rng = np.random.default_rng([seed, epoch])
                drawn = batches(protocol, rng, size, raw.x, ready["train"].x, inputs)
                _epoch(job, progress, drawn, raw.label, rooms, seed, after_batch)
            trained = time.perf_counter()
            _evaluate(job, progress, watched, seed, buffers)
            if job.stopping:
                accuracy = progress.history["validation"]["top1"]
                progress.stopped = job.stopping.stops_after(accuracy)
            progress.training_seconds += trained - start
            progress.evaluation_seconds += time.perf_counter() - trained
            after_epoch(progress)
    return progress


def _epoch(
    job: Job,
    progress: Progress,
    drawn: Iterable[tuple[np.ndarray, np.ndarray]],
    label: np.ndarray,
    rooms: dict[int, Buffers],
    seed: int,
    after_batch: AfterBatch,
) -> None:
    """One pass over the training windows, an update after each batch.

    ``rooms`` are the buffers by the size of a batch.
    """
    protocol, epoch = job.protocol, progress.epochs_done + 1
    params_row, params = rnn.in_a_row(progress.params)
    gradient_row, gradient = rnn.in_a_row(progress.params)
    progress.params = params
    target = np.eye(len(CLASSES), dtype=job.dtype)[label]
    update = optimisers.OPTIMISERS[protocol.optimiser]
    rate = job.run.learning_rate * protocol.learning_rate_scale
    if protocol.schedule == "cosine":
        rate *= optimisers.cosine(epoch, job.epochs)
    for number, (chosen, x) in enumerate(drawn, start=1):
        steps, size, _ = x.shape
        found = rnn.bptt(
            params, x, target[chosen], rooms[size], protocol.output, protocol.loss_from
        )
        # A NaN or infinity anywhere in the batch reaches the sums over all its steps: the biases.
        if not (np.isfinite(found["b_a"]).all() and np.isfinite(found["b_y"]).all()):
            raise Diverged(
                f"training diverged: the gradient is not a finite number at seed {seed}, epoch "
                f"{epoch}, batch {number} of {-(-len(label) // max(rooms))}; a smaller learning "
                f"rate or inputs of a common scale (g) are needed"
            )
        for name, part in found.items():
            gradient[name][:] = part
        # bptt sums over the steps; the protocol says how often that is divided by their number.
        gradient_row /= steps**protocol.steps_divisions
        if protocol.clip:
            optimisers.clip(gradient, protocol.clip)
        if protocol.weight_decay:
            optimisers.decay(params, rate * protocol.weight_decay)
        update({"row": params_row}, {"row": gradient_row}, rate, progress.memory)
        if protocol.weight_average:
            optimisers.average(params, progress.memory, protocol.weight_average)
        after_batch(params, epoch, number, label[chosen])


def _evaluate(
    job: Job, progress: Progress, splits: dict[str, Windows], seed: int, buffers: type[Buffers]
) -> None:
    """Append the metrics of every split; keep parameters and confusion of a new best epoch."""
    protocol, epoch = job.protocol, progress.epochs_done + 1
    params = optimisers.averaged(progress.params, progress.memory)
    predictions = {}
    for split, windows in splits.items():
        scores, loss = rnn.predict(
            params, windows.x, windows.label, output=protocol.output,
            scores_from=protocol.scores_from, loss_from=protocol.loss_from, buffers=buffers,
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
