"""Ladder and trials: each turns what it says, and verdicts follow from intervals.

The tables of both experiments are recomputed in tests/book/test_numbers_diagnosis.py.
"""

import itertools
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
    changed = dict(protocol.switches().items() - base.switches().items())
    return set(changed) - {"name"}


def test_every_trial_turns_its_own_switches_of_its_base_and_nothing_else():
    trials = suspicions.trials()
    for (says, name, label), protocol in trials.items():
        base = suspicions.BASES[name]
        assert set() != turned(protocol, base) <= set(suspicions.HYPOTHESES[says][label])
        if label == "learning rate × 10":  # of that of its base
            assert protocol.learning_rate_scale == 10 * base.learning_rate_scale
    momentum = {base for says, base, _ in trials if says == "Momentum is missing."}
    assert momentum == {"published", "repaired"}, "Adam is not asked for momentum"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 4, BETTER),
        (-4, -0.1, WORSE),
        (-1.9, 1.9, SAME),
        (-1.9, 2.1, OPEN),
        (-2.1, 1.9, OPEN),
        (-math.inf, math.inf, OPEN),
    ],
)
def test_verdicts(low, high, expected):
    assert verdict(Interval((low + high) / 2, low, high, 3)) == expected


def test_the_ladder_leads_from_published_to_corrected_and_back_and_misses_no_switch():
    steps = [set(switches) for switches in protocol_steps.STEPS.values()]
    chain = protocol_steps.forwards()
    assert chain[0] == protocol_steps.START and chain[-1] == CORRECTED
    assert turned(chain[0], PUBLISHED) == {"selection"}
    assert [turned(after, before) for before, after in itertools.pairwise(chain)] == steps
    backwards = protocol_steps.backwards()
    assert [turned(protocol, CORRECTED) for protocol in backwards] == steps
    for step, protocol in zip(steps, backwards, strict=True):
        assert not turned(protocol, chain[0]) & step
