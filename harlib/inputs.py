"""What happens to every window before the network sees it: frame, average, steps, scale."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harlib.buffers import Parameters
from harlib.errors import UserError
from harlib.protocol import Protocol

#: What the network is given of a window, by frame.
CHANNELS = {"sensor": ("x", "y", "z"), "gravity": ("along", "across", "upright")}
#: The axis that lies along a phone.
_ALONG = 1


@dataclass(frozen=True)
class Windows:
    """Windows as the network walks along them."""

    #: (T, n, K), time-major, in the type of the run.
    x: np.ndarray
    #: (n,), classes.
    label: np.ndarray

    @classmethod
    def from_arrays(cls, X: np.ndarray, label: np.ndarray, dtype: str) -> "Windows":
        """From ``X`` (n, T, K) as a data set holds it.

        Raises
        ------
        UserError
            A value does not fit into ``dtype``.
        """
        with np.errstate(over="ignore"):
            x = np.ascontiguousarray(X.transpose(1, 0, 2), dtype=dtype)
        if not np.isfinite(x).all():
            raise UserError(
                f"data: values up to {np.abs(X).max():.3g} do not fit into dtype {dtype}; "
                f"allowed are at most {np.finfo(dtype).max:.3g}"
            )
        return cls(x, label)


def running_average(x: np.ndarray, steps: int) -> np.ndarray:
    """Mean of each value and the ``steps - 1`` before it; of fewer at the beginning.

    ``x`` is (T, B, K); step ``t`` gives ``sum(x[t - steps + 1 .. t]) / min(t + 1, steps)``.
    The report proposes it in section III. It looks only backwards, as a network that runs along
    with the sensor must.
    """
    if steps == 1:
        return x
    sums = x.astype(np.float64, order="C")  # float32 would gather rounding over the steps
    for before, now in itertools.pairwise(sums):  # row by row: cumsum takes ten times as long
        now += before
    if steps < len(x):
        sums[steps:] -= sums[:-steps]
    count = np.minimum(np.arange(1, len(x) + 1), steps)
    return (sums / count[:, None, None]).astype(x.dtype)


def in_gravity_frame(x: np.ndarray) -> np.ndarray:
    """Acceleration along gravity and across it, and how far the phone stands upright.

    ``x`` is (T, B, 3), and so is what comes back. Gravity ``g_t`` is the mean of the steps so far,
    ``u_t = g_t / |g_t|``; the channels are ``u_t . x_t``, ``|u_t × x_t|`` and
    ``g_t`` on the axis along the phone. The first two do not depend on how the phone is turned in
    the pocket, which differs from one subject to the next. After Mizell (2003), *Using gravity to
    estimate accelerometer orientation*.

    Raises
    ------
    UserError
        There are not three channels.
    """
    if x.shape[2] != 3:
        raise UserError(
            f"data: {x.shape[2]} channels; frame = gravity needs the three of an accelerometer"
        )
    # Axis by axis: sums over an axis of three are slow.
    X, Y, Z = np.ascontiguousarray(x.transpose(2, 0, 1))
    U, V, W = gravity = np.ascontiguousarray(running_average(x, len(x)).transpose(2, 0, 1))
    length = np.sqrt(U * U + V * V + W * W)
    np.maximum(length, 1e-6, out=length)  # a phone that falls freely has no gravity
    found = np.empty_like(x)
    found[..., 0] = (U * X + V * Y + W * Z) / length
    found[..., 1] = np.sqrt((V * Z - W * Y) ** 2 + (W * X - U * Z) ** 2 + (U * Y - V * X) ** 2)
    found[..., 1] /= length
    found[..., 2] = gravity[_ALONG]
    return found


def in_steps(x: np.ndarray, samples: int) -> np.ndarray:
    """The mean of every ``samples`` samples in a row: (T, B, K) to (T // samples, B, K).

    Samples that are too few for a step are left out at the beginning, so that the last step ends
    with the window.

    Raises
    ------
    UserError
        A window is shorter than one step.
    """
    if samples == 1:
        return x
    T, B, K = x.shape
    steps = T // samples
    if not steps:
        raise UserError(
            f"protocol: samples_per_step = {samples}; allowed is at most {T}, the samples of a "
            f"window"
        )
    return x[T - steps * samples :].reshape(steps, samples, B, K).mean(axis=1)


def prepare(x: np.ndarray, config: Mapping[str, object]) -> np.ndarray:
    """What the network is given of the windows ``x`` (T, B, K), but for standardisation.

    ``config`` holds the switches of a protocol, as the configuration of a result does.
    """
    x = in_gravity_frame(x) if config["frame"] == "gravity" else x
    return in_steps(running_average(x, config["input_average"]), config["samples_per_step"])


@dataclass(frozen=True)
class Inputs:
    """The protocol's way from raw windows to inputs, fitted to the training windows."""

    #: For :func:`prepare`.
    config: Mapping[str, object]
    #: (K,), float64: what is then taken off each channel, and what it is divided by.
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(cls, protocol: Protocol, x: np.ndarray) -> "Inputs":
        """From training windows ``x`` (T, B, K), and from nothing else."""
        mean, deviation = np.zeros(x.shape[2]), np.ones(x.shape[2])
        if protocol.standardise:
            ready = prepare(x, protocol.switches())
            mean = ready.mean(axis=(0, 1), dtype=np.float64)
            deviation = ready.std(axis=(0, 1), dtype=np.float64)
            # A channel that never changes, but for rounding, must not be blown up.
            deviation[deviation <= 1e-6 * np.abs(mean)] = 1
        return cls(protocol.switches(), mean, deviation)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Inputs of the windows ``x`` (T, B, K), in the type of ``x``."""
        x = prepare(x, self.config)
        if not self.mean.any() and (self.deviation == 1).all():
            return x
        ready = (x - self.mean.astype(x.dtype)) / self.deviation.astype(x.dtype)
        return ready.astype(x.dtype, copy=False)

    def fold(self, params: Parameters) -> Parameters:
        """Parameters that do to a window as it is what ``params`` do to a standardised one.

        ``W (x - m) / s + b = (W / s) x + (b - W m / s)``: standardisation needs no place in the
        network. (What :func:`prepare` does has; it still comes before.)
        """
        W_ax = params["W_ax"] / self.deviation
        b_a = params["b_a"] - W_ax @ self.mean[:, None]
        dtype = params["W_ax"].dtype
        return {**params, "W_ax": W_ax.astype(dtype), "b_a": b_a.astype(dtype)}
