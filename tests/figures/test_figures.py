"""Figures look the same everywhere, and say what they show.

That they hold what the result files say, tests/book/test_numbers.py finds out for every figure.
"""

import matplotlib as mpl
import numpy as np
import pytest
import seaborn as sns

from harlib import rnn
from harlib.figures import heatmaps, style
from harlib.protocol import CLASSES


def test_the_palette_is_the_colour_blind_one_of_seaborn():
    assert list(style._PALETTE) == [c.lower() for c in sns.color_palette("colorblind").as_hex()]


def figure_5(units=50, rate=50.0):
    """Figure 5 of a network as it was drawn, over 150 steps of made-up states."""
    states = np.random.default_rng(2).uniform(-1, 1, (150, units))
    given = {"seed": 42, "window": 3, "true_class": 5, "data_title": "synthetic data"}
    config = {"samples_per_step": 1, "frame": "sensor"}
    result = {"run_no": 8, "config": config, "data": {"sampling_rate_hz": rate}}
    figure = heatmaps.plot_heatmaps(result, rnn.initial_values(3, units), states, **given)
    figure.draw_without_rendering()
    return figure


def test_the_heat_maps_of_figure_5_lie_unit_under_unit_with_zero_in_the_middle_of_the_colours():
    panels = figure_5().axes[:4]
    for ax in panels:
        low, high = ax.collections[0].get_clim()
        assert low == -high and ax.yaxis_inverted(), "row 0 is on top"
    assert panels[0].collections[0].get_clim() == (-1, 1), "all that a tanh can give"
    assert [label.get_text() for label in panels[3].get_yticklabels()] == list(CLASSES)
    boxes = [ax.get_position() for ax in panels]
    assert np.ptp([(box.x0, box.x1) for box in boxes], axis=0).max() < 1e-6


@pytest.mark.parametrize(("rate", "label", "last"), [(None, "step", 150), (20.0, "time (s)", 7.5)])
def test_time_is_in_seconds_where_the_rate_is_known(rate, label, last):
    ax = figure_5(units=2, rate=rate).axes[0]
    assert ax.get_xlabel() == label
    # A column is a step: each tick's number, in steps, is where it stands.
    times = np.array([tick.get_text() for tick in ax.get_xticklabels()], float)
    np.testing.assert_allclose(ax.get_xticks(), times * (rate or 1))
    assert times[0] == 0 and times[-1] == last


@pytest.mark.parametrize(("dark", "suffix"), [(False, "pdf"), (True, "svg")])
def test_zero_looks_like_the_page_and_files_are_small(tmp_path, dark, suffix):
    with style.look(dark):
        figure = figure_5(units=100)
        page = np.array(mpl.colors.to_rgb(mpl.rcParams["figure.facecolor"]))
        assert np.abs(page - figure.axes[0].collections[0].cmap(0.5)[:3]).max() < 0.1
        figure.savefig(tmp_path / f"figure.{suffix}")
    assert (tmp_path / f"figure.{suffix}").stat().st_size < 500_000
