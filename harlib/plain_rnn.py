"""The network straight from the equations: read this first.

At each step, with ``a_0 = 0``: ``a_t = tanh(W_aa a_(t-1) + W_ax x_t + b_a)`` and
``y_t = sigmoid(W_ya a_t + b_y)``. Sizes: ``T`` steps, ``B`` windows in a batch, ``N`` hidden units,
``K`` channels, ``C`` classes. :mod:`harlib.rnn` is the same, fast; this one judges it in the tests,
and is what `make bench` measures it against. A product for every term at every step, as the
report's own program does it.
"""

import numpy as np

from harlib.buffers import Parameters


def forward(params: Parameters, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Hidden states ``a_0 .. a_T``, each (N, B), and outputs ``y_1 .. y_T``, each (C, B).

    ``x`` is (T, B, K).
    """
    a = [np.zeros((len(params["W_aa"]), x.shape[1]))]
    y = []
    for x_t in x:
        a.append(np.tanh(params["W_aa"] @ a[-1] + params["W_ax"] @ x_t.T + params["b_a"]))
        y.append(1 / (1 + np.exp(-(params["W_ya"] @ a[-1] + params["b_y"]))))
    return a, y


def bptt(params: Parameters, x: np.ndarray, target: np.ndarray) -> Parameters:
    """Gradient as :func:`harlib.rnn.bptt` gives it; ``x`` (T, B, K), ``target`` (B, C)."""
    a, y = forward(params, x)
    gradient = {name: np.zeros_like(value) for name, value in params.items()}
    from_later = np.zeros_like(a[0])
    for t in reversed(range(len(x))):
        error = y[t] - target.T
        gradient["W_ya"] += error @ a[t + 1].T
        gradient["b_y"] += error.sum(axis=1, keepdims=True)
        delta = (params["W_ya"].T @ error + from_later) * (1 - a[t + 1] ** 2)
        gradient["W_aa"] += delta @ a[t].T
        gradient["W_ax"] += delta @ x[t]
        gradient["b_a"] += delta.sum(axis=1, keepdims=True)
        from_later = params["W_aa"].T @ delta
    return {name: value / x.shape[1] for name, value in gradient.items()}
