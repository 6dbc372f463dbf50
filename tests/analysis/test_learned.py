"""What trained networks have learned: measured on networks whose words are known beforehand."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.covariance import EmpiricalCovariance

from book.generate.pages.learned import _quoted
from harlib.analysis import confusions, recognition
from harlib.buffers import softmax
from harlib.figures import networks as figures
from harlib.protocol import CLASSES
from tests.analysis.made_up import dataset, learned, mistaken, says


@pytest.fixture(scope="module")
def data():
    return dataset()


def test_each_subject_and_all(data):
    half = mistaken(data, 4, 5, subject=22)
    networks = learned({1: says(half), 2: says(data.y_test)}, data)
    table = recognition.accuracy_by_subject(networks)
    assert list(table.index) == ["21", "22", "all"] and list(table["Windows"]) == [12, 12, 24]
    assert table.loc["21", "Top-1"] == 100 and table.loc["21", "upstairs"] == 100
    # Subject 22: 2 of 12 windows wrong for one of two seeds.
    assert table.loc["22", "upstairs"] == 50
    assert table.loc["22", "Top-1"] == pytest.approx(100 - 100 * 2 / 12 / 2)
    assert table.loc["all", "Top-1"] == pytest.approx(100 - 100 * 2 / 24 / 2)
    counts = recognition.confusion_by_subject(networks)
    assert sum(part.sum() for part in counts.values()) == 24
    assert counts[22][4, 5] == 1  # two windows, one of two seeds
    assert counts[21][4, 5] == 0


def test_what_is_not_known_has_no_row_and_no_number(data):
    some = replace(data, subject_test=np.where(data.y_test == 1, 22, data.subject_test))
    table = recognition.accuracy_by_subject(learned({1: says(data.y_test)}, some))
    assert np.isnan(table.loc["21", CLASSES[1]])
    nobody = dataset(subjects=False)
    wrong = learned({1: says(mistaken(nobody, 4, 5))}, nobody)
    assert list(recognition.accuracy_by_subject(wrong).index) == ["all"]
    assert "does not say whose" in _quoted(wrong)["learned_subjects"]
    assert "Most from" not in confusions.reasons(wrong, confusions.describe(nobody))
    figure = figures.plot_confusion_by_subject(wrong, data_title="t")
    assert figure.axes[0].get_title() == "all test windows: 83.3 %"


@pytest.mark.parametrize("rule", ["last", "mean", "mean_logit"])
def test_every_rule_of_a_protocol_can_be_asked_at_every_step(data, rule):
    networks = learned({1: says(data.y_test, from_step=4)}, data, rule)
    assert networks.rules == list(dict.fromkeys(["last", rule]))
    last = recognition.told_by_step(networks, "last")[0].mean(axis=0)
    assert last[3] == pytest.approx(1 / 6) and last[4] == 1
    if rule == "mean":  # four steps for class 0: it turns when more than four speak for the right
        mean = recognition.told_by_step(networks, rule)[0].mean(axis=0)
        assert mean[7] == pytest.approx(1 / 6) and mean[8] == 1
    assert _quoted(networks)["learned_rule"] == recognition.RULES[rule]
    # The scores of the whole window are those of the network's own prediction.
    z = networks.logits[1].transpose(1, 0, 2)
    scored = {"last": z[-1:], "mean": z, "mean_logit": z.mean(axis=0, keepdims=True)}[rule]
    np.testing.assert_allclose(networks.scores[1], softmax(scored).mean(axis=0))
    lines = figures.plot_accuracy_by_step(networks, data_title="t").axes[0].lines
    told = recognition.told_by_step(networks, rule)
    np.testing.assert_allclose(lines[-2].get_ydata(), 100 * told.mean(axis=(0, 1)))


def test_how_early_each_class_is_told(data):
    table = recognition.how_early(learned({1: says(data.y_test, from_step=4)}, data))
    assert list(table.index) == [*CLASSES, "all"]
    assert list(table.columns)[-2:] == ["2 s", "Settled (s)"]
    assert table.loc["downstairs", "Settled (s)"] == 0.2  # class 0 is said from the first step on
    assert table.loc["walking", "Settled (s)"] == pytest.approx(9 / 5)
    assert table.loc["walking", "2 s"] == 100 and table.loc["walking", "0.4 s"] == 0
    steps = learned({1: says(data.y_test)}, dataset(rate=None))
    assert list(recognition.how_early(steps).columns)[-1] == "Settled (steps)"
    assert recognition.settled(np.array([0, 10, 0, 9, 10])) == 4  # the last calm


def test_pairs_are_ordered_by_confusion_and_know_the_distance(data):
    networks = learned({1: says(mistaken(data, 4, 5)), 2: says(data.y_test)}, data)
    table = confusions.pairs(networks, confusions.describe(data))
    assert len(table) == 15 and table.index[0] == "upstairs – walking"
    # 4 of the 8 windows of the pair, by one seed of two; nothing else.
    assert table["Confused (%)"].iloc[0] == 25 and table["Confused (%)"].iloc[1:].sum() == 0
    near = table.loc["upstairs – walking", "Distance"]
    assert near < table.loc["downstairs – walking", "Distance"]
    points = figures.plot_pairs(table, data_title="t").axes[0].collections[0]
    np.testing.assert_allclose(points.get_offsets()[:, 1], table["Confused (%)"])


def test_the_distance_is_mahalanobis(data):
    still = replace(data, X_train=data.X_train * [1, 1, 0])  # three statistics say nothing
    found = confusions.describe(still)
    train = confusions.features(still.X_train, still).to_numpy()
    within = train - found.centre[still.y_train]
    judge = EmpiricalCovariance(assume_centered=True).fit(within)
    (expected,) = judge.mahalanobis(found.centre[[0]] - found.centre[3])
    assert found.distances(found.centre)[0, 3] ** 2 == pytest.approx(expected)
    reach = np.quantile(np.sqrt(judge.mahalanobis(within[still.y_train == 2])), 0.95)
    assert found.reach[2] == pytest.approx(reach)


def test_reasons_tell_windows_that_look_like_the_other_class():
    lively = dataset(per_class=20)
    wrong = (lively.y_test == 4) & (lively.subject_test == 22)
    lively.X_test[wrong, :, 0] += 1  # now they are as windows of class 5 are
    called = np.where(wrong, 5, lively.y_test)
    called[np.flatnonzero(lively.y_test == 0)[0]] = 3  # looks like its own class
    table = confusions.reasons(learned({1: says(called)}, lively), confusions.describe(lively))
    first, second = table.loc["upstairs → walking"], table.loc["downstairs → standing"]
    assert list(table.index) == ["upstairs → walking", "downstairs → standing"]
    assert first["Windows"] == 10 and first["Most from"] == "22 (100\u00a0%)"
    assert first["Nearer, mistaken (%)"] == 100 and first["Nearer, told (%)"] == 0
    assert first["Outside, mistaken (%)"] == 100 and first["Outside, told (%)"] < 50
    assert second["Nearer, mistaken (%)"] == 0
    assert first["Moved most"] in {"mean x (g)", "mean magnitude (g)",
                                  "least magnitude (g)", "greatest magnitude (g)"}  # fmt: skip
    assert first["First class"] < first["They"] <= first["Second class"] + 0.2


def test_what_gives_no_reason_has_no_number(data):
    """A class that is never told, and a statistic that moved away from the other class."""
    networks = learned({1: says(mistaken(data, 4, 5))}, data)
    found = confusions.describe(data)
    away = found.centre[4] - 0.5 * (found.centre[5] - found.centre[4])
    test = np.where((data.y_test == 4)[:, None], away, found.test)
    moved = confusions.reasons(networks, replace(found, test=test)).loc["upstairs → walking"]
    assert moved["Moved most"] == "–"
    assert moved[["They", "Nearer, told (%)"]].isna().all()


def test_examples_are_the_plainest_mistakes_one_of_each_kind(data):
    one, two = mistaken(data, 4, 5), mistaken(data, 0, 1)
    networks = learned(
        {1: says(np.where(data.y_test == 0, two, one), confidence=0.6), 2: says(two)}, data
    )
    table = confusions.examples(networks)
    assert list(table["True class"]) == ["downstairs", "upstairs"]
    assert list(table["Taken for"]) == ["jogging", "walking"]
    assert list(table["Seeds"]) == [2, 1]
    assert (data.y_test[table.index] == [0, 4]).all()
    drawn = figures.plot_examples(networks, table, 1, data_title="t").axes[0]
    np.testing.assert_allclose(drawn.lines[1].get_ydata(), data.X_test[table.index[0], :, 1])


def test_no_mistakes_are_no_examples(data):
    networks = learned({1: says(data.y_test)}, data)
    table = confusions.examples(networks)
    assert table.empty and confusions.reasons(networks, confusions.describe(data)).empty
    figure = figures.plot_examples(networks, table, 1, data_title="t")
    assert "No test window" in figure.axes[0].texts[0].get_text()
