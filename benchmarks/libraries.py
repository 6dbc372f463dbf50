"""The same batch of training in another library, for the benchmark: one process, told by lines.

``python -m benchmarks.libraries torch`` (or ``jax``) reads JSON lines: ``{"load": FILE}``, an
``.npz`` with parameters, ``x`` (T, B, K) and ``target`` (B, C), answered by the derivative by
``b_y`` that its first batch has, which shows that it is the same network; and ``{"run": COUNT}``,
answered by the milliseconds of a batch. It runs in an environment of its own
(``requirements-bench.txt``) and imports nothing else of this project.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

import numpy as np

RATE = 1e-6  # of learning: the numbers stay what they are


def torch_batch(given: dict[str, np.ndarray]) -> tuple[Callable[[], object], list[float]]:
    """``nn.RNN`` with autograd, binary cross-entropy at every step, gradient descent."""
    import torch

    torch.set_num_threads(1)
    (N, K), C = given["W_ax"].shape, len(given["W_ya"])
    rnn, out = torch.nn.RNN(K, N), torch.nn.Linear(N, C)
    no_bias = np.zeros(N, "float32")  # nn.RNN has two; one is enough
    with torch.no_grad():
        for part, value in (
            (rnn.weight_hh_l0, given["W_aa"]), (rnn.weight_ih_l0, given["W_ax"]),
            (rnn.bias_ih_l0, given["b_a"][:, 0]), (rnn.bias_hh_l0, no_bias),
            (out.weight, given["W_ya"]), (out.bias, given["b_y"][:, 0]),
        ):  # fmt: skip
            part.copy_(torch.from_numpy(value))
    params = [*rnn.parameters(), *out.parameters()]
    optimiser = torch.optim.SGD(params, RATE)
    loss_of = torch.nn.BCEWithLogitsLoss(reduction="sum")
    x, target = torch.from_numpy(given["x"]), torch.from_numpy(given["target"])
    every = target.expand(len(x), -1, -1)

    def batch() -> None:
        optimiser.zero_grad()
        (loss_of(out(rnn(x)[0]), every) / x.shape[1]).backward()
        optimiser.step()

    batch()
    return batch, out.bias.grad.tolist()


def jax_batch(given: dict[str, np.ndarray]) -> tuple[Callable[[], object], list[float]]:
    """``lax.scan`` over the steps, its gradient and the update in one jitted function."""
    import jax
    import jax.numpy as jnp

    x, target = jnp.asarray(given["x"]), jnp.asarray(given["target"])
    params = {name: jnp.asarray(given[name]) for name in ("W_aa", "W_ax", "W_ya", "b_a", "b_y")}

    def loss(p: dict, x: jax.Array, target: jax.Array) -> jax.Array:
        def step(a: jax.Array, x_t: jax.Array) -> tuple[jax.Array, jax.Array]:
            a = jnp.tanh(a @ p["W_aa"].T + x_t @ p["W_ax"].T + p["b_a"][:, 0])
            return a, a

        start = jnp.zeros((x.shape[1], len(p["W_aa"])), x.dtype)
        _, a = jax.lax.scan(step, start, x)
        z = a @ p["W_ya"].T + p["b_y"][:, 0]
        return jnp.sum(jnp.logaddexp(0, z) - target * z) / x.shape[1]

    @jax.jit
    def update(p: dict, x: jax.Array, target: jax.Array) -> tuple[dict, dict]:
        gradient = jax.grad(loss)(p, x, target)
        return jax.tree.map(lambda w, d: w - RATE * d, p, gradient), gradient

    def batch() -> dict:
        nonlocal params
        params, gradient = update(params, x, target)
        jax.block_until_ready(params)
        return gradient

    return batch, np.asarray(batch()["b_y"])[:, 0].tolist()


def version(library: str) -> str:
    """Version of the library; an ImportError if it is not there."""
    return str(__import__(library).__version__)


def serve(library: str, lines: TextIO, answers: TextIO) -> None:
    """Answer every line."""

    def answer(content: object) -> None:
        print(json.dumps(content), file=answers, flush=True)

    answer({"version": version(library)})
    batch: Callable[[], object] = dict
    for line in lines:
        told = json.loads(line)
        if "load" in told:
            with np.load(told["load"]) as file:
                batch, bias = {"torch": torch_batch, "jax": jax_batch}[library](dict(file))
            answer({"b_y": bias})
        else:
            start = time.process_time()
            for _ in range(told["run"]):
                batch()
            answer({"milliseconds": 1e3 * (time.process_time() - start) / told["run"]})


if __name__ == "__main__":
    os.environ.setdefault(
        "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )
    serve(sys.argv[1], sys.stdin, sys.stdout)
