"""Each table and figure of the study, recomputed from the raw files by a few independent lines.

But for hidden units nothing here uses harlib's own tables, pages or metrics to compute what is
expected.
"""

import json
import re
import statistics

import numpy as np
import pytest

from book.generate import gathered
from book.generate.pages import data
from harlib import plain_rnn
from harlib.analysis.hidden_units import measure_units
from harlib.protocol import HEADLINE
from harlib.runs import trained_network
from tests.book import recomputed
from tests.book.recomputed import SPLITS, at_best, best_two, body, mean_std, printed, trained
from tests.faults import numbers

TOPS = ("top1", "top2", "top3")


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
    """The JSON files by name without ``.json``, as they lie on disk; corrected ones by number."""

    def files(protocol):
        paths = (study.folder.path.parent / protocol).glob("*.json")
        return {path.stem: json.loads(path.read_text()) for path in paths}

    found, corrected = files("published"), files("corrected")
    eight = {"runs": found, "corrected": corrected}
    return found | {
        which: {n: of[f"run-{n:02d}"] for n in range(1, 9)} for which, of in eight.items()
    }


def test_table_1(shown, raw):
    rows = body(shown.tables["table-1"])
    for row, (run_no, result), line in zip(rows, raw["runs"].items(), printed(1), strict=True):
        timing = raw[f"run-{run_no:02d}.timing"]["seeds"].values()
        seconds = statistics.fmean(t["training_seconds"] + t["evaluation_seconds"] for t in timing)
        c = result["config"]
        assert [float(text) for text in row[:4]] == [
            c["batch_size"], c["hidden_units"], c["learning_rate"], c["epochs"]]  # fmt: skip
        assert row[:2] == [line["batch_size"], line["hidden_units"]]
        assert row[2] == f"{float(line['learning_rate']):g}"
        assert row[4:] == [f"{float(line['seconds']):.1f}", f"{seconds:.1f}"]


#: Columns of Tables II to V: split and n of Top-n.
COLUMNS = {
    2: [("test", n) for n in (1, 2, 3)],
    **{n + 2: [("train", n), ("test", n)] for n in (1, 2, 3)},
}


@pytest.mark.parametrize("table", COLUMNS)
def test_tables_2_to_5_and_once_more_under_the_corrected_protocol(shown, raw, table):
    columns = COLUMNS[table]
    names = [f"top{n}" if table == 2 else split for split, n in columns]
    rows, again = (body(shown.tables[f"{which}-{table}"]) for which in ("table", "corrected"))
    assert len(again) == 24
    for k, (run_no, line) in enumerate(zip(raw["runs"], printed(table), strict=True)):
        theirs = [line[f"{name}_{part}"] for name in names for part in ("mean", "std")]
        ours, corrected = (mean_std(raw[which][run_no], columns) for which in ("runs", "corrected"))
        three = slice(3 * k, 3 * k + 3)
        recomputed.assert_three_rows(rows[three], theirs, ours)
        recomputed.assert_three_rows(again[three], ours, corrected)
    recomputed.assert_bold_is_the_best_mean(shown.tables[f"table-{table}"])


@pytest.mark.parametrize(("run_no", "table"), [(8, 6), (7, 7)])
def test_tables_6_and_7(shown, raw, run_no, table):
    (entry,) = raw[f"early-stopping-{run_no:02d}"]["seeds"].values()
    rows = body(shown.tables[f"table-{table}"])
    for k, line in enumerate(printed(table)):
        theirs = [line[split.lower()] for split in SPLITS]
        ours = [at_best(entry, split, f"top{k + 1}") for split in SPLITS.values()]
        recomputed.assert_three_rows(rows[3 * k : 3 * k + 3], theirs, ours)


def test_table_8_and_its_heat_map(shown, raw):
    (entry,) = raw["early-stopping-08"]["seeds"].values()
    rows = body(shown.tables["table-8"])
    for row, line, counts in zip(rows, printed(8), entry["confusion"], strict=True):
        assert row[:6] == [line[str(k)] for k in range(6)]
        assert row[6:] == [str(count) for count in counts]
    heat_map = shown.figures["confusion-8"][0]
    assert heat_map["texts"] == [str(count) for row in entry["confusion"] for count in row]
    shares = [100 * count / sum(row) for row in entry["confusion"] for count in row]
    np.testing.assert_allclose(np.ravel(heat_map["cells"][0]), shares)
    correct = sum(entry["confusion"][k][k] for k in range(6))
    assert at_best(entry, "test", "top1") == pytest.approx(100 * correct / 18)


def test_option_c_of_the_runs_that_rank_best(shown, raw):
    table = shown.tables["option-c-ours"]
    for rank, (run_no, row) in enumerate(zip(best_two(raw), table["rows"], strict=True), start=1):
        (entry,) = raw[f"early-stopping-{run_no:02d}"]["seeds"].values()
        accuracies = [at_best(entry, split, top) for split in SPLITS.values() for top in TOPS]
        wanted = [f"{rank}: run {run_no}", *(f"{accuracy:.3f}" for accuracy in accuracies)]
        assert [cell["text"] for cell in row] == wanted


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
        ("figure-1", "runs", TOPS), ("figure-2", "runs", ("loss",)),
        ("corrected-accuracy", "corrected", TOPS), ("corrected-loss", "corrected", ("loss",)),
    ):  # fmt: skip
        for axes, (run_no, result) in zip(shown.figures[name], raw[which].items(), strict=True):
            assert axes["title"].startswith(f"Run {run_no}:")
            entry = result["seeds"]["42"]
            recomputed.assert_curves(axes, entry, metrics)
            assert which == "runs" or entry["best_epoch"] == numbers.EPOCHS
    first, second = best_two(raw)
    shows = {"figure-3": 8, "figure-4": 7, "option-c-first": first, "option-c-second": second}
    for name, run_no in shows.items():
        (entry,) = raw[f"early-stopping-{run_no:02d}"]["seeds"].values()
        left, right = shown.figures[name]
        recomputed.assert_curves(left, entry, ("loss",))
        recomputed.assert_curves(right, entry, TOPS)


def test_the_headline(shown, raw):
    assert shown.values["headline_run"] == str(HEADLINE)
    entries = raw["corrected"][HEADLINE]["seeds"].values()
    for top in TOPS:
        last = [entry["test"][top][-1] for entry in entries]
        recomputed.assert_mean_half(shown.values[f"headline_{top}"], last)
    found = recomputed.means(raw["corrected"]).values()
    assert shown.values["corrected_low"] == f"{min(found):.1f}"
    assert shown.values["corrected_high"] == f"{max(found):.1f}"


def test_the_numbers_of_the_text(shown, raw):
    entries = [entry for result in raw["runs"].values() for entry in result["seeds"].values()]
    theirs = {int(line["run_no"]): float(line["top1_mean"]) for line in printed(2)}
    best = best_two(raw)[0]
    mean, deviation = mean_std(raw["runs"][best], [("test", 1)])
    starts = [entry["test"]["top1"][0] for entry in entries]
    gains = [at_best(entry, "test", "top1") - entry["test"]["top1"][-1] for entry in entries]
    differences = [abs(ours - theirs[n]) for n, ours in recomputed.means(raw["runs"]).items()]
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
    for name, content in raw.items():
        if found := re.fullmatch(r"early-stopping-(\d\d)", name):
            (entry,) = content["seeds"].values()
            assert shown.values[f"stopped_epoch_{int(found[1])}"] == str(entry["stopped_epoch"])
            assert len(entry["train"]["loss"]) == entry["stopped_epoch"] + 1
    verdicts = [row[-1]["text"] for row in shown.tables["claims"]["rows"]]
    assert shown.values["claims_total"] == str(len(verdicts))
    for name, sign in (("hold", "✓"), ("fail", "✗"), ("undecided", "?")):
        count = sum(verdict.startswith(sign) for verdict in verdicts)
        assert shown.values[f"claims_{name}"] == str(count)
