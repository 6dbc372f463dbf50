"""Confusion matrix as a heat map: Table VIII, drawn."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from harlib.protocol import CLASSES


def plot_confusion(result: dict, seed: int, *, data_title: str) -> Figure:
    """Test windows by true (rows) and predicted class, counts on a scale of percent of the row."""
    counts = np.array(result["seeds"][str(seed)]["confusion"])
    share = 100 * counts / counts.sum(axis=1, keepdims=True)
    figure, ax = plt.subplots(figsize=(5.6, 4.2))
    names = [f"{number} {name}" for number, name in enumerate(CLASSES)]
    sns.heatmap(
        share, ax=ax, annot=counts, fmt="d", cmap="viridis", vmin=0, vmax=100, square=True,
        linewidths=0.5, xticklabels=names, yticklabels=names,
        cbar_kws={"label": "share of the true class (%)"},
    )  # fmt: skip
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.tick_params(axis="x", rotation=35)
    ax.tick_params(axis="y", rotation=0)
    plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")
    ax.set_title(f"Run {result['run_no']}, early stopping, seed {seed} · {data_title}")
    plt.close(figure)  # a notebook shows what it is given, not every open figure again
    return figure
