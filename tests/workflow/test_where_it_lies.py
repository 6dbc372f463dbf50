"""Wherever a checkout lies and wherever a command is typed, it works on that checkout."""

from pathlib import Path

import pytest

from harlib import paths
from tests.started import copied, python


@pytest.mark.parametrize("holds", ["harlib", "harlib/harlib", "notebooks", "harlib.d"])
def test_a_folder_beside_does_not_hide_the_package(tmp_path, holds):
    """The folder above a checkout holds one called ``harlib``."""
    (tmp_path / holds).mkdir(parents=True)
    found = python("-c", "import harlib; print(harlib.__file__)", folder=tmp_path).stdout
    assert Path(found.strip()) == paths.ROOT / "harlib" / "__init__.py"


@pytest.mark.long
@pytest.mark.parametrize("name", ["mein Projekt (ü)", "it's [here], {x}", "by a link"])
def test_the_flow_works_in_a_folder_of_any_name(tmp_path, small_file, name):
    copy = copied(tmp_path / ("elsewhere" if name == "by a link" else name))
    if name == "by a link":
        (tmp_path / name).symlink_to(copy)
    asked = {"data": small_file, "epochs": 1, "seeds": 42, "jobs": 2}
    words = [f"--{option}={value}" for option, value in asked.items()]
    here = tmp_path / name
    done = python("-m", "workflow.study", *words, "runs", folder=here, PYTHONPATH=str(here))
    assert not done.returncode, done.stdout + done.stderr
    assert len(list((copy / "results" / "small" / "published").glob("run-0?.json"))) == 8
