"""Figures look the same everywhere, and say what they show.

That they hold what the result files say, tests/book/test_numbers.py finds out for every figure.
"""

import matplotlib as mpl
import numpy as np
import pytest
import seaborn as sns

from harlib import rnn
from harlib.figures import curves, heatmaps, networks, style
from harlib.protocol import CLASSES

CURVES = {name: [20.0, 50.0, 40.0] for name in ("loss", "top1", "top2", "top3")}
ENTRY = {"best_epoch": 1, "stopped_epoch": 2, "confusion": np.eye(6, dtype=int),
         "train": CURVES, "validation": CURVES, "test": CURVES}  # fmt: skip
RESULT = {"run_no": 3, "seeds": {"42": ENTRY},
          "config": {"batch_size": 10, "hidden_units": 100, "learning_rate": 0.05}}  # fmt: skip


def test_the_palette_is_the_colour_blind_one_of_seaborn():
    assert list(style._PALETTE) == [c.lower() for c in sns.color_palette("colorblind").as_hex()]


def test_titles_and_axes_say_which_run_and_data():
    figure = curves.plot_run(RESULT, 42, data_title="synthetic data")
    title = "Run 3: batch 10, N = 100, lr = 0.05"
    assert figure.get_suptitle() == f"{title} · seed 42 · synthetic data"
    assert all(ax.get_xlabel() == "epoch" and ax.get_ylabel() for ax in figure.axes)
    for what, label in (("accuracy", "accuracy (%)"), ("loss", "loss (nats)")):
        figure = curves.plot_all_runs({3: RESULT, 4: RESULT}, 42, what, data_title="tiny data")
        assert [ax.get_title() for ax in figure.axes if ax.get_visible()] == [title] * 2
        assert figure.axes[0].get_ylabel() == label and "tiny data" in figure.get_suptitle()
    ax = networks.plot_confusion(RESULT, 42, data_title="synthetic data").axes[0]
    assert ax.get_ylabel() == "true class" and "synthetic data" in ax.get_title()


def test_the_same_figure_has_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        with style.look():
            figure = curves.plot_run(RESULT, 42, data_title="synthetic data")
            figure.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def figure_5(units=50, rate=50.0, **changes):
    """Figure 5 of a network as it was drawn, over 150 steps of made-up states."""
    states = np.random.default_rng(2).uniform(-1, 1, (150, units))
    given = {"seed": 42, "window": 3, "true_class": 5, "data_title": "synthetic data"}
    config = {"samples_per_step": 1, "frame": "sensor"}
    result = {"run_no": 8, "config": config, "data": {"sampling_rate_hz": rate}}
    params = rnn.initial_values(3, units)
    figure = heatmaps.plot_heatmaps(result, params, states, **given | changes)
    figure.draw_without_rendering()
    return figure, [states.T, params["W_aa"], params["W_ax"].T, params["W_ya"]]


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_the_heat_maps_of_figure_5_say_what_they_show():
    figure, wanted = figure_5()
    panels = figure.axes[:4]
    for ax, values, name in zip(panels, wanted, ("a_t", "W_{aa}", "W_{ax}", "W_{ya}"), strict=True):
        assert name in ax.get_title(loc="left") and ax.get_xlabel() and ax.get_ylabel()
        np.testing.assert_array_equal(ax.collections[0].get_array(), values)
        assert ax.yaxis_inverted(), "row 0 is on top"
        # Zero is in the middle of the colours; all that a tanh can give, for the states.
        limit = 1 if name == "a_t" else np.abs(values).max()
        assert ax.collections[0].get_clim() == pytest.approx((-limit, limit))
    boxes = [ax.get_position() for ax in panels]
    assert np.ptp([(box.x0, box.x1) for box in boxes], axis=0).max() < 1e-6, "unit under unit"
    assert labels(panels[2].yaxis) == ["x", "y", "z"] and labels(panels[3].yaxis) == list(CLASSES)
    title = "Run 8, seed 42 · test window 3 (walking) · synthetic data"
    assert figure.get_suptitle() == title


@pytest.mark.parametrize(("rate", "label", "last"), [(None, "step", 150), (20.0, "time (s)", 7.5)])
def test_time_is_in_seconds_where_the_rate_is_known(rate, label, last):
    figure, _ = figure_5(units=2, rate=rate, kind="early-stopping")
    assert "Run 8, early stopping, seed" in figure.get_suptitle()
    ax = figure.axes[0]
    assert ax.get_xlabel() == label
    # A column is a step: each tick's number, in steps, is where it stands.
    times = np.array(labels(ax.xaxis), float)
    np.testing.assert_allclose(ax.get_xticks(), times * (rate or 1))
    assert times[0] == 0 and times[-1] == last


@pytest.mark.parametrize(("dark", "suffix"), [(False, "pdf"), (True, "svg")])
def test_zero_looks_like_the_page_and_files_are_small(tmp_path, dark, suffix):
    with style.look(dark):
        figure, _ = figure_5(units=100)
        page = np.array(mpl.colors.to_rgb(mpl.rcParams["figure.facecolor"]))
        assert np.abs(page - figure.axes[0].collections[0].cmap(0.5)[:3]).max() < 0.1
        figure.savefig(tmp_path / f"figure.{suffix}")
    assert (tmp_path / f"figure.{suffix}").stat().st_size < 500_000
