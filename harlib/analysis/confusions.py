"""What trained networks confuse, and why; and windows that are told wrong.

The classes are described by simple statistics of each window, those of the data chapter
(:mod:`harlib.data.statistics`). The *distance* of two classes is that of their means over the
training windows, with the covariance within the classes as the measure (Mahalanobis, 1936). No
network has a part in it: where the distance is small, the signals are alike.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from harlib import metrics
from harlib.analysis.networks import Learned
from harlib.data import statistics
from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES

MEANS = ("They", "First class", "Second class")
#: What the statistics of the magnitude are called; all others as in :mod:`harlib.data.statistics`.
WORDS = {
    "magnitude_mean": "mean magnitude",
    "magnitude_std": "deviation of magnitude",
    "magnitude_min": "least magnitude",
    "magnitude_max": "greatest magnitude",
}
#: For below the table of :func:`reasons`.
NOTE = (
    "Windows: mean over the seeds. Mistaken: windows of the first class that are taken for the "
    "second; told: windows of the first class that are told. Nearer: their signal lies nearer to "
    "the second class than to the first. Outside: it lies further from the first class than 95 % "
    "of its training windows do. Moved most: the statistic by which the mistaken windows have gone "
    "furthest towards the second class, its mean over them and over the training windows of both."
)


def features(X: np.ndarray, dataset: Dataset) -> pd.DataFrame:
    """Statistics of each window of ``X`` (n, T, K) of a data set, one row a window.

    Frequency in cycles a step where the sampling rate is not known.
    """
    table = statistics.of_windows(X, dataset.sampling_rate or 1.0)

    def in_words(name: str) -> str:
        if name == "dominant_frequency":
            return f"dominant frequency ({'Hz' if dataset.sampling_rate else 'per step'})"
        words = name.replace("std", "deviation").replace("_", " ")
        return dataset.in_unit(WORDS.get(name, words))

    return table.rename(columns=in_words)


@dataclass(frozen=True)
class Signals:
    """The classes as their signals describe them: means and covariance within, from training."""

    #: Of the F statistics.
    names: list[str]
    #: (C, F), mean over the training windows of each class, and deviation within it.
    centre: np.ndarray
    deviation: np.ndarray
    #: (F, F), inverse of the covariance within the classes: the measure of every distance.
    inverse: np.ndarray
    #: (C,), within which 95 % of a class's training windows lie from its centre.
    reach: np.ndarray
    #: (n, F), the statistics of the test windows.
    test: np.ndarray

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Distance of statistics (rows, F) from every class, (rows, C), in deviations."""
        return cdist(points, self.centre, "mahalanobis", VI=self.inverse)


def describe(dataset: Dataset) -> Signals:
    """The statistics of a data set's windows, and the classes that they make."""
    train = features(dataset.X_train, dataset)
    of_class = [train[dataset.y_train == k].to_numpy() for k in range(len(CLASSES))]
    centre = np.stack([part.mean(axis=0) for part in of_class])
    within = train.to_numpy() - centre[dataset.y_train]
    # Statistics that say the same twice (or never change) span no direction of their own.
    inverse = np.linalg.pinv(within.T @ within / len(within), rcond=1e-10, hermitian=True)
    reach = [
        np.quantile(cdist(part, middle[None], "mahalanobis", VI=inverse), 0.95)
        for part, middle in zip(of_class, centre, strict=True)
    ]
    return Signals(
        list(train.columns), centre, np.stack([part.std(axis=0) for part in of_class]), inverse,
        np.array(reach), features(dataset.X_test, dataset).to_numpy(),
    )  # fmt: skip


def pairs(learned: Learned, found: Signals) -> pd.DataFrame:
    """The pairs of classes, most confused first.

    Columns: ``Confused (%)``, the share of the test windows of both classes that are taken for the
    other one, mean over the seeds; ``Distance`` of the two classes' signals.
    """
    apart = found.distances(found.centre)
    rows = {}
    for i, j in combinations(range(len(CLASSES)), 2):
        of_pair = np.isin(learned.label, (i, j))
        other = i + j - learned.label[of_pair]
        rows[f"{CLASSES[i]} – {CLASSES[j]}"] = {
            "Confused (%)": 100 * float((learned.called[:, of_pair] == other).mean()),
            "Distance": float(apart[i, j]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Pair")
    return table.sort_values("Confused (%)", ascending=False, kind="stable")


def reasons(learned: Learned, found: Signals) -> pd.DataFrame:
    """The five most frequent mistakes, a class and what it is taken for, and their reasons.

    The columns are those of :data:`NOTE`, and ``Most from``, the subject with most of the windows
    and its share, where the data names subjects. A window counts by the share of the seeds that
    make the mistake. A share of no windows is NaN. What has moved is counted in deviations within a
    class but no further than the two classes lie apart; a dash if nothing has.
    """
    rows = {}
    for i, j in _mistakes(learned)[:5]:
        own = np.flatnonzero(learned.label == i)
        mistaken = (learned.called[:, own] == j).mean(axis=0)
        told = (learned.called[:, own] == i).mean(axis=0)
        away = found.distances(found.test[own])
        row: dict[str, object] = {"Windows": float(mistaken.sum())}
        if learned.names_subjects:
            of = pd.Series(mistaken).groupby(learned.subject[own]).sum()
            row["Most from"] = f"{of.idxmax()} ({100 * of.max() / mistaken.sum():.0f}\u00a0%)"
        shares = {"Nearer": away[:, j] < away[:, i], "Outside": away[:, i] > found.reach[i]}
        for name, which in shares.items():
            row[f"{name}, mistaken (%)"] = _share(which, mistaken)
            row[f"{name}, told (%)"] = _share(which, told)
        rows[f"{CLASSES[i]} → {CLASSES[j]}"] = {**row, **_moved(found, own, mistaken, i, j)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Taken for")


def _share(which: np.ndarray, weight: np.ndarray) -> float:
    """Percent of the weight where ``which`` is true; NaN if there is no weight."""
    return 100 * float(np.average(which, weights=weight)) if weight.any() else float("nan")


def _mistakes(learned: Learned) -> list[tuple[int, int]]:
    """(true class, class taken for), the most frequent mistake first, those that happen."""
    count = sum(metrics.confusion_matrix(s, learned.label) for s in learned.scores.values())
    np.fill_diagonal(count, 0)
    order = (-count).argsort(axis=None, kind="stable")
    return [divmod(int(k), len(CLASSES)) for k in order if count.flat[k]]


def _moved(
    found: Signals, own: np.ndarray, weight: np.ndarray, i: int, j: int
) -> dict[str, object]:
    """The statistic of mistaken windows that has moved most towards the other class."""
    mean = np.average(found.test[own], axis=0, weights=weight)
    scale = np.where(found.deviation[i] > 0, found.deviation[i], np.inf)
    apart = (found.centre[j] - found.centre[i]) / scale
    moved = np.minimum((mean - found.centre[i]) / scale * np.sign(apart), np.abs(apart))
    f = int(moved.argmax())
    if moved[f] <= 0:
        return {"Moved most": "–", **dict.fromkeys(MEANS, float("nan"))}
    values = (mean[f], found.centre[i, f], found.centre[j, f])
    return {"Moved most": found.names[f], **dict(zip(MEANS, map(float, values), strict=True))}


def examples(learned: Learned) -> pd.DataFrame:
    """Four windows that are told wrong, at most one a kind of mistake, the plainest first.

    Plainest: wrong by most seeds, then by most of the class score. One row a window (its number):
    ``Subject``, ``True class``, ``Taken for`` (by most seeds; of equals the first class),
    ``Seeds``, how many take it for that, and ``Lead``, by how much the mean score of that class
    leads the true one's.
    """
    windows, names = np.arange(len(learned.label)), np.array(CLASSES)
    votes = np.stack([(learned.called == k).sum(axis=0) for k in range(len(CLASSES))], axis=1)
    votes[windows, learned.label] = 0
    taken = votes.argmax(axis=1)
    scores = np.mean(list(learned.scores.values()), axis=0)
    found = {
        "Subject": learned.subject,
        "True class": names[learned.label],
        "Taken for": names[taken],
        "Seeds": votes.max(axis=1),
        "Lead": scores[windows, taken] - scores[windows, learned.label],
    }
    table = pd.DataFrame(found).rename_axis("Window").query("Seeds > 0")
    table = table.sort_values(["Seeds", "Lead"], ascending=False, kind="stable")
    return table.drop_duplicates(["True class", "Taken for"]).head(4)
