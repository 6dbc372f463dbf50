"""Selection sees training subjects only, each left out once."""

from dataclasses import replace

import numpy as np
import pytest

from harlib.experiments import cross_validation
from harlib.protocol import CORRECTED
from harlib.storage import records
from tests.analysis.made_up import other_test_windows, people
from tests.data.data_helpers import refusal


def test_every_subject_is_left_out_once_and_never_on_both_sides():
    data = people()
    left_out = []
    for inside, outside in cross_validation.folds(data):
        sides = [set(data.subject_train[rows].tolist()) for rows in (inside, outside)]
        assert not sides[0] & sides[1] and sides[0] | sides[1] == set(range(8))
        left_out += sides[1]
    assert sorted(left_out) == list(range(8))


@pytest.mark.parametrize("data", [replace(people(), subject_train=None), people(3)])
def test_without_enough_known_subjects_there_is_no_selection(data):
    with refusal("more known training subjects"):
        cross_validation.folds(data)


def test_test_windows_have_no_part_in_it():
    given = {"epochs": 2, "seeds": (1, 2)}
    found = cross_validation.cross_validate(people(), 6, CORRECTED, **given)
    other = other_test_windows(people())
    assert cross_validation.cross_validate(other, 6, CORRECTED, **given) == found
    assert [len(values) for values in found.values()] == [cross_validation.FOLDS] * 3
    assert all(0 <= v <= 100 for values in found.values() for v in values)


def test_what_is_in_the_record_is_not_tried_again(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cross_validation, "load_data", lambda *_: people())

    def tried(*protocols):
        asked = ["prog", "--epochs", "1", "--results-dir", str(tmp_path), *protocols]
        monkeypatch.setattr("sys.argv", asked)
        assert cross_validation.main() == 0
        return records.read(cross_validation.NAME, str(tmp_path)).content

    explored = {"explored": [{"changes": {"by hand": 1}, "top1": 50.0}]}
    records.write(cross_validation.NAME, {**tried("corrected"), **explored}, str(tmp_path))
    content = tried("corrected", "corrected+clip=0")
    assert "corrected is in the record" in capsys.readouterr().out
    names = [entry["protocol"] for entry in content["tried"]]
    assert names == ["corrected", "corrected+clip=0.0"]
    assert explored.items() <= content.items()
    shown = cross_validation.table(content)["Top-1 (%)"].iloc[0]
    assert shown.mean == pytest.approx(np.mean(content["tried"][0]["top1"]))
