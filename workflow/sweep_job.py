"""One job of a sweep: trains its configurations and writes down what it made.

``python -m workflow.sweep_job PLAN JOB OUTPUT``. A configuration whose training diverges is a result
of the sweep too: it is written down, and the job goes on with the next.
"""

import hashlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, command
from harlib.runs import experiment
from harlib.storage import results
from harlib.train import Diverged
from workflow.sweep import Configuration, Sweep

PLAN, TABLE = "plan.json", "table.csv"


def write_plan(sweep: Sweep) -> Path:
    """Write the jobs of a sweep for Snakemake and for the jobs; returns the file."""
    path = sweep.root / PLAN
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        jobs = {job: [asdict(one) for one in chosen] for job, chosen in sweep.jobs.items()}
        # Not indented: Snakemake reads it again in every job, and it may name ten thousand.
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps({"name": sweep.name, "jobs": jobs}), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise UserError(
            f"results folder {sweep.root} cannot be written ({error.strerror})"
        ) from None
    return path


def marker(root: Path, job: str) -> Path:
    """Where a job writes down what it made."""
    return root / "jobs" / f"{job}.json"


def forget_stale(sweep: Sweep) -> int:
    """Remove what jobs wrote down if it is no longer so; returns how many will run again.

    That is: a result file is gone or has other bytes, or the job is not part of the sweep. The
    table goes too: Snakemake does not look behind a file that is there and newer.
    """
    stale = 0
    for path in (sweep.root / "jobs").glob("*.json"):
        try:
            noted = results.read_json(path)["files"]
            whole = path.stem in sweep.jobs and all(
                _digest(paths.resolve(file)) == digest for file, digest in noted.items()
            )
        except (UserError, OSError, KeyError, AttributeError, TypeError):
            whole = False
        if not whole:
            path.unlink(missing_ok=True)
            (sweep.root / TABLE).unlink(missing_ok=True)
            stale += path.stem in sweep.jobs
    return stale


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(configurations: list[Configuration]) -> dict:
    """Train; returns what the marker holds.

    Returns
    -------
    dict
        ``files``: SHA-256 of each result file by its path; ``diverged``: for each configuration
        without a result, by the path it would have had, why; ``seconds`` of the whole job.
    """
    start = time.perf_counter()
    files, diverged = {}, {}
    for one in configurations:
        path = one.folder.result(one.run_no)
        try:
            experiment.run(**asdict(one))
            files[paths.shown(path)] = _digest(path)
        except UserError as error:
            if not isinstance(error.__context__, Diverged):
                raise
            print(f"run {one.run_no}, {one.protocol}: {error.__context__}")
            diverged[paths.shown(path)] = str(error.__context__)
    seconds = round(time.perf_counter() - start, 3)
    return {"files": files, "diverged": diverged, "seconds": seconds}


@command
def main(plan: str, job: str, output: str) -> None:
    """Run one job of a plan."""
    given = results.read_json(Path(plan))["jobs"][job]
    made = run([Configuration(**{**one, "seeds": tuple(one["seeds"])}) for one in given])
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    results.write_json(Path(output), made)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
