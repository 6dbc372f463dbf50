"""The benchmark: what it counts, what it shows of a record, and a guard that noise cannot trip."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from benchmarks import batch, figures, flops, libraries, report, study
from harlib import paths, rnn
from harlib.compiled import loops
from harlib.errors import UserError
from harlib.storage import records, results


@pytest.fixture
def content() -> dict:
    return results.read_json(paths.RECORDS / "bench.json")


@pytest.mark.parametrize(("size", "aim"), list(zip(flops.SIZES, report.AIMS["plain"], strict=True)))
def test_a_batch_is_at_least_half_as_much_faster_than_the_plain_loop_as_was_aimed_at(size, aim):
    """Both in this process, in turns, by processor time: what else runs slows both."""
    if batch.choices()[-1] == "numpy":
        pytest.skip("no C compiler: the aims are those of the compiled loops")
    work = {"plain": batch.batch_plain(*size), "here": batch.batch_here(*size, "compiled")}
    with threadpool_limits(1):
        times = batch.rounds_of({name: batch.timed(each, 1) for name, each in work.items()}, 7)
    assert np.median(times["plain"]) / np.median(times["here"]) > aim / 2


def test_operations_are_those_of_the_products_and_of_every_epoch(content):
    """Counted product by product, with shapes; epoch 0 is an evaluation alone."""
    T, B, N, K, C = flops.STEPS, 5, 11, flops.CHANNELS, flops.CLASSES
    forward = [(B, N, N), (B, K, N), (B, N, C)]
    backward = [(B, N, N), (B, C, N), (N, B, N), (N, B, K), (C, B, N)]
    assert flops.batch(B, N) == T * sum(2 * a * b * c for a, b, c in forward + backward)
    assert flops.evaluation(B, N) == T * sum(2 * a * b * c for a, b, c in forward)
    assert flops.study(50) - flops.study(0) == 50 * (flops.study(1) - flops.study(0))
    assert flops.study(50) == content["studies"]["measured"]["flops"]


def test_where_a_peer_is_missing_its_row_says_why(content):
    for entry in content["batches"]:
        entry["milliseconds"].pop("torch", None)
    content["missing"] = {"torch": "not installed"}
    assert (report.milliseconds(content).loc[report.NAMES["torch"]] == "not installed").all()
    table = report.targets(content)
    what = f"× {report.NAMES['torch'].split(',')[0]}"
    assert table.loc[(what, report.NAMES["compiled"])].isna().all()
    assert report.number(np.nan, (), "") == "not measured"
    assert not report.bold_if_reached(table).loc[what].to_numpy().any()
    plt.close(figures.plot_rates(content))


def test_a_library_that_cannot_be_loaded_is_missing_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "jax.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    found, missing = libraries.versions()
    assert not found
    assert missing == {"torch": "not installed", "jax": "No module named 'no_such_library'"}


@pytest.mark.parametrize("library", libraries.BATCHES)
def test_the_other_libraries_have_the_same_gradient(library):
    pytest.importorskip(library, reason="it is not installed here (make bench has it)")
    batch.batch_of(library, 4, 5)()


def test_what_the_benchmark_runs_says_what_it_used_or_what_failed():
    used = study.used_by("a program", "-c", "print(sum(range(10**6)))")
    assert 0 < used["core_seconds"] < 60 and 1e6 < used["peak_bytes"] < 300e6
    with pytest.raises(UserError, match="a program that the benchmark times failed: no room"):
        study.used_by("a program", "-c", "import sys; sys.exit('no room')")


def test_what_is_shown_of_the_project_s_copy_is_what_it_holds(content):
    entry = content["batches"][2]
    column = report.ratios(content, "compiled")[report.size(entry)]
    ours = entry["milliseconds"]["compiled"][1]
    assert column["plain"] == pytest.approx(entry["milliseconds"]["plain"][1] / ours)
    rate = entry["flops"] / (ours * 1e-3) / 1e9
    assert column["rate"] == pytest.approx(100 * rate / np.median(entry["gflops"]))
    table = report.targets(content)
    bold = report.bold_if_reached(table)
    for what, by in table.index:
        reached = table.loc[(what, by)] >= table.loc[(what, "aim")]
        assert (bold.loc[(what, by)] == (reached & (by != "aim"))).all()
    assert len(report.parts(content)) == 8 and report.parts(content).notna().all(axis=None)
    assert content["worker_peak_bytes"] < 300e6
    record = records.Record(content, paths.RECORDS / "bench.json", False)
    assert "the project's copy" in report.values(record)["bench_where"]


def test_buffers_grow_as_steps_times_batch_times_units_and_no_faster():
    """Those arrays that have a row for every step; by strides, for rows may be filled up."""
    each = []
    for T, B, N in ((75, 10, 50), (150, 10, 50), (150, 30, 100), (300, 30, 100)):
        made = vars(loops.BUFFERS[batch.choices()[-1]](rnn.initial_values(0, N), T, B))
        kept = (made[name] for name in ("states", "errors", "outputs", "slopes") if name in made)
        each.append(sum(len(array) * array.strides[0] for array in kept) / (T * B * N))
    assert max(each) == each[0]
