"""A small study."""

import pytest

from harlib.runs import experiment


@pytest.fixture
def run(small_file, tmp_path):
    """``run(name, **changes)``: a run in a results folder of that name; where its files lie."""

    def run(name, protocol="published", run_no=2, **changes):
        given = {"data": str(small_file), "epochs": 6, "seeds": (42, 263), **changes}
        experiment.run(run_no, protocol=protocol, results_dir=str(tmp_path / name), **given)
        return tmp_path / name / "small" / protocol

    return run
