"""What happens to every window before the network sees it: frame, average, standardisation."""

from dataclasses import dataclass

import numpy as np

from harlib.errors import UserError
from harlib.protocol import Protocol
from harlib.rnn import Parameters

#: What the network is given of a window, by frame.
CHANNELS = {"sensor": ("x", "y", "z"), "gravity": ("along", "across", "upright")}
#: The axis that lies along a phone.
_ALONG = 1


def running_average(x: np.ndarray, steps: int) -> np.ndarray:
    """Mean of each value and the ``steps - 1`` before it; of fewer at the beginning.

    ``x`` is (T, B, K); step ``t`` gives ``sum(x[t - steps + 1 .. t]) / min(t + 1, steps)``.
    The report proposes it in section III. It looks only backwards, as a network that runs along
    with the sensor must.
    """
    if steps == 1:
        return x
    sums = np.cumsum(x, axis=0, dtype=np.float64)  # float32 would gather rounding over the steps
    later = sums
    if steps < len(x):
        later = sums.copy()
        later[steps:] -= sums[:-steps]
    count = np.minimum(np.arange(1, len(x) + 1), steps)
    return (later / count[:, None, None]).astype(x.dtype)


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


def prepared(x: np.ndarray, frame: str, average: int) -> np.ndarray:
    """Windows (T, B, K) in the frame, then their running average over ``average`` steps."""
    return running_average(in_gravity_frame(x) if frame == "gravity" else x, average)


@dataclass(frozen=True)
class Inputs:
    """The protocol's way from raw windows to inputs, fitted to the training windows.

    Attributes
    ----------
    frame : str
        ``sensor`` or ``gravity``.
    average : int
        Steps of the running average; 1: none.
    mean, deviation : float64 array, (K,)
        What is taken off each channel, and what it is then divided by.
    """

    frame: str
    average: int
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(cls, protocol: Protocol, x: np.ndarray) -> "Inputs":
        """From training windows ``x`` (T, B, K), and from nothing else."""
        frame, average, channels = protocol.frame, protocol.input_average, x.shape[2]
        mean, deviation = np.zeros(channels), np.ones(channels)
        if protocol.standardise:
            ready = prepared(x, frame, average)
            mean = ready.mean(axis=(0, 1), dtype=np.float64)
            deviation = ready.std(axis=(0, 1), dtype=np.float64)
            # A channel that never changes, but for rounding, must not be blown up.
            deviation[deviation <= 1e-6 * np.abs(mean)] = 1
        return cls(frame, average, mean, deviation)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Inputs of the windows ``x`` (T, B, K), in the type of ``x``."""
        x = prepared(x, self.frame, self.average)
        if not self.mean.any() and (self.deviation == 1).all():
            return x
        return ((x - self.mean.astype(x.dtype)) / self.deviation.astype(x.dtype)).astype(
            x.dtype, copy=False
        )

    def fold(self, params: Parameters) -> Parameters:
        """Parameters that do to a window as it is what ``params`` do to a standardised one.

        ``W (x - m) / s + b = (W / s) x + (b - W m / s)``: standardisation needs no place in the
        network. (Frame and running average do; they still have to be taken before.)
        """
        W_ax = params["W_ax"] / self.deviation
        b_a = params["b_a"] - W_ax @ self.mean[:, None]
        return {
            **params,
            "W_ax": W_ax.astype(params["W_ax"].dtype),
            "b_a": b_a.astype(params["b_a"].dtype),
        }
