"""What is seen from inside a training, and the ladder from one protocol to the other."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from harlib.experiments.protocol_steps import BETTER, DIVISIONS, SAME, WORSE
from harlib.figures import style
from harlib.figures.curves import CHANCE
from harlib.protocol import CLASSES
from harlib.seed_statistics import Interval


def plot_within_epochs(looks: Mapping[str, pd.DataFrame], *, data_title: str) -> Figure:
    """Classes predicted on the test windows while the network goes through the training windows.

    ``looks`` holds what :func:`harlib.experiments.inside_training.within_epochs` returns, by the
    title of its panel. The strip above each panel has the colour of the class that was shown most
    since the look before.
    """
    figure, axes = plt.subplots(len(looks), 1, figsize=(7.2, 1.9 * len(looks) + 0.7), squeeze=False,
                                sharex=True)  # fmt: skip
    for ax, (title, table) in zip(axes[:, 0], looks.items(), strict=True):
        x = np.arange(len(table)) + 0.5
        shares = table[list(CLASSES)].to_numpy()
        bottom = np.zeros(len(table))
        for share, colour in zip(shares.T, style.CLASS_COLOURS, strict=True):
            ax.bar(x, share, 1.0, bottom, color=colour, linewidth=0)
            bottom += share
        seen = [style.CLASS_COLOURS[number] for number in table["seen"]]
        ax.bar(x, 7, 1.0, 104, color=seen, linewidth=0, clip_on=False)
        epochs = table.index.get_level_values("epoch")
        for edge in np.flatnonzero(np.diff(epochs)) + 1:
            ax.axvline(edge, color=style.NEUTRAL, linewidth=1.2)
        ax.set(xlim=(0, len(table)), ylim=(0, 112), ylabel="test windows (%)")
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.grid(False)
        ax.set_title(title, loc="left")
    middle = pd.Series(x).groupby(epochs).mean()
    axes[-1, 0].set_xticks(middle, [f"epoch {epoch}" for epoch in middle.index])
    axes[-1, 0].tick_params(axis="x", length=0)
    handles = [Patch(color=style.CLASS_COLOURS[k], label=name) for k, name in enumerate(CLASSES)]
    figure.legend(handles=handles, loc="outside lower center", ncols=6)
    return style.finish(figure, f"predicted classes; strip on top: class shown most · {data_title}")


def plot_divisions(results: Mapping[str, dict], *, data_title: str) -> Figure:
    """Test Top-1 over the epochs: mean over the seeds, and from the lowest seed to the highest.

    ``results`` are of :data:`harlib.experiments.protocol_steps.DIVISIONS`, by name of protocol.
    """
    figure, ax = plt.subplots(figsize=(7.2, 3.8))
    for number, (label, protocol) in enumerate(DIVISIONS.items()):
        seeds = results[protocol.name]["seeds"].values()
        values = np.array([entry["test"]["top1"] for entry in seeds])
        style.band(ax, np.arange(values.shape[1]), values, f"C{number}", 0.2, label=label)
    dotted = {"linewidth": 1, "linestyle": (0, (2, 2)), "label": "chance (1/6)"}
    ax.axhline(CHANCE, color=style.NEUTRAL, **dotted)
    ax.set(xlabel="epoch", ylabel="test Top-1 accuracy (%)", ylim=(0, None), xlim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside lower center", ncols=2)
    return style.finish(figure, data_title)


def _dots(ax: Axes, y: Sequence[float], values: Sequence[Interval], colour: str) -> None:
    means = np.array([value.mean for value in values])
    half = np.array([value.half if np.isfinite(value.half) else 0 for value in values])
    ax.errorbar(means, y, xerr=half, fmt="o", color=colour, elinewidth=1.4, capsize=2.5)


def plot_ladder(table: pd.DataFrame, *, data_title: str) -> Figure:
    """The table of :mod:`harlib.experiments.protocol_steps` as two panels that share their rows."""
    added = table.loc["added"]
    out = table.loc["taken out"]
    titles = list(added.index)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(7.2, 0.32 * len(titles) + 1.2), sharey=True, width_ratios=(3, 2)
    )
    y = np.arange(len(titles))
    _dots(left, y, list(added["Top-1 (%)"]), style.SPLIT_COLOURS["test"])
    left.axvline(CHANCE, color=style.NEUTRAL, linewidth=1, linestyle=(0, (2, 2)))
    left.set(xlabel="test Top-1 accuracy (%)", xlim=(0, 100))
    left.set_title("added to all above", loc="left")
    left.set_yticks(y, titles)
    left.invert_yaxis()
    _dots(right, y[1:], list(out["Change (points)"]), style.SPLIT_COLOURS["train"])
    right.axvline(0, color=style.NEUTRAL, linewidth=1)
    right.set(xlabel="change (percentage points)")
    right.set_title("alone taken out at the end", loc="left")
    return style.finish(figure, data_title)


def plot_changes(table: pd.DataFrame, *, data_title: str) -> Figure:
    """The changes of :mod:`harlib.experiments.suspicions`, a panel a base, grouped by suspicion."""
    bases = list(dict.fromkeys(table.index.get_level_values("Protocol")))
    trials = list(dict.fromkeys((row[0], row[2]) for row in table.index))
    figure, axes = plt.subplots(
        1, len(bases), figsize=(7.2, 0.27 * len(trials) + 1.3), sharey=True, squeeze=False
    )
    colours = {
        BETTER: style.SPLIT_COLOURS["validation"],
        WORSE: style.TOP_COLOURS["top1"],
        SAME: style.SPLIT_COLOURS["train"],
    }
    for ax, base in zip(axes[0], bases, strict=True):
        for trial, row in table.xs(base, level="Protocol").iterrows():
            y = trials.index(trial)
            _dots(ax, [y], [row["Change (points)"]], colours.get(row["Verdict"], style.NEUTRAL))
        ax.axvline(0, color=style.NEUTRAL, linewidth=1)
        ax.set_title(base, loc="left")
        ax.set_xlabel("change of test Top-1 (points)")
        for y in range(1, len(trials)):
            if trials[y][0] != trials[y - 1][0]:
                ax.axhline(y - 0.5, color=style.NEUTRAL, linewidth=0.6, alpha=0.6)
    axes[0, 0].set_yticks(range(len(trials)), [trial for _, trial in trials])
    axes[0, 0].set_ylim(len(trials) - 0.5, -0.5)
    return style.finish(figure, data_title)


def plot_gradients(
    norms: Mapping[str, pd.DataFrame], reach: Mapping[str, pd.Series], *, data_title: str
) -> Figure:
    """Gradient by step and layer, one panel a network, and below how far back an error reaches."""
    figure, axes = plt.subplot_mosaic(
        [list(norms), ["reach"] * len(norms)], figsize=(7.2, 5.2), height_ratios=(1, 1)
    )
    low = min(float(table[table > 0].min().min()) for table in norms.values())
    high = max(float(table.max().max()) for table in norms.values())
    for number, (title, table) in enumerate(norms.items()):
        ax = axes[title]
        ax.set_prop_cycle(color=style.AXIS_COLOURS.values())
        for layer, values in table.items():
            ax.plot(values[values > 0], label=f"${layer.replace('_', '_{')}}}$")
        ax.set(yscale="log", xlabel="sample", ylim=(low / 1.5, high * 1.5))
        ax.set_title(title, loc="left", fontsize=8)
        if number:
            ax.tick_params(labelleft=False, which="both")
        else:
            ax.set_ylabel("norm of the step's term")
            style.legend_below(figure, ax, ncols=3)
    ax = axes["reach"]
    for title, values in reach.items():
        ax.plot(values[values > 0], label=title)
    ax.set(yscale="log", xlabel="samples back from the last", ylim=(1e-12, None))
    ax.set_ylabel("share of the last step's error")
    ax.legend()
    return style.finish(figure, data_title)
