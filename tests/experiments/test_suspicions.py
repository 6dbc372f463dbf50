"""The report's suspicions as trials: each turns what it says; verdicts follow from intervals.

The tables of both experiments are recomputed in tests/book/test_numbers_diagnosis.py.
"""

import math

import pytest

from harlib.experiments import protocol_steps, suspicions
from harlib.experiments.suspicions import HARMS, HELPS, NOTHING, OPEN, verdict
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
    trials = list(suspicions.trials())
    assert len({(t.says, t.base, t.label) for t in trials}) == len(trials)
    for trial in trials:
        base = suspicions.BASES[trial.base]
        found = turned(trial.protocol, base)
        assert found and found <= set(suspicions.HYPOTHESES[trial.says][trial.label])
        if trial.label == "learning rate × 3":  # of that of its base
            assert trial.protocol.learning_rate_scale == 3 * base.learning_rate_scale
    momentum = {t.base for t in trials if t.says == "Momentum is missing."}
    assert momentum == {"published", "repaired"}, "Adam is not asked for momentum"


@pytest.mark.parametrize(
    ("low", "high", "p", "expected"),
    [
        (2, 4, 0.01, HELPS),
        (-4, -2, 0.01, HARMS),
        (2, 4, 0.2, OPEN),
        (-0.5, 0.9, 0.6, NOTHING),
        (-0.5, 1.1, 0.6, OPEN),
        (-1.1, 0.5, 0.6, OPEN),
        (-9, 9, math.nan, OPEN),
    ],
)
def test_verdicts(low, high, p, expected):
    assert verdict(Interval((low + high) / 2, low, high, 3), p) == expected


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
