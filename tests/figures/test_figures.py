"""Figures hold what the result files say, and look the same everywhere."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns

from harlib.figures import confusion, curves, style
from harlib.protocol import RUNS
from harlib.runs import experiment


@pytest.fixture
def result(small_file, tmp_path):
    return experiment.early_stopping(
        8, data=str(small_file), max_epochs=4, validation_fraction=0.2, results_dir=str(tmp_path)
    )


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def lines(ax):
    """Curves of a panel by label."""
    return {line.get_label(): np.asarray(line.get_ydata()) for line in ax.lines}


def test_the_palette_is_the_colour_blind_one_of_seaborn():
    assert list(style._PALETTE) == [c.lower() for c in sns.color_palette("colorblind").as_hex()]


def test_one_run_shows_every_curve_of_its_file(result):
    entry = result["seeds"]["42"]
    left, right = curves.plot_run(result, 42, data_title="synthetic data").axes
    for split, label in style.SPLIT_LABELS.items():
        np.testing.assert_array_equal(lines(left)[label], entry[split]["loss"])
        for top, name in style.TOP_LABELS.items():
            np.testing.assert_array_equal(lines(right)[f"{name} {label}"], entry[split][top])
    for ax in (left, right):
        assert ax.get_xlabel() == "epoch" and ax.get_ylabel()
        marks = [line for line in ax.lines if line.get_label() == "epoch reported"]
        assert marks[0].get_xdata()[0] == entry["best_epoch"]
        marks = [line for line in ax.lines if line.get_label() == "training stopped"]
        assert marks[0].get_xdata()[0] == entry["stopped_epoch"]


@pytest.mark.parametrize("what", ["accuracy", "loss"])
def test_all_runs_in_the_order_of_table_1(small_file, tmp_path, what):
    given = {"data": str(small_file), "results_dir": str(tmp_path), "epochs": 1, "seeds": (42,)}
    runs = {run_no: experiment.run(run_no, **given) for run_no in RUNS}
    figure = curves.plot_all_runs(runs, 42, what, data_title="synthetic data")
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[2].startswith("Run 3: batch 10, N = 100, lr = 0.05")
    assert [title[:5] for title in titles] == [f"Run {n}" for n in range(1, 9)]
    metric, label = ("top1", "Top-1 test") if what == "accuracy" else ("loss", "test")
    for run_no, ax in zip(RUNS, figure.axes, strict=True):
        expected = runs[run_no]["seeds"]["42"]["test"][metric]
        np.testing.assert_array_equal(lines(ax)[label], expected)
    assert "synthetic data" in figure.get_suptitle()


def test_the_confusion_map_names_classes_and_counts(result):
    ax = confusion.plot_confusion(result, 42, data_title="synthetic data").axes[0]
    shown = np.array([int(text.get_text()) for text in ax.texts]).reshape(6, 6)
    np.testing.assert_array_equal(shown, result["seeds"]["42"]["confusion"])
    assert ax.get_ylabel() == "true class" and "synthetic data" in ax.get_title()


def test_the_same_figure_has_the_same_bytes(result, tmp_path):
    for name in ("a", "b"):
        with style.look():
            figure = curves.plot_run(result, 42, data_title="synthetic data")
            figure.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
