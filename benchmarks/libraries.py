"""The same batch of training in PyTorch and in JAX, which ``make bench`` measures ours beside.

Neither is a requirement of this project: ``make bench`` runs in an environment of its own, with
``workflow/requirements-bench.txt``, and they are loaded where they are asked for.

Each function of :data:`BATCHES` takes the five parameters, ``x`` (T, B, K) and ``target`` (B, C),
all float32. It gives a batch of training, gradient and update, and the derivative by ``b_y`` that
its first one had, (C,), which shows that it is the same network.
"""

import importlib
import os
from collections.abc import Callable

import numpy as np

from harlib.errors import one_line

RATE = 1e-6  # of learning: the numbers stay what they are

Batch = Callable[[], object]


def torch_batch(
    params: dict[str, np.ndarray], x: np.ndarray, target: np.ndarray
) -> tuple[Batch, np.ndarray]:
    """``nn.RNN`` with autograd, binary cross-entropy at every step, gradient descent."""
    import torch

    torch.set_num_threads(1)
    (N, K), C = params["W_ax"].shape, len(params["W_ya"])
    rnn, out = torch.nn.RNN(K, N), torch.nn.Linear(N, C)
    no_bias = np.zeros(N, "float32")  # nn.RNN has two; one is enough
    with torch.no_grad():
        for part, value in (
            (rnn.weight_hh_l0, params["W_aa"]), (rnn.weight_ih_l0, params["W_ax"]),
            (rnn.bias_ih_l0, params["b_a"][:, 0]), (rnn.bias_hh_l0, no_bias),
            (out.weight, params["W_ya"]), (out.bias, params["b_y"][:, 0]),
        ):  # fmt: skip
            part.copy_(torch.from_numpy(value))
    optimiser = torch.optim.SGD([*rnn.parameters(), *out.parameters()], RATE)
    loss_of = torch.nn.BCEWithLogitsLoss(reduction="sum")
    x, target = torch.from_numpy(x), torch.from_numpy(target)
    every = target.expand(len(x), -1, -1)

    def batch() -> None:
        optimiser.zero_grad()
        (loss_of(out(rnn(x)[0]), every) / x.shape[1]).backward()
        optimiser.step()

    batch()
    return batch, out.bias.grad.numpy().copy()


def jax_batch(
    params: dict[str, np.ndarray], x: np.ndarray, target: np.ndarray
) -> tuple[Batch, np.ndarray]:
    """``lax.scan`` over the steps, its gradient and the update in one jitted function."""
    import jax
    import jax.numpy as jnp

    params, x, target = jax.tree.map(jnp.array, (params, x, target))

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

    return batch, np.array(batch()["b_y"])[:, 0]


BATCHES = {"torch": torch_batch, "jax": jax_batch}


def versions() -> tuple[dict[str, str], dict[str, str]]:
    """Versions of the libraries that can be loaded, and why each of the others cannot."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault(
        "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )
    found, missing = {}, {}
    for library in BATCHES:
        try:
            found[library] = str(importlib.import_module(library).__version__)
        except (ImportError, OSError) as error:
            absent = getattr(error, "name", None) == library
            missing[library] = "not installed" if absent else one_line(error)[:120]
    return found, missing
