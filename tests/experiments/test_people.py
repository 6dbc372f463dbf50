"""People who are left out: in groups, to choose a protocol by, and each once, to be unseen."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest

from book.generate.pages import corrected
from harlib.analysis import networks, recognition
from harlib.data import load
from harlib.experiments import cross_validation, unseen_people
from harlib.protocol import CORRECTED, HEADLINE
from harlib.storage import records
from tests.analysis.made_up import other_test_windows, people
from tests.data.data_helpers import four_keys, refusal, write_hdf5


def test_everybody_is_left_out_once_and_is_never_in_both_parts():
    dataset = load()
    dealt = unseen_people.deal(dataset)
    left_out = [set(one.subject_test.tolist()) for one in dealt]
    assert sorted(person for group in left_out for person in group) == list(range(1, 25))
    for one in dealt:
        assert not one.shared_subjects and len(one.y_train) + len(one.y_test) == 3600
        assert (np.diff(one.y_train) >= 0).all()
    windows = np.concatenate([one.X_test for one in dealt]).reshape(3600, -1)
    assert len(np.unique(windows, axis=0)) == 3600
    assert unseen_people.deal(replace(dataset, subject_test=None)) == []


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    """Trained on small data of seven people."""
    folder = tmp_path_factory.mktemp("people")
    people = {"trS": np.arange(84) % 7, "tstS": np.arange(42) % 7}
    file = write_hdf5(folder / "small.h5", {**four_keys(84, 42), **people})
    given = {"data": str(file), "protocol": "corrected", "results_dir": str(folder / "r")}
    trained = unseen_people.train(
        HEADLINE, seeds=[1], epochs=1, dtype="float32", loops="auto", **given
    )
    return [networks.read(where, HEADLINE, dataset) for where, dataset in trained]


def test_a_person_is_told_by_the_networks_that_never_saw_him(groups):
    table = recognition.accuracy_of_people(groups)
    assert list(table.index) == list("0123456") and table["Windows"].sum() == 126
    first = groups[0]  # without the persons 0 and 6
    chosen = first.dataset.subject_test == 6
    right = first.called[0, chosen] == first.dataset.y_test[chosen]
    assert table.loc["6", "Top-1"] == pytest.approx(100 * right.mean())


@pytest.mark.parametrize("known", [True, False])
def test_what_the_page_says_of_it(groups, known):
    result = {**groups[0].result, "run_no": HEADLINE}
    study = mock.Mock(
        unseen=groups if known else [], dataset=groups[0].dataset, title="made data",
        runs={HEADLINE: result}, corrected={HEADLINE: result},
    )  # fmt: skip
    book = mock.Mock()
    said = corrected.unseen(book, study)["unseen_sentence"].replace("\N{NO-BREAK SPACE}", " ")
    table, draw = book.table.call_args.args[1], book.figure.call_args.args[1]
    ticks = [text.get_text() for text in draw().axes[0].get_yticklabels()]
    assert ticks[0] == "published, run 3" and len(ticks) == 3 + known
    if not known:
        assert said.startswith("The data does not say") and table.isna().all(axis=None)
        return
    values = table["Top-1"]
    half = 2.4469 * values.std() / np.sqrt(7)
    assert f"**{values.mean():.1f} ± {half:.1f}&nbsp;%**: 7 real people, each left out once" in said
    assert f"from {values.min():.1f} to {values.max():.1f} %" in said


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
