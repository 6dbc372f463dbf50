"""A small study."""

import pytest

from harlib.runs import experiment


@pytest.fixture
def given(small_file):
    return {"data": str(small_file), "epochs": 6, "seeds": (42, 263)}


def run(tmp_path, name, given, **changes):
    asked = {"protocol": "published", **given, **changes}
    experiment.run(2, results_dir=str(tmp_path / name), **asked)
    return tmp_path / name / "small" / asked["protocol"]
