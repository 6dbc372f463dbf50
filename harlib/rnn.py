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

Sizes: ``T`` steps, ``B`` windows in a batch, ``N`` hidden units, ``K``
channels, ``C`` classes. Inputs are time-major, ``(T, B, K)``.

Only what is sequential stays in a loop over steps. A row of the state buffer
holds ``[a_(t-1), 1, x_t]``, so one product with ``[W_aa, b_a, W_ax]`` gives
everything inside the tanh; a row of the error buffer holds
``[delta_(t+1), e_t]``, so one product with ``[W_aa; W_ya]`` gives everything
that reaches ``a_t``. A step is one product and one tanh forward, one product
and one multiplication back; all the rest is done once for all steps. The same
exists compiled, in :mod:`harlib.compiled.loops`.
"""

import numpy as np

from harlib.buffers import OUTPUTS, Parameters, Workspace, sigmoid, softmax

__all__ = [
    "NAMES", "OUTPUTS", "Parameters", "Workspace", "bptt", "forward", "initial_values", "predict",
    "sigmoid", "softmax",
]  # fmt: skip

NAMES = ("W_aa", "W_ax", "W_ya", "b_a", "b_y")


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

    They are drawn in float64 from ``numpy.random.RandomState(seed)`` in the
    order W_aa, W_ax, W_ya, b_a, b_y (report, section II-B), then cast. With
    ``initial = "orthogonal"`` the biases are then set to 0, and ``W_aa`` to the
    orthogonal factor of a normal matrix that is drawn last.
    """
    rng = np.random.RandomState(seed)  # the legacy generator: its stream never changes
    shapes = {
        "W_aa": (hidden_units, hidden_units),
        "W_ax": (hidden_units, channels),
        "W_ya": (classes, hidden_units),
        "b_a": (hidden_units, 1),
        "b_y": (classes, 1),
    }
    params = {
        name: rng.uniform(-initial_range, initial_range, shape) for name, shape in shapes.items()
    }
    if initial == "orthogonal":
        Q, R = np.linalg.qr(rng.standard_normal(shapes["W_aa"]))
        params["W_aa"] = Q * np.sign(np.diag(R))  # the signs make it uniform (Mezzadri, 2007)
        for name in ("b_a", "b_y"):
            params[name][:] = 0
    return {name: value.astype(dtype) for name, value in params.items()}


def forward(
    params: Parameters,
    x: np.ndarray,
    workspace: Workspace | None = None,
    output: str | None = "sigmoid",
) -> tuple[np.ndarray, np.ndarray]:
    """Hidden states and outputs at every step; report, equations (8) to (10) read forwards.

    Parameters
    ----------
    x : (T, B, K)
    workspace : Workspace, optional
        Buffers of the right size; what is returned are views into them.
    output : str or None
        One of :data:`OUTPUTS`; the report's network has the sigmoid. None: leave the arguments.

    Returns
    -------
    a : (T + 1, B, N)
        Hidden states, ``a[0] = 0``.
    y : (T, B, C)
        Outputs; the class scores of a window are ``y[-1]``.
    """
    T, B, _ = x.shape
    N = len(params["W_aa"])
    ws = workspace or Workspace(params, T, B)
    if ws.compiled:
        ws.compiled.forward(params, x, ws.whole_states, ws.outputs)
    else:
        ws.pack(params)
        ws.states[:T, :, N + 1 :] = x
        dot, tanh, sums, W_in = np.dot, np.tanh, ws.sums, ws.W_in
        for state, a_t in ws.forward_steps:
            dot(state, W_in, sums)
            tanh(sums, a_t)
        rows = ws.states.reshape((T + 1) * B, -1)
        dot(rows[B:, : N + 1], ws.W_out, ws.outputs.reshape(T * B, -1))
    if output is not None:
        ws.output(ws.outputs, output)
    return ws.states[:, :, :N], ws.outputs


def bptt(
    params: Parameters,
    x: np.ndarray,
    target: np.ndarray,
    workspace: Workspace | None = None,
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
    output : str
        One of :data:`OUTPUTS`.
    loss_from : str
        ``each`` step, as in the report, or the ``mean`` over the steps.

    Returns
    -------
    Parameters
        Derivative by each parameter, summed over the steps, mean over the batch; with the compiled
        loops views into the workspace.
    """
    T, B, K = x.shape
    N = len(params["W_aa"])
    ws = workspace or Workspace(params, T, B)
    if loss_from == "mean":
        a, z = forward(params, x, ws, None)
        e = ws.outputs
        e[:] = OUTPUTS[output](z.mean(axis=0)) - target
    else:
        a, y = forward(params, x, ws, output)
        e = np.subtract(y, target, out=y)
    if ws.compiled:
        ws.compiled.backward(params, ws.whole_states, e, ws.whole_errors, ws.gradient)
        gradient = ws.gradient
    else:
        ws.errors[1:, :, N:] = e
        np.multiply(a[1:], a[1:], out=ws.slopes)
        np.subtract(1, ws.slopes, out=ws.slopes)
        dot, multiply, sums, W_back = np.dot, np.multiply, ws.sums, ws.W_back
        for error, slope, delta_t in ws.backward_steps:
            dot(error, W_back, sums)
            multiply(sums, slope, delta_t)
        # Row t of the errors, [delta_(t+1), e_t], belongs to row t of the states,
        # [a_t, 1, x_(t+1)]: one product sums all that the five gradients need over steps and
        # windows.
        rows = (T + 1) * B
        gradient = ws.errors.reshape(rows, -1).T @ ws.states.reshape(rows, -1)
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
    loops: str = "numpy",
) -> tuple[np.ndarray, np.ndarray]:
    """Class scores and the loss of every window; no state is kept.

    Parameters
    ----------
    x : (T, B, K)
    label : int array, (B,)
        Class of each window.
    output : str
        One of :data:`OUTPUTS`.
    scores_from : str
        ``last``: the scores are ``y_T``, as in the report; ``mean``: the mean of all ``y_t``;
        ``mean_logit``: the output of the mean over the steps of ``W_ya a_t + b_y``.
    loss_from : str
        ``each`` or ``mean``, as in :func:`bptt`.
    tile : int
        Windows that go through the steps together: as many as the cache holds.
    loops : str
        ``numpy`` or ``compiled``.

    Returns
    -------
    scores : (B, C)
    loss : float64 array, (B,)
        ``-sum_t log(y_t[label])``, the categorical cross-entropy of the report; with
        ``loss_from = "mean"``, ``-T log`` of the one output.
    """
    T, B, _ = x.shape
    parts, workspaces = [], {}
    for start in range(0, B, tile):
        chosen = slice(start, min(start + tile, B))
        size = chosen.stop - start
        if size not in workspaces:
            workspaces[size] = Workspace(params, T, size, loops=loops, keep=False)
        ws = workspaces[size]
        z = _output_arguments(params, x[:, chosen], ws)
        middle = z.mean(axis=0, keepdims=True)
        if loss_from == "mean":
            loss = T * _losses(middle, label[chosen], output, ws)
        else:
            loss = _losses(z, label[chosen], output, ws)
        scored = {"last": z[-1:], "mean": z, "mean_logit": middle}[scores_from]
        parts.append((ws.output(scored, output).mean(axis=0), loss))
    scores, losses = zip(*parts, strict=True)
    return np.concatenate(scores), np.concatenate(losses)


def _output_arguments(params: Parameters, x: np.ndarray, ws: Workspace) -> np.ndarray:
    """``z_t = W_ya a_t + b_y`` at every step, (T, B, C); only the latest states are kept."""
    N, z = len(params["W_aa"]), ws.outputs
    if ws.compiled:
        ws.compiled.forward(params, x, ws.whole_states, z)
        return z
    ws.pack(params)
    state = ws.states[0]
    state[:, :N] = 0
    a, a_and_1, x_t = state[:, :N], state[:, : N + 1], state[:, N + 1 :]
    dot, tanh, sums, W_in, W_out = np.dot, np.tanh, ws.sums, ws.W_in, ws.W_out
    for x_in, z_t in zip(x, z, strict=True):
        x_t[...] = x_in
        dot(state, W_in, sums)
        tanh(sums, a)
        dot(a_and_1, W_out, z_t)
    return z


def _losses(z: np.ndarray, label: np.ndarray, output: str, ws: Workspace) -> np.ndarray:
    """``-sum_t log(y_t[label])`` from the output's arguments ``z`` (T, B, C), as float64 (B,)."""
    if ws.compiled:
        return ws.compiled.losses(z, label, output)
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
