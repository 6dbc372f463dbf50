"""Claims about causes, decided on experiments that turn one switch and leave all else equal."""

import math

from book.generate.claims import curves
from book.generate.claims.claim import Decision, Study, Undecided, row
from book.generate.claims.implementation import EXPLODED
from harlib import seed_statistics
from harlib.experiments.protocol_steps import START
from harlib.notebook.table import small
from harlib.protocol import variant

#: Part of the error of the last step that must reach a third of the window back.
LEFT = 0.01
#: A change of the zigzag, in percentage points, that would matter.
ZIGZAG = 0.25
#: A change of the share of units, in percentage points, that would matter.
UNITS = 5.0

_ZIGZAG_TEST = (
    "Change of the zigzag of test Top-1 (mean distance of a value from the middle of its two "
    "neighbours), paired over the seeds: holds if the 95 % interval lies below 0, does not hold if "
    f"it lies above −{ZIGZAG:g}."
)


def _decide(change: seed_statistics.Interval, limit: float, text: str) -> Decision:
    """Holds if a decrease shows, does not if one of ``limit`` is ruled out, else undecided."""
    if math.isnan(change.mean):
        raise Undecided("The curves are too short.")
    if change.high < 0:
        return True, text
    if change.low > -limit:
        return False, text
    raise Undecided(f"{text} More seeds would decide.")


def _zigzag(study: Study, **switches: object) -> Decision:
    before, after = (
        [
            curves.zigzag(entry["test"]["top1"]) if len(entry["test"]["top1"]) > 2 else math.nan
            for entry in study.experiment(protocol)["seeds"].values()
        ]
        for protocol in (START, variant(START, **switches))
    )
    change = seed_statistics.paired(before, after).change
    return _decide(change, ZIGZAG, f"Change {change} points, {change.count} seeds.")


def _units(study: Study, **switches: object) -> Decision:
    before, after = (study.hardly(p) for p in (START, variant(START, **switches)))
    change = seed_statistics.paired(before, after).change
    return _decide(
        change, UNITS, f"Share that hardly contributes: {change} points, {change.count} seeds."
    )


@row(
    "II-A",
    "Gradients do not vanish.",
    f"More than {100 * LEFT:g} % of the error of the last step reaches a third of the window back, "
    "before training and after it; published protocol, training windows.",
)
def no_vanishing(study: Study) -> Decision:
    shares = {}
    for when in ("untrained", "trained"):
        values = study.reach(f"published, {when}")
        shares[when] = values[len(values) // 3]
    text = ", ".join(f"{when} {small(100 * share)} %" for when, share in shares.items())
    return min(shares.values()) > LEFT, f"What is left: {text}."


@row(
    "II-A",
    "It is the division by samples and steps that prevents both.",
    f"With one division by the steps less and all else equal, a loss grows beyond {EXPLODED} times "
    "its value at epoch 0. (Whether gradients vanish on the way back does not depend on what they "
    "are divided by afterwards.)",
)
def scaling_is_the_reason(study: Study) -> Decision:
    entries = study.experiment(variant(START, steps_divisions=1))["seeds"].values()
    grown = [max(e["train"]["loss"]) / e["train"]["loss"][0] for e in entries]
    return max(grown) > EXPLODED, (
        f"With one division less the loss grows to at most {max(grown):.2f} times its first value."
    )


@row("III, option b", "The lack of momentum is a reason for the swings.", _ZIGZAG_TEST)
def momentum(study: Study) -> Decision:
    return _zigzag(study, optimiser="momentum")


@row("III, option b", "A running average of the input prevents sudden changes.", _ZIGZAG_TEST)
def running_average(study: Study) -> Decision:
    return _zigzag(study, input_average=5)


_UNITS_TEST = (
    "Change of the share of units that hardly contribute (as in the claim about them above), "
    "paired over the seeds: holds if the 95 % interval lies below 0, does not hold if it lies "
    f"above −{UNITS:g} points."
)


@row("IV", "Another weight initialisation makes more units contribute.", _UNITS_TEST)
def initialisation_cures(study: Study) -> Decision:
    return _units(study, initial="orthogonal", initial_range=0.5)


@row("IV", "Regularisation makes more units contribute.", _UNITS_TEST)
def regularisation_cures(study: Study) -> Decision:
    return _units(study, weight_decay=0.1)


ROWS = (
    no_vanishing,
    scaling_is_the_reason,
    momentum,
    running_average,
    initialisation_cures,
    regularisation_cures,
)
#: Protocols whose units are measured for these claims.
MEASURED = (
    START,
    variant(START, initial="orthogonal", initial_range=0.5),
    variant(START, weight_decay=0.1),
)
