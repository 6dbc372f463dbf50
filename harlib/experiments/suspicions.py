"""What the report suspects in its sections III and IV, each as an experiment with a verdict.

A hypothesis turns one switch, in one or more positions, and is tried on three protocols: the
published one, of which the report speaks; the *repaired* one, the same but for one division by the
steps and shuffled windows, the two mistakes that hide everything else; and the corrected one. Same
seeds, same windows, last epoch: differences are paired.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from harlib import seed_statistics
from harlib.experiments.protocol_steps import START, last_epoch
from harlib.protocol import CORRECTED, Protocol, variant

#: A difference of test Top-1, in percentage points, that matters.
MATTERS = 1.0
#: Level of the tests, after Holm's adjustment.
LEVEL = 0.05

HELPS, HARMS, NOTHING, OPEN = "helps", "harms", "no difference that matters", "not decided"

#: What the report suspects, in short; label of a trial to the switches that it turns.
HYPOTHESES: dict[str, dict[str, dict[str, object]]] = {
    # Section III, option b
    "The learning rate is too big and overshoots.": {
        f"learning rate × {part:g}": {"learning_rate_scale": part} for part in (0.1, 0.3, 3, 10)
    },
    "Momentum is missing.": {"momentum 0.9": {"optimiser": "momentum"}},
    "A running average of the inputs is missing.": {
        f"mean of {steps} steps": {"input_average": steps} for steps in (5, 25)
    },
    "The batches are too small.": {
        f"batches of {size}": {"batch_size": size} for size in (10, 100, 300)
    },
    # Section IV
    "Other initial weights make more units contribute.": {
        "uniform ±0.01": {"initial": "uniform", "initial_range": 0.01},
        "uniform ±0.5": {"initial": "uniform", "initial_range": 0.5},
        "orthogonal": {"initial": "orthogonal", "initial_range": 0.5},
    },
    "Regularisation makes more units contribute.": {
        f"weight decay {part:g}": {"weight_decay": part} for part in (0.01, 0.1, 1)
    },
}

#: What the trials are compared with, by the word that tables use.
BASES = {
    "published": START,
    "repaired": variant(START, steps_divisions=1, shuffle=True),
    "corrected": CORRECTED,
}


@dataclass(frozen=True)
class Trial:
    """One position of one hypothesis, by what it ``says``, on one of the bases."""

    says: str
    base: str
    label: str
    protocol: Protocol


def trials(bases: Sequence[str] = tuple(BASES)) -> Iterator[Trial]:
    """Every trial that changes something, in the order of the tables."""
    for (says, positions), base in product(HYPOTHESES.items(), bases):
        protocol = BASES[base]
        for label, switches in positions.items():
            turned = dict(switches)
            if "learning_rate_scale" in turned:
                turned["learning_rate_scale"] *= protocol.learning_rate_scale
            if protocol.optimiser == "adam" and "optimiser" in turned:
                continue  # Adam has momentum in it
            made = variant(protocol, **turned)
            if made != protocol:
                yield Trial(says, base, label, made)


def protocols(bases: Sequence[str] = tuple(BASES)) -> list[Protocol]:
    """The bases and all that is tried on them, each once."""
    tried = [trial.protocol for trial in trials(bases)]
    return list(dict.fromkeys([*(BASES[base] for base in bases), *tried]))


def verdict(change: seed_statistics.Interval, p: float) -> str:
    """Whether a change of test Top-1 shows, against the level and what matters."""
    if p < LEVEL:
        return HELPS if change.mean > 0 else HARMS
    if change.low > -MATTERS and change.high < MATTERS:
        return NOTHING
    return OPEN


def table(results: dict[str, dict], bases: Sequence[str] = tuple(BASES)) -> pd.DataFrame:
    """A row a trial, from ``results`` by protocol name; the bases must be there as well.

    Top-1 of the last epoch, its change against the base with the interval over the seeds, p of the
    paired test (Holm's adjustment over all trials), the effect size, the change of the zigzag of
    the accuracy curve (mean distance of a value from the middle of its neighbours, in points),
    and the verdict.
    """
    rows, p = {}, []
    for trial in trials(bases):
        base, tried = results[BASES[trial.base].name], results[trial.protocol.name]
        pair = seed_statistics.paired(last_epoch(base), last_epoch(tried))
        rows[trial.says, trial.base, trial.label] = {
            "Top-1 (%)": seed_statistics.interval(last_epoch(tried)),
            "Change (points)": pair.change,
            "Effect": pair.effect,
            "Zigzag (points)": seed_statistics.paired(_zigzags(base), _zigzags(tried)).change,
        }
        p.append(pair.p)
    index = pd.MultiIndex.from_tuples(rows, names=["Report", "Protocol", "Trial"])
    table = pd.DataFrame(list(rows.values()), index).assign(p=seed_statistics.holm(p))
    return table.assign(Verdict=list(map(verdict, table["Change (points)"], table["p"])))


def zigzag(curve: Sequence[float]) -> float:
    """Mean distance of a value from the middle of its two neighbours; NaN below three values.

    It is 0 on any straight line, so steady progress, slow or fast, does not count.
    """
    if len(curve) < 3:
        return math.nan
    triples = list(zip(curve, curve[1:], curve[2:], strict=False))
    return sum(abs(middle - (left + right) / 2) for left, middle, right in triples) / len(triples)


def _zigzags(result: dict) -> list[float]:
    """Of every seed's test Top-1; NaN where the curve is too short to have any."""
    return [zigzag(entry["test"]["top1"]) for entry in result["seeds"].values()]
