"""Loss and accuracy over the epochs: Figures 1 to 4."""

import math

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harlib.figures import style

#: Top-1 accuracy of guessing among six classes, in percent.
CHANCE = 100 / 6


def _loss(ax: Axes, entry: dict) -> None:
    for split, label in style.SPLIT_LABELS.items():
        if curves := entry[split]:
            ax.plot(curves["loss"], color=style.SPLIT_COLOURS[split], label=label)


def _accuracy(ax: Axes, entry: dict) -> None:
    for n in (3, 2, 1):
        for split, label in style.SPLIT_LABELS.items():
            if curves := entry[split]:
                ax.plot(
                    curves[f"top{n}"], color=style.TOP_COLOURS[f"top{n}"],
                    linestyle=style.SPLIT_LINES[split], label=f"Top-{n} {label}",
                )  # fmt: skip


def _mark_epochs(ax: Axes, entry: dict) -> None:
    dashed = {"linewidth": 1, "linestyle": (0, (2, 2))}
    ax.axvline(entry["best_epoch"], color=style.NEUTRAL, label="epoch reported", **dashed)
    if "stopped_epoch" in entry:
        stopped = {"linewidth": 1.2, "label": "training stopped"}
        ax.axvline(entry["stopped_epoch"], color=style.NEUTRAL, **stopped)


def _title(result: dict) -> str:
    c = result["config"]
    return (
        f"Run {result['run_no']}: batch {c['batch_size']}, N = {c['hidden_units']}, "
        f"lr = {c['learning_rate']:g}"
    )


def plot_run(result: dict, seed: int, *, data_title: str) -> Figure:
    """Loss (left) and Top-1, -2, -3 accuracy (right) of one seed of one run."""
    entry = result["seeds"][str(seed)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    _loss(left, entry)
    _mark_epochs(left, entry)
    left.set(xlabel="epoch", ylabel="loss (sum over steps, nats)", title="Loss")
    curves = [line for line in left.lines if line.get_label() in style.SPLIT_LABELS.values()]
    left.legend(handles=curves, frameon=True, edgecolor="none", framealpha=0.9)
    _accuracy(right, entry)
    _mark_epochs(right, entry)
    right.axhline(CHANCE, color=style.NEUTRAL, linewidth=0.8, label="chance (1/6)")
    right.set(xlabel="epoch", ylabel="accuracy (%)", ylim=(0, 100), title="Accuracy")
    style.legend_below(figure, right, ncols=4)
    return style.finish(figure, f"{_title(result)} · seed {seed} · {data_title}")


def plot_all_runs(results: dict[int, dict], seed: int, what: str, *, data_title: str) -> Figure:
    """``accuracy`` (Figure 1) or ``loss`` (Figure 2) of every run, in the order of Table I."""
    rows = max(4, math.ceil(len(results) / 2))
    figure, axes = plt.subplots(rows, 2, figsize=(7.2, 2.3 * rows), sharex=True, sharey=True)
    draw = {"accuracy": _accuracy, "loss": _loss}[what]
    for ax, run_no in zip(axes.flat, sorted(results), strict=False):
        entry = results[run_no]["seeds"][str(seed)]
        draw(ax, entry)
        _mark_epochs(ax, entry)
        ax.set_title(_title(results[run_no]))
    label = "accuracy (%)" if what == "accuracy" else "loss (nats)"
    style.label_grid(axes, len(results), "epoch", label)
    if what == "accuracy":
        axes.flat[0].set_ylim(0, 100)
    style.legend_below(figure, axes.flat[0], ncols=4)
    return style.finish(figure, f"seed {seed} · {data_title}")
