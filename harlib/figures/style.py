"""The look of every figure: one style sheet, one colour for one thing, light and dark."""

from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harlib.protocol import CLASSES

STYLE = Path(__file__).with_name("harlib.mplstyle")
DARK = Path(__file__).with_name("dark.mplstyle")

# seaborn's palette "colorblind" (a test compares them). Written out because loading seaborn takes
# longer than drawing a figure.
_PALETTE = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc",
    "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip
#: Colours of the parts of the data, everywhere.
SPLIT_COLOURS = {"train": _PALETTE[0], "validation": _PALETTE[2], "test": _PALETTE[1]}
SPLIT_LABELS = {"train": "training", "validation": "validation", "test": "test"}
#: Colours of the accuracies, everywhere.
TOP_COLOURS = {"top1": _PALETTE[3], "top2": _PALETTE[4], "top3": _PALETTE[9]}
#: Line of the parts of the data where colour already means something else.
SPLIT_LINES = {"train": (0, (4, 2)), "validation": (0, (1, 1.2)), "test": "-"}
#: Colours of the three axes of the sensor.
AXIS_COLOURS = {"x": _PALETTE[0], "y": _PALETTE[1], "z": _PALETTE[2]}
#: Colours of the six classes, everywhere.
CLASS_COLOURS = tuple(_PALETTE[k] for k in (0, 3, 2, 1, 4, 9))
#: Lines and markers of the six classes, which tell them apart without colour.
CLASS_LINES = ("-", (0, (5, 1)), "-", (0, (3, 1, 1, 1)), (0, (1.2, 1)), (0, (5, 2, 1, 2)))
CLASS_MARKERS = ("v", "x", "s", "D", "^", "o")
#: Neutral line for bounds and chance, readable on light and dark ground.
NEUTRAL = "#808890"


def look(dark: bool = False) -> AbstractContextManager:
    """Draw inside this block with the project's style."""
    return mpl.style.context([STYLE, DARK] if dark else STYLE, after_reset=True)


def use() -> None:
    """Draw with the project's style from here on, whatever a ``matplotlibrc`` says."""
    mpl.rcdefaults()
    mpl.style.use(STYLE)


def label_grid(axes: np.ndarray, used: int, xlabel: str, ylabel: str) -> None:
    """Axis labels at the left and lower edge of a grid of panels; only the first are shown."""
    for ax in axes.flat[used:]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set_ylabel(ylabel)
    for ax in axes[-1]:
        ax.set_xlabel(xlabel)


def legend_below(figure: Figure, ax: Axes, **options: object) -> None:
    """The legend of one panel, below all of them."""
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", **options)


def plot_classes(ax: Axes, x: np.ndarray, values: np.ndarray) -> list[Line2D]:
    """A line for each class of ``values`` (len(x), C), which has its colour and its dashes."""
    ax.set_prop_cycle(color=CLASS_COLOURS, linestyle=CLASS_LINES)
    return ax.plot(x, values, label=CLASSES)


def band(
    ax: Axes, x: np.ndarray, values: np.ndarray, colour: str, alpha: float, **options: object
) -> None:
    """Mean over the seeds of ``values`` (seeds, len(x)), in a band from the lowest to the best."""
    ax.plot(x, values.mean(axis=0), color=colour, **options)
    low, high = values.min(axis=0), values.max(axis=0)
    ax.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0)


def finish(figure: Figure, title: str = "") -> Figure:
    """The figure with a title over all of it; closed, so that a notebook shows it once."""
    if title:
        figure.suptitle(title, fontsize=9)
    plt.close(figure)
    return figure
