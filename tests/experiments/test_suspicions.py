"""The report's suspicions as trials: each turns what it says; verdicts follow from intervals."""

import math

import pytest

from harlib import protocol
from harlib.experiments import protocol_steps, suspicions
from harlib.experiments.suspicions import HARMS, HELPS, NOTHING, OPEN, verdict
from harlib.notebook import parameters
from harlib.protocol import RUNS
from harlib.seed_statistics import Interval

SEEDS = ("42", "263", "682")


def result(tops):
    """A result with these last test accuracies, one a seed; level before."""
    entries = {
        seed: {"test": {"top1": [20.0, 20.0, top]}} for seed, top in zip(SEEDS, tops, strict=True)
    }
    return {"seeds": entries}


def test_the_bases_of_the_notebook_are_those_of_the_library():
    assert tuple(suspicions.BASES) == parameters.BASES
    assert set(parameters.FEWER_BASES) < set(parameters.BASES)


def test_every_trial_turns_its_own_switches_of_its_base_and_nothing_else():
    trials = list(suspicions.trials())
    assert len({(t.says, t.base, t.label) for t in trials}) == len(trials)
    for trial in trials:
        base = suspicions.BASES[trial.base].switches()
        made = trial.protocol.switches()
        turned = {s for s in base if s != "name" and base[s] != made[s]}
        assert turned and turned <= set(suspicions.HYPOTHESES[trial.says][trial.label])


def test_learning_rates_count_from_that_of_the_base():
    found = {t.base: t.protocol.learning_rate_scale for t in suspicions.trials()
             if t.label == "learning rate × 3"}  # fmt: skip
    expected = {base: 3 * p.learning_rate_scale for base, p in suspicions.BASES.items()}
    assert found == pytest.approx(expected)


def test_adam_is_not_asked_for_momentum():
    assert {t.base for t in suspicions.trials() if t.says == "Momentum is missing."} == {
        "published", "repaired",
    }  # fmt: skip


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


def test_the_table_compares_with_the_base_seed_by_seed():
    bases = ("published",)
    found = {p.name: result([20, 30, 40]) for p in suspicions.protocols(bases)}
    helped = next(t for t in suspicions.trials(bases) if t.says == "Momentum is missing.")
    found[helped.protocol.name] = result([40.0, 50.001, 60])
    table = suspicions.table(found, bases)
    row = table.loc["Momentum is missing.", "published", "momentum 0.9"]
    assert row["Change (points)"].mean == pytest.approx(20, abs=1e-3)
    assert row["Verdict"] == HELPS and row["p"] < 1e-3
    assert row["Zigzag (points)"].mean == pytest.approx(10, abs=1e-3)
    others = table.drop(index=("Momentum is missing.", "published", "momentum 0.9"))
    assert set(others["Verdict"]) == {NOTHING}


def test_the_ladder_gives_changes_from_the_row_above_and_from_the_end():
    tops = {p.name: 20.0 + 5 * i for i, p in enumerate(protocol_steps.forwards())}
    tops |= {p.name: 10.0 for p in protocol_steps.backwards() if p.name not in tops}
    found = {name: result([top, top + 1, top + 2]) for name, top in tops.items()}
    table = protocol_steps.table(found)
    added = table.loc["added", "Change (points)"]
    assert added.iloc[0] is None or math.isnan(added.iloc[0])
    assert [c.mean for c in added.iloc[1:]] == pytest.approx([5.0] * (len(added) - 1))
    last = tops[protocol.CORRECTED.name]
    out = table.loc["taken out", "Change (points)"]
    for p, change in zip(protocol_steps.backwards(), out, strict=True):
        assert change.mean == pytest.approx(tops[p.name] - last)
    assert set(RUNS) >= {protocol.HEADLINE}
