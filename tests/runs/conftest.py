"""A small study, and the files that it writes."""

from pathlib import Path

import pytest

from harlib.runs import experiment


def files(folder: Path) -> dict[str, bytes]:
    """Every file that must be the same for the same inputs."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "timing" not in path.name
    }


@pytest.fixture
def given(small_file):
    return {"data": str(small_file), "epochs": 6, "seeds": (42, 263)}


def run(tmp_path, name, given, **changes):
    asked = {"protocol": "published", **given, **changes}
    experiment.run(2, results_dir=str(tmp_path / name), **asked)
    return tmp_path / name / "small" / asked["protocol"]
