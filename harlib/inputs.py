"""What happens to every window before the network sees it: running average, standardisation."""

from dataclasses import dataclass

import numpy as np

from harlib.protocol import Protocol
from harlib.rnn import Parameters


def running_average(x: np.ndarray, steps: int) -> np.ndarray:
    """Mean of each value and the ``steps - 1`` before it; of fewer at the beginning.

    ``x`` is (T, B, K); step ``t`` gives ``sum(x[t - steps + 1 .. t]) / min(t + 1, steps)``.
    The report proposes it in section III. It looks only backwards, as a network that runs along
    with the sensor must.
    """
    if steps == 1:
        return x
    sums = np.cumsum(x, axis=0, dtype=np.float64)  # float32 would gather rounding over the steps
    later = sums.copy()
    later[steps:] -= sums[:-steps]
    count = np.minimum(np.arange(1, len(x) + 1), steps)
    return (later / count[:, None, None]).astype(x.dtype)


@dataclass(frozen=True)
class Inputs:
    """The protocol's way from raw windows to inputs, fitted to the training windows.

    Attributes
    ----------
    average : int
        Steps of the running average; 1: none.
    mean, deviation : float64 array, (K,)
        What is taken off each channel, and what it is then divided by.
    """

    average: int
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(cls, protocol: Protocol, x: np.ndarray) -> "Inputs":
        """From training windows ``x`` (T, B, K), and from nothing else."""
        channels = x.shape[2]
        mean, deviation = np.zeros(channels), np.ones(channels)
        if protocol.standardise:
            averaged = running_average(x, protocol.input_average)
            mean = averaged.mean(axis=(0, 1), dtype=np.float64)
            deviation = averaged.std(axis=(0, 1), dtype=np.float64)
            # A channel that never changes, but for rounding, must not be blown up.
            deviation[deviation <= 1e-6 * np.abs(mean)] = 1
        return cls(protocol.input_average, mean, deviation)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Inputs of the windows ``x`` (T, B, K), in the type of ``x``."""
        x = running_average(x, self.average)
        if not self.mean.any() and (self.deviation == 1).all():
            return x
        return ((x - self.mean.astype(x.dtype)) / self.deviation.astype(x.dtype)).astype(x.dtype)

    def fold(self, params: Parameters) -> Parameters:
        """Parameters that do to a window as it is what ``params`` do to a standardised one.

        ``W (x - m) / s + b = (W / s) x + (b - W m / s)``: standardisation needs no place in the
        network. (A running average does; it still has to be taken before.)
        """
        W_ax = params["W_ax"] / self.deviation
        b_a = params["b_a"] - W_ax @ self.mean[:, None]
        return {
            **params,
            "W_ax": W_ax.astype(params["W_ax"].dtype),
            "b_a": b_a.astype(params["b_a"].dtype),
        }
