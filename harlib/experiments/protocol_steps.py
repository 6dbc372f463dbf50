"""From the published protocol to the corrected one, a step at a time: added, and taken away.

A step turns a few switches of :class:`harlib.protocol.Protocol` that belong together. Forwards,
each step is added to those before it; backwards, each alone is taken out of the corrected
protocol. The first asks how far one gets, the second what each step is still worth at the end.
Every accuracy here is that of the last epoch: no epoch is chosen, least of all by test windows.
"""

from collections.abc import Sequence

import pandas as pd

from harlib import seed_statistics
from harlib.protocol import CORRECTED, PUBLISHED, Protocol, variant
from harlib.runs import experiment

#: What is done in each step, as tables and figures say it, and the switches that it turns.
STEPS = {
    "one division by the steps": ("steps_divisions",),
    "windows shuffled": ("shuffle",),
    "softmax output": ("output",),
    "orthogonal initial weights": ("initial", "initial_range"),
    "standardised inputs": ("standardise",),
    "gravity as the frame of the inputs": ("frame",),
    "means of several samples as steps": ("samples_per_step",),
    "Adam": ("optimiser", "learning_rate_scale"),
    "clipped gradient": ("clip",),
    "cosine schedule": ("schedule",),
    "scores averaged over the steps": ("scores_from",),
    "loss of the average": ("loss_from",),
    "augmented windows": ("rotation", "scaling", "jitter", "stretch", "filtering"),
    "weights averaged over the updates": ("weight_average",),
}

#: Where the steps begin: the published protocol, with its last epoch reported.
START = variant(PUBLISHED, selection="last")


def _positions(protocol: Protocol, switches: Sequence[str]) -> dict:
    return {switch: getattr(protocol, switch) for switch in switches}


def forwards() -> list[Protocol]:
    """:data:`START`, then one more step in each; the last is the corrected protocol."""
    chain = [START]
    for switches in STEPS.values():
        chain.append(variant(chain[-1], **_positions(CORRECTED, switches)))
    return chain


def backwards() -> list[Protocol]:
    """The corrected protocol without one of the steps, in their order."""
    return [variant(CORRECTED, **_positions(START, switches)) for switches in STEPS.values()]


#: What the two divisions do, by the label of a curve.
DIVISIONS = {
    "divided twice, unshuffled (published)": START,
    "divided twice, shuffled": variant(START, shuffle=True),
    "divided once, unshuffled": variant(START, steps_divisions=1),
    "divided once, learning rate / 150, unshuffled": variant(
        START, steps_divisions=1, learning_rate_scale=1 / 150
    ),
    "divided once, shuffled": variant(START, steps_divisions=1, shuffle=True),
}


def protocols() -> list[Protocol]:
    """Every protocol that the diagnosis needs, each once."""
    return list(dict.fromkeys([*forwards(), *backwards(), *DIVISIONS.values()]))


def division_curves(results: dict[str, dict]) -> dict[str, list[list[float]]]:
    """Test Top-1 over the epochs, a list a seed, by the labels of :data:`DIVISIONS`."""
    return {
        label: [entry["test"]["top1"] for entry in results[protocol.name]["seeds"].values()]
        for label, protocol in DIVISIONS.items()
    }


def folder(results_dir: str) -> str:
    """Where experiments lie: apart from the studies, whose seeds and epochs are others."""
    return f"{results_dir}/experiments"


def trained(
    protocols: Sequence[Protocol], *, run_no: int, results_dir: str, **given: object
) -> dict[str, dict]:
    """Result of run ``run_no`` under each protocol, by its name; ``given`` as in experiment.run."""
    where = folder(results_dir)
    return {
        p.name: experiment.run(run_no, protocol=p.name, results_dir=where, **given)
        for p in protocols
    }


def last_epoch(result: dict) -> list[float]:
    """Test Top-1 accuracy (%) after the last epoch, of every seed."""
    return [entry["test"]["top1"][-1] for entry in result["seeds"].values()]


def table(results: dict[str, dict]) -> pd.DataFrame:
    """Both ways, a row a protocol: test Top-1 and its change, with intervals over the seeds.

    Forwards the change is that from the row above; backwards it is what taking the step out does
    to the corrected protocol. ``p`` is of the paired test, adjusted by Holm's method for all the
    changes of the table.
    """
    chain = forwards()
    rows = {("added", "as published"): (START, None)}
    for title, before, protocol in zip(STEPS, chain, chain[1:], strict=False):
        rows["added", title] = (protocol, before)
    for title, protocol in zip(STEPS, backwards(), strict=True):
        rows["taken out", title] = (protocol, CORRECTED)
    found, p = {}, []
    for row, (protocol, before) in rows.items():
        values = last_epoch(results[protocol.name])
        pair = before and seed_statistics.paired(last_epoch(results[before.name]), values)
        found[row] = {
            "Top-1 (%)": seed_statistics.interval(values),
            "Change (points)": pair and pair.change,
        }
        p.append(pair.p if pair else float("nan"))
    index = pd.MultiIndex.from_tuples(found, names=["Step", "What"])
    return pd.DataFrame(list(found.values()), index).assign(p=seed_statistics.holm(p))
