"""Training windows as the sensor could also have recorded them.

Each function takes raw windows ``x`` (T, B, K), in g, and a generator, draws anew for every window,
and returns new windows of the same shape and type. Rotation, scaling and jitter as in Um et al.
(2017), *Data augmentation of wearable sensor data*; stretching in time is their time warping with
one speed for a window. Filtering is their scaling, with another factor at each frequency.
"""

from collections.abc import Iterator

import numpy as np

from harlib.inputs import Inputs
from harlib.protocol import Protocol


def rotate(x: np.ndarray, rng: np.random.Generator, degrees: float) -> np.ndarray:
    """Turn the axes of each window: a phone lies a little differently in every pocket.

    The rotation vector has three normal components of deviation ``degrees``; its matrix is
    ``I + sin(angle) S + (1 - cos(angle)) S^2`` (Rodrigues, 1840), ``S`` the cross product with the
    axis. Needs K = 3.
    """
    vector = rng.normal(0, np.radians(degrees), (x.shape[1], 3))
    angle = np.linalg.norm(vector, axis=1, keepdims=True)
    X, Y, Z = (vector / np.maximum(angle, 1e-12)).T
    O = np.zeros_like(X)  # noqa: E741
    S = np.stack([O, -Z, Y, Z, O, -X, -Y, X, O], axis=1).reshape(-1, 3, 3)
    angle = angle[:, :, None]
    R = (np.eye(3) + np.sin(angle) * S + (1 - np.cos(angle)) * (S @ S)).astype(x.dtype)
    # Channel by channel, over whole steps: einsum("bij,tbj->tbi", R, x) takes six times as long.
    X, Y, Z = np.ascontiguousarray(x.transpose(2, 0, 1))
    turned = np.empty_like(x)
    for i in range(3):
        turned[..., i] = R[:, i, 0] * X + R[:, i, 1] * Y + R[:, i, 2] * Z
    return turned


def scale(x: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Multiply each window by ``exp(normal)``: no two sensors have the same gain."""
    factor = np.exp(rng.normal(0, deviation, (x.shape[1], 1)))
    return x * factor.astype(x.dtype)


def jitter(x: np.ndarray, rng: np.random.Generator, g: float) -> np.ndarray:
    """Add normal noise of deviation ``g`` to every value: sensors are noisy."""
    noise = rng.standard_normal(x.shape, dtype=x.dtype)
    noise *= g
    noise += x
    return noise


def stretch(x: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Play each window at ``exp(normal)`` times its speed: people walk faster and slower.

    Linear between steps. A window played faster than recorded runs out before
    its end; the rest is played backwards from there.
    """
    T, B, _ = x.shape
    speed = np.exp(rng.normal(0, deviation, B))
    spare = np.maximum((T - 1) * (1 - speed), 0)
    position = np.arange(T)[:, None] * speed + rng.random(B) * spare
    there_and_back = max(2 * (T - 1), 1)
    if position.max() > there_and_back:  # a division of every number, for the few that need it
        position %= there_and_back
    position = np.minimum(position, there_and_back - position) if T > 1 else position * 0
    before = np.clip(position.astype(int), 0, max(T - 2, 0))
    part = (position - before)[..., None].astype(x.dtype)
    # A row is a step of a window; whole rows are copied faster than x[step, window] gives them.
    rows, window = x.reshape(T * B, -1), np.arange(B)
    steps = (before, np.minimum(before + 1, T - 1))  # all within: "clip" saves a check of each
    this, next_ = (rows.take(step * B + window, axis=0, mode="clip") for step in steps)
    return this * (1 - part) + next_ * part


#: Where the response of :func:`filter_` is drawn, as parts of the highest frequency that the
#: sampling can hold; straight lines between. At 50 Hz: 0, 2, 5, 10 and 25 Hz.
_KNOTS = np.array([0, 0.08, 0.2, 0.4, 1])


def filter_(x: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Multiply each window's spectrum by a smooth response, ``exp(normal)`` at a few frequencies.

    Bodies and pockets pass on a shock more or less softly. The mean of a window stays: gravity.
    """
    T, B, _ = x.shape
    response = np.exp(rng.normal(0, deviation, (len(_KNOTS), B)))
    response[0] = 1
    place = np.linspace(0, 1, T // 2 + 1)
    right = np.clip(np.searchsorted(_KNOTS, place, side="right"), 1, len(_KNOTS) - 1)
    part = ((place - _KNOTS[right - 1]) / (_KNOTS[right] - _KNOTS[right - 1]))[:, None]
    factor = response[right - 1] * (1 - part) + response[right] * part
    spectrum = np.fft.rfft(x, axis=0) * factor[..., None].astype(x.dtype)
    return np.fft.irfft(spectrum, n=T, axis=0).astype(x.dtype)


def augment(x: np.ndarray, rng: np.random.Generator, protocol: Protocol) -> np.ndarray:
    """All that the protocol asks for, one after the other."""
    for change, amount in (
        (stretch, protocol.stretch),
        (filter_, protocol.filtering),
        (rotate, protocol.rotation),
        (scale, protocol.scaling),
        (jitter, protocol.jitter),
    ):
        if amount:
            x = change(x, rng, amount)
    return x


#: Windows, at most, that are prepared in one go: for ten at a time NumPy's calls cost more than
#: what they do. As many as stay in the cache.
TOGETHER = 300


def batches(
    protocol: Protocol,
    rng: np.random.Generator,
    size: int,
    raw: np.ndarray,
    ready: np.ndarray,
    inputs: Inputs,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each batch of an epoch: which windows, by their number, and their inputs.

    ``raw`` (T, n, K) are the training windows themselves, for augmentation, ``ready`` their inputs
    as they are, made by ``inputs``; ``size`` windows make a batch, those that are left the last.
    """
    windows = raw.shape[1]
    order = rng.permutation(windows) if protocol.shuffle else np.arange(windows)
    together = size * max(1, TOGETHER // size)
    for first in range(0, windows, together):
        chosen = order[first : first + together]
        # take, for x[:, chosen] gives an array in another order of axes, slow to work with.
        if protocol.augments:
            given = inputs(augment(raw.take(chosen, axis=1), rng, protocol))
        else:
            given = ready.take(chosen, axis=1)
        for start in range(0, len(chosen), size):
            batch = slice(start, start + size)
            yield chosen[batch], given[:, batch]
