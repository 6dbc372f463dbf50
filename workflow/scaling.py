"""How long a sweep takes on k nodes, and what holds it up, from measured costs.

A calculation, not a simulation. Every job has the same configurations of all eight runs, so jobs
are alike, and with ``m`` jobs at a time the sweep ends after the largest of

- the work: all CPU seconds, starting included, divided by ``m``;
- the submission: Snakemake hands over one job after the other;
- one job: nothing is faster than its longest part.

before which Snakemake has to work out what is to be done.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib.protocol import EPOCHS, RUNS, SEEDS

#: What the page tells of: configurations, and cores of a node, each with one job at a time.
CONFIGURATIONS = 10_000
CORES = 32
NODES = tuple(2**power for power in range(11))
#: Configurations in a job: one, and enough to make starting it cheap.
PER_JOB = (1, 8)
#: What can hold a sweep up.
WORK, SUBMISSION, LONGEST = "the work", "the submission", "the longest job"


@dataclass(frozen=True)
class Costs:
    """Measured costs, in seconds.

    Attributes
    ----------
    epoch : dict
        CPU seconds of one epoch of one seed, trained and evaluated, by (batch, units).
    job : float
        CPU seconds of a job before its first configuration: Snakemake twice, Python, the data.
    configuration : float
        CPU seconds of a configuration apart from its epochs: reading and checking the data.
    submission : float
        Seconds of Snakemake and Slurm on the submitting side for one job, one after the other.
    planning : float
        Seconds for one job until Snakemake knows what is to be done, before the first starts.
    """

    epoch: dict[tuple[int, int], float]
    job: float
    configuration: float
    submission: float
    planning: float


def costs(record: dict) -> Costs:
    """The costs from the record ``scaling``."""
    planned = record["planning"][-1]
    return Costs(
        epoch={(row["batch"], row["units"]): row["cpu_seconds"] for row in record["epoch"]},
        job=record["job_start"]["cpu_seconds"],
        configuration=record["configuration_start"]["cpu_seconds"],
        submission=record["submission"]["seconds"],
        planning=planned["cpu_seconds"] / planned["jobs"],
    )


def configuration_seconds(measured: Costs, epochs: int = EPOCHS, seeds: int = len(SEEDS)) -> dict:
    """CPU seconds of one configuration of each run, all its seeds, by run number."""
    return {
        run.run_no: measured.configuration
        + seeds * epochs * measured.epoch[run.batch_size, run.hidden_units]
        for run in RUNS.values()
    }


def limits(
    measured: Costs, per_job: int, configurations: int = CONFIGURATIONS, cores: int = CORES
) -> dict[str, float]:
    """Hours of each limit: the work on one node, the submission, one job; and the planning.

    A job of fewer configurations than there are runs can have the costliest of them only; one of
    more has all of them equally often, to a whole number.
    """
    each = configuration_seconds(measured)
    jobs = -(-configurations // per_job)
    mean = float(np.mean(list(each.values())))
    costliest = sorted(each.values(), reverse=True)
    rounds, rest = divmod(per_job, len(each))
    longest = measured.job + rounds * sum(costliest) + sum(costliest[:rest])
    return {
        WORK: (configurations * mean + jobs * measured.job) / cores / 3600,
        SUBMISSION: jobs * measured.submission / 3600,
        LONGEST: longest / 3600,
        "planning": jobs * measured.planning / 3600,
    }


def predict(
    measured: Costs, per_job: int, nodes: tuple[int, ...] = NODES,
    configurations: int = CONFIGURATIONS, cores: int = CORES,
) -> pd.DataFrame:  # fmt: skip
    """Hours on each number of nodes, and what holds the sweep up there.

    Returns
    -------
    DataFrame
        By ``Nodes``: ``Hours``, ``Bottleneck``, and ``Times faster`` than on one node.
    """
    known = limits(measured, per_job, configurations, cores)
    rows = {}
    for k in nodes:
        parts = {WORK: known[WORK] / k, **{name: known[name] for name in (SUBMISSION, LONGEST)}}
        bottleneck = max(parts, key=parts.get)
        rows[k] = {"Hours": known["planning"] + parts[bottleneck], "Bottleneck": bottleneck}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Nodes")
    table.insert(1, "Times faster", table["Hours"].iloc[0] / table["Hours"])
    return table
