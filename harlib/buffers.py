"""Buffers of the network and its output functions: what :mod:`harlib.rnn` computes in.

Sizes are those of :mod:`harlib.rnn`: ``T`` steps, ``B`` windows in a batch, ``N`` hidden units,
``K`` channels, ``C`` classes.
"""

import numpy as np

from harlib.compiled.loops import Loops, aligned, filled

Parameters = dict[str, np.ndarray]


def sigmoid(z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """``1 / (1 + exp(-z))``, element by element, without overflow."""
    # tanh saturates quietly where exp would overflow: sigmoid(z) = (1 + tanh(z / 2)) / 2.
    y = np.multiply(z, 0.5, out=out)
    np.tanh(y, out=y)
    y *= 0.5
    y += 0.5
    return y


def softmax(z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """``exp(z_k) / sum_j exp(z_j)`` along the last axis, without overflow."""
    y = np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)
    return y


#: What turns ``W_ya a_t + b_y`` into ``y_t``. With either one the derivative of its own loss
#: (binary, categorical cross-entropy) by that argument is ``y_t - target``.
OUTPUTS = {"sigmoid": sigmoid, "softmax": softmax}


class Workspace:
    """Buffers for batches of ``batch`` windows, allocated once.

    With ``keep = False`` only the latest states are kept, and nothing that BPTT needs.

    Attributes
    ----------
    states : (T + 1, B, N + 1 + K)
        Row ``t`` holds ``[a_t, 1, x_(t+1)]``; ``a_0 = 0``.
    errors : (T + 1, B, N + C)
        Row ``t`` holds ``[delta_(t+1), e_t]``; ``delta_(T+1) = 0``, ``e_0`` is not used.
        ``e_t`` is the derivative of the loss by ``W_ya a_t + b_y``, ``delta_t`` that by
        the argument of the tanh.
    outputs : (T, B, C)
        ``y_t``, after :func:`bptt` ``e_t``.
    slopes : (T, B, N)
        ``1 - a_t^2``, the derivative of the tanh; with the compiled loops it is never stored.
    compiled : Loops or None
        The compiled loops, if ``loops`` is ``compiled``.

    For the compiled loops ``whole_states`` and ``whole_errors`` have rows that are filled up to
    whole registers; ``states`` and ``errors`` are the part of them that means something.
    """

    def __init__(
        self,
        params: Parameters,
        steps: int,
        batch: int,
        *,
        loops: str = "numpy",
        keep: bool = True,
    ) -> None:
        N, K = params["W_ax"].shape
        C = len(params["W_ya"])
        dtype = params["W_aa"].dtype
        self.outputs = np.empty((steps, batch, C), dtype)
        row, error_row = N + 1 + K, N + C
        self.compiled = None
        if loops == "compiled":
            self.compiled = Loops((batch, N, K, C), dtype)
            row, error_row = filled(row, dtype), filled(error_row, dtype)
            self.gradient = aligned((N + C, row), dtype)
        else:
            self.sums = np.empty((batch, N), dtype)
            self.W_in = np.empty((N + 1 + K, N), dtype)
            self.W_out = np.empty((N + 1, C), dtype)
            self.W_back = np.empty((N + C, N), dtype)
        self.whole_states = aligned((steps + 1 if keep else 2, batch, row), dtype)
        self.states = self.whole_states[:, :, : N + 1 + K]
        self.states[:, :, N] = 1
        if not keep:
            return
        self.whole_errors = aligned((steps + 1, batch, error_row), dtype)
        self.errors = self.whole_errors[:, :, : N + C]
        if self.compiled:
            return
        self.slopes = np.empty((steps, batch, N), dtype)
        # The views that the two loops walk along, so that a step makes none.
        a = self.states[:, :, :N]
        delta = self.errors[:, :, :N]
        self.forward_steps = [(self.states[t], a[t + 1]) for t in range(steps)]
        self.backward_steps = [
            (self.errors[t + 1], self.slopes[t], delta[t]) for t in reversed(range(steps))
        ]

    def output(self, z: np.ndarray, output: str) -> np.ndarray:
        """What ``output``, one of :data:`OUTPUTS`, makes of ``z`` (T, B, C), in its place."""
        if not self.compiled:
            return OUTPUTS[output](z, z)
        self.compiled.outputs(z, output)
        return z

    def pack(self, params: Parameters) -> None:
        """Lay the parameters out as the three matrices that the products need."""
        N = len(params["W_aa"])
        self.W_in[:N] = params["W_aa"].T
        self.W_in[N] = params["b_a"][:, 0]
        self.W_in[N + 1 :] = params["W_ax"].T
        self.W_out[:N] = params["W_ya"].T
        self.W_out[N] = params["b_y"][:, 0]
        self.W_back[:N] = params["W_aa"]
        self.W_back[N:] = params["W_ya"]
