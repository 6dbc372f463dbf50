"""What ``make bench`` measures of one batch: this network beside others, on the same core.

All of them do the same work in turns, round by round, so that whatever else
the machine does hits all; the ratios are what counts. Times are processor
time of one thread: that of a clock on the wall where nothing else runs, and
still right where something does.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from harlib import optimisers, paths, plain_rnn, rnn
from harlib.compiled import loops
from harlib.errors import one_line

#: (batch size, hidden units) of the eight runs.
SIZES = ((10, 50), (30, 50), (10, 100), (30, 100))
STEPS, CHANNELS, CLASSES = 150, 3, 6
#: Side of the square matrices whose product says what the machine can do.
LARGE = 1024
#: Batches in a row that make one measurement.
COUNT = 3
#: Times faster than each, and the part of the product rate, that this project set out for.
TARGETS = {
    "plain": (7, 5, 6, 5),
    "torch": (14, 8, 6.5, 5),
    "jax": (3.5, 2.2, 2.5, 2.5),
    "rate": (0.30, 0.40, 0.45, 0.55),
}
PEERS = ("torch", "jax")

Batch = Callable[[], object]


def flops(batch: int, units: int, steps: int = STEPS) -> int:
    """Operations of the products of one batch of training, biases left out.

    Forward and in the weights' gradients N (N + K + C) multiplications and as many additions a
    window and step, backward N (N + C): the gradient of the inputs is not needed.
    """
    N, K, C = units, CHANNELS, CLASSES
    return 2 * steps * batch * (2 * N * (N + K + C) + N * (N + C))


def evaluation_flops(windows: int, units: int, steps: int = STEPS) -> int:
    """Operations of the products of an evaluation."""
    return 2 * steps * windows * units * (units + CHANNELS + CLASSES)


def milliseconds(work: Batch, count: int = COUNT) -> float:
    """Processor time of this process for one of ``count`` in a row, as training does them."""
    start = time.process_time()
    for _ in range(count):
        work()
    return 1e3 * (time.process_time() - start) / count


def rounds_of(work: dict, rounds: int, count: int = COUNT) -> dict[object, list[float]]:
    """Quartiles (25, 50, 75 %) of each, measured in turns after one round that does not count."""
    times = [[milliseconds(each, count) for each in work.values()] for _ in range(rounds + 1)][1:]
    quartiles = np.percentile(times, [25, 50, 75], axis=0).T
    return {name: q.tolist() for name, q in zip(work, quartiles, strict=True)}


def case(
    batch: int, units: int, steps: int = STEPS
) -> tuple[rnn.Parameters, np.ndarray, np.ndarray]:
    """Parameters, ``x`` and ``target`` of one batch, float32."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, batch, CHANNELS)).astype("float32")
    target = np.eye(CLASSES, dtype="float32")[rng.integers(0, CLASSES, batch)]
    return rnn.initial_values(0, units), x, target


def batch_here(batch: int, units: int, choice: str, steps: int = STEPS) -> Batch:
    """A batch of training, gradient and update, with the loops of ``choice``."""
    params, x, target = case(batch, units, steps)
    workspace = rnn.Workspace(params, steps, batch, loops=choice)
    return lambda: optimisers.sgd(params, rnn.bptt(params, x, target, workspace), 1e-6)


def batch_plain(batch: int, units: int) -> Batch:
    """The same by the plain loop, in float64 as the report's."""
    _, x, target = (value for value in case(batch, units))
    params = rnn.initial_values(0, units, dtype="float64")
    x, target = x.astype("float64"), target.astype("float64")
    return lambda: optimisers.sgd(params, plain_rnn.bptt(params, x, target), 1e-6)


def product() -> Batch:
    """A product of large float32 matrices."""
    rng = np.random.default_rng(0)
    A, B = (rng.standard_normal((LARGE, LARGE)).astype("float32") for _ in range(2))
    out = np.empty_like(A)
    return lambda: np.dot(A, B, out)


def choices() -> list[str]:
    """The loops that there are on this machine."""
    return ["numpy", "compiled"] if loops.resolve("auto") == "compiled" else ["numpy"]


class Peer:
    """A library of :mod:`benchmarks.libraries` in a process of its own."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        self.version = self._answer()["version"]

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a peer of the benchmark ended: {self._process.wait()}")
        return json.loads(line)

    def _tell(self, **what: object) -> dict:
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def load(self, batch: int, units: int) -> None:
        """Give it the batch, and see that its network is this one."""
        params, x, target = case(batch, units)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "case.npz"
            np.savez(file, **params, x=x, target=target)
            found = self._tell(load=str(file))["b_y"]
        expected = rnn.bptt(params, x, target)["b_y"][:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)

    def milliseconds(self, count: int = COUNT) -> float:
        """Processor time of a batch."""
        return self._tell(run=count)["milliseconds"]


@contextmanager
def peers(python: Path) -> Iterator[tuple[dict[str, Peer], dict[str, str]]]:
    """The peers that can be started with ``python``, and why each of the others cannot."""
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    found, missing = {}, {}
    with ExitStack() as stack:
        for library in PEERS:
            if not python.exists():
                missing[library] = "not installed"
                continue
            log = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = subprocess.Popen(
                [python, "-m", "benchmarks.libraries", library], text=True, cwd=paths.ROOT,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, **one_thread, "JAX_PLATFORMS": "cpu"},
            )  # fmt: skip
            stack.enter_context(process)
            stack.callback(process.stdin.close)
            try:
                found[library] = Peer(process)
            except RuntimeError:
                log.seek(0)
                missing[library] = one_line(log.read().strip().splitlines()[-1])[:120]
        yield found, missing


def batches(rounds: int, others: dict[str, Peer]) -> list[dict]:
    """One entry a size: quartiles of milliseconds of everything that does the batch, in turns."""
    found = []
    with threadpool_limits(1):  # as a worker has
        for batch, units in SIZES:
            work = {"plain": batch_plain(batch, units), "product": product()}
            for choice in choices():
                work[choice] = batch_here(batch, units, choice)
            for peer in others.values():
                peer.load(batch, units)
            times = []
            for _ in range(rounds + 1):
                times.append([milliseconds(each) for each in work.values()])
                times[-1] += [peer.milliseconds() for peer in others.values()]
            quartiles = np.percentile(times[1:], [25, 50, 75], axis=0).T
            named = dict(zip([*work, *others], quartiles.tolist(), strict=True))
            rates = sorted(2 * LARGE**3 / ms / 1e6 for ms in named.pop("product"))
            found.append(
                {
                    "batch": batch, "units": units, "flops": flops(batch, units),
                    "milliseconds": named, "gflops": rates,
                }
            )  # fmt: skip
    return found


def parts(rounds: int) -> list[dict]:
    """One entry a size, loops and part of a batch: median milliseconds.

    The evaluation is that of all 3,600 windows after an epoch, shared out to its batches.
    """
    found = []
    windows = np.random.default_rng(0).standard_normal((STEPS, 600, CHANNELS)).astype("float32")
    label = np.zeros(600, int)
    with threadpool_limits(1):
        for batch, units in SIZES:
            for choice in choices():
                params, x, target = case(batch, units)
                ws = rnn.Workspace(params, STEPS, batch, loops=choice)
                gradient = rnn.bptt(params, x, target, ws)
                times = rounds_of(
                    {
                        "forward": lambda p=params, x=x, ws=ws: rnn.forward(p, x, ws),
                        "bptt": lambda p=params, x=x, t=target, ws=ws: rnn.bptt(p, x, t, ws),
                        "update": lambda p=params, g=gradient: optimisers.sgd(p, g, 1e-6),
                        "evaluation": lambda p=params, c=choice: rnn.predict(
                            p, windows, label, loops=c
                        ),
                    },
                    rounds,
                )
                median = {name: quartiles[1] for name, quartiles in times.items()}
                found += [
                    {"batch": batch, "units": units, "loops": choice, "part": part,
                     "milliseconds": value}
                    for part, value in (
                        ("forward", median["forward"]),
                        ("backward and gradient", median["bptt"] - median["forward"]),
                        ("update", median["update"]),
                        ("evaluation", median["evaluation"] * 3600 / 600 * batch / 3000),
                    )
                ]  # fmt: skip
    return found
