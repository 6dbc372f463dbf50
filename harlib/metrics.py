"""Loss, Top-n accuracy, confusion matrix, and mean and deviation over seeds."""

from collections.abc import Sequence

import numpy as np


def ranks(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """How many classes come before the right one, for each window: 0 is best.

    Classes are ordered by score; **of equal scores the lower class number comes first**.

    Parameters
    ----------
    scores : (windows, classes)
    label : int array, (windows,)

    Raises
    ------
    ValueError
        A score is not a number: there is no order then.
    """
    if np.isnan(scores).any():
        raise ValueError("scores contain NaN")
    own = np.take_along_axis(scores, label[:, None], axis=1)
    before = np.arange(scores.shape[1]) < label[:, None]
    return np.sum((scores > own) | ((scores == own) & before), axis=1)


def top_n_accuracy(scores: np.ndarray, label: np.ndarray, n: int) -> float:
    """Share of windows, in percent, whose class is among the ``n`` with the highest scores."""
    return 100.0 * int(np.sum(ranks(scores, label) < n)) / len(label)


def confusion_matrix(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Windows by true class (rows) and predicted class (columns), (classes, classes)."""
    classes = scores.shape[1]
    # argmax takes the first of equal scores: the rule of `ranks`.
    pairs = label * classes + np.argmax(scores, axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def summary(scores: np.ndarray, loss: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Mean loss and Top-1, -2, -3 accuracies in percent, as a result file holds them."""
    rank = ranks(scores, label)
    accuracies = {f"top{n}": 100.0 * int(np.sum(rank < n)) / len(label) for n in (1, 2, 3)}
    return {"loss": float(np.mean(loss)), **accuracies}


def mean_and_std(values: Sequence[float]) -> tuple[float, float]:
    """Mean and *population* standard deviation (ddof = 0), as Tables II to V take them."""
    return float(np.mean(values)), float(np.std(values))
