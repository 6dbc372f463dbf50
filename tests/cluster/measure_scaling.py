"""``python -m tests.cluster.measure_scaling``: measures what the page "Scaling out" shows; minutes.

CPU seconds, not those of the clock, wherever the work is done by this machine: they are the same
whatever else it does. What waits for Slurm is measured by the clock, on an idle cluster.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from harlib import data, inputs, paths, train
from harlib.errors import command
from harlib.protocol import PUBLISHED, RUNS, SEEDS
from harlib.runs import experiment
from harlib.storage import records
from tests.cluster import slurm_local, slurm_study
from workflow import study, sweep

#: Configurations that Snakemake is asked to plan, a multiple of the eight runs.
PLANNED = (1_000, 10_000)
#: One run of each size.
SIZES = (1, 3, 5, 7)


def _cpu(work: partial, who: int = resource.RUSAGE_SELF) -> float:
    """CPU seconds that a call takes: of this process with one BLAS thread, or of its children."""
    before = resource.getrusage(who)
    with threadpool_limits(1):
        work()
    after = resource.getrusage(who)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 4)


def _command(words: list[str], cwd: Path = paths.ROOT) -> float:
    """CPU seconds of a command and all its children."""
    call = partial(subprocess.run, words, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return _cpu(call, resource.RUSAGE_CHILDREN)


def epochs(count: int = 2) -> list[dict]:
    """CPU seconds of one epoch of one seed, trained and evaluated, for each size."""
    dataset = data.load("synthetic")
    windows = {
        "train": inputs.Windows.from_arrays(dataset.X_train, dataset.y_train, "float32"),
        "test": inputs.Windows.from_arrays(dataset.X_test, dataset.y_test, "float32"),
    }
    rows = []
    for run in (RUNS[run_no] for run_no in SIZES):

        def seconds(epochs: int, run_no: int = run.run_no) -> float:
            job = experiment.job(run_no, PUBLISHED, epochs=epochs)
            buffers = experiment.buffers(job)
            return _cpu(partial(train.train, job, windows, seed=42, buffers=buffers))

        row = {"batch": run.batch_size, "units": run.hidden_units}
        rows.append({**row, "cpu_seconds": round((seconds(count) - seconds(0)) / count, 4)})
    return rows


def starting(folder: Path) -> dict[str, float]:
    """CPU seconds of a configuration apart from its epochs, and of a notebook around it."""
    given = {"seeds": SEEDS, "epochs": 0}
    plain = [
        _cpu(partial(experiment.run, run_no, results_dir=str(folder / "plain"), **given))
        for run_no in (5, 7)
    ]
    asked = {"run_no": 5, **given, "results_dir": str(folder / "notebook")}
    notebook = _command([
        sys.executable, "-m", "harlib.notebook.run_notebook", "notebooks/run.ipynb",
        str(folder / "run.ipynb"), str(folder / "run.log"), json.dumps(asked),
    ])  # fmt: skip
    return {"configuration": statistics.mean(plain), "notebook": notebook - plain[0]}


def snakemake(folder: Path, configuration: float) -> tuple[list[dict], float]:
    """CPU seconds of planning sweeps, and of starting a job of the largest one."""
    planning = []
    for count in PLANNED:
        scales = [number / count for number in range(1, count // len(RUNS) + 1)]
        asked = {"epochs": 0, "switches": {"learning_rate_scale": scales}}
        file = folder / f"planned-{count}.yml"
        file.write_text(json.dumps(asked), encoding="utf-8")  # JSON is YAML
        configured = ["--config", f"sweep={file}", f"results_dir={folder}"]
        engine = study.engine("sweep", "1", "")
        planning.append(
            {"jobs": count, "cpu_seconds": _command([*engine, "--dry-run", *configured])}
        )
    # What a node does for a job: the plugin starts Snakemake, and that once more; the second runs
    # the job.
    first = sweep.expand(asked, file.stem, str(folder)).configurations[0]
    engine = study.engine(str(first.result), "1", "")
    parsing = _command([*engine, "--dry-run", *configured])
    whole = _command([*engine, *configured])
    return planning, parsing + whole - configuration


def scheduling(folder: Path) -> float:
    """CPU seconds of Snakemake for one more job."""
    seconds = {}
    for jobs in (50, 250):
        work = folder / f"trivial-{jobs}"
        work.mkdir()
        (work / "Snakefile").write_text(
            f'rule all:\n    input: expand("{{n}}", n=range({jobs}))\n\n'
            'rule one:\n    output: "{n,[0-9]+}"\n    shell: "touch {output}"\n'
        )
        words = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]
        seconds[jobs] = _command(words, cwd=work)
    return (seconds[250] - seconds[50]) / 200


def slurm(folder: Path) -> dict:
    """Clock seconds of ``sbatch``, and from it to the start of the job on an idle cluster."""
    waits, calls = [], []
    with slurm_local.Cluster(folder) as cluster:
        for number in range(10):
            started = folder / f"started-{number}"
            called = time.time()
            cluster.ask("sbatch", "--output=/dev/null", "--wrap", f"date +%s.%N > {started}")
            calls.append(time.time() - called)
            while not (started.exists() and started.read_text().strip()):
                time.sleep(0.01)
            waits.append(float(started.read_text()) - called)
            while cluster.ask("squeue", "--noheader", "--states=PD,R,CG").strip():
                time.sleep(0.05)
        return {
            "version": cluster.ask("sbatch", "--version").split()[-1],
            "sbatch_seconds": round(statistics.median(calls), 4),
            "submit_to_start_seconds": round(statistics.median(waits), 3),
        }


def measure(folder: Path) -> dict:
    """The content of the record."""
    load, epoch, start = os.getloadavg()[0], epochs(), starting(folder)
    planning, start["job"] = snakemake(folder, start["configuration"])
    (folder / "study").mkdir()
    return {
        "load": load,
        "epoch": epoch,
        **{f"{name}_start": {"cpu_seconds": round(cpu, 3)} for name, cpu in start.items()},
        "planning": planning,
        "scheduling_cpu_seconds": round(scheduling(folder), 4),
        "slurm": slurm(folder / "cluster"),
        "study": slurm_study.run(folder / "study"),
    }


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
