"""From the published protocol to the corrected one, a step at a time: added, and taken away.

A step turns a few switches of :class:`harlib.protocol.Protocol` that belong together. Forwards,
each step is added to those before it; backwards, each alone is taken out of the corrected
protocol. The first asks how far one gets, the second what each step is still worth at the end.
Every accuracy here is that of the last epoch: no epoch is chosen, least of all by test windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from harlib import seed_statistics
from harlib.protocol import CORRECTED, PUBLISHED, Protocol, variant
from harlib.runs import experiment


@dataclass(frozen=True)
class Step:
    """Switches that are turned together.

    Attributes
    ----------
    title : str
        What is done, for tables and figures.
    switches : tuple of str
        Fields of the protocol record.
    """

    title: str
    switches: tuple[str, ...]


STEPS = (
    Step("one division by the steps", ("steps_divisions",)),
    Step("windows shuffled", ("shuffle",)),
    Step("softmax output", ("output",)),
    Step("orthogonal initial weights", ("initial", "initial_range")),
    Step("standardised inputs", ("standardise",)),
    Step("gravity as the frame of the inputs", ("frame",)),
    Step("means of several samples as steps", ("samples_per_step",)),
    Step("Adam", ("optimiser", "learning_rate_scale")),
    Step("clipped gradient", ("clip",)),
    Step("cosine schedule", ("schedule",)),
    Step("scores averaged over the steps", ("scores_from",)),
    Step("loss of the average", ("loss_from",)),
    Step("augmented windows", ("rotation", "scaling", "jitter", "stretch", "filtering")),
    Step("weights averaged over the updates", ("weight_average",)),
)

#: Where the steps begin: the published protocol, with its last epoch reported.
START = variant(PUBLISHED, selection="last")


def _positions(protocol: Protocol, step: Step) -> dict:
    return {switch: getattr(protocol, switch) for switch in step.switches}


def forwards() -> list[Protocol]:
    """:data:`START`, then one more step in each; the last is the corrected protocol."""
    chain = [START]
    for step in STEPS:
        chain.append(variant(chain[-1], **_positions(CORRECTED, step)))
    return chain


def backwards() -> list[Protocol]:
    """The corrected protocol without one of the steps, in their order."""
    return [variant(CORRECTED, **_positions(START, step)) for step in STEPS]


#: What the two divisions do, by the label of a curve.
DIVISIONS = {
    "divided twice, in class order (published)": START,
    "divided twice, shuffled": variant(START, shuffle=True),
    "divided once, in class order": variant(START, steps_divisions=1),
    "divided once, learning rate / 150, in class order": variant(
        START, steps_divisions=1, learning_rate_scale=1 / 150
    ),
    "divided once, shuffled": variant(START, steps_divisions=1, shuffle=True),
}


def protocols() -> list[Protocol]:
    """Every protocol that the diagnosis needs, each once."""
    found = [*forwards(), *backwards(), *DIVISIONS.values()]
    return list({protocol.name: protocol for protocol in found}.values())


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


def last_epoch(result: dict, metric: str = "top1", split: str = "test") -> list[float]:
    """A metric after the last epoch, of every seed."""
    return [entry[split][metric][-1] for entry in result["seeds"].values()]


#: Columns of :func:`table`.
TOP1, CHANGE, P = "Top-1 (%)", "Change (points)", "p"


def table(results: dict[str, dict]) -> pd.DataFrame:
    """Both ways, a row a protocol: test Top-1 and its change, with intervals over the seeds.

    Forwards the change is that from the row above; backwards it is what taking the step out does
    to the corrected protocol. ``p`` is of the paired test, adjusted by Holm's method for all the
    changes of the table.
    """
    rows, changes = [], []
    chain = forwards()
    for number, protocol in enumerate(chain):
        title = STEPS[number - 1].title if number else "as published"
        before = chain[number - 1].name if number else None
        rows.append(("added", title, protocol.name, before))
    for step, protocol in zip(STEPS, backwards(), strict=True):
        rows.append(("taken out", step.title, protocol.name, CORRECTED.name))
    records = []
    for _, _, name, before in rows:
        values = last_epoch(results[name])
        change = seed_statistics.paired(last_epoch(results[before]), values) if before else None
        records.append({TOP1: seed_statistics.interval(values), CHANGE: change and change.change})
        changes.append(change.p if change else float("nan"))
    made = pd.DataFrame(records, index=pd.MultiIndex.from_tuples(
        [row[:2] for row in rows], names=["Step", "What"]))  # fmt: skip
    made[P] = seed_statistics.holm(changes)
    return made
