"""A small study, and what of it was trained."""

from unittest import mock

import pytest

from harlib import train
from harlib.runs import experiment


@pytest.fixture
def run(small_file, tmp_path):
    """``run(name, **changes)``: run 2 in a results folder of that name; where its files lie."""

    def run(name, protocol="published", **changes):
        given = {"data": str(small_file), "epochs": 6, "seeds": (42, 263), **changes}
        experiment.run(2, protocol=protocol, results_dir=str(tmp_path / name), **given)
        return tmp_path / name / "small" / protocol

    return run


@pytest.fixture
def trained(monkeypatch):
    """``trained()``: the seeds whose training was begun since it was asked before."""
    spy = mock.Mock(wraps=train.train)
    monkeypatch.setattr(experiment, "train", spy)

    def trained():
        seeds = [call.kwargs["seed"] for call in spy.call_args_list]
        spy.reset_mock()
        return seeds

    return trained
