"""The benchmark: what it counts, what it shows of a record, and a guard that noise cannot trip."""

import copy

import matplotlib.pyplot as plt
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from harlib import bench, bench_study, paths, performance
from harlib.figures import performance as figures
from harlib.storage import records, results


@pytest.fixture
def content() -> dict:
    return copy.deepcopy(results.read_json(paths.RECORDS / "bench.json"))


@pytest.mark.parametrize("place", range(len(bench.SIZES)))
def test_a_batch_is_at_least_half_as_much_faster_than_the_plain_loop_as_was_aimed_at(place):
    """Both in this process, in turns, by processor time: what else runs slows both."""
    if bench.choices()[-1] == "numpy":
        pytest.skip("no C compiler: the aims are those of the compiled loops")
    size = bench.SIZES[place]
    with threadpool_limits(1):
        work = {"plain": bench.batch_plain(*size), "here": bench.batch_here(*size, "compiled")}
        times = bench.rounds_of(work, 7, count=1)
    assert times["plain"][1] / times["here"][1] > bench.TARGETS["plain"][place] / 2


def test_operations_are_those_of_the_products():
    """Counted product by product, with shapes."""
    T, B, N, K, C = 7, 5, 11, bench.CHANNELS, bench.CLASSES
    forward = [(B, N, N), (B, K, N), (B, N, C)]
    backward = [(B, N, N), (B, C, N)]
    weights = [(N, B, N), (N, B, K), (C, B, N)]
    count = sum(2 * a * b * c for a, b, c in forward + backward + weights)
    assert bench.flops(B, N, T) == T * count
    assert bench.evaluation_flops(B, N, T) == T * sum(2 * a * b * c for a, b, c in forward)


def test_operations_of_the_study_count_every_epoch_and_the_evaluation_before_them():
    one = bench_study.study_flops(8, 1, 1) - bench_study.study_flops(8, 1, 0)
    assert bench_study.study_flops(8, 3, 50) == 3 * (bench_study.study_flops(8, 1, 0) + 50 * one)


def test_the_slope_is_the_exponent():
    x = [10, 20, 40, 80]
    assert performance.slope(x, [3 * value**1.5 for value in x]) == pytest.approx(1.5)


def test_where_a_peer_is_missing_its_row_says_why(content):
    for entry in content["batches"]:
        entry["milliseconds"].pop("torch", None)
    content["missing"] = {"torch": "not installed"}
    row = performance.milliseconds(content).loc[performance.NAMES["torch"]]
    assert (row == "not installed").all()
    table = performance.targets(content)
    what = f"× {performance.NAMES['torch'].split(',')[0]}"
    assert table.loc[(what, performance.NAMES["compiled"])].isna().all()
    assert performance.number(np.nan, (), "") == "not measured"
    assert not performance.bold_if_reached(table).loc[what].to_numpy().any()
    plt.close(figures.plot_rates(content))


def test_without_python_of_the_benchmark_every_peer_is_missing(tmp_path):
    with bench.peers(tmp_path / "no-python") as (found, missing):
        assert not found and set(missing) == set(bench.PEERS)


def test_a_peer_that_cannot_be_imported_is_missing_with_the_reason():
    import sys
    from pathlib import Path

    with bench.peers(Path(sys.executable)) as (found, missing):  # has neither
        assert not found
        assert "torch" in missing["torch"] and "jax" in missing["jax"]


def test_ratios_and_rates_are_quotients_of_what_was_measured(content):
    entry = content["batches"][2]
    ours = entry["milliseconds"]["compiled"][1]
    expected = entry["milliseconds"]["plain"][1] / ours
    assert performance.ratios(content, "compiled")["plain"][2] == pytest.approx(expected)
    rate = entry["flops"] / (ours * 1e-3) / 1e9
    assert performance.reached(entry, "compiled") == pytest.approx(
        rate / np.median(entry["gflops"])
    )


def test_bold_is_what_reaches_the_aim(content):
    table = performance.targets(content)
    bold = performance.bold_if_reached(table)
    for what, by in table.index:
        for column in table.columns:
            reached = by != "aim" and table.loc[(what, by), column] >= table.loc[
                (what, "aim"), column
            ]  # fmt: skip
            assert bold.loc[(what, by), column] == reached


def test_the_project_s_copy_gives_every_table_figure_and_value(content, tmp_path):
    assert len(performance.parts(content)) == 8
    assert performance.parts(content).notna().all(axis=None)
    slopes = performance.slopes(content)
    assert list(slopes.index) == list(performance.OVER.values())
    assert performance.memory(content)["MB"].max() < 300
    assert content["worker_peak_bytes"] < 300e6
    assert performance.study(content)["Limit (s)"].gt(0).all()
    for draw in (figures.plot_rates, figures.plot_scaling):
        plt.close(draw(content))
    record = records.read("bench", str(tmp_path))
    assert not record.here
    assert "the project's copy" in performance.values(record)["bench_where"]


def test_buffers_grow_as_steps_times_batch_times_units_and_no_faster():
    for over in ("steps", "batch", "units"):
        found = [entry for entry in bench_study.buffers() if entry["over"] == over]
        each = [e["bytes"] / (e["steps"] * e["batch"] * e["units"]) for e in found]
        assert max(each[1:]) <= 1.01 * each[0]
