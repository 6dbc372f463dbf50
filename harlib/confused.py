"""What trained networks confuse, and why: the signals of the classes, and windows told wrong.

A window is described by simple statistics of its signal, the same as those of the data chapter
(:mod:`harlib.data.statistics`), one set a window. The *distance* of two classes is that of their
means over the training windows, with the covariance within the classes as the measure
(Mahalanobis, 1936). It knows nothing of the network: where it is small, the signals are alike.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from harlib.data import statistics
from harlib.data.dataset import CLASSES
from harlib.display import Table
from harlib.learned import Learned


def features(X: np.ndarray, sampling_rate: float | None) -> pd.DataFrame:
    """Statistics of each window of ``X`` (n, T, K): one row a window, columns with their unit.

    Frequency in cycles a step where the sampling rate is not known. Of a signal with other than
    three channels only the means, deviations and changes.
    """
    columns = {}
    names = statistics.AXES if X.shape[2] == 3 else [str(k) for k in range(X.shape[2])]
    for k, axis in enumerate(names):
        columns[f"mean {axis} (g)"] = X[:, :, k].mean(axis=1)
        columns[f"deviation {axis} (g)"] = X[:, :, k].std(axis=1)
        columns[f"change {axis} (g)"] = np.abs(np.diff(X[:, :, k], axis=1)).mean(axis=1)
    magnitude = np.linalg.norm(X, axis=2)
    columns["mean magnitude (g)"] = magnitude.mean(axis=1)
    columns["deviation of magnitude (g)"] = magnitude.std(axis=1)
    columns["least magnitude (g)"] = magnitude.min(axis=1)
    columns["greatest magnitude (g)"] = magnitude.max(axis=1)
    unit = "Hz" if sampling_rate else "per step"
    columns[f"dominant frequency ({unit})"] = statistics.dominant_frequency(
        magnitude, sampling_rate or 1.0
    )
    return pd.DataFrame(columns)


@dataclass(frozen=True)
class Signals:
    """The classes as their signals describe them: means and covariance within, from training.

    Attributes
    ----------
    names : list of str
        Of the F statistics.
    centre : (C, F)
        Mean over the training windows of each class.
    deviation : (C, F)
        Standard deviation within each class.
    whiten : (F, F)
        Turns differences of statistics into distances: ``|whiten @ difference|``.
    test : (n, F)
        The statistics of the test windows.
    """

    names: list[str]
    centre: np.ndarray
    deviation: np.ndarray
    whiten: np.ndarray
    test: np.ndarray

    def distance(self, first: int, second: int) -> float:
        """Distance of two classes, in deviations within a class."""
        return float(np.linalg.norm(self.whiten @ (self.centre[first] - self.centre[second])))

    def distances(self, rows: np.ndarray) -> np.ndarray:
        """Distance of test windows ``rows`` from every class, (rows, C)."""
        away = self.test[rows][:, None] - self.centre
        return np.linalg.norm(away @ self.whiten.T, axis=2)


def signals(learned: Learned) -> Signals:
    """The statistics of a data set's windows, and the classes that they make."""
    dataset = learned.dataset
    train = features(dataset.X_train, dataset.sampling_rate)
    of_class = [train[dataset.y_train == k].to_numpy() for k in range(len(CLASSES))]
    within = np.concatenate([part - part.mean(axis=0) for part in of_class])
    values, vectors = np.linalg.eigh(within.T @ within / len(within))
    # Statistics that say the same twice (or never change) span no direction of their own.
    kept = values > values.max() * 1e-10
    whiten = (vectors[:, kept] / np.sqrt(values[kept])).T
    return Signals(
        list(train.columns),
        np.stack([part.mean(axis=0) for part in of_class]),
        np.stack([part.std(axis=0) for part in of_class]),
        whiten,
        features(dataset.X_test, dataset.sampling_rate).to_numpy(),
    )


def pairs(learned: Learned, found: Signals) -> pd.DataFrame:
    """The pairs of classes, most confused first.

    Columns: ``Confused (%)``, the share of the test windows of both classes that are taken for the
    other one, mean over the seeds; ``Distance`` of the two classes' signals.
    """
    rows = {}
    for i, j in combinations(range(len(CLASSES)), 2):
        of_pair = np.isin(learned.label, (i, j))
        other = i + j - learned.label[of_pair]
        rows[f"{CLASSES[i]} – {CLASSES[j]}"] = {
            "Confused (%)": 100 * float((learned.called[:, of_pair] == other).mean()),
            "Distance": found.distance(i, j),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("Pair")
    return table.sort_values("Confused (%)", ascending=False, kind="stable")


def rank_correlation(table: pd.DataFrame) -> float:
    """Spearman's correlation of confusion with distance over the pairs; 0 if either is constant."""
    if (table.nunique() < 2).any():
        return 0.0
    return float(spearmanr(table["Confused (%)"], table["Distance"]).statistic)


def reasons(learned: Learned, found: Signals, count: int = 5) -> pd.DataFrame:
    """The ``count`` most frequent mistakes, a class and what it is taken for, and their reasons.

    A window counts by the share of the seeds that make the mistake. Columns: ``Windows``, mean over
    the seeds; ``Most from``, the subject with most of them and its share (where the data names
    subjects); ``Look like it (%)``: of the windows taken for the other class, those whose
    statistics lie nearer to it than to their own class, and ``Others (%)``, the same for the
    windows of the class that are told; then the statistic that is furthest off in direction of the
    other class, in deviations within the own class: its mean over the mistaken windows, over the
    own class and over the other.
    """
    rows = {}
    for i, j in _mistakes(learned)[:count]:
        own = np.flatnonzero(learned.label == i)
        weight = (learned.called[:, own] == j).mean(axis=0)
        told = (learned.called[:, own] == i).mean(axis=0)
        away = found.distances(own)
        nearer = away[:, j] < away[:, i]
        row = {"Windows": float(weight.sum())}
        if learned.names_subjects:
            by_subject = pd.Series(weight).groupby(learned.subject[own]).sum()
            row["Most from"] = (
                f"{by_subject.idxmax()} ({100 * by_subject.max() / weight.sum():.0f} %)"
            )
        row["Look like it (%)"] = 100 * float(np.average(nearer, weights=weight))
        row["Others (%)"] = (
            100 * float(np.average(nearer, weights=told)) if told.any() else float("nan")
        )
        rows[f"{CLASSES[i]} → {CLASSES[j]}"] = {**row, **_off(found, own, weight, i, j)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Taken for")


NOTE = (
    "Windows: mean over the seeds. Look like it: of the windows taken for the other class, those "
    "whose signal lies nearer to it than to their own class; others: the same, of the windows of "
    "the class that are told. Furthest off: the statistic of the signal in which the mistaken "
    "windows are furthest from their own class in direction of the other, with its mean over them "
    "and over the training windows of both classes."
)


def text(value: object, label: object, column: object) -> str:
    """A cell of the tables of this module as text."""
    if not isinstance(value, float):
        return str(value)
    if pd.isna(value):
        return "–"
    return f"{value:.2f}" if column in ("They", "Own class", "Other class") else f"{value:.1f}"


def display(table: pd.DataFrame, caption: str) -> Table:
    """A table of this module for a notebook."""
    return Table(table, caption, text)


def _mistakes(learned: Learned) -> list[tuple[int, int]]:
    """(true class, class taken for), the most frequent mistake first, those that happen."""
    count = np.zeros((len(CLASSES), len(CLASSES)))
    for called in learned.called:
        np.add.at(count, (learned.label, called), 1)
    np.fill_diagonal(count, 0)
    order = np.argsort(-count, axis=None, kind="stable")[: np.count_nonzero(count)]
    return [tuple(map(int, divmod(place, len(CLASSES)))) for place in order]


def _off(found: Signals, own: np.ndarray, weight: np.ndarray, i: int, j: int) -> dict[str, object]:
    """The statistic of mistaken windows that is furthest off towards the other class."""
    mean = np.average(found.test[own], axis=0, weights=weight)
    scale = np.where(found.deviation[i] > 0, found.deviation[i], np.inf)
    towards = np.sign(found.centre[j] - found.centre[i])
    f = int(np.argmax((mean - found.centre[i]) / scale * towards))
    return {
        "Furthest off": found.names[f],
        "They": float(mean[f]),
        "Own class": float(found.centre[i, f]),
        "Other class": float(found.centre[j, f]),
    }


def examples(learned: Learned, count: int = 4) -> pd.DataFrame:
    """Windows that are told wrong, at most one a kind of mistake, the plainest mistakes first.

    Plainest: wrong by most seeds, then by most of the class score. One row a window (its number):
    ``Subject``, ``True class``, ``Taken for`` (by most seeds; of equals the first class),
    ``Seeds``, how many take it for that, and ``Lead``, by how much the mean score of that class
    leads the true one's.
    """
    called = learned.called
    wrong = np.flatnonzero((called != learned.label).any(axis=0))
    scores = np.mean(list(learned.scores.values()), axis=0)
    rows = []
    for n in wrong:
        votes = np.bincount(called[:, n], minlength=len(CLASSES))
        votes[learned.label[n]] = 0
        taken = int(votes.argmax())
        rows.append(
            {
                "Window": int(n),
                "Subject": int(learned.subject[n]) if learned.names_subjects else "not known",
                "True class": CLASSES[learned.label[n]],
                "Taken for": CLASSES[taken],
                "Seeds": int(votes[taken]),
                "Lead": float(scores[n, taken] - scores[n, learned.label[n]]),
            }
        )
    columns = ["Window", "Subject", "True class", "Taken for", "Seeds", "Lead"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values(["Seeds", "Lead"], ascending=False, kind="stable")
    return table.drop_duplicates(["True class", "Taken for"]).head(count).set_index("Window")
