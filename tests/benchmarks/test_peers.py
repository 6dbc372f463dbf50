"""The other networks: chosen without test windows, done once, and shown as they were recorded."""

import sys
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from benchmarks.peers import report, train
from benchmarks.peers.settings import Settings
from harlib import paths
from harlib.storage import records, results
from harlib.storage.records import Record
from tests.analysis.made_up import people

QUICK = (Settings(epochs=1), Settings(epochs=1, rotation=15.0), Settings(epochs=1, dropout=0.3))


DATA = people()


class Fake:
    """Stands for :mod:`benchmarks.peers.networks`: keeps what it is shown, learns nothing.

    ``quality(settings)`` is the number of windows of ten that its networks tell.
    """

    torch = SimpleNamespace(__version__="0")

    class Trained:
        def __init__(self, quality, looks):
            self.quality, self.looks = quality, looks

        def scores(self, x):
            self.looks.append(x)
            label = np.rint(x[:, :, 0].mean(axis=0)).astype(int)
            wrong = np.arange(len(label)) % 10 >= self.quality
            return np.eye(6)[np.where(wrong, (label + 1) % 6, label)]

    NETWORKS = MappingProxyType({"cnn": Trained, "lstm": Trained})

    def __init__(self, quality):
        self.quality, self.trained, self.looks = quality, [], []

    def train(self, network, settings, x, label, *, classes, seed, after_epoch):
        self.trained.append((seed, x))
        after_epoch(settings.epochs, 0.5)
        return self.Trained(self.quality(settings), self.looks)

    def count_parameters(self, network, settings, channels, classes):
        return 1000 * channels + classes


def measured(folder, quality=lambda s: 9 if s.rotation else 5, seeds=(42, 1), data=DATA):
    fake = Fake(quality)
    return fake, train.measure(data, fake, "cnn", folder, tried=QUICK, seeds=seeds)


def test_the_best_on_held_out_subjects_is_trained_on_all_and_tested_and_no_earlier(tmp_path):
    """No test window is seen before; and the subjects that validate do not train."""
    fake, entry = measured(tmp_path)
    assert entry["chosen"] == 1 and len(entry["tried"]) == 3
    assert entry["tried"][1]["settings"]["rotation"] == 15
    for accuracy in entry["seeds"].values():
        assert np.array(accuracy["confusion"]).sum() == 24
        assert accuracy["top1"] == pytest.approx(100 * 22 / 24)
    assert [seed for seed, _ in fake.trained[-2:]] == [42, 1]
    # A window is known by its first number; None: it is no training window.
    owner = dict(zip(DATA.X_train[:, 0, 0].astype("float32"), DATA.subject_train, strict=True))
    trained = [{owner.get(n) for n in x[0, :, 0]} for _, x in fake.trained]
    looks = [{owner.get(n) for n in x[0, :, 0]} for x in fake.looks]
    held_out, everybody = set(train.validating(DATA)[1]), set(DATA.subject_train)
    others = everybody - held_out
    assert held_out and others
    assert trained == [others] * len(QUICK) + [everybody] * 2
    assert looks == [others, held_out] * len(QUICK) + [everybody, {None}] * 2


def test_the_first_of_equals_is_taken(tmp_path):
    assert measured(tmp_path, lambda settings: 7)[1]["chosen"] == 0


def test_what_is_done_is_not_done_again(tmp_path):
    first, entry = measured(tmp_path)
    again, same = measured(tmp_path)
    assert len(first.trained) == 5 and not again.trained and same == entry
    next(tmp_path.glob("cnn-*.json")).unlink()
    assert len(measured(tmp_path)[0].trained) == 1
    assert len(measured(tmp_path, data=replace(DATA, X_test=DATA.X_test + 1e-3))[0].trained) == 5
    assert len(measured(tmp_path, seeds=(42, 1, 7))[0].trained) == 1


def test_without_pytorch_one_line_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "benchmarks.peers.networks", raising=False)
    assert train.main(["--data", "synthetic"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: PyTorch is missing: make peers installs it")


def test_the_command_writes_the_record(tmp_path, monkeypatch, capsys):
    fake = Fake(lambda settings: 8)
    monkeypatch.setattr(train, "load", lambda *given: DATA)
    monkeypatch.setattr(train, "networks", lambda: fake)
    monkeypatch.setattr(train, "SEEDS", (42, 1))
    monkeypatch.setattr(train, "TRIED", {"cnn": QUICK, "lstm": QUICK[:1]})
    given = ["--data", "synthetic", "--results-dir", str(tmp_path)]
    assert train.main(given) == 0 and len(fake.trained) == 8
    assert "cnn, setting 3" in capsys.readouterr().out
    record = records.read("peers", str(tmp_path))
    assert record.here and set(record.content["networks"]) == {"cnn", "lstm"}
    assert record.content["data"]["sha256"] == DATA.sha256() and record.content["torch"] == "0"
    assert [row.tried for row in report.of_record(record)] == [3, 1]


KEPT = Record(results.read_json(paths.RECORDS / "peers.json"), paths.RECORDS / "peers.json", False)


def network(name, *top1, told=4):
    matrix = 4 * np.eye(6, dtype=int)
    matrix[4, 4], matrix[4, 0] = told, 4 - told
    accuracy = {"top1": list(top1), "top2": [97, 97], "top3": [99, 99]}
    return report.Row(name, 85246, accuracy, [matrix], 2)


def test_the_comparison_gives_means_and_intervals_over_the_seeds():
    accuracy = {"top1": [9.0, 80.0, 70.0], "top2": [20, 90, 80], "top3": [30, 95, 90]}
    entry = {"test": accuracy, "best_epoch": 1, "confusion": 4 * np.eye(6, dtype=int)}
    result = {"config": {"hidden_units": 100}, "data": {"channels": 3}, "seeds": {"1": entry}}
    ours = report.of_result(result, "tanh RNN", tried=None)
    rows = [ours, network("1-D CNN, three", 90, 92, told=2)]
    table = report.comparison(rows)
    assert list(table["Parameters"]) == [11006, 85246] and list(table["Seeds"]) == [1, 2]
    assert list(table["Settings tried"]) == ["–", "2"]
    assert [mean.mean for mean in table["Top-1 (%)"]] == [80, 91]
    assert table["Top-1 (%)"].iloc[1].half == pytest.approx(12.706, rel=1e-3)
    told = report.by_class(rows)
    assert told.loc["1-D CNN", "upstairs"] == 50 and told.loc["tanh RNN", "upstairs"] == 100


def test_the_verdict_says_who_is_ahead_by_how_much_and_where():
    ours, cnn = network("tanh RNN, run 4", 90, 91, told=3), network("1-D CNN, three", 94, 95)
    said = (
        "The 1-D CNN is ahead of the tanh RNN by 4.0 percentage points (95 % confidence interval "
        "1.0 to 7.0), most of all in the class upstairs: 100.0 against 75.0 %."
    )
    assert report.verdict(ours, cnn) == report.verdict(cnn, ours) == said
    undecided = "Between the tanh RNN and the LSTM the seeds cannot decide: the tanh RNN is ahead"
    assert report.verdict(ours, network("LSTM", 90, 90.5)).startswith(undecided)
    one = report.verdict(network("a", 1), network("b", 2))
    assert one.endswith("the b is ahead by 1.0 percentage points.")


def test_the_record_of_the_project_says_what_was_tried_and_chosen():
    assert all(len(row.accuracy["top1"]) >= 5 for row in report.of_record(KEPT))
    table = report.tried(KEPT)
    assert len(table) == 15 and (table["Chosen"] == "✓").sum() == 2
    assert table["Setting"].iloc[0] == "learning rate 0.003, scores from mean"
    assert report.words(report.shared(KEPT)) == "batch size 60, epochs 50"


@pytest.mark.parametrize(
    ("network", "rule", "parameters"),
    [("cnn", "mean", 85_246), ("lstm", "mean", 51_334), ("lstm", "mean_logit", 51_334)],
)
def test_the_networks_learn_what_is_easy_and_repeat_themselves(network, rule, parameters):
    pytest.importorskip("torch", reason="PyTorch is not installed here (make peers has it)")
    library = train.networks()
    easy = {"epochs": 15, "batch_size": 8, "jitter": 0.01, "dropout": 0.1, "weight_average": 0.9}
    settings = Settings(scores_from=rule, **easy)
    assert library.count_parameters(network, settings, 3, 6) == parameters
    x = np.ascontiguousarray(DATA.X_train.transpose(1, 0, 2), dtype="float32")
    first, second = (
        library.train(network, settings, x, DATA.y_train, classes=6, seed=3).scores(x, tile=t)
        for t in (7, 72)
    )
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-5)
    assert (first.argmax(axis=1) == DATA.y_train).mean() > 0.9
