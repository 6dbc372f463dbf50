"""Wherever a checkout lies and wherever a command is typed, it works on that checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harlib import paths


def python(folder: Path, *words: str, **environment: str) -> str:
    """What Python prints, started in a folder."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("holds", ["harlib", "harlib/harlib", "notebooks", "harlib.d"])
def test_a_folder_beside_does_not_hide_the_package(tmp_path, holds):
    """The folder above a checkout holds one called ``harlib``."""
    (tmp_path / holds).mkdir(parents=True)
    found = python(tmp_path, "-c", "import harlib; print(harlib.__file__)")
    assert Path(found.strip()) == paths.ROOT / "harlib" / "__init__.py"


@pytest.mark.long
@pytest.mark.parametrize("name", ["mein Projekt (ü)", "it's [here], {x}", "by a link"])
def test_the_flow_works_in_a_folder_of_any_name(tmp_path, small_file, name):
    copy = tmp_path / ("elsewhere" if name == "by a link" else name)
    left_out = shutil.ignore_patterns(".*", "results", "_build", "*.pyc")
    shutil.copytree(paths.ROOT, copy, ignore=left_out)
    if name == "by a link":
        (tmp_path / name).symlink_to(copy)
    asked = {"data": small_file, "epochs": 1, "seeds": 42, "jobs": 2}
    words = [f"--{option}={value}" for option, value in asked.items()]
    here = tmp_path / name
    python(here, "-m", "workflow.study", *words, "runs", PYTHONPATH=str(here))
    assert len(list((copy / "results" / "small" / "published").glob("run-0?.json"))) == 8
