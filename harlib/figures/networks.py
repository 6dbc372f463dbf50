"""What trained networks have learned: accuracy over the time seen, hidden states, confusions."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harlib.analysis.hidden_units import plane, states
from harlib.analysis.networks import Learned
from harlib.analysis.recognition import RULES, confusion_by_subject, told_by_step
from harlib.figures import style
from harlib.figures.curves import CHANCE
from harlib.figures.heatmaps import draw_states
from harlib.protocol import CLASSES

#: The latest output, and the protocol's rule.
_RULE_LINES = ((0, (4, 2)), "-")
#: No more panels than this; of more subjects, those that are told worst.
SUBJECTS = 6
#: Pairs with names beside their points: the most confused, from one percent on.
NAMED = 4


def plot_accuracy_by_step(learned: Learned, *, data_title: str) -> Figure:
    """Left: Top-1 accuracy against the time seen, by the latest output and the protocol's rule.

    Right: the same by class, by the protocol's rule. Lines are means over the seeds, bands reach
    from the worst seed to the best.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6), sharey=True)
    for rule, line in zip(learned.rules, _RULE_LINES[-len(learned.rules) :], strict=True):
        told = told_by_step(learned, rule)
        time = learned.seconds_of_steps(np.arange(1, told.shape[2] + 1))
        by_seed, colour = 100 * told.mean(axis=1), style.TOP_COLOURS["top1"]
        style.band(left, time, by_seed, colour, 0.18, linestyle=line, label=RULES[rule])
    left.axhline(CHANCE, color=style.NEUTRAL, linewidth=0.8, label="chance (1/6)")
    share = told.mean(axis=0)
    by_class = [100 * share[learned.label == k].mean(axis=0) for k in range(len(CLASSES))]
    style.plot_classes(right, time, np.transpose(by_class))
    left.set(ylabel="test windows told (%)", ylim=(0, 103), title="All classes")
    left.legend(loc="lower right", frameon=True, edgecolor="none", framealpha=0.85)
    style.legend_below(figure, right, ncols=6, handlelength=2.6, columnspacing=1.2)
    right.set(title=f"By class, {RULES[learned.rules[-1]]}")
    for ax in (left, right):
        ax.set(xlabel=f"seen of the window ({learned.time_unit})", xlim=(0, time[-1]))
    return style.finish(figure, f"{_title(learned)} · {data_title}")


def plot_hidden(learned: Learned, seed: int, window: int, *, data_title: str) -> Figure:
    """Hidden states of one network before (left) and after training (right).

    Above, every unit over one test window, units in the same order; below, the mean state of every
    test window on the first two principal components, by class.
    """
    figure, axes = plt.subplots(2, 2, figsize=(7.2, 6.4), height_ratios=(1, 1.15))
    ends = states(learned, seed, window)
    for (above, below), (end, (of_window, mean)) in zip(axes.T, ends.items(), strict=True):
        image = draw_states(above, of_window, learned.seconds_of_steps(len(of_window)))
        above.set(title=f"{end.capitalize()} training", xlabel=f"time ({learned.time_unit})")
        place, share = plane(mean)
        for k, name in enumerate(CLASSES):
            of_class = place[learned.label == k]
            below.scatter(
                *of_class.T, s=9, color=style.CLASS_COLOURS[k], marker=style.CLASS_MARKERS[k],
                linewidths=0.4, alpha=0.75, label=name,
            )  # fmt: skip
        below.set(
            xlabel=f"first component ({share[0]:.0f} % of the variance)",
            ylabel=f"second component ({share[1]:.0f} %)",
        )
    figure.colorbar(image, ax=above, label="activation", ticks=(-1, 0, 1), pad=0.02)
    axes[0, 0].set_ylabel("hidden unit")
    dots = {"handletextpad": 0.1, "columnspacing": 1.2, "markerscale": 1.8}
    style.legend_below(figure, axes[1, 0], ncols=6, **dots)
    true_class = CLASSES[learned.label[window]]
    return style.finish(
        figure,
        f"{_title(learned)}, seed {seed} · above: test window {window} ({true_class}) · "
        f"{data_title}",
    )


def _title(learned: Learned) -> str:
    return f"Run {learned.result['run_no']}, protocol {learned.result['config']['protocol']}"


def _matrix(ax: Axes, counts: np.ndarray, names: Sequence[str], **options: object) -> None:
    """Windows by true (rows) and predicted class, coloured by percent of the true class.

    ``options`` as :func:`seaborn.heatmap` takes them; they write the share where they say nothing.
    """
    total = counts.sum(axis=1, keepdims=True)
    share = 100 * counts / np.where(total > 0, total, np.nan)  # no windows of a class: no row
    words = np.where(share >= 0.5, np.char.mod("%.0f", np.nan_to_num(share)), "")
    sns.heatmap(
        share, ax=ax, cmap="viridis", vmin=0, vmax=100, linewidths=0.5, xticklabels=names,
        yticklabels=names, **{"annot": words, "fmt": "", **options},
    )  # fmt: skip
    ax.tick_params(axis="x", rotation=35)
    ax.tick_params(axis="y", rotation=0)
    plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")


def plot_confusion(result: dict, seed: int, *, data_title: str) -> Figure:
    """Table VIII, drawn: test windows by true (rows) and predicted class, in counts."""
    counts = np.array(result["seeds"][str(seed)]["confusion"])
    figure, ax = plt.subplots(figsize=(5.6, 4.2))
    _matrix(
        ax, counts, [f"{number} {name}" for number, name in enumerate(CLASSES)], annot=counts,
        fmt="d", square=True, cbar_kws={"label": "share of the true class (%)"},
    )  # fmt: skip
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.set_title(f"Run {result['run_no']}, early stopping, seed {seed} · {data_title}")
    return style.finish(figure)


def plot_confusion_by_subject(learned: Learned, *, data_title: str) -> Figure:
    """One heat map a test subject: percent of the true class, mean over the seeds."""
    counts = confusion_by_subject(learned)
    top1 = {subject: 100 * np.trace(part) / part.sum() for subject, part in counts.items()}
    shown = sorted(sorted(counts, key=top1.get)[:SUBJECTS])
    rows = -(-len(shown) // 2)
    figure, axes = plt.subplots(
        rows, min(2, len(shown)), figsize=(7.2, 0.6 + 3.2 * rows), squeeze=False, sharex=True,
        sharey=True,
    )  # fmt: skip
    for ax, subject in zip(axes.flat, shown, strict=False):
        title = f"subject {subject}" if learned.names_subjects else "all test windows"
        _matrix(ax, counts[subject], CLASSES, cbar=False, annot_kws={"size": 8})
        ax.tick_params(length=0)
        ax.set_title(f"{title}: {top1[subject]:.1f} %")
    style.label_grid(axes, len(shown), "predicted class", "true class")
    return style.finish(figure, f"Percent of the true class, mean over the seeds · {data_title}")


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
    return style.finish(figure)


def plot_examples(
    learned: Learned, examples: pd.DataFrame, seed: int, *, data_title: str
) -> Figure:
    """Windows told wrong: the signal, and below it the class scores while it is seen.

    ``examples`` is that of :func:`harlib.analysis.confusions.examples`. The scores are those of
    one seed, by the protocol's rule; it may be one that tells the window right.
    """
    count = len(examples)
    if not count:
        figure, ax = plt.subplots(figsize=(7.2, 1.2))
        ax.set_axis_off()
        ax.text(0.5, 0.5, "No test window is told wrong by any seed.", ha="center", va="center")
        return style.finish(figure)
    signals, scores = learned.dataset.X_test, learned.scores_by_step(seed, learned.rules[-1])
    time = learned.seconds(np.arange(1, signals.shape[1] + 1))
    seen = learned.seconds_of_steps(np.arange(1, scores.shape[1] + 1))
    rows = -(-count // 2)
    figure = plt.figure(figsize=(7.2, 0.7 + 3.1 * rows), layout="constrained")
    parts = figure.subfigures(rows, min(2, count), squeeze=False).flat
    for part, (window, row) in zip(parts, examples.iterrows(), strict=False):
        above, below = part.subplots(2, 1, sharex=True, height_ratios=(1, 1))
        above.set_prop_cycle(color=style.AXIS_COLOURS.values())
        above.plot(time, signals[window], linewidth=0.8, label=list(style.AXIS_COLOURS))
        above.set(ylabel=learned.dataset.in_unit("acceleration"), xlim=(0, time[-1]))
        lines = style.plot_classes(below, seen, scores[window])
        plt.setp(lines, linewidth=1)
        lines[learned.label[window]].set_linewidth(2.2)
        below.set(ylabel="class score", ylim=(-0.03, 1.03), xlabel=f"time ({learned.time_unit})")
        who = f", subject {row['Subject']}" if learned.names_subjects else ""
        part.suptitle(
            f"Window {window}{who}: {row['True class']}\ntaken for {row['Taken for']} by "
            f"{row['Seeds']} of {len(learned.seeds)} seeds", fontsize=8.5,
        )  # fmt: skip
    # Column by column: the axes of the sensor, then the classes.
    legend = figure.legend(handles=[*above.lines, *lines], loc="outside lower center", ncols=3)
    plt.setp(legend.get_lines()[3:], linewidth=plt.rcParams["lines.linewidth"])
    return style.finish(figure, f"Scores of seed {seed} · {data_title}")
