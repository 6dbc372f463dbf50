"""One trained network as heat maps: Figure 5."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from harlib.figures import style
from harlib.inputs import CHANNELS
from harlib.protocol import CLASSES

#: Inches that each panel is high, top to bottom: a printed page holds all four and a caption.
HEIGHTS = (2.0, 2.8, 0.65, 1.1)
#: Width of a colour bar, inches.
BAR = 0.11


def colours() -> str:
    """Blue for negative, red for positive; zero sinks into the page, be it light or dark."""
    return "vlag" if sum(to_rgb(mpl.rcParams["axes.facecolor"])) > 1.5 else "icefire"


def draw_states(ax: Axes, states: np.ndarray, end: float) -> AxesImage:
    """Heat map of the hidden states (T, N) of one window, which ends at ``end``."""
    ax.grid(False)
    return ax.imshow(
        states.T, aspect="auto", cmap=colours(), vmin=-1, vmax=1,
        extent=(0, end, states.shape[1], 0), interpolation="nearest", rasterized=True,
    )  # fmt: skip


def _panel(
    ax: Axes, values: np.ndarray, title: str, xlabel: str, ylabel: str, *,
    rows: Sequence[str] = (), unit: str = "weight", limit: float | None = None,
) -> None:  # fmt: skip
    """One heat map; its colours reach as far below zero as above."""
    limit = limit or float(np.abs(values).max()) or 1.0  # all zero: any scale will do
    height = HEIGHTS[ax.get_subplotspec().rowspan.start]
    sns.heatmap(
        values, ax=ax, cmap=colours(), vmin=-limit, vmax=limit, rasterized=True,
        xticklabels=False, yticklabels=list(rows) or False,
        cbar_kws={"label": unit, "ticks": MaxNLocator(4, symmetric=True), "pad": 0.015,
                  "fraction": 0.03, "aspect": height / BAR},
    )  # fmt: skip
    ax.set_title(title, loc="left")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.tick_params(left=False, labelrotation=0)


def _units(ax: Axes, which: str, N: int) -> None:
    """Unit numbers along an axis, at the middle of every tenth or twentieth cell."""
    numbers = np.arange(0, N, max(1, N // 5))
    getattr(ax, f"set_{which}ticks")(numbers + 0.5, numbers)
    ax.tick_params(axis=which, length=3, left=which == "y", bottom=which == "x")


def plot_heatmaps(
    result: dict,
    params: dict[str, np.ndarray],
    states_of_window: np.ndarray,
    *,
    seed: int,
    window: int,
    true_class: int,
    data_title: str,
    kind: str = "run",
) -> Figure:
    """Top to bottom: hidden states over the steps, ``W_aa``, ``W_ax``, ``W_ya``.

    ``states_of_window`` (T, N) are ``a_1 .. a_T`` of the test window. The three weight panels share
    the horizontal axis, so that what belongs to one unit stands in one column; ``W_ax`` is drawn
    transposed for that. Where the sampling rate is not known, time is in steps.
    """
    T, N = states_of_window.shape
    sampling_rate, each = result["data"]["sampling_rate_hz"], result["config"]["samples_per_step"]
    figure, axes = plt.subplots(
        4, 1, figsize=(7.2, sum(HEIGHTS) + 1.8), height_ratios=HEIGHTS, layout="constrained"
    )
    states, W_aa, W_ax, W_ya = axes
    frame = result["config"]["frame"]
    # All that a tanh can give, so that windows compare by eye.
    everything = {"unit": "activation", "limit": 1}
    time = "time (s)" if sampling_rate else "step"
    _panel(states, states_of_window.T, "Hidden states $a_t$", time, "hidden unit", **everything)
    before = "from unit, a step before"
    _panel(W_aa, params["W_aa"], "Recurrent weights $W_{aa}$", before, "to unit")
    source = "from axis" if frame == "sensor" else "from input"
    title = "Input weights $W_{ax}$, transposed"
    _panel(W_ax, params["W_ax"].T, title, "to unit", source, rows=CHANNELS[frame])
    _panel(W_ya, params["W_ya"], "Output weights $W_{ya}$", "from unit", "to class", rows=CLASSES)
    rate = (sampling_rate or each) / each
    ticks = MaxNLocator(6, integer=not sampling_rate).tick_values(0, T / rate)
    ticks = ticks[ticks * rate < T + 0.5]  # the locator goes one tick too far
    states.set_xticks(ticks * rate, [f"{tick:g}" for tick in ticks])
    states.tick_params(axis="x", length=3)
    for ax in (states, W_aa):
        _units(ax, "y", N)
    for ax in (W_aa, W_ax, W_ya):
        _units(ax, "x", N)
    figure.align_ylabels(axes)

    trained = "" if kind == "run" else f", {kind.replace('-', ' ')}"
    return style.finish(
        figure,
        f"Run {result['run_no']}{trained}, seed {seed} · "
        f"test window {window} ({CLASSES[true_class]}) · {data_title}",
    )
