"""What trained networks have learned: accuracy over the time seen, hidden states."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from harlib.analysis.hidden_units import plane, states
from harlib.analysis.networks import Learned
from harlib.analysis.recognition import RULES, told_by_step
from harlib.figures import style
from harlib.figures.curves import CHANCE
from harlib.figures.heatmaps import draw_states
from harlib.protocol import CLASSES

#: The latest output, and the protocol's rule.
_RULE_LINES = ((0, (4, 2)), "-")


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
