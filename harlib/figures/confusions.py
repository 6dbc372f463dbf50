"""What trained networks confuse: pairs of classes by distance of their signals, wrong windows."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harlib.analysis.networks import Learned
from harlib.figures import style
from harlib.protocol import CLASSES

#: Pairs with names beside their points: the most confused, from one percent on.
NAMED = 4


def plot_pairs(pairs: pd.DataFrame, *, data_title: str) -> Figure:
    """Confusion of every pair of classes against the distance of their signals.

    ``pairs`` is that of :func:`harlib.analysis.confusions.pairs`.
    """
    figure, ax = plt.subplots(figsize=(7.2, 3.2))
    ax.scatter(pairs["Distance"], pairs["Confused (%)"], s=22, color=style.TOP_COLOURS["top1"])
    top = max(float(pairs["Confused (%)"].max()), 1.0)
    reach = 1.1 * float(pairs["Distance"].max())
    free = np.inf  # names stand below one another, each by its point as far as there is room
    for name, (confused, distance) in pairs.head(NAMED).iterrows():
        if confused >= 1:
            free = min(confused, free - 0.09 * top)
            ax.annotate(
                name, (distance, confused), xytext=(distance + 0.08 * reach, free),
                va="center", fontsize=8,
                arrowprops={"arrowstyle": "-", "color": style.NEUTRAL, "linewidth": 0.6},
            )  # fmt: skip
    ax.set(
        xlabel="distance of the signals (deviations within a class)",
        ylabel="taken for each other\n(% of both classes' test windows)",
        ylim=(-0.04 * top, 1.15 * top),
        xlim=(0, reach),
    )
    ax.set_title(f"Pairs of activities · {data_title}")
    plt.close(figure)  # a notebook shows what it is given, not every open figure again
    return figure


def plot_examples(
    learned: Learned, examples: pd.DataFrame, seed: int, *, data_title: str
) -> Figure:
    """Windows told wrong: the signal, and below it the class scores while it is seen.

    ``examples`` is that of :func:`harlib.analysis.confusions.examples`. The scores are those of one seed, by
    the protocol's rule; it may be one that tells the window right.
    """
    count = len(examples)
    if not count:
        figure, ax = plt.subplots(figsize=(7.2, 1.2))
        ax.set_axis_off()
        ax.text(0.5, 0.5, "No test window is told wrong by any seed.", ha="center", va="center")
        plt.close(figure)
        return figure
    rows = -(-count // 2)
    figure = plt.figure(figsize=(7.2, 0.7 + 3.1 * rows), layout="constrained")
    parts = np.atleast_1d(figure.subfigures(rows, min(2, count), squeeze=False)).flat
    for part, (window, row) in zip(parts, examples.iterrows(), strict=False):
        above, below = part.subplots(2, 1, sharex=True, height_ratios=(1, 1))
        _signal(above, learned, window)
        _scores(below, learned, window, seed)
        who = f", subject {row['Subject']}" if learned.names_subjects else ""
        part.suptitle(
            f"Window {window}{who}: {row['True class']}\ntaken for {row['Taken for']} by "
            f"{row['Seeds']} of {len(learned.seeds)} seeds", fontsize=8.5,
        )  # fmt: skip
    classes = [
        Line2D([], [], color=colour, linestyle=line, label=name)
        for name, colour, line in zip(CLASSES, style.CLASS_COLOURS, style.CLASS_LINES, strict=True)
    ]
    # Column by column: the axes of the sensor, then the classes.
    figure.legend(handles=[*above.lines, *classes], loc="outside lower center", ncols=3)
    figure.suptitle(f"Scores of seed {seed} · {data_title}", fontsize=9)
    plt.close(figure)
    return figure


def _signal(ax: Axes, learned: Learned, window: int) -> None:
    signal = learned.dataset.X_test[window]
    time = learned.seconds(np.arange(1, len(signal) + 1))
    names = style.AXIS_COLOURS if signal.shape[1] == 3 else {}
    for k, values in enumerate(signal.T):
        name = list(names)[k] if names else f"channel {k}"
        ax.plot(time, values, color=names.get(name), linewidth=0.8, label=name)
    ax.set(ylabel="acceleration (g)", xlim=(0, time[-1]))


def _scores(ax: Axes, learned: Learned, window: int, seed: int) -> None:
    so_far = learned.scores_by_step(seed, learned.rules[-1])[window]
    steps = np.arange(1, len(so_far) + 1)
    true_class = learned.label[window]
    for k, name in enumerate(CLASSES):
        ax.plot(
            learned.seconds_of_steps(steps), so_far[:, k], color=style.CLASS_COLOURS[k],
            linestyle=style.CLASS_LINES[k], linewidth=2.2 if k == true_class else 1, label=name,
        )  # fmt: skip
    ax.set(ylabel="class score", ylim=(-0.03, 1.03), xlabel=f"time ({learned.time_unit})")
