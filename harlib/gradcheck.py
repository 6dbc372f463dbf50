"""Checks a gradient against finite differences in random directions."""

from collections.abc import Callable

import numpy as np
from scipy.differentiate import derivative

from harlib import plain_rnn
from harlib.buffers import Parameters


def binary_cross_entropy(params: Parameters, x: np.ndarray, target: np.ndarray) -> float:
    """The loss whose gradient :func:`harlib.rnn.bptt` gives, in float64.

    ``-sum_t sum_c [target log(y_t) + (1 - target) log(1 - y_t)]``, mean over the batch.
    ``x`` is (T, B, K), ``target`` (B, C). Computed by :mod:`harlib.plain_rnn`, apart from
    :mod:`harlib.rnn`, so that it can judge it.
    """
    _, y = plain_rnn.forward(params, x)
    likelihood = target.T * np.log(y) + (1 - target.T) * np.log1p(-np.array(y))
    return -float(np.sum(likelihood) / x.shape[1])


def relative_errors(
    loss: Callable[[Parameters], float],
    params: Parameters,
    gradient: Parameters,
    *,
    rng: np.random.Generator,
    step: float = 1e-5,
) -> dict[str, float]:
    """Largest relative error of ``gradient`` of ``loss`` (in float64), for each parameter.

    For three random unit directions ``u`` in the space of one parameter, the slope
    ``sum(gradient * u)`` is compared with what SciPy finds from ``loss(p + h u)``, ``|h| <= step``.
    """
    worst = {}
    for name, value in params.items():
        errors = []
        for _ in range(3):
            u = rng.standard_normal(value.shape)
            u /= np.linalg.norm(u)

            @np.vectorize
            def along(h: float, name=name, value=value, u=u) -> float:
                return loss({**params, name: value + h * u})

            numeric = derivative(along, 0.0, initial_step=step, maxiter=1).df
            errors.append(abs(numeric - np.sum(gradient[name] * u)))
        # Relative to the gradient's own length: a direction may happen to be flat.
        worst[name] = max(errors) / max(np.linalg.norm(gradient[name]), 1e-12)
    return worst
