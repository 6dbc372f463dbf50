"""What turning one switch does to the accuracy: a dot and an interval a trial."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harlib.figures import style


def plot_changes(table: pd.DataFrame, *, data_title: str) -> Figure:
    """The changes of :func:`harlib.experiments.suspicions.table`: a panel a base, grouped by suspicion."""
    bases = list(dict.fromkeys(table.index.get_level_values("Protocol")))
    trials = list(dict.fromkeys((row[0], row[2]) for row in table.index))
    figure, axes = plt.subplots(
        1, len(bases), figsize=(7.2, 0.27 * len(trials) + 1.3), sharey=True, squeeze=False
    )
    colours = {"helps": style.SPLIT_COLOURS["validation"], "harms": style.TOP_COLOURS["top1"]}
    for ax, base in zip(axes[0], bases, strict=True):
        for y, (says, trial) in enumerate(trials):
            if (says, base, trial) not in table.index:
                continue
            row = table.loc[says, base, trial]
            change = row["Change (points)"]
            ax.errorbar(
                change.mean, y, xerr=change.half if np.isfinite(change.half) else None, fmt="o",
                color=colours.get(row["Verdict"], style.NEUTRAL), elinewidth=1.4, capsize=2.5,
            )  # fmt: skip
        ax.axvline(0, color=style.NEUTRAL, linewidth=1)
        ax.set_title(base, loc="left")
        ax.set_xlabel("change of test Top-1 (points)")
        for y in range(1, len(trials)):
            if trials[y][0] != trials[y - 1][0]:
                ax.axhline(y - 0.5, color=style.NEUTRAL, linewidth=0.6, alpha=0.6)
    axes[0, 0].set_yticks(range(len(trials)), [trial for _, trial in trials])
    axes[0, 0].set_ylim(len(trials) - 0.5, -0.5)
    figure.suptitle(data_title, fontsize=9)
    plt.close(figure)
    return figure
