"""Whose windows trained networks tell, which activities, and how much of a window they need."""

import numpy as np
import pandas as pd

from harlib import metrics
from harlib.analysis.networks import Learned
from harlib.protocol import CLASSES

#: What the class scores after some steps are taken from, in words: the positions of the switch
#: ``scores_from``.
RULES = {
    "last": "latest output",
    "mean": "mean of the outputs so far",
    "mean_logit": "output of the mean so far",
}
#: For below the table of :func:`how_early`.
SETTLED_NOTE = (
    "Settled: from then on the figure stays within one percentage point of that after the whole "
    "window."
)


def confusion_by_subject(learned: Learned) -> dict[int, np.ndarray]:
    """Of each subject the test windows by true class (rows) and predicted: mean over the seeds."""
    found = {}
    for subject in np.unique(learned.subject):
        chosen = learned.subject == subject
        counts = [
            metrics.confusion_matrix(scores[chosen], learned.label[chosen])
            for scores in learned.scores.values()
        ]
        found[int(subject)] = np.mean(counts, axis=0)
    return found


def accuracy_by_subject(learned: Learned) -> pd.DataFrame:
    """One row a test subject, and one for all: windows, and percent told, mean over the seeds.

    Columns: ``Windows``, the six classes, then Top-1, -2, -3 of all windows of the row. NaN where
    a subject has no windows of a class.
    """
    rows = {}
    for subject in [*np.unique(learned.subject), "all"]:
        chosen = (learned.subject == subject) | (subject == "all")
        label = learned.label[chosen]
        right = (learned.called[:, chosen] == label).mean(axis=0)
        row = {"Windows": int(chosen.sum())}
        for k, name in enumerate(CLASSES):
            row[name] = 100 * float(right[label == k].mean()) if (label == k).any() else np.nan
        for top in (1, 2, 3):
            told = [metrics.top_n_accuracy(s[chosen], label, top) for s in learned.scores.values()]
            row[f"Top-{top}"] = float(np.mean(told))
        rows[str(subject)] = row
    if not learned.names_subjects:
        del rows["0"]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Subject")


def accuracy_of_people(groups: list[Learned]) -> pd.DataFrame:
    """The rows of :func:`accuracy_by_subject` of people whom networks have never seen, by number.

    ``groups`` are networks that were trained without the people of their test windows; without any,
    there is one row of NaN.
    """
    if not groups:
        columns = ["Windows", *CLASSES, "Top-1", "Top-2", "Top-3"]
        return pd.DataFrame(np.nan, pd.Index(["not known"], name="Subject"), columns)
    rows = pd.concat([accuracy_by_subject(learned).drop(index="all") for learned in groups])
    return rows.loc[sorted(rows.index, key=int)]


def told_by_step(learned: Learned, rule: str) -> np.ndarray:
    """True where a network tells a test window right after a step, (seeds, n, T).

    ``rule`` is a name in :data:`RULES`.
    """
    called = [learned.scores_by_step(seed, rule).argmax(axis=2) for seed in learned.seeds]
    return np.stack(called) == learned.label[:, None]


def how_early(learned: Learned) -> pd.DataFrame:
    """How much of a window each class needs, by the protocol's rule for class scores.

    Rows: the classes and ``all``. Columns: percent told after some parts of a window (mean over
    the seeds), and last ``Settled``, as :data:`SETTLED_NOTE` says.
    """
    right = told_by_step(learned, learned.rules[-1]).mean(axis=0)
    seconds = learned.seconds_of_steps
    steps = right.shape[1]
    after = sorted({max(1, round(steps * part)) for part in (1 / 15, 1 / 6, 1 / 3, 2 / 3, 1)})
    rows = {}
    for k, name in [*enumerate(CLASSES), (None, "all")]:
        curve = 100 * (right if k is None else right[learned.label == k]).mean(axis=0)
        row = {f"{seconds(t):.3g} {learned.time_unit}": curve[t - 1] for t in after}
        row[f"Settled ({learned.time_unit})"] = seconds(settled(curve))
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Class")


def settled(curve: np.ndarray) -> int:
    """The first step from which ``curve`` stays within one percentage point of its last value."""
    away = np.flatnonzero(np.abs(curve - curve[-1]) > 1)
    return int(away[-1]) + 2 if len(away) else 1
