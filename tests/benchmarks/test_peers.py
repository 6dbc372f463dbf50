"""The other networks: chosen without test windows, done once, and shown as they were recorded."""

import json
import sys
from types import MappingProxyType, ModuleType, SimpleNamespace

import numpy as np
import pytest

from benchmarks.peers import report, train
from benchmarks.peers.settings import TRIED, Settings
from harlib import paths
from harlib.data.dataset import Dataset
from harlib.errors import UserError
from harlib.protocol import CLASSES
from harlib.storage import records, results
from harlib.storage.records import Record

QUICK = (Settings(epochs=1), Settings(epochs=1, rotation=15.0), Settings(epochs=1, dropout=0.3))


def made(subjects=True, steps=12) -> Dataset:
    """Eight training subjects and two test subjects; the channels' means tell the class."""
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(6), 8)

    def windows(count):
        centre = np.random.default_rng(1).normal(size=(6, 1, 3))[label[:count]]
        return centre + 0.3 * rng.standard_normal((count, steps, 3))

    who = np.tile(np.arange(8) + 1, 6)
    return Dataset(
        "made", "made by a test", windows(48), label, windows(48), label, 50.0,
        who if subjects else None, who % 2 + 21 if subjects else None,
    )  # fmt: skip


class Trained:
    """Tells ``quality`` windows of ten; keeps what it is asked about."""

    def __init__(self, classes, quality, looks):
        self.classes, self.quality, self.looks = classes, quality, looks

    def scores(self, x):
        self.looks.append(x.copy())
        label = np.array([self.classes[float(value)] for value in x[0, :, 0]])
        wrong = np.arange(len(label)) % 10 >= self.quality
        return np.eye(6)[np.where(wrong, (label + 1) % 6, label)]


class Fake:
    """Stands for :mod:`benchmarks.peers.networks`: keeps what it is shown, learns nothing.

    ``quality(settings)`` is the number of windows of ten that its networks tell.
    """

    torch = SimpleNamespace(__version__="0")
    NETWORKS = MappingProxyType({"cnn": Trained, "lstm": Trained})
    Trained = Trained

    def __init__(self, dataset, quality):
        self.quality, self.trained, self.looks = quality, [], []
        first = np.concatenate([dataset.X_train, dataset.X_test])[:, 0, 0].astype("float32")
        classes = np.concatenate([dataset.y_train, dataset.y_test])
        self.classes = dict(zip(first.tolist(), classes, strict=True))

    def train(self, network, settings, x, label, *, classes, seed, after_epoch):
        self.trained.append((network, settings, seed, x.copy()))
        after_epoch(settings.epochs, 0.5)
        return Trained(self.classes, self.quality(settings), self.looks)

    def count_parameters(self, network, settings, channels, classes):
        return 1000 * channels + classes


@pytest.fixture
def data():
    return made()


def measured(data, folder, quality=lambda s: 9 if s.rotation else 5, seeds=(42, 1)):
    fake = Fake(data, quality)
    return fake, train.measure(data, fake, "cnn", folder, tried=QUICK, seeds=seeds)


def test_the_best_on_held_out_subjects_is_trained_on_all_and_tested(data, tmp_path):
    fake, entry = measured(data, tmp_path)
    assert entry["chosen"] == 1 and len(entry["tried"]) == 3
    means = [row["validation_mean"] for row in entry["tried"]]
    assert means[1] == max(means) and entry["tried"][1]["settings"]["rotation"] == 15
    assert set(entry["seeds"]) == {"42", "1"}
    for accuracy in entry["seeds"].values():
        assert np.array(accuracy["confusion"]).sum() == 48
        assert accuracy["top1"] == pytest.approx(100 * 44 / 48)
    assert [seed for *_, seed, _ in fake.trained[-2:]] == [42, 1]
    assert all(x.shape[1] == 48 for *_, x in fake.trained[-2:])


def test_of_equal_settings_the_first_is_taken(data, tmp_path):
    assert measured(data, tmp_path, lambda s: 7)[1]["chosen"] == 0


def test_no_test_window_is_seen_before_the_settings_are_chosen(data, tmp_path):
    """Neither for training nor for validation; and the subjects that validate do not train."""
    fake, _ = measured(data, tmp_path)
    test = {window.tobytes() for window in data.X_test.astype("float32")}
    choosing = len(QUICK) * train.VALIDATIONS
    seen = [x for *_, x in fake.trained[:choosing]] + fake.looks[: 2 * choosing]
    assert not any(
        np.ascontiguousarray(x[:, n]).tobytes() in test for x in seen for n in range(x.shape[1])
    )
    owner = dict(
        zip([w.tobytes() for w in data.X_train.astype("float32")], data.subject_train, strict=True)
    )
    for (*_, x), subjects in zip(
        fake.trained[:choosing], train.held_out(data) * len(QUICK), strict=True
    ):
        trained = {owner[np.ascontiguousarray(x[:, n]).tobytes()] for n in range(x.shape[1])}
        assert trained and not trained & set(subjects)
    # And those that are reported train on training windows alone.
    for *_, x in fake.trained[choosing:]:
        assert all(np.ascontiguousarray(x[:, n]).tobytes() in owner for n in range(x.shape[1]))


def test_what_is_done_is_not_done_again(data, tmp_path):
    first, entry = measured(data, tmp_path)
    second, again = measured(data, tmp_path)
    assert first.trained and not second.trained
    assert again == entry
    next(iter(tmp_path.glob("cnn-*.json"))).unlink()
    third, again = measured(data, tmp_path)
    assert len(third.trained) == 1 and again == entry
    # Other data and other seeds are trained anew.
    assert measured(made(steps=13), tmp_path)[0].trained
    assert len(measured(data, tmp_path, seeds=(42, 1, 7))[0].trained) == 1


def test_without_subjects_nothing_can_be_chosen():
    with pytest.raises(UserError, match="the made data does not have 4"):
        train.held_out(made(subjects=False))


def test_without_pytorch_one_line_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "benchmarks.peers.networks", raising=False)
    assert train.main(["--data", "synthetic"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: PyTorch is missing: make peers installs it")


def test_the_command_writes_the_record(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train, "load", lambda *given: data)
    monkeypatch.setattr(train, "TRIED", {"cnn": QUICK, "lstm": QUICK[:1]})
    monkeypatch.setattr(train, "SEEDS", (42, 1))
    fake = Fake(data, lambda settings: 8)
    monkeypatch.setattr(train, "networks", lambda: fake)
    given = ["--data", "synthetic", "--results-dir", str(tmp_path)]
    assert train.main([*given, "--only", "cnn"]) == 0
    assert "cnn, setting 3" in capsys.readouterr().out and len(fake.trained) == 5
    assert records.read("peers", str(tmp_path)).here is False
    assert train.main(given) == 0 and len(fake.trained) == 8
    record = records.read("peers", str(tmp_path))
    assert record.here and set(record.content["networks"]) == {"cnn", "lstm"}
    assert record.content["data"]["sha256"] == data.sha256() and record.content["torch"] == "0"
    assert [row.tried for row in report.of_record(record)] == [3, 1]


def test_settings_are_few_and_different():
    assert set(TRIED) == {"cnn", "lstm"}
    for tried in TRIED.values():
        assert len(set(tried)) == len(tried) <= 8


# The record as tables


def record(**changes) -> Record:
    """A record with two seeds of one network, made up for these tests."""
    confusion = (10 * np.eye(6, dtype=int)).tolist()
    confusion[4] = [0, 0, 0, 0, 5, 5]
    seed = {"top1": 90.0, "top2": 97.0, "top3": 99.0, "confusion": confusion}
    entry = {
        "title": "1-D CNN", "parameters": 85246, "chosen": 0,
        "tried": [
            {"settings": {"learning_rate": 0.01, "rotation": 0.0}, "validation_top1": [88.0, 90.0]},
            {"settings": {"learning_rate": 0.01, "rotation": 9.0}, "validation_top1": [80.0, 82.0]},
        ],
        "seeds": {"42": seed, "1": {**seed, "top1": 92.0}},
    }  # fmt: skip
    content = {"data": {"sha256": "x", "name": "motionsense"}, "networks": {"cnn": entry}}
    return Record({**content, **changes}, paths.RECORDS / "peers.json", False)


def test_the_comparison_gives_means_and_intervals_over_the_seeds():
    table = report.comparison(report.of_record(record()))
    row = table.loc["1-D CNN"]
    assert row["Parameters"] == 85246 and row["Settings tried"] == "2"
    assert row["Top-1 (%)"].mean == 91 and row["Seeds"] == 2
    assert row["Top-1 (%)"].half == pytest.approx(12.706 * np.sqrt(2) / np.sqrt(2), rel=1e-3)
    assert row["Top-2 (%)"].half == 0
    assert report.text(85246, "", "Parameters") == "85,246"


def test_a_row_of_ours_stands_beside_them():
    entry = {
        "test": {"top1": [9.0, 80.0, 70.0], "top2": [20.0, 90.0, 80.0], "top3": [30.0, 95.0, 90.0]},
        "best_epoch": 1, "confusion": (4 * np.eye(6, dtype=int)).tolist(),
    }  # fmt: skip
    result = {
        "config": {"hidden_units": 100}, "data": {"channels": 3}, "seeds": {"1": entry, "2": entry}
    }  # fmt: skip
    ours = report.of_result(result, "tanh RNN", tried=None)
    assert ours.parameters == 11006 and ours.accuracy["top1"] == [80, 80]
    table = report.comparison([ours, *report.of_record(record())])
    assert list(table.index) == ["tanh RNN", "1-D CNN"]
    assert table.loc["tanh RNN"]["Settings tried"] == "–"
    told = report.by_class([ours, *report.of_record(record())])
    assert told.loc["1-D CNN", "upstairs"] == 50 and told.loc["tanh RNN", "upstairs"] == 100
    assert list(told.columns) == list(CLASSES)


def network(name, *top1, told=4):
    matrix = 4 * np.eye(6, dtype=int)
    matrix[4, 4], matrix[4, 0] = told, 4 - told
    return report.Row(name, 1, {"top1": list(top1)}, [matrix], 1)


def test_the_verdict_says_who_is_ahead_by_how_much_and_where():
    ours, cnn = network("tanh RNN, run 4", 90, 91, told=3), network("1-D CNN, three", 94, 95)
    said = (
        "The 1-D CNN is ahead of the tanh RNN by 4.0 percentage points (95 % confidence interval "
        "1.0 to 7.0), most of all in the class upstairs: 100.0 against 75.0 %."
    )
    assert report.verdict(ours, cnn) == report.verdict(cnn, ours) == said
    assert report.verdict(ours, network("LSTM", 90, 90.5)) == (
        "Between the tanh RNN and the LSTM the seeds cannot decide: the tanh RNN is ahead by 0.2 "
        "percentage points (95 % confidence interval −3.2 to 3.7)."
    )
    one = report.verdict(network("a", 1), network("b", 2))
    assert one.endswith("the seeds cannot decide: the b is ahead by 1.0 percentage points.")


def test_what_was_tried_says_which_was_chosen():
    table = report.tried(record())
    assert list(table["Chosen"]) == ["✓", ""] and list(table["Mean"]) == [89, 81]
    assert table["Setting"].iloc[1] == "rotation 9.0"
    assert report.words(report.shared(record())) == "learning rate 0.01"


@pytest.mark.parametrize("missing", ["networks", "data"])
def test_a_record_that_lacks_something_is_one_line(missing):
    with pytest.raises(UserError, match=r"record .*peers\.json is not valid.*make peers again"):
        report.of_record(record(**{missing: {"cnn": {}} if missing == "networks" else {}}))


def test_the_record_of_the_project_can_be_shown():
    file = paths.RECORDS / "peers.json"
    if not file.exists():
        pytest.skip("there is no data/records/peers.json yet")
    kept = Record(results.read_json(file), file, False)
    rows = report.of_record(kept)
    assert len(rows) == 2 and all(len(row.accuracy["top1"]) >= 5 for row in rows)
    assert json.dumps(kept.content["data"]["name"]) == '"motionsense"'
    report.comparison(rows), report.by_class(rows), report.tried(kept)


# With PyTorch


@pytest.fixture(scope="module")
def library() -> ModuleType:
    pytest.importorskip("torch", reason="PyTorch is not installed here (make peers has it)")
    return train.networks()


@pytest.mark.parametrize(
    ("network", "low", "high"), [("cnn", 80_000, 90_000), ("lstm", 48_000, 54_000)]
)
def test_the_networks_have_the_size_that_is_told(library, network, low, high):
    assert low < library.count_parameters(network, Settings(), 3, 6) < high


@pytest.mark.parametrize(
    ("network", "rule"),
    [("cnn", "mean"), ("lstm", "mean"), ("lstm", "last"), ("lstm", "mean_logit")],
)
def test_the_networks_learn_what_is_easy_and_repeat_themselves(library, data, network, rule):
    settings = Settings(
        epochs=15, batch_size=8, scores_from=rule, jitter=0.01, dropout=0.1, weight_average=0.9
    )
    x = np.ascontiguousarray(data.X_train.transpose(1, 0, 2), dtype="float32")
    first, second = (
        library.train(network, settings, x, data.y_train, classes=6, seed=3).scores(x, tile=t)
        for t in (7, 48)
    )
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-5)
    assert (first.argmax(axis=1) == data.y_train).mean() > 0.9
