"""From the published protocol to the corrected one, a step at a time: added, and taken away.

A step turns a few switches of :class:`harlib.protocol.Protocol` that belong together. Forwards,
each step is added to those before it; backwards, each alone is taken out of the corrected
protocol. The first asks how far one gets, the second what each step is still worth at the end.
Every accuracy here is that of the last epoch: no epoch is chosen, least of all by test windows.

What is compared (:func:`compare`) ends in a verdict that is read from an interval. All intervals of
a table hold together with 95 %: the chance that any of its verdicts is wrong is at most 5 %.
"""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from harlib import seed_statistics
from harlib.data import load as load_data
from harlib.protocol import CORRECTED, PUBLISHED, Protocol, variant
from harlib.runs import experiment
from harlib.storage.results import Folder

#: A difference of test Top-1, in percentage points, that matters.
MATTERS = 2.0
#: Verdicts.
BETTER, WORSE, OPEN = "better", "worse", "not decided"
SAME = f"no difference larger than {MATTERS:g} points"

#: What is done in each step, as tables and figures say it, and the switches that it turns. What
#: cannot act alone is one step: a single division explodes unclipped, and unshuffled it forgets.
STEPS = {
    "one division, shuffled, clipped": ("steps_divisions", "shuffle", "clip"),
    "inputs: standardised, by gravity, in longer steps": (
        "standardise", "frame", "samples_per_step",
    ),
    "orthogonal initial weights": ("initial", "initial_range"),
    "softmax, one loss and answer a window": ("output", "loss_from", "scores_from"),
    "Adam, cosine schedule, averaged weights": (
        "optimiser", "learning_rate_scale", "schedule", "weight_average",
    ),
    "augmented windows": ("rotation", "scaling", "jitter", "stretch", "filtering"),
}  # fmt: skip

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
    """Every protocol of the ladder, each once."""
    return list(dict.fromkeys([*forwards(), *backwards()]))


def folder(results_dir: str) -> str:
    """Where experiments lie: apart from the studies, whose seeds and epochs are others."""
    return f"{results_dir}/experiments"


def trained(
    protocols: Sequence[Protocol], *, run_no: int, data: str, seeds: Sequence[int], epochs: int,
    dtype: str, loops: str, results_dir: str,
) -> dict[str, dict]:  # fmt: skip
    """Result of run ``run_no`` under each protocol, by its name; trained if that is not done."""
    dataset, results = load_data(data), {}
    given = {"epochs": epochs, "dtype": dtype, "loops": loops, "evaluates_training": False}
    for protocol in protocols:
        job = experiment.job(run_no, protocol, **given)
        where = Folder(results_dir, data, protocol.name)
        results[protocol.name] = experiment.train_on(dataset, where, job, seeds, loops)
    return results


def last_epoch(result: dict) -> list[float]:
    """Test Top-1 accuracy (%) after the last epoch, of every seed."""
    return [entry["test"]["top1"][-1] for entry in result["seeds"].values()]


def verdict(change: seed_statistics.Interval) -> str:
    """What an interval of a change of test Top-1 says: it excludes 0, or all that matters."""
    if change.low > 0 or change.high < 0:
        return BETTER if change.low > 0 else WORSE
    return SAME if change.low > -MATTERS and change.high < MATTERS else OPEN


def compare(
    results: dict[str, dict], rows: Mapping[Hashable, tuple[Protocol, Protocol | None]]
) -> pd.DataFrame:
    """A row each protocol and the one it is compared with, if any, from results by their names.

    Test Top-1 with its 95 % interval over the seeds, the change with an interval that holds
    together with all others of the table, and the verdict.
    """
    changes = sum(before is not None for _, before in rows.values())
    confidence = seed_statistics.shared_among(changes)
    found = []
    for protocol, before in rows.values():
        values = last_epoch(results[protocol.name])
        change = before and seed_statistics.difference(
            last_epoch(results[before.name]), values, confidence
        )
        says = verdict(change) if change else ""
        found.append((seed_statistics.interval(values), change, says))
    columns = ["Top-1 (%)", "Change (points)", "Verdict"]
    return pd.DataFrame(found, pd.MultiIndex.from_tuples(rows), columns)


def table(results: dict[str, dict]) -> pd.DataFrame:
    """The ladder, both ways, by :func:`compare`.

    Forwards the change is that from the row above; backwards it is what taking the step out does
    to the corrected protocol.
    """
    chain = forwards()
    rows = {("added", "as published"): (START, None)}
    for title, before, protocol in zip(STEPS, chain, chain[1:], strict=False):
        rows["added", title] = (protocol, before)
    for title, protocol in zip(STEPS, backwards(), strict=True):
        rows["taken out", title] = (protocol, CORRECTED)
    return compare(results, rows).rename_axis(["Step", "What"])
