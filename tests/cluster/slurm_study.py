"""A study on a Slurm cluster of two nodes, one of which loses its power in the middle.

The eight runs of Table I go to the cluster with the project's own profile; a node is killed while
it trains; every result file is compared with that of one process on this machine.
"""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np

from harlib import paths
from harlib.errors import UserError
from harlib.protocol import RUNS
from harlib.runs import experiment
from tests.cluster import slurm_local
from tests.cluster.slurm_local import Cluster

#: Long enough that a node can be killed in the middle of a training.
EPOCHS = 100
SEED = 42
#: Seconds that the study may take.
PATIENCE = 3600
PROFILE = paths.ROOT / "workflow" / "profiles" / "slurm"


def missing() -> str:
    """Why the study cannot be run on Slurm here, in one line; empty if it can."""
    if not find_spec("snakemake_executor_plugin_slurm"):
        return "Snakemake's plugin for Slurm is not installed (make cluster)"
    return slurm_local.missing()


def small_data(path: Path) -> Path:
    """A small HDF5 data set of random windows: 300 to train, 60 to test, 30 steps."""
    rng = np.random.default_rng(5)
    with h5py.File(path, "w") as file:
        for name, per_class in (("tr", 50), ("tst", 10)):
            label = np.repeat(np.arange(6), per_class)
            centre = rng.normal(size=(6, 1, 3))[label]
            file[f"{name}X"] = centre + 0.5 * rng.standard_normal((len(label), 30, 3))
            file[f"{name}Y"] = np.eye(6)[label]
    return path


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that has to be the same wherever it was made."""
    names = [path for path in folder.glob("run-*") if ".timing" not in path.name]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


def run(folder: Path) -> dict:
    """Run the study, kill a node, compare; data, results and the cluster lie in ``folder``.

    Returns
    -------
    dict
        ``nodes``, ``jobs``, ``killed`` node, ``killed_after`` results, ``queued_again`` jobs,
        ``files`` compared, ``different`` names, ``exit_code``, ``seconds``.

    Raises
    ------
    UserError
        There is no Slurm here, or the study did not come to the point where a node is killed.
    """
    data = small_data(folder / "small.h5")
    results, said = folder / "slurm" / "small" / "published", folder / "study.log"
    with Cluster(folder / "cluster") as cluster, said.open("w") as log:
        start = time.perf_counter()
        study = subprocess.Popen(
            [sys.executable, "-m", "workflow.study", "--profile", str(PROFILE), "--jobs", "1",
             "--data", str(data), "--epochs", str(EPOCHS), "--seeds", str(SEED),
             "--results-dir", str(folder / "slurm"), "runs"],
            env=cluster.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            killed, after = _kill_in_the_middle(cluster, results, study)
            exit_code = study.wait(PATIENCE)
        except (UserError, subprocess.TimeoutExpired) as error:
            raise UserError(f"{error}: {' '.join(said.read_text().split())[-600:]}") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(study.pid, signal.SIGKILL)  # Snakemake too, where it did not end
            study.wait()
        seconds = time.perf_counter() - start
        known = cluster.ask("scontrol", "show", "job", "--oneliner")
    if exit_code:
        print(said.read_text(), file=sys.stderr)
    for run_no in RUNS:
        experiment.run(
            run_no, data=str(data), epochs=EPOCHS, seeds=(SEED,), results_dir=str(folder / "here")
        )
    expected, found = digests(folder / "here" / "small" / "published"), digests(results)
    return {
        "nodes": len(cluster.nodes),
        "jobs": len(RUNS),
        "killed": killed,
        "killed_after": after,
        "queued_again": len(re.findall(r" Restarts=[1-9]", known)),
        "files": len(expected),
        "different": sorted(n for n in {*expected, *found} if expected.get(n) != found.get(n)),
        "exit_code": exit_code,
        "seconds": round(seconds, 1),
    }


def lost(went: dict) -> str:
    """What the study lost, in words; empty if nothing."""
    if went["exit_code"]:
        return f"the study ended with exit code {went['exit_code']}"
    if went["different"]:
        return f"other bytes in {', '.join(went['different'])}"
    return "" if went["queued_again"] else "no job was queued again: nothing was tried"


def _kill_in_the_middle(
    cluster: Cluster, results: Path, study: subprocess.Popen
) -> tuple[str, int]:
    """Kill a node that is training, once a run is finished; returns it and how many were."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and study.poll() is None:
        finished = {path.stem for path in results.glob("run-0?.json")}
        # A checkpoint whose result is not there yet is of a training that goes on now.
        training = {path.name[:6] for path in results.glob("run-0?-seed-*.checkpoint.npz")}
        if finished and training - finished:
            running = cluster.ask("squeue", "--noheader", "--states=R", "--format=%i %N")
            for job, node in (line.split() for line in running.splitlines() if " " in line.strip()):
                shown = cluster.ask("scontrol", "show", "job", "--oneliner", job, check=False)
                run = re.search(r"Comment=rule_\w+?_wildcards_\D*(0\d)", shown)
                if run and f"run-{run[1]}" in training - finished:
                    cluster.kill(node)
                    return node, len(finished)
        time.sleep(0.1)
    raise UserError("no node was training when one was to be killed")
