"""What ``make bench`` measures beyond one batch: how the cost grows, memory, the whole study."""

import contextlib
import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import batch
from harlib import optimisers, paths, protocol, rnn
from harlib.errors import UserError

#: What is varied, and how far; all else is as in the run that is asked for.
GRID = {
    "steps": (25, 50, 100, 150, 300, 600),
    "batch": (5, 10, 20, 30, 60, 120),
    "units": (25, 50, 75, 100, 150, 200),
}
WINDOWS = (150, 300, 600, 1200)
WORKERS = (1, 2, 4)
#: Windows of the study: trained on, and evaluated after each epoch.
TRAINED, EVALUATED = 3000, 3600


def grid(run: protocol.Run, rounds: int) -> list[dict]:
    """Milliseconds of a batch (of an epoch, for ``windows``) over each size by itself."""
    at = {"steps": batch.STEPS, "batch": run.batch_size, "units": run.hidden_units}
    choice = batch.choices()[-1]
    with threadpool_limits(1):
        work = {
            (over, value): batch.batch_here(
                *(({**at, over: value})[name] for name in ("batch", "units")), choice,
                steps=value if over == "steps" else batch.STEPS,
            )
            for over, values in GRID.items() for value in values
        }  # fmt: skip
        times = batch.rounds_of(work, rounds)
        epochs = {("windows", windows): _epoch(run, windows, choice) for windows in WINDOWS}
        times |= batch.rounds_of(epochs, rounds, count=1)
    return [
        {"over": over, "value": value, "milliseconds": quartiles[1]}
        for (over, value), quartiles in times.items()
    ]


def _epoch(run: protocol.Run, windows: int, choice: str) -> batch.Batch:
    """Training on that many windows, and an evaluation of them."""
    params, x, target = batch.case(windows, run.hidden_units)
    label = target.argmax(axis=1)
    workspace = rnn.Workspace(params, batch.STEPS, run.batch_size, loops=choice)

    def epoch() -> None:
        for start in range(0, windows, run.batch_size):
            chosen = slice(start, start + run.batch_size)
            optimisers.sgd(params, rnn.bptt(params, x[:, chosen], target[chosen], workspace), 1e-6)
        rnn.predict(params, x, label, loops=choice)

    return epoch


def _work(given: tuple[int, int, str, float]) -> tuple[int, float, float]:
    """In a worker: batches until the time is over; their number, seconds, product rate."""
    windows, units, choice, seconds = given
    with threadpool_limits(1):
        each, product = batch.batch_here(windows, units, choice), batch.product()
        each(), product()
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            each()
            count += 1
        passed = time.perf_counter() - start
        rates = [2 * batch.LARGE**3 / batch.milliseconds(product) / 1e6 for _ in range(5)]
        return count, passed, float(np.median(rates))


def workers(run: protocol.Run, seconds: float = 3.0) -> list[dict]:
    """Batches a second of several workers at once, and the product rate that each core has then."""
    found = []
    context = multiprocessing.get_context("spawn")
    for number in WORKERS:
        given = (run.batch_size, run.hidden_units, batch.choices()[-1], seconds)
        with context.Pool(number) as pool:
            done = pool.map(_work, [given] * number, chunksize=1)
        found.append(
            {
                "workers": number,
                "batches_per_second": sum(count / passed for count, passed, _ in done),
                "gflops_each": [rate for *_, rate in done],
            }
        )
    return found


def buffers() -> list[dict]:
    """Bytes of what a training keeps for its batches, by run, and how they grow with each size."""
    found = []
    for what, sizes in (
        ("run", [(batch.STEPS, *size) for size in batch.SIZES]),
        ("steps", [(steps, 30, 100) for steps in (75, 150, 300)]),
        ("batch", [(150, windows, 100) for windows in (15, 30, 60)]),
        ("units", [(150, 30, units) for units in (50, 100, 200)]),
    ):
        for steps, windows, units in sizes:
            params = rnn.initial_values(0, units)
            workspace = rnn.Workspace(params, steps, windows, loops=batch.choices()[-1])
            kept = vars(workspace)
            size = sum(
                kept[name].nbytes
                for name in ("whole_states", "whole_errors", "outputs", "slopes")
                if name in kept
            )
            found.append(
                {"over": what, "steps": steps, "batch": windows, "units": units, "bytes": size}
            )
    return found


def study_flops(runs: int, seeds: int, epochs: int) -> int:
    """Operations of the study's products: the trainings, with epochs + 1 evaluations each."""
    total = 0
    for run in list(protocol.RUNS.values())[:runs]:
        whole, rest = divmod(TRAINED, run.batch_size)
        epoch = whole * batch.flops(run.batch_size, run.hidden_units)
        epoch += batch.flops(rest, run.hidden_units)
        evaluation = batch.evaluation_flops(EVALUATED, run.hidden_units)
        total += seeds * (epochs * epoch + (epochs + 1) * evaluation)
    return total


def study(epochs: int, jobs: int) -> dict:
    """Run the eight runs of the study in a fresh folder; seconds on the wall, of cores, and memory.

    The seconds of cores count the flow, the start of every notebook, training, evaluation and
    writing. Memory is the largest of any process of it.
    """
    with tempfile.TemporaryDirectory(prefix="harlib-bench-") as folder:
        start = time.perf_counter()
        command = [
            sys.executable, "-m", "workflow.study", "--epochs", str(epochs), "--jobs", str(jobs),
            "--results-dir", folder, "runs",
        ]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", _USED_BY, *command], cwd=paths.ROOT, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise UserError(f"the study that the benchmark times failed: {said}")
        wall = time.perf_counter() - start
        seconds, peak = json.loads(done.stdout.splitlines()[-1])
        written = len(list(Path(folder).glob("*/*/run-*.timing.json")))
    return {
        "epochs": epochs, "jobs": jobs, "runs": written, "seeds": len(protocol.SEEDS),
        "wall_seconds": wall, "core_seconds": seconds, "peak_bytes": peak * _MAXRSS_UNIT,
        "flops": study_flops(written, len(protocol.SEEDS), epochs),
    }  # fmt: skip


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


def start_of_a_notebook(run_no: int) -> float:
    """Seconds of cores for a run with no epoch: papermill, a kernel, imports, drawing, writing."""
    with tempfile.TemporaryDirectory(prefix="harlib-bench-") as folder:
        before = _children()
        given = {"run_no": run_no, "epochs": 0, "results_dir": folder}
        subprocess.run(
            [sys.executable, "-m", "harlib.notebook.run_notebook", "notebooks/run.ipynb",
             f"{folder}/run.ipynb", f"{folder}/run.log", json.dumps(given)],
            cwd=paths.ROOT, capture_output=True, check=True,
        )  # fmt: skip
        return _children() - before


def _children() -> float:
    """Processor seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def worker_peak(run_no: int) -> int:
    """Most memory, in bytes, of the process that trains a run."""
    # Not what getrusage says: on Linux that begins with the memory of the process that started it.
    code = (
        "import resource, tempfile\n"
        "from pathlib import Path\n"
        "from harlib import experiment\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        f"    experiment.run({run_no}, seeds=(42,), epochs=1, results_dir=folder)\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "status = Path('/proc/self/status')\n"
        "for line in status.read_text().splitlines() if status.exists() else ():\n"
        "    if line.startswith('VmHWM'):\n"
        "        peak = line.split()[1]\n"
        "print('peak', peak)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    return int(done.stdout.split()[-1]) * _MAXRSS_UNIT


def content(run_no: int, *, rounds: int, epochs: int, jobs: int, python: Path) -> dict:
    """Everything that the record ``bench`` holds; with ``epochs = 0`` no study is run."""
    run = protocol.RUNS[run_no]
    with batch.peers(python) as (others, missing):
        measured = batch.batches(rounds, others)
        versions = {library: peer.version for library, peer in others.items()}
    several = workers(run)
    rate = float(np.median(several[1]["gflops_each"]))
    return {
        "run_no": run_no,
        "rounds": rounds,
        "steps": batch.STEPS,
        "processor_model": _model(),
        "peers": versions,
        "missing": missing,
        "batches": measured,
        "parts": batch.parts(rounds),
        "grid": grid(run, max(3, rounds // 4)),
        "workers": several,
        "buffers": buffers(),
        "worker_peak_bytes": worker_peak(run_no),
        "start_seconds": start_of_a_notebook(run_no),
        "studies": {"measured": {**study(epochs, jobs), "gflops": rate}} if epochs else {},
        "gflops_each_of_two": rate,
    }


def _model() -> str:
    """Kind of processor, as Linux knows it; else what Python knows."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
