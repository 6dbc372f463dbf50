"""What hidden units do: each by itself, and what the states of all of them tell apart.

The report sees in Figure 5 that some units contribute to the decision and some hardly at all.
Here each part of that has a definition and a limit: :data:`UNITS_NOTE` and :data:`STATES_NOTE`.
A unit's contribution is how much what it adds to the class scores of the last step differs between
windows: its direct part; what it does through ``W_aa`` to other units counts as theirs. A window's
*mean state* is ``a_t``, averaged over the steps: N numbers.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from harlib import rnn
from harlib.analysis.networks import Learned, follow
from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES
from harlib.runs import trained_network
from harlib.storage import results

SATURATED = 0.95
NEAR_ZERO = 0.05
HARDLY = 0.1

#: For below the table of :func:`by_run`: the limits in words.
UNITS_NOTE = (
    f"All steps of all test windows. Saturated: |a| above {SATURATED:g} at more than half of the "
    f"steps. Near zero: |a| below {NEAR_ZERO:g} at more than half of the steps. Contribution of a "
    "unit: mean |W_ya| of its column, times the standard deviation over the windows of its last "
    f"state; it hardly contributes with at most {100 * HARDLY:g} % of the mean over the units. "
    "Before: initial values; after: the epoch that is reported, which can be epoch 0."
)
#: For below the table of :func:`before_and_after`.
STATES_NOTE = (
    "Mean over the seeds. Between classes: part of the variance of a window's mean state that lies "
    f"between the centres of the {len(CLASSES)} classes. Nearest centre: test windows whose mean "
    "state lies nearest to the centre of their class over the training windows. Effective "
    "dimensions: participation ratio of the states. Saturated: units with "
    f"|a| above {SATURATED:g} at more than half of the steps."
)


def spectral_radius(W: np.ndarray) -> float:
    """Largest absolute eigenvalue of a square matrix; below 1, what a state holds fades."""
    return float(np.abs(np.linalg.eigvals(W.astype(np.float64))).max())


def _mostly(found: np.ndarray) -> float:
    """Percent of the units for which ``found`` (n, T, N) holds at more than half of the steps."""
    return 100 * float((found.mean(axis=(0, 1)) > 0.5).mean())


def measure_units(params: rnn.Parameters, x: np.ndarray) -> dict[str, float]:
    """The figures of one network on the windows ``x`` (T, n, K), by column of the table."""
    a, _ = follow(params, x)
    outgoing = np.abs(params["W_ya"]).mean(axis=0, dtype=np.float64)
    contribution = outgoing * a[:, -1].astype(np.float64).std(axis=0)
    contribution /= contribution.mean() or 1  # all 0 if none contributes
    return {
        "Saturated (%)": _mostly(np.abs(a) > SATURATED),
        "Near zero (%)": _mostly(np.abs(a) < NEAR_ZERO),
        "Hardly contributing (%)": 100 * float((contribution <= HARDLY).mean()),
        "Least contribution (% of mean)": 100 * float(contribution.min()),
        "Spectral radius": spectral_radius(params["W_aa"]),
    }


def _both_ends(
    result: dict,
    trained: dict[int, rnn.Parameters],
    measure: Callable[[rnn.Parameters], dict[str, float]],
) -> pd.DataFrame:
    """What ``measure`` gives of the networks of all seeds, one row a seed.

    Columns are pairs of a measure and ``before`` or ``after`` training.
    """
    rows = {}
    for seed, params in trained.items():
        figures = {end: measure(of_end) for end, of_end in _ends(result, seed, params).items()}
        rows[seed] = pd.DataFrame(figures).stack()
    return pd.DataFrame(rows).T.rename_axis("Seed")


def by_seed(
    folder: results.Folder, result: dict, dataset: Dataset, kind: str = "run"
) -> pd.DataFrame:
    """:func:`measure_units` of every seed of one run on the test windows, as :func:`_both_ends`.

    Weights are read as :func:`harlib.runs.trained_network.weights` does.
    """
    x = trained_network.network_inputs(dataset.X_test, result)
    seeds = map(int, result["seeds"])
    trained = {seed: trained_network.weights(folder, result, seed, kind) for seed in seeds}
    return _both_ends(result, trained, lambda params: measure_units(params, x))


def by_run(folder: results.Folder, runs: dict[int, dict], dataset: Dataset) -> pd.DataFrame:
    """One row a run of ``runs``, result files by number: mean over its seeds of :func:`by_seed`."""
    means = {run_no: by_seed(folder, runs[run_no], dataset).mean() for run_no in sorted(runs)}
    return pd.DataFrame(means).T.rename_axis("Run")


def _ends(result: dict, seed: int, trained: rnn.Parameters) -> dict[str, rnn.Parameters]:
    """A seed's parameters ``before`` and ``after`` training, for windows as they are."""
    return {"before": trained_network.initial_values(result, seed), "after": trained}


def states(learned: Learned, seed: int, window: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The states of one network ``before`` and ``after`` training.

    At each end, those of one window, step by step, (T, N), and the mean state of every test
    window, (n, N). Units of the window stand in the same order at both ends: by the class that they
    speak for most after training, ``argmax_k W_ya[k, i]``, within a class by how much.
    """
    W_ya = learned.params[seed]["W_ya"]
    order = np.lexsort((-W_ya.max(axis=0), W_ya.argmax(axis=0)))
    x = trained_network.network_inputs(learned.dataset.X_test, learned.result)
    found = {}
    for end, params in _ends(learned.result, seed, learned.params[seed]).items():
        a, _ = follow(params, x)
        found[end] = a[window][:, order], a.mean(axis=1)
    return found


def between_classes(mean: np.ndarray, label: np.ndarray) -> float:
    """Part of the variance of ``mean`` (n, N) that lies between class centres, in percent."""
    total = mean.var(axis=0).sum()
    within = sum(mean[label == k].var(axis=0).sum() * (label == k).sum() for k in np.unique(label))
    return 100 * float(1 - within / len(label) / total) if total > 0 else 0.0


def effective_dimensions(a: np.ndarray) -> float:
    """Participation ratio of the states ``a`` (n, T, N); 0 if nothing moves.

    ``(sum of l)^2 / (sum of l^2)`` over the eigenvalues ``l`` of their covariance: 1 if all units
    move together, N if each moves by itself as much as any other.
    """
    flat = a.reshape(-1, a.shape[2]).astype(np.float64)
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(flat, rowvar=False, ddof=0)))
    square = float((eigenvalues**2).sum())
    return float(eigenvalues.sum()) ** 2 / square if square > 0 else 0.0


def before_and_after(learned: Learned) -> pd.DataFrame:
    """One row a measure of :data:`STATES_NOTE`, a column an end; mean over the seeds."""
    dataset = learned.dataset
    x_train, x_test = (
        trained_network.network_inputs(X, learned.result) for X in (dataset.X_train, dataset.X_test)
    )

    def measure(params: rnn.Parameters) -> dict[str, float]:
        a, _ = follow(params, x_test)
        mean, seen = a.mean(axis=1), follow(params, x_train)[0].mean(axis=1)
        # NearestCentroid of scikit-learn refuses windows that are alike within each class.
        centres = pd.DataFrame(seen).groupby(dataset.y_train).mean()
        called = centres.index[cdist(mean, centres).argmin(axis=1)]
        return {
            "Between classes (%)": between_classes(mean, dataset.y_test),
            "Nearest centre (%)": 100 * float((called == dataset.y_test).mean()),
            "Effective dimensions": effective_dimensions(a),
            "Saturated (%)": _mostly(np.abs(a) > SATURATED),
            "Spectral radius": spectral_radius(params["W_aa"]),
        }

    means = _both_ends(learned.result, learned.params, measure).mean()
    return means.unstack(sort=False).rename_axis("Measure")


def plane(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean states (n, N) on their first two principal components, (n, 2), and each one's share.

    The share is of the variance, in percent.
    """
    from sklearn.decomposition import PCA  # takes longer to load than all the rest

    if not np.ptp(mean, axis=0).any():  # nothing moves: there is no direction
        return np.zeros((len(mean), 2)), np.zeros(2)
    components = PCA(n_components=2, svd_solver="full")
    place = components.fit_transform(mean.astype(np.float64))
    return place, 100 * components.explained_variance_ratio_
