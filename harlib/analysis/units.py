"""What trained hidden units do: the report's remark on its heat maps, measured.

The report sees in Figure 5 that some units contribute to the decision and some hardly at all.
Here each part of that has a definition and a limit. Over all steps of all test windows, a unit

- *saturates* if ``|a| > SATURATED`` at more than half of the steps: the tanh is flat there;
- *stays near zero* if ``|a| < NEAR_ZERO`` at more than half of the steps;
- *hardly contributes* if its contribution is at most ``HARDLY`` times the mean over the units.

The contribution of unit ``i`` is ``mean_k |W_ya[k, i]| * std(a_T[i])``: by how much what it adds
to the class scores of the last step differs between windows. That is its direct part; what it
does through ``W_aa`` to other units counts as theirs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib import rnn
from harlib.buffers import Buffers
from harlib.data.dataset import Dataset
from harlib.notebook.table import Table
from harlib.runs import trained_network
from harlib.storage import results

SATURATED = 0.95
NEAR_ZERO = 0.05
HARDLY = 0.1

#: The limits in words, for below the table.
NOTE = (
    f"All steps of all test windows. Saturated: |a| above {SATURATED:g} at more than half of the "
    f"steps. Near zero: |a| below {NEAR_ZERO:g} at more than half of the steps. Contribution of a "
    "unit: mean |W_ya| of its column, times the standard deviation over the windows of its last "
    f"state; it hardly contributes with at most {100 * HARDLY:g} % of the mean over the units. "
    "Before: initial values; after: the epoch that is reported, which can be epoch 0."
)


#: Windows that go through the steps together: as many as the cache holds.
TILE = 50


def _tiles(params: rnn.Parameters, X: np.ndarray) -> Iterator[np.ndarray]:
    """Hidden states of a few windows at a time, (T, b, N); valid until the next."""
    dtype = params["W_aa"].dtype
    buffers = None
    for start in range(0, len(X), TILE):
        x = X[start : start + TILE].transpose(1, 0, 2).astype(dtype)
        if buffers is None or buffers.outputs.shape[1] != x.shape[1]:
            buffers = Buffers(params, *x.shape[:2])
        yield rnn.forward(params, x, buffers)[0][1:]


def activations(params: rnn.Parameters, X: np.ndarray) -> np.ndarray:
    """Hidden states ``a_1 .. a_T`` of every window.

    Parameters
    ----------
    X : (windows, T, K)
        As a data set holds them.

    Returns
    -------
    (windows, T, N)
        In the type of the parameters.
    """
    return np.concatenate([a.transpose(1, 0, 2).copy() for a in _tiles(params, X)])


@dataclass(frozen=True)
class Units:
    """What every hidden unit of one network does.

    Attributes
    ----------
    saturated, near_zero : float64 array, (N,)
        Share of all steps of all windows, 0 to 1, at which the unit is so.
    contribution : float64 array, (N,)
        Mean absolute outgoing weight times the deviation of the last state over the windows.
    """

    saturated: np.ndarray
    near_zero: np.ndarray
    contribution: np.ndarray

    def saturated_share(self) -> float:
        """Share of units, in percent, that saturate at more than half of the steps."""
        return 100 * float(np.mean(self.saturated > 0.5))

    def near_zero_share(self) -> float:
        """Share of units, in percent, that are near zero at more than half of the steps."""
        return 100 * float(np.mean(self.near_zero > 0.5))

    def relative_contribution(self) -> np.ndarray:
        """Contribution as a multiple of the mean over the units, (N,); 0 if none contributes."""
        mean = self.contribution.mean()
        return self.contribution / mean if mean > 0 else np.zeros_like(self.contribution)

    def hardly_contributing_share(self, limit: float = HARDLY) -> float:
        """Share of units, in percent, that contribute at most ``limit`` times the mean."""
        return 100 * float(np.mean(self.relative_contribution() <= limit))


def observe(
    params: rnn.Parameters,
    X: np.ndarray,
    *,
    saturated: float = SATURATED,
    near_zero: float = NEAR_ZERO,
) -> Units:
    """Follow every unit through all steps of the windows ``X`` (windows, T, K).

    ``saturated`` and ``near_zero`` are the limits on ``|a|``. All states of a few
    windows are held at a time: a large data set needs no more memory than a small one.
    """
    N = len(params["W_aa"])
    above, below = np.zeros(N), np.zeros(N)
    last = []
    for a in _tiles(params, X):
        size = np.abs(a)
        above += np.count_nonzero(size > saturated, axis=(0, 1))
        below += np.count_nonzero(size < near_zero, axis=(0, 1))
        last.append(a[-1].astype(np.float64))
    steps = X.shape[0] * X.shape[1]
    outgoing = np.abs(params["W_ya"]).mean(axis=0, dtype=np.float64)
    return Units(above / steps, below / steps, outgoing * np.concatenate(last).std(axis=0))


def spectral_radius(W: np.ndarray) -> float:
    """Largest absolute eigenvalue of a square matrix; below 1, what a state holds fades."""
    return float(np.abs(np.linalg.eigvals(W.astype(np.float64))).max())


def measure(params: rnn.Parameters, X: np.ndarray) -> dict[str, float]:
    """The figures of one network on the windows ``X`` (windows, T, K), by column of the table."""
    units = observe(params, X)
    return {
        "Saturated (%)": units.saturated_share(),
        "Near zero (%)": units.near_zero_share(),
        "Hardly contributing (%)": units.hardly_contributing_share(),
        "Least contribution (% of mean)": 100 * float(units.relative_contribution().min()),
        "Spectral radius": spectral_radius(params["W_aa"]),
    }


Before = Callable[[dict, int], dict[str, float]]


def _before(X: np.ndarray) -> Before:
    """:func:`measure` of a result's initial values; those that runs share are measured once."""
    known: dict[bytes, dict[str, float]] = {}

    def of(result: dict, seed: int) -> dict[str, float]:
        params = trained_network.initial_values(result, seed)
        key = params["W_aa"].tobytes()
        if key not in known:
            known[key] = measure(params, X)
        return known[key]

    return of


def by_seed(
    folder: results.Folder,
    result: dict,
    dataset: Dataset,
    kind: str = "run",
    before: Before | None = None,
) -> pd.DataFrame:
    """The figures of every seed of one run on the test windows, before and after training.

    Columns are pairs of a measure and ``before`` or ``after``.

    Raises
    ------
    UserError
        A weights file is missing, damaged, or not of this result.
    """
    X = trained_network.network_inputs(dataset.X_test, result)
    before = before or _before(X)
    rows = {}
    for seed in map(int, result["seeds"]):
        ends = {
            "before": before(result, seed),
            "after": measure(trained_network.weights(folder, result, seed, kind), X),
        }
        rows[seed] = {(name, end): ends[end][name] for name in ends["after"] for end in ends}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Seed")
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table


def table(
    folder: results.Folder, runs: dict[int, dict], dataset: Dataset, kind: str = "run"
) -> pd.DataFrame:
    """One row a run: mean over its seeds of what :func:`by_seed` gives.

    ``runs`` holds result files of one protocol by run number, ``dataset`` their data.
    """
    before = _before(trained_network.network_inputs(dataset.X_test, next(iter(runs.values()))))
    means = {
        run_no: by_seed(folder, runs[run_no], dataset, kind, before).mean()
        for run_no in sorted(runs)
    }
    return pd.DataFrame(means).T.rename_axis("Run")


def text(value: float, label: object, column: tuple[str, str]) -> str:
    """A number of these tables as text: percent with one decimal, the radius with three."""
    return f"{value:.3f}" if column[0] == "Spectral radius" else f"{value:.1f}"


def display(table: pd.DataFrame, caption: str) -> Table:
    """A table of :func:`by_seed` or :func:`table` for a notebook."""
    return Table(table, caption, text)
