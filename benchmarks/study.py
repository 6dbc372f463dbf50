"""What ``make bench`` measures beyond one batch: how the cost grows, the whole study."""

import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import batch, flops, libraries
from harlib import optimisers, paths, protocol, rnn
from harlib.compiled import loops
from harlib.errors import UserError

#: What is varied, and how far; all else is as in the run that is asked for.
GRID = {
    "steps": (25, 50, 100, 150, 300, 600),
    "batch": (5, 10, 20, 30, 60, 120),
    "units": (25, 50, 75, 100, 150, 200),
}
WINDOWS = (150, 300, 600, 1200)
WORKERS = (1, 2, 4)


@threadpool_limits.wrap(limits=1)
def grid(run: protocol.Run, rounds: int) -> list[dict]:
    """Milliseconds of a batch (of an epoch, for ``windows``) over each size by itself."""
    at = {"steps": flops.STEPS, "batch": run.batch_size, "units": run.hidden_units}
    choice = batch.choices()[-1]
    work = {}
    for over, values in GRID.items():
        for value in values:
            size = {**at, over: value}
            each = batch.batch_here(size["batch"], size["units"], choice, size["steps"])
            work[over, value] = batch.timed(each)
    times = batch.rounds_of(work, rounds)
    epochs = {("windows", n): batch.timed(_epoch(run, n, choice), 1) for n in WINDOWS}
    times |= batch.rounds_of(epochs, rounds)
    return [
        {"over": over, "value": value, "milliseconds": float(np.median(each))}
        for (over, value), each in times.items()
    ]


def _epoch(run: protocol.Run, windows: int, choice: str) -> batch.Batch:
    """Training on that many windows, and an evaluation of them."""
    params, x, target = batch.case(windows, run.hidden_units)
    label = target.argmax(axis=1)
    kind = loops.BUFFERS[choice]
    kept = kind(params, flops.STEPS, run.batch_size)

    def epoch() -> None:
        for start in range(0, windows, run.batch_size):
            chosen = slice(start, start + run.batch_size)
            gradient = rnn.bptt(params, x[:, chosen], target[chosen], kept)
            optimisers.sgd(params, gradient, batch.RATE)
        rnn.predict(params, x, label, buffers=kind)

    return epoch


@threadpool_limits.wrap(limits=1)
def _work(windows: int, units: int, choice: str, seconds: float) -> tuple[float, float]:
    """In a worker: batches a second until the time is over; then the product rate."""
    each, product = batch.batch_here(windows, units, choice), batch.product()
    each(), product()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        each()
        count += 1
    done = count / (time.perf_counter() - start)
    times = batch.rounds_of({"product": batch.timed(product)}, 5)["product"]
    return done, float(np.median(batch.product_rates(times)))


def workers(run: protocol.Run, seconds: float = 3.0) -> list[dict]:
    """Batches a second of several workers at once, and the product rate that each core has then."""
    found = []
    given = (run.batch_size, run.hidden_units, batch.choices()[-1], seconds)
    for number in WORKERS:
        with multiprocessing.get_context("spawn").Pool(number) as pool:
            done, rates = zip(*pool.starmap(_work, [given] * number, chunksize=1), strict=True)
        entry = {"workers": number, "batches_per_second": sum(done), "gflops_each": list(rates)}
        found.append(entry)
    return found


#: Runs a command and adds a line: processor seconds of all its processes, and the most memory of
#: any. It is a small process between: on Linux a process begins with the memory of the one that
#: started it, as getrusage says, and a notebook has much.
_USED_BY = """\
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(code)
"""
#: Of what getrusage says of memory, in bytes.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def used_by(what: str, *python: str) -> dict[str, float]:
    """Run Python with these arguments: seconds on the wall, of cores, and memory.

    Memory is the largest of any of its processes; each has one thread, as in the flow. Where it
    fails, a UserError says ``what`` it is and the last line that it said.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _USED_BY, sys.executable, *python], cwd=paths.ROOT,
        capture_output=True, text=True, check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise UserError(f"{what} that the benchmark times failed: {said}")
    wall = time.perf_counter() - start
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return {"wall_seconds": wall, "core_seconds": seconds, "peak_bytes": peak * _MAXRSS_UNIT}


def study(epochs: int, jobs: int) -> dict:
    """Run the eight runs of the study in a fresh folder: what was done, and what that used.

    The seconds of cores count the flow, the start of every notebook, training, evaluation and
    writing.
    """
    with tempfile.TemporaryDirectory(prefix="harlib-bench-") as folder:
        used = used_by(
            "the study", "-m", "workflow.study", "--epochs", str(epochs), "--jobs", str(jobs),
            "--results-dir", folder, "runs",
        )  # fmt: skip
    return {"epochs": epochs, **used, "flops": flops.study(epochs)}


def start_of_a_notebook(run_no: int) -> float:
    """Seconds of cores for a run with no epoch: papermill, a kernel, imports, drawing, writing.

    Its evaluations are counted elsewhere, with those of the epochs.
    """
    with tempfile.TemporaryDirectory(prefix="harlib-bench-") as folder:
        given = {"run_no": run_no, "epochs": 0, "results_dir": folder}
        used = used_by(
            "the notebook", "-m", "harlib.notebook.run_notebook", "notebooks/run.ipynb",
            f"{folder}/run.ipynb", f"{folder}/run.log", json.dumps(given),
        )  # fmt: skip
        (timing,) = Path(folder).glob("*/*/run-*.timing.json")
        seeds = json.loads(timing.read_text())["seeds"].values()
        return used["core_seconds"] - sum(seed["evaluation_seconds"] for seed in seeds)


def worker_peak(run_no: int) -> int:
    """Most memory, in bytes, of the process that trains a run."""
    with tempfile.TemporaryDirectory(prefix="harlib-bench-") as folder:
        training = (
            "from harlib.runs import experiment\n"
            f"experiment.run({run_no}, seeds=(42,), epochs=1, results_dir={folder!r})\n"
        )
        return used_by("the training", "-c", training)["peak_bytes"]


def content(run_no: int, *, rounds: int, epochs: int, jobs: int) -> dict:
    """Everything that the record ``bench`` holds; with ``epochs = 0`` no study is run."""
    run = protocol.RUNS[run_no]
    others, missing = libraries.versions()
    measured = batch.batches(rounds, others)
    several = workers(run)
    return {
        "run_no": run_no,
        "rounds": rounds,
        "steps": flops.STEPS,
        "processor_model": _model(),
        "peers": others,
        "missing": missing,
        "batches": measured,
        "parts": batch.parts(rounds),
        "grid": grid(run, max(3, rounds // 4)),
        "workers": several,
        "worker_peak_bytes": worker_peak(run_no),
        "start_seconds": start_of_a_notebook(run_no),
        "studies": {"measured": study(epochs, jobs)} if epochs else {},
        "gflops_each_of_two": float(np.median(several[1]["gflops_each"])),
    }


def _model() -> str:
    """Kind of processor, as Linux knows it; else what Python knows."""
    cpus = Path("/proc/cpuinfo")
    for line in cpus.read_text().splitlines() if cpus.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
