"""Hours of a sweep against the number of nodes, with what limits it."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from harlib.figures import style
from workflow import scaling

#: Of seaborn's palette "colorblind", like all others; it stands for nothing else.
_COLOUR = "#ca9161"


def _hours(value: float, _: object) -> str:
    """A time as people say it."""
    if value >= 1:
        return f"{value:g} h"
    return f"{60 * value:g} min" if value >= 1 / 60 else f"{3600 * value:g} s"


def plot_scaling(measured: scaling.Costs) -> Figure:
    """One panel for each size of job: hours against nodes, both logarithmic."""
    figure, axes = plt.subplots(1, len(scaling.PER_JOB), figsize=(7.2, 3.6), sharey=True)
    for ax, per_job in zip(axes, scaling.PER_JOB, strict=True):
        table = scaling.predict(measured, per_job)
        known = scaling.limits(measured, per_job)
        ax.plot(
            table.index, known[scaling.WORK] / table.index, color=style.NEUTRAL,
            linestyle=(0, (4, 2)), linewidth=1, label="the work, shared out",
        )  # fmt: skip
        ax.axhline(
            known[scaling.SUBMISSION], color=style.NEUTRAL, linestyle=(0, (1, 1.2)), linewidth=1.4,
            label="Snakemake and Slurm submit",
        )  # fmt: skip
        ax.axhline(
            known[scaling.LONGEST], color=style.NEUTRAL, linewidth=0.8, label="the longest job"
        )
        ax.plot(table.index, table["Hours"], color=_COLOUR, marker="o", label="the sweep takes")
        ax.set(
            xscale="log", yscale="log", xlabel=f"nodes of {scaling.CORES} cores",
            title=f"{per_job} configuration{'s' * (per_job > 1)} in a job",
        )  # fmt: skip
        ax.set_xticks(scaling.NODES[::2], [f"{k:,}" for k in scaling.NODES[::2]])
        ax.minorticks_off()
        ax.yaxis.set_major_formatter(FuncFormatter(_hours))
        ax.set_yticks([1 / 60, 1 / 6, 1, 10, 100])
    axes[0].set_ylabel(f"time for {scaling.CONFIGURATIONS:,} configurations")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    plt.close(figure)
    return figure
