"""Claims of section III, option c: how the losses of runs 8 and 7 fall, and the spike."""

import math
from functools import partial

from book.generate.claims import claim, curves
from book.generate.claims.claim import Decision, Evidence, Undecided, percent
from harlib.notebook.table import number

row = partial(claim.row, "III, option c")

#: Epochs over which the fall after the turn is taken.
FALL_OVER = 10
#: A spike of the loss, and what is back at a similar level, in percent of the loss at the turn.
LOSS_RISE, LOSS_NEAR = 5, 2
#: The same for accuracy, in percentage points.
TOP_RISE = 5
#: Epochs in which a spike must be over.
BACK_WITHIN = 10

RULE = f"The loss turns where it starts to fall {curves.FALLS} epochs in a row (training windows)."


def _losses(evidence: Evidence) -> list[tuple[list[float], list[float]]]:
    """Training losses of runs 8 and 7 for each seed that they share."""
    return [tuple(e["train"]["loss"] for e in pair) for pair in evidence.option_c_pairs()]


def _turn(loss: list[float]) -> float:
    """Epoch at which a loss turns downwards; infinity if it never does."""
    epoch = curves.turning_epoch(loss)
    return epoch if epoch < len(loss) else math.inf


def _rate(loss: list[float]) -> float:
    """Fall of the loss an epoch, over FALL_OVER epochs from its turn; 0 if it never turns."""
    start = curves.turning_epoch(loss)
    after = loss[start : start + FALL_OVER + 1]
    return (after[0] - after[-1]) / (len(after) - 1) if after else 0.0


def _count(pairs: list[tuple[float, float]]) -> str:
    """Figures of runs 8 and 7 side by side."""
    return ", ".join(f"{first:g} and {second:g}" for first, second in pairs)


@row(
    "The loss of run 8 turns downwards earlier than that of run 7.",
    f"{RULE} Holds if that epoch is earlier for run 8, for every seed that both have.",
)
def turns_earlier(evidence: Evidence) -> Decision:
    pairs = [tuple(_turn(loss) for loss in pair) for pair in _losses(evidence)]
    earlier = sum(eight < seven for eight, seven in pairs)
    text = _count(pairs).replace("inf", "never")
    return earlier == len(pairs), f"Epochs, runs 8 and 7: {text}; {earlier} of {len(pairs)} seeds."


@row(
    "From there the loss of run 8 falls faster.",
    f"{RULE} Holds if the mean fall an epoch over the next {FALL_OVER} epochs is larger for run 8, "
    "for every seed that both have.",
)
def falls_faster(evidence: Evidence) -> Decision:
    pairs = [tuple(_rate(loss) for loss in pair) for pair in _losses(evidence)]
    faster = sum(eight > seven for eight, seven in pairs)
    text = _count([tuple(float(f"{rate:.3g}") for rate in pair) for pair in pairs])
    return faster == len(pairs), f"Fall, runs 8 and 7: {text}; {faster} of {len(pairs)} seeds."


@row(
    "Run 8 learns faster than run 7.",
    "Run 8 needs fewer epochs to reach the validation Top-1 that is the smaller of the best of "
    "both, for every seed that both have.",
)
def learns_faster(evidence: Evidence) -> Decision:
    pairs = []
    for entries in evidence.option_c_pairs():
        accuracies = [entry["validation"]["top1"] for entry in entries]
        goal = min(map(max, accuracies))
        epochs = [next(i for i, v in enumerate(curve) if v >= goal) for curve in accuracies]
        pairs.append((*epochs, goal))
    faster = sum(eight < seven for eight, seven, _ in pairs)
    text = "; ".join(
        f"{percent(goal)} at epoch {a} (run 8) and {b} (run 7)" for a, b, goal in pairs
    )
    return faster == len(pairs), f"{text}; {faster} of {len(pairs)} seeds."


def _largest(curves_of_run: list[list[float]]) -> float:
    """Largest sudden rise in any of the curves."""
    rise = max(map(curves.largest_rise, curves_of_run))
    if rise == -math.inf:
        raise Undecided("The loss never turns downwards, or too few epochs follow.")
    return rise


def _after_turn(evidence: Evidence, run_no: int) -> list[list[float]]:
    """Each loss from its turn on, in percent of what it is there; empty if it never turns."""
    found = []
    for entry in evidence.early_stopping[run_no]["seeds"].values():
        loss = entry["train"]["loss"]
        epoch = curves.turning_epoch(loss)
        found.append([100 * value / loss[epoch] for value in loss[epoch:]])
    return found


_SPIKE = f"above the median of the {curves.BEFORE} epochs before"


@row(
    "The loss of run 8 has an upward spike.",
    f"{RULE} Holds if from there on a training loss is more than {LOSS_RISE} % of the loss at the "
    f"turn {_SPIKE}, for some seed.",
)
def loss_spikes(evidence: Evidence) -> Decision:
    rise = _largest(_after_turn(evidence, 8))
    return rise > LOSS_RISE, f"Largest rise: {percent(rise)} of the loss at the turn."


@row(
    "The accuracy of run 8 has an upward spike.",
    f"{RULE} Holds if from there on a test Top-1 is more than {TOP_RISE} points {_SPIKE}, for some "
    "seed.",
)
def accuracy_spikes(evidence: Evidence) -> Decision:
    entries = evidence.early_stopping[8]["seeds"].values()
    rise = _largest(
        [e["test"]["top1"][curves.turning_epoch(e["train"]["loss"]) :] for e in entries]
    )
    return rise > TOP_RISE, f"Largest rise: {number(rise)} points."


@row(
    "The higher learning rate makes the spike: run 7 has none like it.",
    f"The largest rise of the training loss after its turn is above {LOSS_RISE} % of the loss "
    "there in run 8, and not in run 7.",
)
def rate_makes_spike(evidence: Evidence) -> Decision:
    eight, seven = (_largest(_after_turn(evidence, run_no)) for run_no in (8, 7))
    text = f"Largest rise: run 8 {percent(eight)}, run 7 {percent(seven)}."
    return eight > LOSS_RISE >= seven, text


@row(
    "After the spike the loss of run 8 returns to a similar level.",
    f"Every spike of more than {LOSS_RISE} % is back to at most {LOSS_NEAR} % above the level "
    f"before it within {BACK_WITHIN} epochs.",
)
def loss_returns(evidence: Evidence) -> Decision:
    losses = _after_turn(evidence, 8)
    found = [
        back
        for loss in losses
        for back in curves.spikes(loss, rise=LOSS_RISE, near=LOSS_NEAR, within=BACK_WITHIN)
    ]
    if not found:
        raise Undecided(
            f"No spike whose return can be judged; largest rise {percent(_largest(losses))}."
        )
    return all(found), f"{sum(found)} of {len(found)} spikes return."


@row(
    "In the spike the model leaves one local minimum and then returns to a similar one.",
    "Gradient and curvature of the loss at the parameters before, in and after the spike.",
)
def local_minimum(evidence: Evidence) -> Decision:
    raise Undecided("Result files hold no parameters but those of the reported epoch.")


@row(
    "It returns because of stochastic descent with a small batch.",
    "Training that goes on from the parameters in the spike, with small and with large batches.",
)
def small_batch_returns(evidence: Evidence) -> Decision:
    raise Undecided("No run here starts from the parameters of another.")
