"""Claims of sections II-A, II-B and IV: the network, its scaling, its set-up, its hidden units."""

import math
from statistics import fmean

from book.generate.claims.claim import Decision, Evidence, percent, row, span, spread
from book.generate.gathered import mean_seconds
from harlib.analysis.hidden_units import HARDLY, NEAR_ZERO, SATURATED

#: A loss that grows beyond this multiple of its untrained value has exploded.
EXPLODED = 10
#: Mean test Top-1 in percent from which a network does its task: right more often than wrong.
SUFFICIENT = 50
#: Loss of one step of an untrained network: sigmoid scores near 1/2, softmax scores near 1/6.
SIGMOID_STEP, SOFTMAX_STEP = math.log(2), math.log(6)


def _untrained_loss(evidence: Evidence) -> tuple[float, int]:
    """Mean training loss of a window at epoch 0, and the number of steps that it is over."""
    steps = next(iter(evidence.runs.values()))["data"]["steps"]
    return fmean(entry["train"]["loss"][0] for entry in evidence.trainings()), steps


@row(
    "II-A",
    "The loss is taken at every step and added up.",
    "Training loss at epoch 0 over the number of steps, mean of all trainings: holds from "
    f"{SIGMOID_STEP / 2:.2f} to {2 * SOFTMAX_STEP:.2f}. An untrained step costs about "
    f"{SIGMOID_STEP:.2f} with sigmoid outputs, {SOFTMAX_STEP:.2f} with softmax.",
)
def loss_of_every_step(evidence: Evidence) -> Decision:
    loss, steps = _untrained_loss(evidence)
    holds = SIGMOID_STEP / 2 <= loss / steps <= 2 * SOFTMAX_STEP
    return holds, f"{loss:.1f} over {steps} steps: {loss / steps:.3f} a step."


@row(
    "II-A",
    "The output layer is a sigmoid.",
    "The loss a step at epoch 0, mean of all trainings, is nearer to "
    f"{SIGMOID_STEP:.2f} (sigmoid outputs near 1/2) than to {SOFTMAX_STEP:.2f} (softmax "
    "outputs near 1/6).",
)
def sigmoid_output(evidence: Evidence) -> Decision:
    loss, steps = _untrained_loss(evidence)
    holds = abs(loss / steps - SIGMOID_STEP) < abs(loss / steps - SOFTMAX_STEP)
    return holds, f"{loss / steps:.3f} a step."


@row(
    "II-A",
    "Gradients do not explode.",
    f"Every loss of every training is finite and at most {EXPLODED} times what it is at epoch 0.",
)
def no_explosion(evidence: Evidence) -> Decision:
    curves = [e[split]["loss"] for e in evidence.trainings() for split in ("train", "test")]
    exploded = sum(max(curve) == math.inf or max(curve) > EXPLODED * curve[0] for curve in curves)
    infinite = sum(not math.isfinite(value) for curve in curves for value in curve)
    start, largest = _untrained_loss(evidence)[0], max(map(max, curves))
    text = f"{exploded} of {len(curves)} curves grow more; {infinite} losses are not finite; "
    return exploded == 0, f"{text}mean loss {start:.1f} at epoch 0, largest {largest:.1f}."


@row(
    "II-A",
    "Scaling the gradient is enough for this task.",
    f"Some run is right more often than wrong: mean best test Top-1 of at least {SUFFICIENT} %.",
)
def sufficient(evidence: Evidence) -> Decision:
    means = evidence.mean_by_run(max)
    best = max(means, key=means.get)
    return means[best] >= SUFFICIENT, f"Best: run {best} with {percent(means[best])}."


@row(
    "II-B",
    "Each run is trained from three different sets of initial values.",
    "Every run has three seeds, and their training losses at epoch 0 all differ.",
)
def three_initialisations(evidence: Evidence) -> Decision:
    seeds = [result["seeds"].values() for result in evidence.runs.values()]
    count = [len(entries) for entries in seeds]
    distinct = [len({entry["train"]["loss"][0] for entry in entries}) for entries in seeds]
    text = f"Seeds of a run: {span(count)}; different losses: {span(distinct)}."
    return set(count) == set(distinct) == {3}, text


@row(
    "II-B",
    "Table II: the figures are those of the trained network, when training ends.",
    "In every training the reported epoch, the one best on the test set, is the last.",
)
def last_epoch(evidence: Evidence) -> Decision:
    best = [(e["best_epoch"], len(e["test"]["top1"]) - 1) for e in evidence.trainings()]
    last = sum(epoch == end for epoch, end in best)
    epochs = span(epoch for epoch, _ in best)
    return last == len(best), f"{last} of {len(best)} trainings; reported epochs: {epochs}."


@row(
    "II-B",
    "Table I: more units cost time, larger batches save it.",
    "Mean seconds of a training: more in every pair of runs that differ only in N for the "
    "larger N, less in every pair that differ only in batch size for the larger batch. Other work "
    "on the machine counts too.",
)
def training_times(evidence: Evidence) -> Decision:
    seconds = {run_no: mean_seconds(timing) for run_no, timing in evidence.timings.items()}
    wider = [seconds[high] > seconds[low] for low, high in evidence.pairs("hidden_units")]
    larger = [seconds[high] < seconds[low] for low, high in evidence.pairs("batch_size")]
    text = f"Larger N slower in {sum(wider)} of {len(wider)} pairs; larger batch faster in "
    return all(wider + larger), f"{text}{sum(larger)} of {len(larger)}."


def _units(evidence: Evidence, name: str) -> list[float]:
    """A column of :func:`harlib.analysis.hidden_units.by_run` after training, a value a run."""
    return evidence.units[name, "after"].tolist()


@row(
    "II-B",
    "Some units are overly active, others hardly active.",
    f"In more than half of the runs there are units of both kinds: |a| above {SATURATED:g} "
    f"at most of the steps of the test windows, and |a| below {NEAR_ZERO:g} at most of "
    "them; shares of units, mean over the seeds.",
)
def over_and_less_active(evidence: Evidence) -> Decision:
    over, less = _units(evidence, "Saturated (%)"), _units(evidence, "Near zero (%)")
    both = sum(above > 0 and below > 0 for above, below in zip(over, less, strict=True))
    text = f"Above: {spread(over)} of the units of a run; below: {spread(less)}; "
    return 2 * both > len(over), f"{text}both in {both} of {len(over)} runs."


@row(
    "IV",
    "Some units contribute to the decision, some hardly at all.",
    "In more than half of the runs some, but not all, units contribute at most "
    f"{100 * HARDLY:g} % of the mean over the units (contribution: mean |W_ya| of the unit "
    "times the deviation of its last state over the test windows); mean over the seeds.",
)
def hardly_contributing(evidence: Evidence) -> Decision:
    share = _units(evidence, "Hardly contributing (%)")
    some = sum(0 < value < 100 for value in share)
    text = f"{spread(share)} of the units of a run hardly contribute; some but not all in "
    return 2 * some > len(share), f"{text}{some} of {len(share)} runs."
