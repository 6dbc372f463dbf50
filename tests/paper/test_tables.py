"""Tables recomputed from the raw result files by a few independent lines."""

import csv
import json
import statistics

import numpy as np
import pandas as pd
import pytest

from book.generate import cells
from harlib import paths
from harlib.notebook.table import Table
from harlib.paper import tables
from harlib.protocol import RUNS
from harlib.runs import experiment
from harlib.storage import results

SEEDS = (42, 263, 682)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Eight short runs and one early stopping on small data; the folder that holds them."""
    import h5py

    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(1)
    with h5py.File(folder / "tiny.h5", "w") as file:
        for key, per_class in (("tr", 12), ("tst", 5)):
            label = np.repeat(np.arange(6), per_class)
            centre = rng.normal(size=(6, 1, 3))[label]
            file[key + "X"] = centre + rng.standard_normal((len(label), 8, 3))
            file[key + "Y"] = np.eye(6)[label]
    given = {"data": str(folder / "tiny.h5"), "results_dir": str(folder / "out")}
    for run_no in RUNS:
        experiment.run(run_no, seeds=SEEDS, epochs=5, **given)
    for run_no in (7, 8, 3):
        experiment.early_stopping(run_no, max_epochs=6, patience=2, **given)
    return results.Folder(str(folder / "out"), given["data"], "published")


def runs(study):
    return {run_no: results.read(study.result(run_no)) for run_no in RUNS}


def raw(study, run_no, split, top):
    """Mean and population deviation straight from the JSON file."""
    content = json.loads((study.path / f"run-{run_no:02d}.json").read_text())
    values = [entry[split][f"top{top}"][entry["best_epoch"]] for entry in content["seeds"].values()]
    return statistics.fmean(values), statistics.pstdev(values)


def printed(number):
    with (paths.PUBLISHED / f"table-{number}.csv").open() as file:
        return {int(row["run_no"]): row for row in csv.DictReader(file)}


def test_table_2_is_what_the_files_say(study):
    table = tables.compared(runs(study), tables.COLUMNS[2])
    assert table.shape == (24, 6)
    for run_no in RUNS:
        for top in (1, 2, 3):
            expected = raw(study, run_no, "test", top)
            for i, (symbol, name) in enumerate((("μ", "mean"), ("σ", "std"))):
                column = (f"Top-{top}", symbol)
                ours = table.loc[(run_no, "re-computed"), column]
                theirs = table.loc[(run_no, "published"), column]
                assert ours == pytest.approx(expected[i], abs=1e-9)
                assert theirs == float(printed(2)[run_no][f"top{top}_{name}"])
                assert table.loc[(run_no, "difference"), column] == pytest.approx(ours - theirs)


@pytest.mark.parametrize("top", [1, 2, 3])
def test_tables_3_to_5_are_what_the_files_say(study, top):
    table = tables.compared(runs(study), tables.COLUMNS[top + 2])
    for run_no in RUNS:
        for split, label in (("train", "Training"), ("test", "Test")):
            expected = raw(study, run_no, split, top)
            for i, (symbol, name) in enumerate((("μ", "mean"), ("σ", "std"))):
                ours = table.loc[(run_no, "re-computed"), (label, symbol)]
                assert ours == pytest.approx(expected[i], abs=1e-9)
                theirs = table.loc[(run_no, "published"), (label, symbol)]
                assert theirs == float(printed(top + 2)[run_no][f"{split}_{name}"])


def test_one_changed_number_in_a_result_changes_the_table(study):
    changed = runs(study)
    before = tables.compared(changed, tables.COLUMNS[2])
    entry = changed[4]["seeds"]["263"]
    entry["test"]["top2"][entry["best_epoch"]] += 0.5
    after = tables.compared(changed, tables.COLUMNS[2])
    assert (before != after).to_numpy().sum() == 4  # mean and deviation, and both differences


def test_bold_is_the_best_mean_of_each_source(study):
    table = tables.compared(runs(study), tables.COLUMNS[2])
    bold = tables.best_rows(table)
    for source in ("published", "re-computed"):
        rows = table.xs(source, level="Source")
        marked = bold.xs(source, level="Source")
        for top in (1, 2, 3):
            column = (f"Top-{top}", "μ")
            assert set(rows.index[marked[column]]) == set(
                rows.index[rows[column] == rows[column].max()])  # fmt: skip
        assert not marked.xs("σ", axis=1, level=1).to_numpy().any()
    assert not bold.xs("difference", level="Source").to_numpy().any()


def test_option_c_beside_the_published_table(study):
    for run_no, number in ((8, 6), (7, 7)):
        content = json.loads((study.path / f"early-stopping-{run_no:02d}.json").read_text())
        entry = content["seeds"]["42"]
        table = tables.option_c(content, 42)
        with (paths.PUBLISHED / f"table-{number}.csv").open() as file:
            theirs = {row["metric"]: row for row in csv.DictReader(file)}
        for top in (1, 2, 3):
            for split, label in (
                ("train", "Training"), ("validation", "Validation"), ("test", "Test"),
            ):  # fmt: skip
                ours = table.loc[(f"Top-{top}", "re-computed"), label]
                assert ours == entry[split][f"top{top}"][entry["best_epoch"]]
                published = table.loc[(f"Top-{top}", "published"), label]
                assert published == float(theirs[f"top{top}"][label.lower()])
    content = results.read(study.result(3, "early-stopping"))
    assert tables.option_c(content, 42).shape == (3, 3)


def test_table_8_holds_both_matrices(study):
    content = results.read(study.result(8, "early-stopping"))
    table = tables.table_8(content, 42)
    np.testing.assert_array_equal(table["re-computed"], content["seeds"]["42"]["confusion"])
    assert table["published"].to_numpy()[2, 2] == 97
    assert table["published"].to_numpy().sum() == 600


def test_ranking_is_by_mean_then_deviation_then_number():
    def result(*values):
        return {"seeds": {
            str(i): {"best_epoch": 0, "test": {"top1": [v]}} for i, v in enumerate(values)
        }}  # fmt: skip

    made_up = {1: result(30, 30), 2: result(20, 40), 3: result(50, 10), 4: result(31, 31),
               5: result(30, 30)}  # fmt: skip
    assert tables.ranking(made_up) == [4, 1, 5, 2, 3]


def test_early_stopping_stops_and_selects_by_validation(study):
    content = results.read(study.result(8, "early-stopping"))
    entry = content["seeds"]["42"]
    assert content["config"]["selection"] == "validation"
    assert len(entry["validation"]["top1"]) == entry["stopped_epoch"] + 1
    validation = entry["validation"]["top1"]
    assert entry["best_epoch"] == int(np.argmax(validation))
    if entry["stopped_epoch"] < 6:
        assert max(validation[:-2]) + 1e-5 >= max(validation[-2:])


def test_cells_of_a_table_fill_its_rectangle(study, tmp_path):
    """Joined cells and tall cells together cover every place of the grid exactly once."""
    table = tables.compared(runs(study), tables.COLUMNS[3])
    cells.write_table(tmp_path, "t", table, title="T", bold=tables.best_rows(table))
    spec = json.loads((tmp_path / "t.json").read_text())
    width = table.index.nlevels + table.shape[1]
    for block in (spec["header"], spec["rows"]):
        covered = np.zeros((len(block), width), int)
        for i, row in enumerate(block):
            for cell in row:
                j = int(np.argmin(covered[i]))
                covered[i : i + cell["rows"], j : j + cell.get("span", 1)] += 1
        assert (covered == 1).all()
    back = pd.read_csv(tmp_path / "t.csv", header=[0, 1], index_col=[0, 1])
    np.testing.assert_allclose(back.to_numpy(), table.to_numpy(), rtol=1e-12)


def test_a_notebook_shows_the_same_bytes_each_time_and_text_without_a_screen(study):
    run = results.read(study.result(1))
    shown = [Table(tables.run_rows(run), caption="Run 1, tiny data") for _ in range(2)]
    assert shown[0]._repr_html_() == shown[1]._repr_html_()
    value = f"{raw(study, 1, 'test', 1)[0]:.3f}"
    assert value in shown[0]._repr_html_() and value in repr(shown[0])
    assert "Run 1, tiny data" in shown[0]._repr_html_()
