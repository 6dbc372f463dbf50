"""Checks a gradient against a central difference in random directions."""

from collections.abc import Callable

import numpy as np

from harlib import plain_rnn
from harlib.buffers import Parameters

Loss = Callable[[Parameters], float]


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
    loss: Loss,
    params: Parameters,
    gradient: Parameters,
    *,
    rng: np.random.Generator,
    step: float = 1e-5,
) -> dict[str, float]:
    """Largest relative error of ``gradient`` of ``loss`` (in float64), for each parameter.

    For three random unit directions ``u`` in the space of one parameter, the slope
    ``sum(gradient * u)`` is compared with ``[loss(p + h u) - loss(p - h u)] / 2 h``,
    extrapolated from ``h``, which is ``step``, and ``2 h`` (Richardson): the error is of order h^4.
    """
    worst = {}
    for name, value in params.items():
        errors = []
        for _ in range(3):
            u = rng.standard_normal(value.shape)
            u /= np.linalg.norm(u)

            def difference(h: float, name=name, value=value, u=u) -> float:
                ahead = loss({**params, name: value + h * u})
                behind = loss({**params, name: value - h * u})
                return (ahead - behind) / (2 * h)

            numeric = (4 * difference(step) - difference(2 * step)) / 3
            analytic = float(np.sum(gradient[name] * u))
            # Relative to the gradient's own length: a direction may happen to be flat.
            errors.append(abs(numeric - analytic) / max(np.linalg.norm(gradient[name]), 1e-12))
        worst[name] = max(errors)
    return worst
