"""The hidden units of trained networks, before and after training: what their states tell apart.

A network's *mean state* of a window is ``a_t``, averaged over the steps: N numbers. The measures:

- *between classes*: the part of the variance of the mean states, over the test windows, that lies
  between the classes' centres; 100 % if all windows of a class have the same mean state;
- *nearest centre*: share of test windows whose mean state lies nearest to the centre of their own
  class, centres taken from the training windows: what the states tell without any output weights;
- *effective dimensions*: ``(sum of l)^2 / (sum of l^2)`` over the eigenvalues ``l`` of the
  covariance of the states over all steps and windows: 1 if all units move together, N if each
  moves by itself as much as any other;
- *saturated*: share of units that are so, see :mod:`harlib.analysis.units`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harlib import rnn
from harlib.analysis import units
from harlib.analysis.networks import Learned, follow, network_inputs
from harlib.notebook.table import Table
from harlib.protocol import CLASSES
from harlib.runs import trained_network

ENDS = ("before", "after")


@dataclass(frozen=True)
class States:
    """What the hidden units of one network do.

    Attributes
    ----------
    of_window : (T, N)
        States of one window, step by step.
    mean : (n, N)
        Mean state of every test window.
    order : (N,)
        Units in the order in which they are drawn.
    """

    of_window: np.ndarray
    mean: np.ndarray
    order: np.ndarray


def parameters(learned: Learned, seed: int, end: str) -> rnn.Parameters:
    """A seed's parameters ``before`` or ``after`` training, for windows as they are."""
    if end == "before":
        return trained_network.initial_values(learned.result, seed)
    return learned.params[seed]


def states(learned: Learned, seed: int, window: int) -> dict[str, States]:
    """The states of one network ``before`` and ``after`` training.

    Units stand in the same order at both ends: by the class that they speak for most after
    training, ``argmax_k W_ya[k, i]``, within a class by how much.
    """
    W_ya = learned.params[seed]["W_ya"]
    order = np.lexsort((-W_ya.max(axis=0), W_ya.argmax(axis=0)))
    x = network_inputs(learned.dataset.X_test, learned.result)
    found = {}
    for end in ENDS:
        a, _ = follow(parameters(learned, seed, end), x)
        found[end] = States(a[window], a.mean(axis=1), order)
    return found


def between_classes(mean: np.ndarray, label: np.ndarray) -> float:
    """Part of the variance of ``mean`` (n, N) that lies between class centres, in percent."""
    total = mean.var(axis=0).sum()
    within = sum(mean[label == k].var(axis=0).sum() * (label == k).sum() for k in np.unique(label))
    return 100 * float(1 - within / len(label) / total) if total > 0 else 0.0


def nearest_centre(
    mean: np.ndarray, label: np.ndarray, seen: np.ndarray, seen_label: np.ndarray
) -> float:
    """Share, in percent, of ``mean`` nearest to the centre of their class in ``seen`` (m, N)."""
    classes = np.unique(seen_label)
    centres = np.stack([seen[seen_label == k].mean(axis=0) for k in classes])
    distance = np.linalg.norm(mean[:, None] - centres, axis=2)
    return 100 * float(np.mean(classes[distance.argmin(axis=1)] == label))


def effective_dimensions(a: np.ndarray) -> float:
    """Participation ratio of the states ``a`` (n, T, N); 0 if nothing moves."""
    flat = a.reshape(-1, a.shape[2]).astype(np.float64)
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(flat, rowvar=False, ddof=0)))
    square = float((eigenvalues**2).sum())
    return float(eigenvalues.sum()) ** 2 / square if square > 0 else 0.0


def measure(learned: Learned, seed: int, end: str) -> dict[str, float]:
    """The measures of one network at one end of its training."""
    params, dataset, result = parameters(learned, seed, end), learned.dataset, learned.result
    a, _ = follow(params, network_inputs(dataset.X_test, result))
    seen, _ = follow(params, network_inputs(dataset.X_train, result))
    mean, seen_mean = a.mean(axis=1), seen.mean(axis=1)
    saturated = (np.abs(a) > units.SATURATED).mean(axis=(0, 1)) > 0.5
    return {
        "Between classes (%)": between_classes(mean, dataset.y_test),
        "Nearest centre (%)": nearest_centre(mean, dataset.y_test, seen_mean, dataset.y_train),
        "Effective dimensions": effective_dimensions(a),
        "Saturated (%)": 100 * float(saturated.mean()),
        "Spectral radius": units.spectral_radius(params["W_aa"]),
    }


def table(learned: Learned) -> pd.DataFrame:
    """One row a measure; before and after training, mean over the seeds."""
    ends = {
        end: pd.DataFrame([measure(learned, seed, end) for seed in learned.seeds]).mean()
        for end in ENDS
    }
    return pd.DataFrame(ends).rename_axis("Measure")


NOTE = (
    "Mean over the seeds. Between classes: part of the variance of a window's mean state that lies "
    f"between the centres of the {len(CLASSES)} classes. Nearest centre: test windows whose mean "
    "state lies nearest to the centre of their class over the training windows. Effective "
    "dimensions: participation ratio of the states. Saturated: units with "
    f"|a| above {units.SATURATED:g} at more than half of the steps."
)


def text(value: float, label: object, column: object) -> str:
    """A number of the table as text: the radius with three decimals, the rest with one."""
    name = label[-1] if isinstance(label, tuple) else label
    return f"{value:.3f}" if name == "Spectral radius" else f"{value:.1f}"


def display(table: pd.DataFrame, caption: str) -> Table:
    """The table for a notebook."""
    return Table(table, caption, text)


def plane(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean states (n, N) on their first two principal components, (n, 2), and each one's share.

    The share is of the variance, in percent. Signs are such that the largest weight of a
    component is positive.
    """
    centred = mean.astype(np.float64) - mean.mean(axis=0)
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    total = (size**2).sum()
    share = 100 * size[:2] ** 2 / total if total > 0 else np.zeros(len(axes))
    return centred @ axes.T, share
