"""``python -m tests.cluster.measure_scaling``: measures what the page "Scaling out" shows; minutes.

CPU seconds, not those of the clock, wherever the work is done by this machine: they are the same
whatever else it does. What waits for Slurm is measured by the clock, on an idle cluster.
"""

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

from harlib import paths
from harlib.errors import command
from harlib.protocol import RUNS, SEEDS
from harlib.runs import experiment
from harlib.storage import records
from tests.cluster import slurm_local, slurm_study
from workflow import study, sweep

#: Configurations that Snakemake is asked to plan, a multiple of the eight runs.
PLANNED = 10_000


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


def snakemake(folder: Path) -> tuple[list[dict], float]:
    """CPU seconds of planning a large sweep, and of starting a job of it."""
    plain = str(folder / "plain")
    configuration = _cpu(partial(experiment.run, 1, seeds=SEEDS, epochs=0, results_dir=plain))
    scales = [number / PLANNED for number in range(1, PLANNED // len(RUNS) + 1)]
    asked = {"epochs": 0, "switches": {"learning_rate_scale": scales}}
    file = folder / "planned.yml"
    file.write_text(json.dumps(asked), encoding="utf-8")  # JSON is YAML
    configured = ["--config", f"sweep={file}", f"results_dir={folder}"]
    planning = _command([*study.engine("sweep", "1", ""), "--dry-run", *configured])
    # What a node does for a job: the plugin starts Snakemake, and that once more; the second runs
    # the job.
    first = sweep.expand(asked, file.stem, str(folder)).configurations[0]
    engine = study.engine(str(first.result), "1", "")
    parsing = _command([*engine, "--dry-run", *configured])
    whole = _command([*engine, *configured])
    return [{"jobs": PLANNED, "cpu_seconds": planning}], parsing + whole - configuration


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
            while cluster.ask("squeue", "--noheader", "--states=PD,R,CG").strip():
                time.sleep(0.05)
            waits.append(float(started.read_text()) - called)
        return {
            "version": cluster.ask("sbatch", "--version").split()[-1],
            "sbatch_seconds": round(statistics.median(calls), 4),
            "submit_to_start_seconds": round(statistics.median(waits), 3),
        }


def measure(folder: Path) -> dict:
    """The content of the record."""
    load, (planning, job) = os.getloadavg()[0], snakemake(folder)
    (folder / "study").mkdir()
    return {
        "load": load,
        "job_start": {"cpu_seconds": round(job, 3)},
        "planning": planning,
        "scheduling_cpu_seconds": round(scheduling(folder), 4),
        "slurm": slurm(folder / "cluster"),
        "study": slurm_study.run(folder / "study"),
    }


@command
def main(results_dir: str = "results") -> None:
    """Measure and write the record."""
    with tempfile.TemporaryDirectory(prefix="harlib-") as folder:
        print(records.write("scaling", measure(Path(folder)), results_dir))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
