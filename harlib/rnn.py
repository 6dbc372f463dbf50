"""The many-to-many tanh RNN of the report: initial values, forward, BPTT, prediction.

At each of the ``T`` steps, with ``a_0 = 0``::

    a_t = tanh(W_aa a_(t-1) + W_ax x_t + b_a)
    y_t = sigmoid(W_ya a_t + b_y)

Parameters are a plain dict of arrays, with the report's symbols:

=========  =========  ==========================================
``W_aa``   (N, N)     hidden units from hidden units a step before
``W_ax``   (N, K)     hidden units from channels
``W_ya``   (C, N)     classes from hidden units
``b_a``    (N, 1)     bias of the hidden units
``b_y``    (C, 1)     bias of the classes
=========  =========  ==========================================

Sizes: ``T`` steps, ``B`` windows in a batch, ``N`` hidden units, ``K`` channels, ``C`` classes.
Inputs are time-major, ``(T, B, K)``. What ``output``, ``loss_from`` and ``scores_from`` may be, and
mean, is in :class:`harlib.protocol.Protocol`.

:mod:`harlib.plain_rnn` is the same network straight from the equations: read it first. Here the
loops over the steps are those of the buffers that a function computes in (:mod:`harlib.buffers`),
so that another kind of buffers can walk the steps faster.
"""

import numpy as np

from harlib.buffers import OUTPUTS, Buffers, Parameters


def shapes(N: int, K: int, C: int) -> dict[str, tuple[int, int]]:
    """The shape of each parameter, in the order in which they are drawn."""
    return {"W_aa": (N, N), "W_ax": (N, K), "W_ya": (C, N), "b_a": (N, 1), "b_y": (C, 1)}


NAMES = tuple(shapes(1, 1, 1))


def in_a_row(params: Parameters) -> tuple[np.ndarray, Parameters]:
    """A copy of all parameters in one vector, and the same as views into it.

    What changes the vector changes all of them, in one call of NumPy instead of five.
    """
    values = [params[name] for name in NAMES]
    row = np.concatenate([value.ravel() for value in values])
    parts = np.split(row, np.cumsum([value.size for value in values])[:-1])
    return row, {n: part.reshape(params[n].shape) for n, part in zip(NAMES, parts, strict=True)}


def initial_values(
    seed: int,
    hidden_units: int,
    *,
    channels: int = 3,
    classes: int = 6,
    initial: str = "uniform",
    initial_range: float = 0.1,
    dtype: str = "float32",
) -> Parameters:
    """Initial parameters, uniform in ``[-initial_range, initial_range]``, biases too.

    They are drawn in float64 from ``numpy.random.RandomState(seed)`` in the order W_aa, W_ax, W_ya,
    b_a, b_y (report, section II-B), then cast. With ``initial = "orthogonal"`` the biases are then
    set to 0, and ``W_aa`` to the orthogonal factor of a normal matrix that is drawn last.
    """
    rng = np.random.RandomState(seed)  # the legacy generator: its stream never changes
    params = {
        name: rng.uniform(-initial_range, initial_range, shape)
        for name, shape in shapes(hidden_units, channels, classes).items()
    }
    if initial == "orthogonal":
        Q, R = np.linalg.qr(rng.standard_normal((hidden_units, hidden_units)))
        params["W_aa"] = Q * np.sign(np.diag(R))  # the signs make it uniform (Mezzadri, 2007)
        for name in ("b_a", "b_y"):
            params[name][:] = 0
    return {name: value.astype(dtype) for name, value in params.items()}


def forward(
    params: Parameters,
    x: np.ndarray,
    buffers: Buffers | None = None,
    output: str | None = "sigmoid",
) -> tuple[np.ndarray, np.ndarray]:
    """Hidden states and outputs at every step; report, equations (8) to (10) read forwards.

    Parameters
    ----------
    x : (T, B, K)
    buffers : Buffers, optional
        Of the right size; what is returned are views into them.
    output : str or None
        None: leave the arguments ``z_t = W_ya a_t + b_y``.

    Returns
    -------
    a : (T + 1, B, N)
        Hidden states, ``a[0] = 0``.
    y : (T, B, C)
        Outputs; the class scores of a window are ``y[-1]``.
    """
    buffers = buffers or Buffers(params, *x.shape[:2])
    buffers.forward(params, x)
    if output is not None:
        buffers.output(buffers.outputs, output)
    return buffers.states[:, :, : len(params["W_aa"])], buffers.outputs


def bptt(
    params: Parameters,
    x: np.ndarray,
    target: np.ndarray,
    buffers: Buffers | None = None,
    output: str = "sigmoid",
    loss_from: str = "each",
) -> Parameters:
    """Gradient by back-propagation through time; report, equations (1) to (11).

    With the error ``e_t = y_t - target`` at every step (the derivative of the
    binary cross-entropy by the sigmoid's argument: equations (1) to (3))::

        delta_t = (W_ya^T e_t + W_aa^T delta_(t+1)) * (1 - a_t^2)      (6), (7), (11)
        dW_ya = sum_t e_t a_t^T            db_y = sum_t e_t            (4), (5)
        dW_aa = sum_t delta_t a_(t-1)^T    db_a = sum_t delta_t        (8), (9)
        dW_ax = sum_t delta_t x_t^T                                    (10)

    With ``loss_from = "mean"`` there is one output a window, that of the mean over the steps of
    ``W_ya a_t + b_y``, and its loss times ``T`` is what is lowered: ``e_t`` is then the same at
    every step, this output minus the target. Such a network need not know the class at once.

    Parameters
    ----------
    x : (T, B, K)
    target : (B, C)
        One-hot class of each window.

    Returns
    -------
    Parameters
        Derivative by each parameter, summed over the steps, mean over the batch; views into an
        array that the next call with the same buffers may use again.
    """
    _, B, K = x.shape
    N = len(params["W_aa"])
    buffers = buffers or Buffers(params, *x.shape[:2])
    if loss_from == "mean":
        _, e = forward(params, x, buffers, output=None)
        e[:] = OUTPUTS[output](e.mean(axis=0)) - target
    else:
        _, e = forward(params, x, buffers, output)
        e -= target
    gradient = buffers.backward(params)
    gradient /= B
    d_in, d_out = gradient[:N], gradient[N:]
    return {
        "W_aa": d_in[:, :N],
        "W_ax": d_in[:, N + 1 : N + 1 + K],
        "W_ya": d_out[:, :N],
        "b_a": d_in[:, N : N + 1],
        "b_y": d_out[:, N : N + 1],
    }


def predict(
    params: Parameters,
    x: np.ndarray,
    label: np.ndarray,
    *,
    output: str = "sigmoid",
    scores_from: str = "last",
    loss_from: str = "each",
    tile: int = 120,
    buffers: type[Buffers] = Buffers,
) -> tuple[np.ndarray, np.ndarray]:
    """Class scores and the loss of every window; no state is kept.

    Parameters
    ----------
    x : (T, B, K)
    label : int array, (B,)
        Class of each window.
    tile : int
        Windows that go through the steps together: as many as the cache holds.
    buffers : type
        The kind of buffers to compute in.

    Returns
    -------
    scores : (B, C)
    loss : float64 array, (B,)
        ``-sum_t log(y_t[label])``, the categorical cross-entropy of the report; with
        ``loss_from = "mean"``, ``-T log`` of the one output.
    """
    T, B, _ = x.shape
    parts, made = [], {}
    for start in range(0, B, tile):
        chosen = slice(start, min(start + tile, B))
        size = chosen.stop - start
        if size not in made:
            made[size] = buffers(params, T, size, keep=False)
        room = made[size]
        room.forward(params, x[:, chosen])
        z = room.outputs
        middle = z.mean(axis=0, keepdims=True)
        if loss_from == "mean":
            loss = T * room.losses(middle, label[chosen], output)
        else:
            loss = room.losses(z, label[chosen], output)
        scored = {"last": z[-1:], "mean": z, "mean_logit": middle}[scores_from]
        parts.append((room.output(scored, output).mean(axis=0), loss))
    scores, losses = zip(*parts, strict=True)
    return np.concatenate(scores), np.concatenate(losses)
