"""The arrays that the network computes in, and the two walks along the steps.

Sizes are those of :mod:`harlib.rnn`: ``T`` steps, ``B`` windows in a batch, ``N`` hidden units,
``K`` channels, ``C`` classes.

Only what is sequential stays in a loop over steps. A row of the states holds ``[a_(t-1), 1, x_t]``,
so one product with ``[W_aa, b_a, W_ax]`` gives everything inside the tanh; a row of the errors
holds ``[delta_(t+1), e_t]``, so one product with ``[W_aa; W_ya]`` gives everything that reaches
``a_t``. A step is one product and one tanh forward, one product and one multiplication back; all
the rest is done once for all steps.
"""

import math

import numpy as np

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


#: Bytes of a line of the cache, on the processors of the day; at least those of a register.
_LINE = 64


def aligned(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Zeros that begin at a line of the cache, so that no register is filled from two lines."""
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    room = np.zeros(size + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    return room[start : start + size].view(dtype).reshape(shape)


class Buffers:
    """Buffers for batches of ``batch`` windows, allocated once.

    With ``keep = False`` only the latest states are kept, and nothing that BPTT needs.

    Attributes
    ----------
    states : (T + 1, B, N + 1 + K)
        Row ``t`` holds ``[a_t, 1, x_(t+1)]``; ``a_0 = 0``.
    outputs : (T, B, C)
        ``z_t = W_ya a_t + b_y``, then ``y_t``; after :meth:`backward` ``e_t``.
    errors : (T + 1, B, N + C)
        Row ``t`` holds ``[delta_(t+1), e_t]``; ``delta_(T+1) = 0``, ``e_0`` is not used.
        ``e_t`` is the derivative of the loss by ``z_t``, ``delta_t`` that by the argument of the
        tanh.
    """

    def __init__(self, params: Parameters, steps: int, batch: int, *, keep: bool = True) -> None:
        N, K = params["W_ax"].shape
        C = len(params["W_ya"])
        dtype = params["W_aa"].dtype
        self.keep = keep
        self.outputs = np.empty((steps, batch, C), dtype)
        self.states = aligned((steps + 1 if keep else 1, batch, N + 1 + K), dtype)
        self.states[:, :, N] = 1
        self.sums = np.empty((batch, N), dtype)
        self.W_in = np.empty((N + 1 + K, N), dtype)
        self.W_out = np.empty((N + 1, C), dtype)
        self.W_back = np.empty((N + C, N), dtype)
        if not keep:
            return
        self.errors = aligned((steps + 1, batch, N + C), dtype)
        self.slopes = np.empty((steps, batch, N), dtype)  # 1 - a_t^2
        # The views that the two loops walk along, so that a step makes none.
        a = self.states[:, :, :N]
        delta = self.errors[:, :, :N]
        self.forward_steps = [(self.states[t], a[t + 1]) for t in range(steps)]
        self.backward_steps = [
            (self.errors[t + 1], self.slopes[t], delta[t]) for t in reversed(range(steps))
        ]

    def forward(self, params: Parameters, x: np.ndarray) -> None:
        """Fill ``states`` and, with ``z_t``, ``outputs`` from the inputs ``x`` (T, B, K)."""
        T, B, _ = x.shape
        N = len(params["W_aa"])
        self._lay_out(params)
        if not self.keep:
            self._forward_in_place(x, N)
            return
        self.states[:T, :, N + 1 :] = x
        dot, tanh, sums, W_in = np.dot, np.tanh, self.sums, self.W_in
        for state, a_t in self.forward_steps:
            dot(state, W_in, sums)
            tanh(sums, a_t)
        rows = self.states.reshape((T + 1) * B, -1)
        dot(rows[B:, : N + 1], self.W_out, self.outputs.reshape(T * B, -1))

    def _forward_in_place(self, x: np.ndarray, N: int) -> None:
        """The same where only the latest states are kept."""
        state = self.states[0]
        state[:, :N] = 0
        a, a_and_1, x_t = state[:, :N], state[:, : N + 1], state[:, N + 1 :]
        dot, tanh, sums, W_in, W_out = np.dot, np.tanh, self.sums, self.W_in, self.W_out
        for x_in, z_t in zip(x, self.outputs, strict=True):
            x_t[...] = x_in
            dot(state, W_in, sums)
            tanh(sums, a)
            dot(a_and_1, W_out, z_t)

    def backward(self, params: Parameters) -> np.ndarray:
        """Walk back from the errors ``e_t`` in ``outputs``, after :meth:`forward`.

        Returns
        -------
        (N + C, N + 1 + K)
            ``[[dW_aa, db_a, dW_ax], [dW_ya, db_y, ...]]``, summed over steps and windows.
        """
        N = len(params["W_aa"])
        a = self.states[1:, :, :N]
        self.errors[1:, :, N:] = self.outputs
        np.multiply(a, a, out=self.slopes)
        np.subtract(1, self.slopes, out=self.slopes)
        dot, multiply, sums, W_back = np.dot, np.multiply, self.sums, self.W_back
        for error, slope, delta_t in self.backward_steps:
            dot(error, W_back, sums)
            multiply(sums, slope, delta_t)
        # Row t of the errors, [delta_(t+1), e_t], belongs to row t of the states,
        # [a_t, 1, x_(t+1)]: one product sums all that the five gradients need.
        rows = self.errors.shape[0] * self.errors.shape[1]
        return self.errors.reshape(rows, -1).T @ self.states.reshape(rows, -1)

    def output(self, z: np.ndarray, output: str) -> np.ndarray:
        """What ``output``, one of :data:`OUTPUTS`, makes of ``z`` (T, B, C), in its place."""
        return OUTPUTS[output](z, z)

    def losses(self, z: np.ndarray, label: np.ndarray, output: str) -> np.ndarray:
        """``-sum_t log(y_t[label])`` from the output's arguments ``z`` (T, B, C): float64 (B,)."""
        z_label = z[:, np.arange(len(label)), label].astype(np.float64)
        if output == "sigmoid":
            # -log(sigmoid(z)) = log(1 + exp(-z)), written so that exp never overflows.
            factors, rest = 1 + np.exp(-np.abs(z_label)), np.maximum(-z_label, 0)
        else:
            top = z.max(axis=-1).astype(np.float64)
            factors, rest = np.exp(z - top[..., None]).sum(axis=-1), top - z_label
        # A sum of logarithms is that of a product; of 64 factors, long before it is too large.
        products = np.multiply.reduceat(factors, np.arange(0, len(factors), 64))
        return np.log(products).sum(0) + rest.sum(0)

    def _lay_out(self, params: Parameters) -> None:
        """Lay the parameters out as the three matrices that the products need."""
        N = len(params["W_aa"])
        self.W_in[:N] = params["W_aa"].T
        self.W_in[N] = params["b_a"][:, 0]
        self.W_in[N + 1 :] = params["W_ax"].T
        self.W_out[:N] = params["W_ya"].T
        self.W_out[N] = params["b_y"][:, 0]
        self.W_back[:N] = params["W_aa"]
        self.W_back[N:] = params["W_ya"]
