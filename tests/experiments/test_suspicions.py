"""Ladder and trials: each turns what it says, and verdicts follow from intervals.

The tables of both experiments are recomputed in tests/book/test_numbers_diagnosis.py.
"""

import math

import pytest

from harlib.experiments import protocol_steps, suspicions
from harlib.experiments.protocol_steps import BETTER, OPEN, SAME, WORSE, verdict
from harlib.protocol import CORRECTED, PUBLISHED
from harlib.runs import parameters
from harlib.seed_statistics import Interval


def test_the_bases_of_the_notebook_are_those_of_the_library():
    assert tuple(suspicions.BASES) == parameters.BASES
    assert set(parameters.FEWER_BASES) < set(parameters.BASES)


def turned(protocol, base):
    """The switches that stand otherwise than in ``base``."""
    made, as_it_was = protocol.switches(), base.switches()
    return {s for s in made if s != "name" and made[s] != as_it_was[s]}


def test_every_trial_turns_its_own_switches_of_its_base_and_nothing_else():
    trials = suspicions.trials()
    for (says, name, label), protocol in trials.items():
        base = suspicions.BASES[name]
        found = turned(protocol, base)
        assert found and found <= set(suspicions.HYPOTHESES[says][label])
        if label == "learning rate × 10":  # of that of its base
            assert protocol.learning_rate_scale == 10 * base.learning_rate_scale
    momentum = {base for says, base, _ in trials if says == "Momentum is missing."}
    assert momentum == {"published", "repaired"}, "Adam is not asked for momentum"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 4, BETTER),
        (-4, -0.1, WORSE),
        (0.1, 1, BETTER),
        (-1.9, 1.9, SAME),
        (-1.9, 2.1, OPEN),
        (-2.1, 1.9, OPEN),
        (-math.inf, math.inf, OPEN),
    ],
)
def test_verdicts(low, high, expected):
    assert verdict(Interval((low + high) / 2, low, high, 3)) == expected


def test_the_ladder_leads_from_published_to_corrected_and_misses_no_switch():
    chain, steps = protocol_steps.forwards(), protocol_steps.STEPS.values()
    assert chain[0] == protocol_steps.START and chain[-1] == CORRECTED
    assert turned(protocol_steps.START, PUBLISHED) == {"selection"}
    for step, before, after in zip(steps, chain, chain[1:], strict=False):
        assert turned(after, before) == set(step) != set()


def test_backwards_each_lacks_one_step():
    for step, protocol in zip(
        protocol_steps.STEPS.values(), protocol_steps.backwards(), strict=True
    ):
        assert turned(protocol, CORRECTED) == set(step)
        assert not turned(protocol, protocol_steps.START) & set(step)
