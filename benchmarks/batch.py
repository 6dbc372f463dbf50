"""What ``make bench`` measures of one batch: this network beside others, on the same core.

All of them do the same work in turns, round by round, so that whatever else the machine does hits
all; the ratios are what counts. Times are processor time of one thread: that of a clock on the
wall where nothing else runs, and still right where something does.
"""

import time
import timeit
from collections.abc import Callable, Hashable, Iterable
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import flops, libraries
from benchmarks.flops import SIZES, STEPS
from benchmarks.libraries import RATE, Batch
from harlib import optimisers, plain_rnn, rnn
from harlib.compiled import loops

#: Side of the square matrices whose product says what the machine can do.
LARGE = 1024
#: What is measured is done so many times in a row.
COUNT = 3
#: Batches that are held against others': training does hundreds in a row, and the first few wait
#: for what the others have pushed out of the cache.
BATCHES = 20
#: An evaluation goes over 3,600 windows after an epoch of 3,000; it is measured on fewer.
SAMPLE = 600


def choices() -> list[str]:
    """The loops that there are on this machine."""
    return ["numpy", "compiled"] if loops.resolve("auto") == "compiled" else ["numpy"]


def rounds_of(work: dict[Hashable, Callable[[], float]], rounds: int) -> dict[Hashable, np.ndarray]:
    """Milliseconds in each round, measured in turns after one round that does not count."""
    times = [[measure() for measure in work.values()] for _ in range(rounds + 1)][1:]
    return dict(zip(work, np.transpose(times), strict=True))


def timed(work: Batch, count: int = COUNT) -> Callable[[], float]:
    """What measures ``work``: processor time in milliseconds, of one of ``count`` in a row."""
    timer = timeit.Timer(work, timer=time.process_time)
    return lambda: 1e3 * timer.timeit(count) / count


def case(
    windows: int, units: int, steps: int = STEPS
) -> tuple[rnn.Parameters, np.ndarray, np.ndarray]:
    """Parameters, ``x`` and ``target`` of one batch, float32."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((steps, windows, flops.CHANNELS)).astype("float32")
    target = np.eye(flops.CLASSES, dtype="float32")[rng.integers(0, flops.CLASSES, windows)]
    return rnn.initial_values(0, units), x, target


def batch_here(windows: int, units: int, choice: str, steps: int = STEPS) -> Batch:
    """A batch of training, gradient and update, with the loops of ``choice``."""
    params, x, target = case(windows, units, steps)
    kept = loops.BUFFERS[choice](params, steps, windows)
    return lambda: optimisers.sgd(params, rnn.bptt(params, x, target, kept), RATE)


def batch_plain(windows: int, units: int) -> Batch:
    """The same by the plain loop, in float64 as the report's."""
    params, x, target = case(windows, units)
    params = {name: value.astype("float64") for name, value in params.items()}
    x, target = x.astype("float64"), target.astype("float64")
    return lambda: optimisers.sgd(params, plain_rnn.bptt(params, x, target), RATE)


def batch_of(library: str, windows: int, units: int) -> Batch:
    """The same by one of :data:`libraries.BATCHES`, whose network is first seen to be this one."""
    params, x, target = case(windows, units)
    batch, found = libraries.BATCHES[library](params, x, target)
    expected = rnn.bptt(params, x, target)["b_y"][:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    return batch


def product() -> Batch:
    """A product of large float32 matrices."""
    A, B = np.random.default_rng(0).standard_normal((2, LARGE, LARGE)).astype("float32")
    return partial(np.dot, A, B, np.empty_like(A))


def product_rates(times: np.ndarray) -> list[float]:
    """GFLOP/s of products that took these milliseconds, in order of size."""
    return np.sort(2 * LARGE**3 / times / 1e6).tolist()


@threadpool_limits.wrap(limits=1)  # as a worker has
def batches(rounds: int, others: Iterable[str]) -> list[dict]:
    """One entry a size: quartiles of milliseconds of everything that does the batch, in turns."""
    found = []
    for windows, units in SIZES:
        work = {"plain": timed(batch_plain(windows, units), BATCHES), "product": timed(product())}
        for choice in choices():
            work[choice] = timed(batch_here(windows, units, choice), BATCHES)
        for library in others:
            work[library] = timed(batch_of(library, windows, units), BATCHES)
        times = rounds_of(work, rounds)
        rates = product_rates(times.pop("product"))
        quartiles = {name: np.percentile(ms, [25, 50, 75]).tolist() for name, ms in times.items()}
        found.append(
            {
                "batch": windows, "units": units, "flops": flops.batch(windows, units),
                "milliseconds": quartiles, "gflops": rates,
            }
        )  # fmt: skip
    return found


@threadpool_limits.wrap(limits=1)
def parts(rounds: int) -> list[dict]:
    """One entry a size, loops and part of a batch: median milliseconds.

    The evaluation is that of all windows after an epoch, shared out to its batches.
    """
    found = []
    share = flops.EVALUATED / SAMPLE / flops.TRAINED
    for windows, units in SIZES:
        _, others, target = case(SAMPLE, units)
        label = target.argmax(axis=1)
        for choice in choices():
            params, x, goal = case(windows, units)
            kind = loops.BUFFERS[choice]
            kept = kind(params, STEPS, windows)
            gradient = rnn.bptt(params, x, goal, kept)
            work = {
                "forward": partial(rnn.forward, params, x, kept),
                "backward and gradient": partial(rnn.bptt, params, x, goal, kept),
                "update": partial(optimisers.sgd, params, gradient, RATE),
                "evaluation": partial(rnn.predict, params, others, label, buffers=kind),
            }
            times = rounds_of({name: timed(each) for name, each in work.items()}, rounds)
            ms = {name: float(np.median(each)) for name, each in times.items()}
            ms["backward and gradient"] -= ms["forward"]  # which bptt begins with
            ms["evaluation"] *= share * windows
            size = {"batch": windows, "units": units, "loops": choice}
            found += [{**size, "part": part, "milliseconds": ms[part]} for part in work]
    return found
