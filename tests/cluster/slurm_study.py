"""A study on a Slurm cluster of two nodes, one of which loses its power in the middle.

The eight runs of Table I go to the cluster with the project's own profile; a node is killed while
it trains; every result file is compared with that of one process on this machine.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from harlib import paths
from harlib.errors import UserError
from harlib.protocol import RUNS
from harlib.runs import experiment
from tests.cluster import slurm_local
from tests.cluster.slurm_local import Cluster
from tests.data.data_helpers import four_keys, write_hdf5

#: Long enough that a node can be killed in the middle of a training.
EPOCHS = 100
#: Seconds that the study may take.
PATIENCE = 3600


def missing() -> str:
    """Why the study cannot be run on Slurm here, in one line; empty if it can."""
    if not find_spec("snakemake_executor_plugin_slurm"):
        return "Snakemake's plugin for Slurm is not installed (make cluster)"
    return slurm_local.missing()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that has to be the same wherever it was made."""
    names = [path for path in folder.glob("run-*") if ".timing" not in path.name]
    return {path.name: path.read_bytes() for path in names}


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
    data = write_hdf5(folder / "small.h5", four_keys(300, 60, 30))
    results, said = folder / "slurm" / "small" / "published", folder / "study.log"
    profile = paths.ROOT / "workflow" / "profiles" / "slurm"
    with Cluster(folder / "cluster") as cluster, said.open("w") as log:
        start = time.perf_counter()
        study = subprocess.Popen(
            [sys.executable, "-m", "workflow.study", "--profile", str(profile), "--jobs", "1",
             "--data", str(data), "--epochs", str(EPOCHS), "--seeds", "42",
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
    given = {"data": str(data), "epochs": EPOCHS, "seeds": (42,)}
    for run_no in RUNS:
        experiment.run(run_no, results_dir=str(folder / "here"), **given)
    expected, found = contents(folder / "here" / "small" / "published"), contents(results)
    return {
        "nodes": len(slurm_local.NODES),
        "jobs": len(RUNS),
        "killed": killed,
        "killed_after": after,
        "queued_again": len(re.findall(r" Restarts=[1-9]", known)),
        "files": len(expected),
        "different": sorted(n for n in {*expected, *found} if expected.get(n) != found.get(n)),
        "exit_code": exit_code,
        "seconds": round(seconds, 1),
    }


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
            shown = cluster.ask("scontrol", "show", "job", "--oneliner")
            for line in shown.splitlines():
                run = re.search(r"Comment=rule_\w+?_wildcards_\D*(0\d)", line)
                node = re.search(r" JobState=RUNNING .* NodeList=(n\d)", line)
                if run and node and f"run-{run[1]}" in training - finished:
                    cluster.kill(node[1])
                    return node[1], len(finished)
        time.sleep(0.1)
    raise UserError("no node was training when one was to be killed")
