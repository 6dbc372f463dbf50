"""What the report suspects in its sections III and IV, each as an experiment with a verdict.

A hypothesis turns one switch, in one or more positions, and is tried on three protocols: the
published one, of which the report speaks; the *repaired* one, which is the first step of the ladder
(:mod:`harlib.experiments.protocol_steps`) and without which nothing else shows; and the corrected
one. They are trained for fewer epochs than the ladder, and lie apart from it.
"""

from collections.abc import Sequence
from itertools import product

import pandas as pd

from harlib.experiments import protocol_steps
from harlib.experiments.protocol_steps import START
from harlib.protocol import CORRECTED, Protocol, variant

#: What the report suspects, in short; label of a trial to the switches that it turns.
HYPOTHESES: dict[str, dict[str, dict[str, object]]] = {
    # Section III, option b
    "The learning rate is too big and overshoots.": {
        f"learning rate × {part:g}": {"learning_rate_scale": part} for part in (0.1, 10)
    },
    "Momentum is missing.": {"momentum 0.9": {"optimiser": "momentum"}},
    "A running average of the inputs is missing.": {
        f"mean of {steps} steps": {"input_average": steps} for steps in (5, 25)
    },
    "The batches are too small.": {"batches of 100": {"batch_size": 100}},
    # Section IV
    "Other initial weights make more units contribute.": {
        "uniform ±0.01": {"initial": "uniform", "initial_range": 0.01},
        "orthogonal": {"initial": "orthogonal", "initial_range": 0.5},
    },
    "Regularisation makes more units contribute.": {"weight decay 0.1": {"weight_decay": 0.1}},
}

#: What the trials are compared with, by the word that tables use.
BASES = {
    "published": START,
    "repaired": protocol_steps.forwards()[1],
    "corrected": CORRECTED,
}


def trials(bases: Sequence[str] = tuple(BASES)) -> dict[tuple[str, str, str], Protocol]:
    """Every trial that changes something: by what is suspected, base and label."""
    found = {}
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
                found[says, base, label] = made
    return found


def protocols(bases: Sequence[str] = tuple(BASES)) -> list[Protocol]:
    """The bases and all that is tried on them, each once."""
    return list(dict.fromkeys([*(BASES[base] for base in bases), *trials(bases).values()]))


def folder(results_dir: str) -> str:
    """Where the trials lie: apart from the ladder, whose epochs are others."""
    return f"{results_dir}/suspicions"


def table(results: dict[str, dict], bases: Sequence[str] = tuple(BASES)) -> pd.DataFrame:
    """A row a trial, by :func:`harlib.experiments.protocol_steps.compare`, from results by name."""
    rows = {trial: (protocol, BASES[trial[1]]) for trial, protocol in trials(bases).items()}
    return protocol_steps.compare(results, rows).rename_axis(["Report", "Protocol", "Trial"])
