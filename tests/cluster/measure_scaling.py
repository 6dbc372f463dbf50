"""``python -m tests.cluster.measure_scaling``: what the page "Scaling out" calculates with; minutes.

CPU seconds, not those of the clock, wherever the work is done by this machine: they are the same
whatever else it does. What waits for Slurm is measured by the clock, on an idle cluster.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from harlib import data, inputs, paths, train
from harlib.errors import command
from harlib.protocol import PUBLISHED, RUNS
from harlib.runs import experiment
from harlib.storage import records
from tests.cluster import slurm_local, slurm_study
from workflow import study, sweep

#: Jobs that Snakemake is asked to plan.
PLANNED = (100, 1_000, 10_000)
#: One run of each size.
SIZES = (1, 3, 5, 7)
EPOCHS = 2
SUBMITTED = 40


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _child(words: list[str], cwd: Path = paths.ROOT) -> dict[str, float]:
    """CPU seconds, memory and clock of a command and all its children."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, cwd=cwd, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{words}: {said.read()[-2000:].decode()}")
    return {
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "seconds": round(time.perf_counter() - start, 3),
        "memory_mb": round(used.ru_maxrss / 1024),
    }


def epochs() -> list[dict]:
    """CPU seconds of one epoch of one seed, trained and evaluated, for each size."""
    dataset = data.load("synthetic")
    windows = {
        "train": inputs.Windows.from_arrays(dataset.X_train, dataset.y_train, "float32"),
        "test": inputs.Windows.from_arrays(dataset.X_test, dataset.y_test, "float32"),
    }
    rows = []
    for run in (RUNS[run_no] for run_no in SIZES):
        work = partial(
            train.train, experiment.job(run.run_no, PUBLISHED, epochs=EPOCHS), windows, seed=42
        )
        with threadpool_limits(1):
            first, both = (_cpu(partial(work, epochs=epochs)) for epochs in (0, EPOCHS))
        seconds = round((both - first) / EPOCHS, 4)
        rows.append({"batch": run.batch_size, "units": run.hidden_units, "cpu_seconds": seconds})
        print(rows[-1], flush=True)
    return rows


def _plan(folder: Path, jobs: int) -> tuple[list[str], list[str]]:
    """A plan of so many jobs; the Snakemake command for it, and the jobs' names."""
    one = asdict(sweep.expand({"run_no": [7]}, "planned", str(folder)).configurations[0])
    # The first one has nothing to do, so that it can be run for what starting a job takes.
    names = [f"{number:016x}" for number in range(jobs)]
    plan = {"name": "planned", "jobs": {name: [one] if i else [] for i, name in enumerate(names)}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    configured = ["--config", f"plan={folder / 'plan.json'}", "sweep=x", f"results_dir={folder}"]
    return configured, names


def snakemake(folder: Path) -> dict:
    """Planning, scheduling, and starting a job."""
    planning = []
    for jobs in PLANNED:
        configured, names = _plan(folder / str(jobs), jobs)
        engine = study.engine("workflow/sweep.smk", "table", "1", "")
        planning.append({"jobs": jobs, **_child([*engine, "--dry-run", *configured])})
        print(planning[-1], flush=True)
    # What a node does for a job of the largest plan: the plugin starts Snakemake, and that once
    # more; the second runs the job.
    target = str(folder / str(PLANNED[-1]) / "jobs" / f"{names[0]}.json")
    engine = study.engine("workflow/sweep.smk", target, "1", "")
    parse = _child([*engine, "--dry-run", *configured])
    whole = _child([*engine, *configured])
    start = {"cpu_seconds": round(parse["cpu_seconds"] + whole["cpu_seconds"], 3),
             "snakemake_cpu_seconds": parse["cpu_seconds"]}  # fmt: skip
    print(start, flush=True)
    trivial = {}
    for jobs in (50, 250):
        work = folder / f"trivial-{jobs}"
        work.mkdir()
        (work / "Snakefile").write_text(
            f'rule all:\n    input: expand("{{n}}", n=range({jobs}))\n\n'
            'rule one:\n    output: "{n,[0-9]+}"\n    shell: "touch {output}"\n'
        )
        trivial[jobs] = _child(
            [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"], cwd=work
        )["cpu_seconds"]
    scheduling = round((trivial[250] - trivial[50]) / 200, 4)
    print("scheduling", scheduling, flush=True)
    return {"planning": planning, "job_start": start, "scheduling_cpu_seconds": scheduling}


def starting(folder: Path) -> dict:
    """CPU seconds of a configuration apart from its epochs, and of a notebook around it."""
    given = {"seeds": (42, 263, 682), "epochs": 0}
    with threadpool_limits(1):
        plain = [
            _cpu(partial(experiment.run, run_no, results_dir=str(folder / "plain"), **given))
            for run_no in (5, 7)
        ]
    asked = {"run_no": 5, **given, "results_dir": str(folder / "notebook")}
    notebook = _child([
        sys.executable, "-m", "harlib.notebook.run_notebook", "notebooks/run.ipynb",
        str(folder / "run.ipynb"), str(folder / "run.log"), json.dumps(asked),
    ])  # fmt: skip
    return {
        "configuration_start": {"cpu_seconds": round(statistics.mean(plain), 3)},
        "notebook_start": {"cpu_seconds": round(notebook["cpu_seconds"] - plain[0], 3)},
    }


def slurm(folder: Path) -> dict:
    """Clock seconds of ``sbatch``, from it to the job's start, and of one trivial job of many."""
    with slurm_local.Cluster(folder) as cluster:
        waits, calls = [], []
        for number in range(10):
            started = folder / f"started-{number}"
            called = time.time()
            cluster.ask("sbatch", "--output=/dev/null", "--wrap", f"date +%s.%N > {started}")
            while not (started.exists() and started.read_text().strip()):
                time.sleep(0.01)
            waits.append(float(started.read_text()) - called)
            while cluster.ask("squeue", "--noheader", "--states=PD,R,CG").strip():
                time.sleep(0.05)
        start = time.perf_counter()
        for _ in range(SUBMITTED):
            called = time.perf_counter()
            cluster.ask("sbatch", "--output=/dev/null", "--wrap", "true")
            calls.append(time.perf_counter() - called)
        while cluster.ask("squeue", "--noheader", "--states=PD,R,CG").strip():
            time.sleep(0.2)
        each = (time.perf_counter() - start) / SUBMITTED
        return {
            "version": cluster.ask("sbatch", "--version").split()[-1],
            "sbatch_seconds": round(statistics.median(calls), 4),
            "submit_to_start_seconds": round(statistics.median(waits), 3),
            "trivial_jobs": SUBMITTED,
            "trivial_job_seconds": round(each, 3),
        }


def measure(folder: Path) -> dict:
    """The content of the record."""
    record = {"load": os.getloadavg()[0], "epoch": epochs(), **starting(folder / "start"),
              **snakemake(folder / "sweep")}  # fmt: skip
    record["slurm"] = slurm(folder / "cluster")
    print(record["slurm"], flush=True)
    # One after the other, although the plugin submits from two threads: the slower reading.
    seconds = record["scheduling_cpu_seconds"] + record["slurm"]["sbatch_seconds"]
    record["submission"] = {"seconds": round(seconds, 4)}
    (folder / "study").mkdir()
    return {**record, "study": slurm_study.run(folder / "study")}


@command
def main() -> None:
    """Measure and write the record."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.measure_scaling", description=__doc__
    )
    parser.add_argument("--results-dir", default="results")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="harlib-") as folder:
        print(records.write("scaling", measure(Path(folder)), given.results_dir))


if __name__ == "__main__":
    sys.exit(main())
