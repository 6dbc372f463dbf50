"""``make bench``: one batch of training, this network against a plain loop, on the same core.

Both do the same work in the same process, in turns, so that whatever else the
machine does hits both; the ratio is what counts, not the milliseconds.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from harlib import optim, plain, provenance, rnn

#: (batch size, hidden units) of the eight runs.
SIZES = ((10, 50), (30, 50), (10, 100), (30, 100))
STEPS = 150


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def measure(batch: int, hidden_units: int, rounds: int = 40) -> dict[str, float]:
    """Median milliseconds of one batch (gradient and update), plain and here, and their ratio."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((STEPS, batch, 3))
    target = np.eye(6)[rng.integers(0, 6, batch)]
    slow = rnn.initial_values(0, hidden_units, dtype="float64")
    fast = rnn.initial_values(0, hidden_units)
    x32, target32 = x.astype("float32"), target.astype("float32")
    workspace = rnn.Workspace(fast, STEPS, batch)

    def plain_batch() -> None:
        optim.sgd(slow, plain.bptt(slow, x, target), 1e-6)

    def batch_here() -> None:
        optim.sgd(fast, rnn.bptt(fast, x32, target32, workspace), 1e-6)

    times = np.array(
        [(_milliseconds(plain_batch), _milliseconds(batch_here)) for _ in range(rounds)]
    )
    slow_ms, fast_ms = np.median(times, axis=0)
    return {
        "batch": batch,
        "units": hidden_units,
        "plain loop, float64 (ms)": slow_ms,
        "harlib, float32 (ms)": fast_ms,
        "times faster": slow_ms / fast_ms,
    }


def main() -> None:
    """Print the table."""
    machine = provenance.machine()
    print(f"One batch of {STEPS} steps: median of 40 interleaved rounds, one BLAS thread.")
    print(f"{machine['processor']}, {machine['cores']} cores, {machine['blas']}\n")
    with threadpool_limits(1):  # as a worker has
        rows = [measure(*size) for size in SIZES]
    print(pd.DataFrame(rows).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
