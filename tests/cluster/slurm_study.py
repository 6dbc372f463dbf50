"""A study on a Slurm cluster of two nodes, one of which loses its power in the middle.

``python -m tests.cluster.slurm_study`` starts the cluster on this machine (:mod:`tests.cluster.slurm_local`),
runs the eight runs of Table I on it with the project's own profile, kills a node while it trains,
and compares every result file with those of one process on this machine.
"""

import contextlib
import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np

from harlib import paths
from harlib.errors import UserError, command
from harlib.protocol import RUNS
from harlib.runs import experiment
from tests.cluster import slurm_local
from tests.cluster.slurm_local import Cluster

#: Long enough that a node can be killed in the middle of a training.
EPOCHS = 100
SEEDS = (42,)


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
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(names)}


def run(
    folder: Path, profile: Path = paths.ROOT / "profiles" / "slurm", epochs: int = EPOCHS,
    timeout: float = 3600,
) -> dict:  # fmt: skip
    """Run the study, kill a node, compare.

    Parameters
    ----------
    folder : Path
        For data, results and the cluster.
    profile : Path
        The Snakemake profile to submit with.
    timeout : float
        Seconds that the study may take.

    Returns
    -------
    dict
        ``nodes``, ``jobs``, ``killed`` node, ``killed_after`` results, ``queued_again`` jobs,
        ``files`` compared, ``different`` names, ``exit_code``, ``seconds``, ``cpu_seconds_per_job``
        of Snakemake and its submissions.

    Raises
    ------
    UserError
        There is no Slurm here, or the study did not come to the point where a node is killed.
    """
    data = small_data(folder / "small.h5")
    results = folder / "slurm" / "small" / "published"
    with Cluster(folder / "cluster") as cluster, (folder / "study.log").open("w") as log:
        start = time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        study = subprocess.Popen(
            [sys.executable, "-m", "workflow.study", "--profile", str(profile), "--jobs", "1",
             "--data", str(data), "--epochs", str(epochs), "--seeds", ",".join(map(str, SEEDS)),
             "--results-dir", str(folder / "slurm"), "runs"],
            env=cluster.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            killed, after = _kill_in_the_middle(cluster, results, study, timeout)
            exit_code = study.wait(timeout)
        except subprocess.TimeoutExpired:
            raise UserError(f"the study is not done after {timeout} s: {_end(log.name)}") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(study.pid, signal.SIGKILL)
            study.wait()
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Taken before the reference runs: what Snakemake, sbatch and squeue used on this side.
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        known = cluster.ask("scontrol", "show", "job", "--oneliner")
    if exit_code:
        print(Path(log.name).read_text(), file=sys.stderr)
    here = folder / "here"
    for run_no in RUNS:
        experiment.run(run_no, data=str(data), epochs=epochs, seeds=SEEDS, results_dir=str(here))
    expected, found = digests(here / "small" / "published"), digests(results)
    return {
        "nodes": len(cluster.nodes),
        "jobs": len(RUNS),
        "submissions": len(re.findall(r"^JobId=", known, re.MULTILINE)),
        "killed": killed,
        "killed_after": after,
        "queued_again": len(re.findall(r" Restarts=[1-9]", known)),
        "files": len(expected),
        "different": sorted(n for n in {*expected, *found} if expected.get(n) != found.get(n)),
        "exit_code": exit_code,
        "seconds": round(seconds, 1),
        "cpu_seconds_per_job": round(cpu / len(RUNS), 3),
    }


def missing() -> str | None:
    """Why the study cannot be run on Slurm here, in one line; None if it can."""
    if not find_spec("snakemake_executor_plugin_slurm"):
        return "Snakemake's plugin for Slurm is not installed (make cluster)"
    return slurm_local.missing()


def lost(went: dict) -> str:
    """What the study lost, in words; empty if nothing."""
    if went["exit_code"]:
        return f"the study ended with exit code {went['exit_code']}"
    if went["different"]:
        return f"other bytes in {', '.join(went['different'])}"
    return "" if went["queued_again"] else "no job was queued again: nothing was tried"


def _kill_in_the_middle(
    cluster: Cluster, results: Path, study: subprocess.Popen, timeout: float
) -> tuple[str, int]:
    """Kill a node that is training, once a run is finished; returns it and how many were."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and study.poll() is None:
        finished = {p.stem for p in results.glob("run-0?.json")}
        # A checkpoint whose result is not there yet is of a training that goes on now.
        training = [p.name[:6] for p in results.glob("run-0?-seed-*.checkpoint.npz")]
        training = sorted(set(training) - finished)
        if finished and training:
            lines = cluster.ask("squeue", "--noheader", "--states=R", "--format=%i %N").split("\n")
            nodes = dict(line.split() for line in lines if len(line.split()) == 2)
            for job, node in nodes.items():
                if _trains(cluster, job, training):
                    cluster.kill(node)
                    return node, len(finished)
        time.sleep(0.1)
    raise UserError(f"no node was training when one was to be killed: {_end(study_log(results))}")


def study_log(results: Path) -> str:
    """The log of the study whose results lie in ``results``."""
    return str(results.parents[2] / "study.log")


def _trains(cluster: Cluster, job: str, training: list[str]) -> bool:
    """True if a job is of one of the runs that are training."""
    shown = cluster.ask("scontrol", "show", "job", "--oneliner", job, check=False)
    wildcard = re.search(r"Comment=rule_\w+?_wildcards_\D*(0\d)", shown)
    return bool(wildcard) and f"run-{wildcard[1]}" in training


def _end(log: str) -> str:
    return " ".join(Path(log).read_text(errors="replace").split())[-600:]


@command
def main() -> None:
    """Run it in a folder of its own and print what came of it."""
    with tempfile.TemporaryDirectory(prefix="harlib-slurm-") as folder:
        print(json.dumps(run(Path(folder)), indent=1))


if __name__ == "__main__":
    sys.exit(main())
