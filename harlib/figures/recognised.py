"""What a network made of a recording: its activities, the signal, and the class scores."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from harlib.figures import style
from harlib.protocol import CLASSES
from harlib.use import NONE, SURE, Network
from harlib.use.recordings import Recording

#: Seconds of the signal and the scores that are drawn; the activities are those of all.
SHOWN = 120.0
COLOURS = {**dict(zip(CLASSES, style.CLASS_COLOURS, strict=True)), NONE: style.NEUTRAL}


def plot_recording(recording: Recording, table: pd.DataFrame, network: Network) -> Figure:
    """Three panels: the activities of all windows; the three axes over them; the six scores.

    ``table`` is what ``network`` has recognised in ``recording``. The scores are those after each
    step, from the beginning of a window on; below the dotted line none is certain.
    """
    figure, (strip, signal, scores) = plt.subplots(
        3, 1, figsize=(7.2, 5.6), height_ratios=(1, 4, 4)
    )
    rows = {"recognised": "activity", "truth": "true activity"}
    rows = {name: column for name, column in rows.items() if column in table}
    for height, column in enumerate(rows.values()):
        for name, of_one in table.groupby(column):
            spans = np.stack([of_one["from (s)"], of_one["to (s)"] - of_one["from (s)"]], axis=1)
            colour = COLOURS.get(name, style.NEUTRAL)
            strip.broken_barh(spans, (height, 1), color=colour, linewidth=0)
    strip.set_yticks(np.arange(len(rows)) + 0.5, rows)
    strip.set(ylim=(len(rows), 0), xlim=(0, table["to (s)"].max()))
    strip.grid(False)
    signal.set_prop_cycle(color=style.AXIS_COLOURS.values())
    for start, acceleration in recording.pieces:
        shown = acceleration[: max(0, int((SHOWN - start) * recording.rate))]
        time = start + np.arange(len(shown)) / recording.rate
        signal.plot(time, shown, linewidth=0.6)
    starts, windows = recording.windows(network.result["data"]["steps"])
    first = starts < SHOWN
    scores.set_prop_cycle(color=style.CLASS_COLOURS)
    for start, by_step in zip(starts[first], network.scores_by_step(windows[first]), strict=True):
        length = windows.shape[1] / recording.rate
        time = start + np.linspace(0, length, len(by_step) + 1)[1:]
        scores.plot(time, by_step, linewidth=1.1)
    scores.axhline(SURE, color=style.NEUTRAL, linewidth=0.8, linestyle=(0, (1, 1.2)))
    end = min(SHOWN, table["to (s)"].max())
    for ax in (signal, scores):
        for _, row in table[first].iterrows():
            colour = COLOURS[row["activity"]]
            ax.axvspan(row["from (s)"], row["to (s)"], color=colour, alpha=0.13, linewidth=0)
        ax.set(xlim=(0, end))
    signal.set(ylabel="acceleration (g)", title=f"the first {SHOWN:g} s" if end == SHOWN else "")
    scores.set(ylabel="class score", ylim=(0, 1.02), xlabel="time (s)")
    handles = [Patch(color=colour, label=name) for name, colour in COLOURS.items()]
    axes = [plt.Line2D([], [], color=style.AXIS_COLOURS[axis], label=axis) for axis in "xyz"]
    signal.legend(handles=axes, loc="upper left", ncols=3, frameon=True, edgecolor="none")
    figure.legend(handles=handles, loc="outside lower center", ncols=7, columnspacing=1.0)
    config = network.result["config"]
    title = f"run {network.result['run_no']}, protocol {config['protocol']}, seed {network.seed}"
    return style.finish(figure, f"{recording.said.partition(':')[0]} · {title}")
