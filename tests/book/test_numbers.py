"""Each table and figure of the study, recomputed from the raw files by a few independent lines.

But for hidden units nothing here uses harlib's own tables, pages or metrics to compute what is
expected.
"""

import itertools
import json
import re
import statistics

import numpy as np
import pytest

from book.generate import gathered
from book.generate.pages import data
from harlib import plain_rnn, protocol
from harlib.analysis.hidden_units import measure_units
from harlib.protocol import HEADLINE
from harlib.runs import trained_network
from tests.book import recomputed
from tests.book.recomputed import SPLITS, TOPS, at_best, best_two, body, mean_std, printed
from tests.faults import numbers

LOSS, TOP_1 = {"": "loss"}, [("test", "top1")]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return gathered.read(**numbers.make(tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module")
def shown(study, tmp_path_factory):
    book = numbers.Shown(tmp_path_factory.mktemp("shown")).show(study)
    book.values |= data.fill(book, study)
    return book


@pytest.fixture(scope="module")
def raw(study):
    """The JSON files as they lie on disk, by run; of option C the entry of its one seed."""

    def files(pattern):
        found = sorted(study.folder.path.parent.glob(pattern))
        return {
            int(re.search(r"\d\d", path.name)[0]): json.loads(path.read_text()) for path in found
        }

    option_c = files("published/early-stopping-??.json").items()
    return {
        "runs": files("published/run-??.json"),
        "timings": files("published/run-??.timing.json"),
        "corrected": files("corrected/run-??.json"),
        "option_c": {run_no: entry for run_no, one in option_c for entry in one["seeds"].values()},
    }


def test_table_1(shown, raw):
    rows = body(shown.tables["table-1"])
    lines = printed(1).to_dict("records")
    for row, (run_no, result), line in zip(rows, raw["runs"].items(), lines, strict=True):
        timing = raw["timings"][run_no]["seeds"].values()
        seconds = statistics.fmean(t["training_seconds"] + t["evaluation_seconds"] for t in timing)
        c = result["config"]
        assert [float(text) for text in row[:4]] == [
            c["batch_size"], c["hidden_units"], c["learning_rate"], c["epochs"]]  # fmt: skip
        assert row[:2] == [line["batch_size"], line["hidden_units"]]
        assert line["epochs"] == str(protocol.EPOCHS)
        assert row[2] == f"{float(line['learning_rate']):g}"
        assert row[4:] == [f"{float(line['seconds']):.1f}", f"{seconds:.1f}"]


#: Columns of Tables II to V: split and Top-n.
COLUMNS = {
    2: [("test", top) for top in TOPS.values()],
    **{n: [("train", top), ("test", top)] for n, top in enumerate(TOPS.values(), start=3)},
}


@pytest.mark.parametrize("table", COLUMNS)
def test_tables_2_to_5_and_once_more_under_the_corrected_protocol(shown, raw, table):
    ours, again = (mean_std(raw[which], COLUMNS[table]) for which in ("runs", "corrected"))
    recomputed.assert_three_rows(shown.tables[f"table-{table}"], printed(table), ours)
    recomputed.assert_three_rows(shown.tables[f"corrected-{table}"], ours, again)
    recomputed.assert_bold_is_the_best_mean(shown.tables[f"table-{table}"])


@pytest.mark.parametrize(("run_no", "table"), [(8, 6), (7, 7)])
def test_tables_6_and_7(shown, raw, run_no, table):
    entry = raw["option_c"][run_no]
    ours = [[at_best(entry, split, top) for split in SPLITS.values()] for top in TOPS.values()]
    recomputed.assert_three_rows(shown.tables[f"table-{table}"], printed(table), np.array(ours))


def test_table_8_and_its_heat_map(shown, raw):
    entry = raw["option_c"][8]
    rows = body(shown.tables["table-8"])
    counts = np.array(entry["confusion"]).astype(str)
    np.testing.assert_array_equal(rows, np.hstack([printed(8), counts]))
    heat_map = shown.figures["confusion-8"][0]
    assert heat_map["texts"] == counts.ravel().tolist()
    shares = [100 * count / sum(row) for row in entry["confusion"] for count in row]
    np.testing.assert_allclose(np.ravel(heat_map["cells"][0]), shares)
    correct = sum(entry["confusion"][k][k] for k in range(6))
    assert at_best(entry, "test", "top1") == pytest.approx(100 * correct / 18)


def test_option_c_of_the_runs_that_rank_best(shown, raw):
    rows = shown.tables["option-c-ours"]["rows"]
    for rank, (run_no, row) in enumerate(zip(best_two(raw["runs"]), rows, strict=True), start=1):
        columns = itertools.product(SPLITS.values(), TOPS.values())
        wanted = [f"{at_best(raw['option_c'][run_no], *column):.3f}" for column in columns]
        assert [cell["text"] for cell in row] == [f"{rank}: run {run_no}", *wanted]


def trained(study, run_no, seed):
    with np.load(study.folder.path / f"run-{run_no:02d}-seed-{seed}.npz") as file:
        return dict(file)


def test_what_the_hidden_units_do(shown, study, raw):
    """Counted before training and after; tests/analysis tells the counts on known units."""
    X = study.dataset.X_test.astype(np.float32).transpose(1, 0, 2)
    for run_no, row in zip(range(1, 9), body(shown.tables["saturation"]), strict=True):
        ends = []
        for seed in numbers.SEEDS:
            start = trained_network.initial_values(raw["runs"][run_no], seed)
            found = [measure_units(params, X) for params in (start, trained(study, run_no, seed))]
            ends.append([list(figures.values()) for figures in found])
        for text, value in zip(row, np.mean(ends, axis=0).T.ravel(), strict=True):
            assert float(text) == pytest.approx(value, abs=0.051 if "." in text[-2:] else 6e-4)


def test_figure_5_shows_the_weights_and_states_of_run_8(shown, study):
    params = trained(study, 8, 42)
    a, _ = plain_rnn.forward(params, study.dataset.X_test[:1].transpose(1, 0, 2))
    states = np.hstack(a[1:])
    cells = [np.ravel(axes["cells"][0]) for axes in shown.figures["figure-5"] if axes["cells"]]
    for wanted in (states, params["W_aa"], params["W_ax"].T, params["W_ya"]):
        assert any(
            len(found) == wanted.size and np.allclose(found, np.ravel(wanted), atol=1e-5)
            for found in cells
        )


def test_curves_of_the_eight_runs_and_of_option_c(shown, raw):
    for name, which, metrics in (
        ("figure-1", "runs", TOPS), ("figure-2", "runs", LOSS),
        ("corrected-accuracy", "corrected", TOPS), ("corrected-loss", "corrected", LOSS),
    ):  # fmt: skip
        for axes, (run_no, result) in zip(shown.figures[name], raw[which].items(), strict=True):
            assert axes["title"].startswith(f"Run {run_no}:")
            entry = result["seeds"]["42"]
            recomputed.assert_curves(axes, entry, metrics)
            assert which == "runs" or entry["best_epoch"] == numbers.EPOCHS
    first, second = best_two(raw["runs"])
    shows = {"figure-3": 8, "figure-4": 7, "option-c-first": first, "option-c-second": second}
    for name, run_no in shows.items():
        for axes, metrics in zip(shown.figures[name], (LOSS, TOPS), strict=True):
            recomputed.assert_curves(axes, raw["option_c"][run_no], metrics)


def test_the_headline(shown, raw):
    assert shown.values["headline_run"] == str(HEADLINE)
    entries = raw["corrected"][HEADLINE]["seeds"].values()
    for top in TOPS.values():
        last = [entry["test"][top][-1] for entry in entries]
        recomputed.assert_mean_half(shown.values[f"headline_{top}"], last)
    found = mean_std(raw["corrected"], TOP_1)[:, 0]
    assert shown.values["corrected_low"] == f"{min(found):.1f}"
    assert shown.values["corrected_high"] == f"{max(found):.1f}"


def test_the_numbers_of_the_text(shown, raw):
    entries = [entry for result in raw["runs"].values() for entry in result["seeds"].values()]
    best = best_two(raw["runs"])[0]
    ours = mean_std(raw["runs"], TOP_1)
    mean, deviation = ours[best - 1]
    starts = [entry["test"]["top1"][0] for entry in entries]
    gains = [at_best(entry, "test", "top1") - entry["test"]["top1"][-1] for entry in entries]
    differences = abs(ours[:, 0] - printed(2)["top1_mean"].astype(float))
    expected = {
        "train_windows": "36", "test_windows": "18", "steps": "7", "epochs": "3 epochs",
        "max_epochs": "6", "seeds_text": "42, 263 and 682", "seed_shown": "42",
        "chance_top1": "16.7",
        "initial_top1_low": f"{min(starts):.1f}", "initial_top1_high": f"{max(starts):.1f}",
        "best_run": str(best), "best_run_top1": f"{mean:.1f}",
        "best_run_top1_std": f"{deviation:.1f}",
        "published_best_run": "3", "published_best_run_top1": "34.7",
        "largest_difference_top1": f"{max(differences):.1f}",
        "selection_gain": f"{statistics.fmean(gains):.1f}",
    }  # fmt: skip
    assert {name: shown.values[name] for name in expected} == expected
    for run_no, entry in raw["option_c"].items():
        assert shown.values[f"stopped_epoch_{run_no}"] == str(entry["stopped_epoch"])
        assert len(entry["train"]["loss"]) == entry["stopped_epoch"] + 1
    verdicts = [row[-1]["text"][0] for row in shown.tables["claims"]["rows"]]
    assert shown.values["claims_total"] == str(len(verdicts))
    for name, sign in (("hold", "✓"), ("fail", "✗"), ("undecided", "?")):
        assert shown.values[f"claims_{name}"] == str(verdicts.count(sign))
