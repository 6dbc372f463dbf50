"""Figures look the same everywhere, and say what they show.

That they hold what the result files say, tests/book/test_numbers.py finds out for every figure.
"""

import numpy as np
import seaborn as sns

from harlib.figures import confusion, curves, style

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
    ax = confusion.plot_confusion(RESULT, 42, data_title="synthetic data").axes[0]
    assert ax.get_ylabel() == "true class" and "synthetic data" in ax.get_title()


def test_the_same_figure_has_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        with style.look():
            figure = curves.plot_run(RESULT, 42, data_title="synthetic data")
            figure.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
