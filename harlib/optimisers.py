"""How parameters move along a gradient: one function an optimiser, all in place.

Each takes the parameters, the gradient, the learning rate ``step``, and ``memory``: arrays that
it keeps from update to update, by name; empty before the first one.
"""

import math
from collections.abc import Callable

import numpy as np

from harlib.buffers import Parameters

Memory = dict[str, np.ndarray]


def _kept(memory: Memory, name: str, like: np.ndarray) -> np.ndarray:
    """The array that ``memory`` keeps by this name; zeros, in the shape of ``like``, at first."""
    if name not in memory:
        memory[name] = np.zeros_like(like)
    return memory[name]


def sgd(
    params: Parameters, gradient: Parameters, step: float, memory: Memory | None = None
) -> None:
    """Plain gradient descent: ``W := W - step * dW``; report, equations (12), (13)."""
    for name, value in params.items():
        change = gradient[name]
        change *= step
        value -= change


def momentum(params: Parameters, gradient: Parameters, step: float, memory: Memory) -> None:
    """Heavy ball: ``v := 0.9 v + dW; W := W - step v`` (Polyak, 1964)."""
    for name, value in params.items():
        velocity = _kept(memory, f"velocity.{name}", value)
        velocity *= 0.9
        velocity += gradient[name]
        value -= step * velocity


def adam(params: Parameters, gradient: Parameters, step: float, memory: Memory) -> None:
    """Adam (Kingma and Ba, 2015, algorithm 1)::

    m := beta1 m + (1 - beta1) dW            m^ = m / (1 - beta1^t)
    v := beta2 v + (1 - beta2) dW^2          v^ = v / (1 - beta2^t)
    W := W - step m^ / (sqrt(v^) + epsilon)
    """
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8  # as proposed there
    t = _kept(memory, "t", np.zeros((), np.int64))
    t += 1
    # Both corrections in one factor of the step, and one of epsilon (ibid., section 2).
    root = math.sqrt(1 - beta2 ** int(t))
    step = step * root / (1 - beta1 ** int(t))
    for name, value in params.items():
        m = _kept(memory, f"m.{name}", value)
        v = _kept(memory, f"v.{name}", value)
        m += (1 - beta1) * (gradient[name] - m)
        v += (1 - beta2) * (gradient[name] ** 2 - v)
        value -= step * m / (np.sqrt(v) + epsilon * root)


def decay(params: Parameters, part: float) -> None:
    """Take ``part`` of every weight off it; biases stay.

    Apart from the gradient, so that it means the same with every optimiser (decoupled weight
    decay: Loshchilov and Hutter, 2019).
    """
    for name in ("W_aa", "W_ax", "W_ya"):
        params[name] *= 1 - part


def average(params: Parameters, memory: Memory, keep: float) -> None:
    """Move the average of the parameters on: ``avg := keep avg + (1 - keep) W``.

    The average over the updates instead of the last of them (Polyak and Juditsky, 1992), here
    with weights that fade. It begins at the first parameters it is given.
    """
    for name, value in params.items():
        mean = memory.setdefault(f"average.{name}", value.copy())
        mean += (1 - keep) * (value - mean)


def averaged(params: Parameters, memory: Memory) -> Parameters:
    """The average that :func:`average` keeps; the parameters themselves before the first."""
    return {name: memory.get(f"average.{name}", value) for name, value in params.items()}


OPTIMISERS: dict[str, Callable] = {"sgd": sgd, "momentum": momentum, "adam": adam}


def clip(gradient: Parameters, largest: float) -> None:
    """Shorten the gradient, all parameters together, to the length ``largest`` (Pascanu, 2013)."""
    length = math.sqrt(sum(float(np.sum(part**2)) for part in gradient.values()))
    if length > largest:
        for part in gradient.values():
            part *= largest / length


def cosine(epoch: int, epochs: int) -> float:
    """Factor of the learning rate in ``epoch`` of 1..epochs: from 1 towards 0, half a cosine.

    After Loshchilov and Hutter (2017), without restarts.
    """
    return 0.5 * (1 + math.cos(math.pi * (epoch - 1) / epochs))
