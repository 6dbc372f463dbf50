"""Fills data.md: a window of each class, and statistics beside those of real people."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.data import motionsense, statistics
from harlib.data.dataset import Dataset
from harlib.figures import style
from harlib.protocol import CLASSES

#: Panels of the lower half: statistic and title.
PANELS = {
    **{f"mean_{axis}": f"mean, {axis}" for axis in "xyz"},
    **{f"std_{axis}": f"standard deviation, {axis}" for axis in "xyz"},
    "magnitude_std": "standard deviation, magnitude",
    "magnitude_max": "greatest magnitude",
    "dominant_frequency": "dominant frequency, magnitude",
}
#: Shows on light and dark ground.
OWN_COLOUR = style.TOP_COLOURS["top1"]


def fill(book: Book, study: Study) -> dict[str, str]:
    """The figure; returns the numbers that the text quotes."""
    statistics_too = ""
    if is_compared(study.dataset):
        statistics_too = ", and simple statistics by class beside those of MotionSense's subjects"
    book.figure(
        "windows",
        partial(plot_windows, study.dataset, study.title),
        title=f"One window of each class{statistics_too}; {study.title}.",
        alt="Six panels with three axes of acceleration against time.",
    )
    data = study.first["data"]
    return {
        "data_source": data["source"],
        "train_windows": f"{data['train_windows']:,}",
        "test_windows": f"{data['test_windows']:,}",
        "steps": str(data["steps"]),
        "class_order": _class_order(study.dataset.y_train),
    }


def _class_order(y: np.ndarray) -> str:
    """Whether the training windows lie in class order, as the published ones do."""
    if (np.diff(y) >= 0).all():
        return "The windows of this build lie in class order, too."
    same = 100 * np.mean(np.diff(y) == 0)
    return (
        f"The windows of this build do **not** lie in class order: {same:.0f} % of them follow "
        "one of the same class."
    )


def is_compared(dataset: Dataset) -> bool:
    """True of other data than MotionSense that are in g, at a known rate, and of known people."""
    known = dataset.sampling_rate and dataset.shared_subjects is not None
    return bool(known) and dataset.unit == "g" and dataset.name != motionsense.NAME


def plot_windows(dataset: Dataset, label: str) -> Figure:
    """One window of each class, and simple statistics beside those of real subjects.

    Above, the middle training window of each class against seconds (steps, if the sampling rate is
    not known). Below, where the data can be compared, for each statistic and class, the data set's
    mean over its subjects (dot) with the 5 to 95 % range over them (line), on that range of the
    real subjects (grey bar).
    """
    compared = is_compared(dataset)
    figure = plt.figure(figsize=(8.0, 10.2 if compared else 4.2), layout="constrained")
    above, *below = figure.subfigures(
        2 if compared else 1, 1, squeeze=False, height_ratios=(0.8, 1.2)[: compared + 1]
    ).flat
    above.suptitle(f"One window of each class ({label})")

    grid = above.subplots(2, 3, sharex=True)
    for y, (axes, activity) in enumerate(zip(grid.flat, CLASSES, strict=True)):
        _draw_window(axes, dataset, y)
        axes.set_title(activity)
    unit = "s" if dataset.sampling_rate else "steps"
    above.supxlabel(f"time ({unit})", fontsize="medium")
    above.supylabel(dataset.in_unit("acceleration"), fontsize="medium")
    above.legend(
        *grid.flat[0].get_legend_handles_labels(), loc="outside upper right", ncols=3,
        title=None, frameon=False,
    )  # fmt: skip

    for part in below:
        _draw_statistics(part, dataset, label)
    plt.close(figure)  # a notebook shows what it is given, not every open figure again
    return figure


def _draw_statistics(below, dataset: Dataset, label: str) -> None:
    """The lower half: a panel a statistic."""
    below.suptitle(f"Simple statistics by class: {label} and MotionSense")
    own, real = statistics.summary(dataset), statistics.summary(motionsense.load())
    place = np.arange(len(CLASSES))
    panels = below.subplots(3, 3, sharey=True)
    for axes, (statistic, title) in zip(panels.flat, PANELS.items(), strict=True):
        axes.set_title(title)
        axes.set_xscale("log" if "std" in statistic else "linear")
        axes.use_sticky_edges = False  # else a bar would end at the frame as if it were cut
        of_real, of_own = real.loc[statistic], own.loc[statistic]
        axes.barh(
            place, of_real["q95"] - of_real["q05"], left=of_real["q05"], height=0.62,
            color=style.NEUTRAL, alpha=0.35, label="real subjects (MotionSense), 5–95 %",
        )  # fmt: skip
        axes.hlines(place, of_own["q05"], of_own["q95"], color=OWN_COLOUR, linewidth=1.5)
        axes.plot(
            of_own["mean"], place, "o", color=OWN_COLOUR, markersize=4,
            label="this data set: mean and 5–95 % of its subjects",
        )  # fmt: skip
        axes.set_xlabel(statistics.UNITS[statistic])
    axes = panels.flat[0]
    axes.set_yticks(place, CLASSES)
    axes.invert_yaxis()
    below.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )


def _draw_window(axes: Axes, dataset: Dataset, y: int) -> None:
    of_class = np.flatnonzero(dataset.y_train == y)
    window = dataset.X_train[of_class[len(of_class) // 2]]
    time = np.arange(len(window)) / (dataset.sampling_rate or 1)
    for values, (name, colour) in zip(window.T, style.AXIS_COLOURS.items(), strict=True):
        axes.plot(time, values, color=colour, label=name, linewidth=1)
    # A calm window must not look lively because the axis was stretched.
    if dataset.unit == "g":
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -1.2), max(high, 2.2))
    axes.set_xlim(time[0], time[-1])
