"""Claims about causes, decided on experiments that turn one switch and leave all else equal."""

import math

from book.generate.cells import small
from book.generate.claims.claim import Decision, Evidence, Undecided, row
from book.generate.claims.curves import zigzag
from book.generate.claims.implementation import EXPLODED
from harlib import seed_statistics
from harlib.experiments.protocol_steps import START
from harlib.notebook.table import plus_minus
from harlib.protocol import Protocol, variant

#: Part of the error of the last step that must reach a third of the window back.
LEFT = 0.01
#: A change of the zigzag, in percentage points, that would matter.
ZIGZAG = 0.25
#: A change of the share of units, in percentage points, that would matter.
UNITS = 5.0

#: What the report hopes more units would contribute with.
ORTHOGONAL = variant(START, initial="orthogonal", initial_range=0.5)
DECAY = variant(START, weight_decay=0.1)
#: Protocols whose units are measured for these claims.
MEASURED = (START, ORTHOGONAL, DECAY)


def _lowers(before: list[float], after: list[float], limit: float, what: str) -> Decision:
    """Whether the values ``after``, one a seed, are lower than those ``before``.

    Holds if a decrease shows, does not if one of ``limit`` is ruled out, else undecided.
    """
    change = seed_statistics.difference(before, after)
    if math.isnan(change.mean):
        raise Undecided("The curves are too short.")
    text = f"{what} {plus_minus(change)} points, {change.count} seeds."
    if change.high >= 0 and change.low <= -limit:
        raise Undecided(f"{text} More seeds would decide.")
    return change.high < 0, text


def _zigzag(evidence: Evidence, protocol: Protocol) -> Decision:
    results = [evidence.experiment("results", p.name)["seeds"] for p in (START, protocol)]
    swings = ([zigzag(entry["test"]["top1"]) for entry in seeds.values()] for seeds in results)
    return _lowers(*swings, ZIGZAG, "Change")


def _units(evidence: Evidence, protocol: Protocol) -> Decision:
    shares = (evidence.experiment("hardly", p.name) for p in (START, protocol))
    return _lowers(*shares, UNITS, "Share that hardly contributes:")


@row(
    "II-A",
    "Gradients do not vanish.",
    f"More than {100 * LEFT:g} % of the error of the last step reaches a third of the window back, "
    "before training and after it; published protocol, training windows.",
)
def no_vanishing(evidence: Evidence) -> Decision:
    shares = {}
    for when in ("untrained", "trained"):
        values = evidence.experiment("reach", f"published, {when}")
        shares[when] = values[len(values) // 3]
    text = ", ".join(f"{when} {small(100 * share)} %" for when, share in shares.items())
    return min(shares.values()) > LEFT, f"What is left: {text}."


@row(
    "II-A",
    "It is the division by samples and steps that prevents both.",
    f"With one division by the steps less and all else equal, a test loss grows beyond {EXPLODED} "
    "times its value at epoch 0. (Whether gradients vanish on the way back does not depend on what "
    "they are divided by afterwards.)",
)
def scaling_is_the_reason(evidence: Evidence) -> Decision:
    result = evidence.experiment("results", variant(START, steps_divisions=1).name)
    losses = [entry["test"]["loss"] for entry in result["seeds"].values()]
    grown = max(max(loss) / loss[0] for loss in losses)
    return grown > EXPLODED, (
        f"With one division less the loss grows to at most {grown:.2f} times its first value."
    )


_ZIGZAG_TEST = (
    "Change of the zigzag of test Top-1 (mean distance of a value from the middle of its two "
    "neighbours), over the seeds: holds if the 95 % interval lies below 0, does not hold if "
    f"it lies above −{ZIGZAG:g}."
)


@row("III, option b", "The lack of momentum is a reason for the swings.", _ZIGZAG_TEST)
def momentum(evidence: Evidence) -> Decision:
    return _zigzag(evidence, variant(START, optimiser="momentum"))


@row("III, option b", "A running average of the input prevents sudden changes.", _ZIGZAG_TEST)
def running_average(evidence: Evidence) -> Decision:
    return _zigzag(evidence, variant(START, input_average=5))


_UNITS_TEST = (
    "Change of the share of units that hardly contribute (as in the claim about them above), "
    "over the seeds: holds if the 95 % interval lies below 0, does not hold if it lies "
    f"above −{UNITS:g} points."
)


@row("IV", "Another weight initialisation makes more units contribute.", _UNITS_TEST)
def initialisation_cures(evidence: Evidence) -> Decision:
    return _units(evidence, ORTHOGONAL)


@row("IV", "Regularisation makes more units contribute.", _UNITS_TEST)
def regularisation_cures(evidence: Evidence) -> Decision:
    return _units(evidence, DECAY)
