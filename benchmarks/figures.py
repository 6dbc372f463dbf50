"""Charts of the record ``bench``."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker
from matplotlib.figure import Figure

from benchmarks import report
from harlib.figures import style

#: Colours and markers of the ways to do a batch.
_LOOK = {
    "plain": ("#949494", "s"),
    "numpy": ("#56b4e9", "o"),
    "compiled": ("#0173b2", "o"),
    "torch": ("#d55e00", "D"),
    "jax": ("#029e73", "^"),
}
_AXES = {
    "steps": "steps T", "batch": "batch size B", "units": "hidden units N", "windows": "windows",
}  # fmt: skip


def plot_rates(content: dict) -> Figure:
    """Operations a second of every way to do a batch, with the product rate as the ceiling."""
    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    entries = content["batches"]
    place = np.arange(len(entries))
    for key, name in report.NAMES.items():
        if key not in entries[0]["milliseconds"]:
            continue
        colour, marker = _LOOK[key]
        high, middle, low = np.transpose(
            [entry["flops"] / np.array(entry["milliseconds"][key]) / 1e6 for entry in entries]
        )
        axis.errorbar(
            place, middle, yerr=[middle - low, high - middle], color=colour, marker=marker,
            markersize=5, capsize=2, linewidth=1.2, label=name,
        )  # fmt: skip
    ceiling = [np.median(entry["gflops"]) for entry in entries]
    axis.plot(
        place, ceiling, color=style.NEUTRAL, linestyle=(0, (5, 2)), linewidth=1.5,
        label="product of large matrices",
    )  # fmt: skip
    axis.set_yscale("log")
    _plain(axis)
    axis.set_xticks(place, [report.size(entry) for entry in entries])
    axis.set_xlabel("(batch size, hidden units)")
    axis.set_ylabel("operations (GFLOP/s)")
    axis.grid(visible=True, which="major", axis="y", alpha=0.3)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside right upper", frameon=False)
    return figure


def plot_scaling(content: dict) -> Figure:
    """Cost over steps, batch, units and windows, and work done over workers."""
    figure, axes = plt.subplots(2, 3, figsize=(7, 4.6), layout="constrained")
    colour = _LOOK[report.our_loops(content)[0]][0]
    for axis, (over, label) in zip(axes.flat, _AXES.items(), strict=False):
        chosen = [entry for entry in content["grid"] if entry["over"] == over]
        x, y = (np.array([entry[name] for entry in chosen]) for name in ("value", "milliseconds"))
        _points(axis, x, y, colour, linestyle="none")
        exponent, start = np.polyfit(np.log(x), np.log(y), 1)
        axis.plot(x, np.exp(start) * x**exponent, color=style.NEUTRAL, linewidth=1, zorder=0)
        what = "epoch" if over == "windows" else "batch"
        half = len(x) // 2  # from there on, what a call costs in any case no longer counts
        upper, _ = np.polyfit(np.log(x[half:]), np.log(y[half:]), 1)
        title = f"slope {exponent:.2f}, upper half {upper:.2f}"
        axis.set(title=title, xlabel=label, ylabel=f"one {what} (ms)")
    axis = axes[1, 1]
    number = [entry["workers"] for entry in content["workers"]]
    done = [entry["batches_per_second"] for entry in content["workers"]]
    _points(axis, number, done, colour)
    cores = f"{content['machine']['cores']} cores"
    axis.set(title=cores, xlabel="workers", ylabel="batches a second")
    low, high = axis.get_ylim()
    axis.set_ylim(low / 1.3, high * 1.3)
    for axis in axes.flat:
        axis.title.set_size("medium")
    axes[1, 2].set_axis_off()
    return figure


def _points(axis: plt.Axes, x: list[float], y: list[float], colour: str, **line: str) -> None:
    """Points on logarithmic axes, with ticks at some of the sizes."""
    axis.loglog(x, y, color=colour, marker="o", markersize=4, **line)
    chosen = x[:: 2 if len(x) > 4 else 1]
    axis.set_xticks(chosen, [f"{value:g}" for value in chosen])
    axis.xaxis.set_minor_locator(plt.NullLocator())
    _plain(axis)


def _plain(axis: plt.Axes) -> None:
    """Numbers without powers of ten, upwards."""
    axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axis.yaxis.set_minor_formatter(ticker.NullFormatter())
