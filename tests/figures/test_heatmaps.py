"""Figure 5: what is drawn is what was given."""

import matplotlib as mpl
import numpy as np
import pytest

from harlib import rnn
from harlib.analysis import hidden_units
from harlib.protocol import CLASSES

mpl.use("agg")

from harlib.figures import heatmaps, style

PARAMS = rnn.initial_values(7, 50, dtype="float64")
PARAMS["W_ya"] += 0.5
STATES = hidden_units.activations(PARAMS, np.random.default_rng(1).standard_normal((1, 150, 3)))[0]


def draw(params=PARAMS, states=STATES, **changes):
    given = {
        "run_no": 8, "seed": 42, "window": 3, "true_class": 5, "sampling_rate": 50.0,
        "data_title": "synthetic data",
    }  # fmt: skip
    figure = heatmaps.plot_heatmaps(params, states, **given | changes)
    figure.draw_without_rendering()
    return figure


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_draws_the_numbers_it_is_given_top_to_bottom_as_in_the_report():
    figure = draw()
    panels, bars = figure.axes[:4], figure.axes[4:]
    wanted = (STATES.T, PARAMS["W_aa"], PARAMS["W_ax"].T, PARAMS["W_ya"])
    names = ("a_t", "W_{aa}", "W_{ax}", "W_{ya}")
    boxes = [ax.get_position() for ax in panels]
    assert [box.y1 for box in boxes] == sorted((box.y1 for box in boxes), reverse=True)
    for ax, values, name in zip(panels, wanted, names, strict=True):
        np.testing.assert_array_equal(ax.collections[0].get_array(), values)
        assert name in ax.get_title(loc="left") and ax.get_xlabel() and ax.get_ylabel()
        low, high = ax.get_ylim()
        assert low > high, "row 0 is on top"
        # Zero is in the middle of the colours; all that a tanh can give, for the states.
        limit = 1 if values is wanted[0] else np.abs(values).max()
        assert ax.collections[0].get_clim() == pytest.approx((-limit, limit))
    assert [ax.get_ylabel() for ax in bars] == ["activation", "weight", "weight", "weight"]
    # Units stand under each other.
    assert np.ptp([box.x0 for box in boxes]) < 1e-6 and np.ptp([box.x1 for box in boxes]) < 1e-6
    assert labels(panels[2].yaxis) == ["x", "y", "z"] and labels(panels[3].yaxis) == list(CLASSES)
    title = "Run 8, seed 42 · test window 3 (walking) · synthetic data"
    assert figure.get_suptitle() == title


@pytest.mark.parametrize(("rate", "label", "last"), [(None, "step", 150), (20.0, "time (s)", 7.5)])
def test_time_is_in_seconds_where_the_rate_is_known(rate, label, last):
    figure = draw(sampling_rate=rate, kind="early-stopping")
    assert "Run 8, early stopping, seed" in figure.get_suptitle()
    states = figure.axes[0]
    assert states.get_xlabel() == label
    # A column is a step: each tick's number, in steps, is where it stands.
    np.testing.assert_allclose(
        states.get_xticks(), [float(text) * (rate or 1) for text in labels(states.xaxis)]
    )
    assert states.get_xticks()[0] == 0 and float(labels(states.xaxis)[-1]) == last


def test_few_units_and_weights_of_zero_are_drawn_too():
    params = {name: np.zeros_like(value) for name, value in rnn.initial_values(0, 2).items()}
    figure = draw(params=params, states=np.zeros((12, 2)))
    assert all(ax.collections[0].get_clim() == (-1, 1) for ax in figure.axes[:4])


@pytest.mark.parametrize(("dark", "suffix"), [(False, "pdf"), (True, "svg")])
def test_zero_looks_like_the_page_and_files_are_small(tmp_path, dark, suffix):
    states = np.random.default_rng(2).uniform(-1, 1, (150, 100))
    with style.look(dark):
        figure = draw(rnn.initial_values(3, 100), states)
        page = np.array(mpl.colors.to_rgb(mpl.rcParams["figure.facecolor"]))
        assert np.abs(page - figure.axes[0].collections[0].cmap(0.5)[:3]).max() < 0.1
        figure.savefig(tmp_path / f"figure.{suffix}")
    assert (tmp_path / f"figure.{suffix}").stat().st_size < 500_000
