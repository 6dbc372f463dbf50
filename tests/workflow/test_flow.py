"""The flow knows what each number depends on, and refuses what it cannot run."""

import os
import subprocess
import sys
from modulefinder import ModuleFinder
from pathlib import Path

import pytest

from harlib import paths
from harlib.protocol import RUNS
from harlib.runs import experiment
from harlib.storage import provenance
from tests import started
from tests.started import contents, copied, python, run
from workflow import study


def test_a_change_of_any_module_behind_the_numbers_trains_again():
    """What the training imports is of the rooms that count, or of the data, which has a digest."""
    finder = ModuleFinder([str(paths.ROOT)])  # of the project's own modules alone
    finder.run_script(experiment.__file__)
    seen = {Path(found.__file__) for found in finder.modules.values() if found.__file__}
    data = {path for path in seen if path.parent == paths.ROOT / "harlib" / "data"}
    assert seen - data <= set(provenance.sources())
    assert {"rnn.py", "train.py", "loops.py", "checkpoint.py"} <= {path.name for path in seen}


@pytest.mark.parametrize(("words", "message"), [
    (["--protocol=corrected"], "parameter protocol = 'corrected': the book tells of the publ"),
    (["--sweep=lists.yml", "runs"], "a sweep file (--sweep) goes with the target sweep"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused_before_anything_runs(words, message):
    done = python("-m", "workflow.study", *words)
    assert done.returncode == 1 and done.stderr.startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("runs EPOCH=1", "make runs takes no EPOCH: allowed are DATA EPOCHS FULL JOBS LOOPS "),
        ("report data=synthetic", "make report takes no data: allowed are DATA "),
        ("sweep EPOCHS=1", "make sweep takes no EPOCHS: allowed are CONFIG JOBS PROFILE RESULTS"),
        ("EPOCHS=1", "make help takes no EPOCHS: allowed are none"),
        ("runs EPOCHS=", "EPOCHS is empty: give it a value, or leave it out"),
        ("runs EPOCHS=2.5", "parameter epochs = '2.5'"),
        ("report FULL=yes", "parameter full = 'yes'"),
        ("runs JOBS=0", "parameter jobs = 0"),
        ("runs RESULTS=/proc/harlib", "error: /proc/harlib cannot be written (No such file"),
        ("runs DATA=motionsnse", "parameter data = 'motionsnse': allowed is motionsense, "),
        ("verify RUN=9", "parameter run_no = 9: "),
        ("verify KIND=early", "parameter kind = 'early': allowed is one of run, early-stopping"),
        ("sweep CONFIG=nowhere.yml", "nowhere.yml does not exist; "),
        ("runs PROFILE=slurm", "there is one in workflow/profiles/slurm"),
    ],
)
def test_make_refuses_in_one_line_what_it_would_not_do(words, message, tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("MAKE")]:
        monkeypatch.delenv(name)
    ready = tmp_path / "ready"
    ready.touch()
    # This environment, whichever it is.
    here = [f"READY={ready}", f"BIN={Path(sys.executable).parent}"]
    done = run("make", *words.split(), *here)
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert done.returncode == 2 and len(said) == 1, done.stderr
    assert message in said[0]


def test_a_second_study_with_the_same_results_is_told_so(tmp_path):
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    with study.only_one(here), study.only_one(there):
        done = run("make", "report", f"RESULTS={here}")
    assert done.returncode != 0
    assert done.stderr.startswith(f"error: another study is running with the results folder {here}")
    assert [path.name for path in (tmp_path / "here").iterdir()] == [".lock"]
    with study.only_one(here):
        pass  # the lock is free again


def test_a_quick_look_at_a_study_does_not_cost_the_study(small_file, tmp_path):
    given = {"data": str(small_file), "results_dir": str(tmp_path / "r"), "protocol": "published"}
    given |= {"seeds": (42,), "epochs": 3, "dtype": "float32", "loops": "auto"}
    assert study.place(given) == given["results_dir"]
    experiment.run(4, **given)
    places = {"epochs=2": {"epochs": 2}, "dtype=float64": {"dtype": "float64"}}
    for place, other in places.items():
        assert study.place({**given, **other}) == str(tmp_path / "r" / place)
    for same in ({}, {"epochs": 4}, {"seeds": (1, 2)}):
        assert study.place({**given, **same}) == given["results_dir"]


@pytest.mark.parametrize("holds", ["harlib", "harlib/harlib", "notebooks", "harlib.d"])
def test_a_folder_beside_does_not_hide_the_package(tmp_path, holds):
    """The folder above a checkout holds one called ``harlib``."""
    (tmp_path / holds).mkdir(parents=True)
    found = python("-c", "import harlib; print(harlib.__file__)", folder=tmp_path).stdout
    assert Path(found.strip()) == paths.ROOT / "harlib" / "__init__.py"


@pytest.mark.long
def test_same_bytes_with_1_and_4_workers_side_by_side_in_folders_of_any_name(small_file, tmp_path):
    """Three studies at once: no port, file or order is shared, no name or link matters."""
    odd, link = copied(tmp_path / "it's [here], {x}"), tmp_path / "mein Projekt (ü)"
    link.symlink_to(copied(tmp_path / "elsewhere"))
    studies = {}
    for jobs, root, place in ((1, odd, ""), (2, link, ""), (4, paths.ROOT, tmp_path)):
        asked = {"data": small_file, "epochs": 1, "seeds": 42, "jobs": jobs}
        studies[root / place / "results"] = subprocess.Popen(
            started.study("runs", **asked, results_dir=Path(place, "results")),
            cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    # The same in this process, without any flow, last run first.
    for run_no in reversed(RUNS):
        experiment.run(
            run_no, data=str(small_file), seeds=(42,), epochs=1, results_dir=str(tmp_path / "whole")
        )
    for results_dir, process in studies.items():
        _, said = process.communicate(timeout=1800)
        assert process.returncode == 0, said
        found = contents(results_dir / "small" / "published", "run-*")
        assert len(found) == 2 * len(RUNS)
        whole = tmp_path / "whole" / "small" / "published"
        assert found == contents(whole, "run-*"), results_dir
