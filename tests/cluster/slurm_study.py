"""A study on a Slurm cluster of two nodes, one of which loses its power in the middle.

The eight runs of Table I go to the cluster with the project's own profile; a node is killed while
it trains; every result file is compared with that of one process on this machine.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from harlib import paths
from harlib.errors import UserError
from harlib.protocol import RUNS
from harlib.runs import experiment
from tests import started
from tests.cluster import slurm_local
from tests.cluster.slurm_local import Cluster
from tests.data.data_helpers import four_keys, write_hdf5

#: Long enough that a node can be killed in the middle of a training.
EPOCHS = 100
#: Seconds that the study may take.
PATIENCE = 3600


def run(folder: Path) -> dict:
    """Run the study, kill a node, compare; data, results and the cluster lie in ``folder``.

    What comes of it is the part ``study`` of the record that the book's page "Scaling out" shows;
    a UserError where there is no Slurm, or where no node was training when one was to be killed.
    """
    data = write_hdf5(folder / "small.h5", four_keys(300, 60, 30))
    given = {"data": str(data), "epochs": EPOCHS, "seeds": (42,)}
    for run_no in RUNS:
        experiment.run(run_no, results_dir=str(folder / "here"), **given)
    went = _on_slurm(data, folder)
    expected = started.contents(folder / "here" / "small" / "published", "run-*")
    found = started.contents(folder / "slurm" / "small" / "published", "run-*")
    different = sorted(n for n in {*expected, *found} if expected.get(n) != found.get(n))
    return {
        "nodes": len(slurm_local.NODES), "jobs": len(RUNS), **went,
        "files": len(expected), "different": different,
    }  # fmt: skip


def _on_slurm(data: Path, folder: Path) -> dict:
    """Run the study on the cluster; how it went, and its exit code."""
    start = time.perf_counter()
    asked = {"jobs": 1, "data": data, "epochs": EPOCHS, "seeds": 42}
    profile = paths.ROOT / "workflow" / "profiles" / "slurm"
    with Cluster(folder / "cluster") as cluster:
        study = subprocess.Popen(
            started.study("runs", **asked, profile=profile, results_dir=folder / "slurm"),
            env=cluster.environment, start_new_session=True,
        )  # fmt: skip
        try:
            killed = _kill_in_the_middle(cluster, folder / "slurm" / "small" / "published", study)
            exit_code = study.wait(PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(study.pid, signal.SIGKILL)  # Snakemake too, where it did not end
            study.wait()
        seconds = round(time.perf_counter() - start, 1)
        known = cluster.ask("scontrol", "show", "job", "--oneliner")
    again = len(re.findall(r" Restarts=[1-9]", known))
    return {**killed, "queued_again": again, "exit_code": exit_code, "seconds": seconds}


def _kill_in_the_middle(cluster: Cluster, results: Path, study: subprocess.Popen) -> dict:
    """Kill a node that is training, once a run is finished: which, and how many were."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and study.poll() is None:
        finished = {path.stem for path in results.glob("run-0?.json")}
        # A checkpoint whose result is not there yet is of a training that goes on now.
        training = {path.name[:6] for path in results.glob("run-0?-seed-*.checkpoint.npz")}
        jobs = cluster.ask("scontrol", "show", "job", "--oneliner") if finished else ""
        for job in jobs.splitlines():
            run = re.search(r"Comment=rule_\w+?_wildcards_\D*(0\d)", job)
            node = re.search(r" JobState=RUNNING .* NodeList=(n\d)", job)
            if run and node and f"run-{run[1]}" in training - finished:
                cluster.kill(node[1])
                return {"killed": node[1], "killed_after": len(finished)}
        time.sleep(0.1)
    raise UserError("no node was training when one was to be killed")
