"""Takes the power from a node of a Slurm cluster in the middle of a study."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.cluster import slurm_study
from tests.faults import NotRun, torture


@torture(
    "slurm-node",
    what="A node of a Slurm cluster loses its power while it trains: the study ends, and its files "
    "have the bytes that one machine gives",
    times=1,
    test="tests/cluster/test_slurm.py::test_a_study_survives_the_loss_of_a_node",
)
def slurm_node(rng: np.random.Generator) -> Iterator[str]:
    if reason := slurm_study.missing():
        raise NotRun(reason)
    with tempfile.TemporaryDirectory(prefix="harlib-slurm-") as folder:
        yield slurm_study.lost(slurm_study.run(Path(folder)))
