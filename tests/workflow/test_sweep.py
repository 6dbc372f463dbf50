"""Sweeps: what a file of lists stands for, what is refused, jobs, and the gathered table."""

import numpy as np
import pandas as pd
import pytest
import yaml

from harlib import paths
from harlib.errors import UserError
from harlib.storage import results
from tests.data.data_helpers import refusal
from tests.started import run, study
from workflow import configuration, sweep, sweep_table

EXAMPLE = paths.ROOT / "workflow" / "sweeps" / "example.yml"
#: Switches whose names fill more than a folder's name can hold.
LONG = "".join(f"+{name}=0.123456789012345" for name in (
    "rotation", "scaling", "jitter", "stretch", "initial_range", "clip", "learning_rate_scale",
    "weight_decay", "weight_average"))  # fmt: skip


def test_the_example_has_every_key_and_is_the_product_of_its_lists():
    text = EXAMPLE.read_text()
    assert all(f"\n{key}:" in text or f"\n# {key}:" in text for key in sweep.KEYS)
    lists = yaml.safe_load(text)
    found = sweep.read(EXAMPLE)
    expected = np.prod([len(lists[key]) for key in ("run_no", "data", "protocol", "epochs")])
    expected *= len(lists["switches"]["learning_rate_scale"])
    assert len(found.configurations) == expected and found.per_job == lists["per_job"]
    assert {one.seeds for one in found.configurations} == {tuple(lists["seeds"])}


def test_a_switch_is_turned_in_every_protocol_and_left_out_is_the_default():
    found = sweep.expand(
        {"run_no": 7, "protocol": ["published", "corrected"],
         "switches": {"shuffle": [True], "clip": [0, 2], "learning_rate_scale": "1e-3"}}, "x",
    )  # fmt: skip
    one = found.configurations[0]
    assert one.protocol == "published+shuffle=True+learning_rate_scale=0.001"
    assert len({one.protocol for one in found.configurations}) == 4
    assert found.switches == ("shuffle", "clip", "learning_rate_scale")
    assert (one.data, one.seeds, one.epochs) == ("motionsense", (42, 263, 682), 50)
    assert (one.dtype, one.loops) == ("float32", "auto")
    assert one.results_dir == "results/sweeps/x/epochs=50/dtype=float32"
    assert len(sweep.expand({"epochs": 2}, "x").configurations) == 8


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it names no lists; allowed are data, dtype, epochs"),
        ("run: [1]", "unknown parameter run (did you mean run_no?)"),
        ("run_no: [1, 9]", "parameter run_no = 9: allowed is a whole number from 1 to 8"),
        ("run_no: []", "run_no is an empty list"),
        ("run_no: [1, 2, 1]", "run_no has 1 twice"),
        ("run_no: [1]\nrun_no: [2]", "run_no is given twice"),
        ("per_job: 0", "parameter per_job = 0: allowed is a whole number, 1 or more"),
        ("protocol: [3]", "there is no protocol '3'"),
        ("protocol: [published, published+shuffle=False]", "are the same protocol, published"),
        ("switches: {shufle: [1]}", "unknown parameter shufle (did you mean shuffle?)"),
        ("epochs: [010]", "010 is 8 in YAML"),
        ("switches: [1]", "switches = [1]: allowed is a list for each of"),
        ("data: [a/x.h5, b/x.h5]", "would write the same result files"),
        (f"protocol: published{LONG}", "a folder's name cannot be longer than 255 bytes"),
        ("run_no: [1", "is not valid YAML"),
        ("run_no: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("? [1]\n: 2", "is not valid YAML"),
        (b"\xff\xfe\x00", "bad.yml"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "bad.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with refusal(message, str(path)):
        sweep.read(path)


def test_each_has_a_file_of_its_own_which_stays_with_more_values_in_a_list():
    lists = {"run_no": [1, 2], "protocol": ["published", "corrected"], "epochs": 2}
    before = {one.result for one in sweep.expand(lists, "x").configurations}
    more = {"epochs": [2, 3], "run_no": [1, 2, 3], "dtype": ["float32", "float64"]}
    found = {one.result for one in sweep.expand({**lists, **more}, "x").configurations}
    assert before < found and len(found) == 2 * 2 * 3 * 2


@pytest.fixture
def lists(small_file):
    """A sweep over small data, one of whose configurations diverges for each run."""
    return {
        "run_no": [5, 6], "data": [str(small_file)], "seeds": [1, 2], "epochs": [2], "per_job": 2,
        "protocol": ["published", "published+weight_decay=1000"],
        "switches": {"learning_rate_scale": [1, 1e6]},
    }  # fmt: skip


def test_a_table_has_what_the_files_hold_and_refuses_a_file_of_another(lists, tmp_path):
    found = sweep.expand(lists, "x", str(tmp_path))
    for one in found.configurations:
        configuration.train(one)
    table = sweep_table.gather(found)
    assert table["run_no"].tolist() == [5, 6] * 4
    for one, row in zip(found.configurations, table.itertuples(), strict=True):
        if row.outcome != "finished":
            assert "diverged" in row.outcome and np.isnan(row.test_top1_mean)
            assert sweep.diverged(one) == row.outcome
            continue
        result = results.read(one.result)
        top1 = [e["test"]["top1"][e["best_epoch"]] for e in result["seeds"].values()]
        assert row.test_top1_mean == pytest.approx(np.mean(top1))
        assert row.test_top1_std == pytest.approx(np.std(top1))
        rate = result["config"]["learning_rate"] * result["config"]["learning_rate_scale"]
        assert row.learning_rate == pytest.approx(rate)
        timing = results.read_json(one.folder.timing(one.run_no))["seeds"].values()
        seconds = sum(t["training_seconds"] + t["evaluation_seconds"] for t in timing)
        assert row.wall_seconds == pytest.approx(seconds, abs=1e-3)
    assert 0 < (table["outcome"] == "finished").sum() < 8
    assert sweep.forget_changed(found) == 0
    one, other, *_ = (each.result for each in found.configurations)
    one.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match="not of the configuration that it should hold"):
        sweep_table.gather(found)
    assert sweep.forget_changed(found) == 1 and not one.exists() and other.exists()


def test_a_failure_that_is_no_divergence_ends_the_job(tmp_path):
    (one,) = sweep.expand({"run_no": 5, "data": str(tmp_path / "none.h5")}, "x").configurations
    with pytest.raises(UserError, match=r"none\.h5"):
        configuration.train(one)


@pytest.mark.long
def test_a_sweep_runs_and_goes_on(lists, tmp_path):
    """All of it once; nothing again; then only what was spoilt."""
    file = tmp_path / "small.yml"
    file.write_text(yaml.safe_dump(lists))

    def said() -> str:
        done = run(*study("sweep", sweep=file, jobs=2, results_dir=tmp_path))
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert "8 configurations, 16 trainings" in said()
    found = sweep.read(file, str(tmp_path))
    table = pd.read_csv(found.root / "table.csv")
    assert "Nothing to be done" in said()
    # A result file is lost, another is changed: both come back with the same bytes, no other.
    kept = {one.result: one.result.stat().st_mtime_ns for one in found.configurations}
    lost, spoilt = (found.configurations[0].folder.result(run_no) for run_no in (5, 6))
    whole = lost.read_bytes(), spoilt.read_bytes()
    lost.unlink()
    spoilt.write_bytes(whole[0])
    assert "1 results were changed and are made anew" in said()
    assert (lost.read_bytes(), spoilt.read_bytes()) == whole
    again = {path for path, written in kept.items() if path.stat().st_mtime_ns != written}
    assert again == {lost, spoilt}
    anew = pd.read_csv(found.root / "table.csv")
    pd.testing.assert_frame_equal(*(t.drop(columns="wall_seconds") for t in (anew, table)))
