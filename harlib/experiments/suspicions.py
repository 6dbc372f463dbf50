"""What the report suspects in its sections III and IV, each as an experiment with a verdict.

A hypothesis turns one switch, in one or more positions, and is tried on three protocols: the
published one, of which the report speaks; the *repaired* one, the same but for one division by the
steps and shuffled windows, the two mistakes that hide everything else; and the corrected one. Same
seeds, same windows, last epoch: differences are paired.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from harlib import metrics, seed_statistics
from harlib.experiments.protocol_steps import START, last_epoch
from harlib.protocol import CORRECTED, Protocol, variant

#: A difference of test Top-1, in percentage points, that matters.
MATTERS = 1.0
#: Level of the tests, after Holm's adjustment.
LEVEL = 0.05

HELPS, HARMS, NOTHING, OPEN = "helps", "harms", "no difference that matters", "not decided"


@dataclass(frozen=True)
class Hypothesis:
    """One suspicion of the report.

    Attributes
    ----------
    name : str
        An identifier.
    section : str
        Where the report says it.
    says : str
        What it suspects, in short.
    positions : dict
        Label of a trial to the switches that it turns.
    """

    name: str
    section: str
    says: str
    positions: Mapping[str, Mapping[str, object]]


HYPOTHESES = (
    Hypothesis(
        "learning_rate", "III, option b", "The learning rate is too big and overshoots.",
        {f"learning rate × {part:g}": {"learning_rate_scale": part} for part in (0.1, 0.3, 3, 10)},
    ),
    Hypothesis(
        "momentum", "III, option b", "Momentum is missing.",
        {"momentum 0.9": {"optimiser": "momentum"}},
    ),
    Hypothesis(
        "running_average", "III, option b", "A running average of the inputs is missing.",
        {f"mean of {steps} steps": {"input_average": steps} for steps in (5, 25)},
    ),
    Hypothesis(
        "batch_size", "III, option b", "The batches are too small.",
        {f"batches of {size}": {"batch_size": size} for size in (10, 100, 300)},
    ),
    Hypothesis(
        "initial_values", "IV", "Other initial weights make more units contribute.",
        {
            "uniform ±0.01": {"initial": "uniform", "initial_range": 0.01},
            "uniform ±0.5": {"initial": "uniform", "initial_range": 0.5},
            "orthogonal": {"initial": "orthogonal", "initial_range": 0.5},
        },
    ),
    Hypothesis(
        "regularisation", "IV", "Regularisation makes more units contribute.",
        {f"weight decay {part:g}": {"weight_decay": part} for part in (0.01, 0.1, 1)},
    ),
)  # fmt: skip

#: What the trials are compared with, by the word that tables use.
BASES = {
    "published": START,
    "repaired": variant(START, steps_divisions=1, shuffle=True),
    "corrected": CORRECTED,
}


@dataclass(frozen=True)
class Trial:
    """One position of one hypothesis on one of the bases."""

    hypothesis: Hypothesis
    base: str
    label: str
    protocol: Protocol


def trials(bases: Sequence[str] = tuple(BASES)) -> Iterator[Trial]:
    """Every trial that changes something, in the order of the tables."""
    for hypothesis in HYPOTHESES:
        for base in bases:
            for label, switches in hypothesis.positions.items():
                protocol, turned = BASES[base], dict(switches)
                if scale := turned.get("learning_rate_scale"):
                    turned["learning_rate_scale"] = scale * protocol.learning_rate_scale
                if protocol.optimiser == "adam" and "optimiser" in turned:
                    continue  # Adam has momentum in it
                made = variant(protocol, **turned)
                if made != protocol:
                    yield Trial(hypothesis, base, label, made)


def protocols(bases: Sequence[str] = tuple(BASES)) -> list[Protocol]:
    """The bases and all that is tried on them, each once."""
    chosen = [BASES[base] for base in bases] + [trial.protocol for trial in trials(bases)]
    return list({protocol.name: protocol for protocol in chosen}.values())


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
    rows, compared = [], []
    for trial in trials(bases):
        base = results[BASES[trial.base].name]
        values = last_epoch(results[trial.protocol.name])
        pair = seed_statistics.paired(last_epoch(base), values)
        swings = seed_statistics.paired(_zigzags(base), _zigzags(results[trial.protocol.name]))
        compared.append(pair)
        rows.append(
            {
                "Report": trial.hypothesis.says,
                "Protocol": trial.base,
                "Trial": trial.label,
                "Top-1 (%)": seed_statistics.interval(values),
                "Change (points)": pair.change,
                "Effect": pair.effect,
                "Zigzag (points)": swings.change,
            }
        )
    adjusted = seed_statistics.holm([pair.p for pair in compared])
    for row, pair, p in zip(rows, compared, adjusted, strict=True):
        row["p"] = p
        row["Verdict"] = verdict(pair.change, p)
    return pd.DataFrame(rows).set_index(["Report", "Protocol", "Trial"])


def _zigzags(result: dict) -> list[float]:
    """Of every seed's test Top-1; NaN where the curve is too short to have any."""
    return [metrics.zigzag(entry["test"]["top1"]) for entry in result["seeds"].values()]
