"""What trained networks have learned: measured on networks whose words are known beforehand."""

import json
import shutil
from dataclasses import replace

import h5py
import matplotlib as mpl
import numpy as np
import pytest

from harlib import paths, protocol, rnn
from harlib.analysis import confusions, hidden_units, recognition, signals
from harlib.analysis import networks as learning
from harlib.buffers import softmax
from harlib.data import load
from harlib.errors import UserError
from harlib.notebook import run_notebook
from harlib.protocol import CLASSES
from harlib.runs import experiment
from harlib.storage import manifest, results
from tests.learned_helpers import STEPS, dataset, learned, says

mpl.use("agg")

from harlib.figures import confusions as confused_figures
from harlib.figures import networks as learned_figures


@pytest.fixture(scope="module")
def data():
    return dataset()


def mistaken(data, true, taken, subject=None):
    """The labels, with windows of one class (and subject) taken for another."""
    called = data.y_test.copy()
    which = called == true
    if subject is not None:
        which &= data.subject_test == subject
    called[which] = taken
    return called


# Whom


def test_accuracy_by_subject_counts_each_subject_and_all(data):
    half = mistaken(data, 4, 5, subject=22)
    networks = learned({1: says(half), 2: says(data.y_test)}, data)
    table = recognition.accuracy_by_subject(networks)
    assert list(table.index) == ["21", "22", "all"]
    assert table.loc["21", "Top-1"] == 100 and table.loc["21", "upstairs"] == 100
    # Subject 22: 2 of 12 windows wrong for one of two seeds.
    assert table.loc["22", "upstairs"] == 50
    assert table.loc["22", "Top-1"] == pytest.approx(100 - 100 * 2 / 12 / 2)
    assert table.loc["all", "Top-1"] == pytest.approx(100 - 100 * 2 / 24 / 2)
    assert list(table["Windows"]) == [12, 12, 24]


def test_confusion_by_subject_adds_up_to_the_windows(data):
    networks = learned({1: says(mistaken(data, 4, 5, subject=22)), 2: says(data.y_test)}, data)
    table = recognition.confusion_by_subject(networks)
    assert table.to_numpy().sum() == 24
    assert table.loc[(22, "upstairs"), "walking"] == 1  # two windows, one of two seeds
    assert table.loc[(21, "upstairs"), "walking"] == 0


def test_without_subjects_there_is_one_row_and_the_text_says_so():
    data = dataset(subjects=False)
    networks = learned({1: says(data.y_test)}, data)
    assert list(recognition.accuracy_by_subject(networks).index) == ["all"]
    assert "does not say whose" in networks.about_subjects()
    assert "does not say whose" in recognition.values(networks)["learned_subjects"]
    assert "Most from" not in confusions.reasons(networks, signals.describe(networks.dataset))
    figure = learned_figures.plot_confusion_by_subject(
        recognition.confusion_by_subject(networks), data_title="t"
    )
    assert figure.axes[0].get_title() == "all test windows: 100.0 %"


def test_a_subject_without_windows_of_a_class_gets_a_dash(data):
    networks = learned({1: says(data.y_test)}, data)
    table = recognition.accuracy_by_subject(networks)
    table.loc["21", "sitting"] = np.nan
    assert recognition.text(table.loc["21", "sitting"], "21", "sitting") == "–"
    counts = recognition.confusion_by_subject(networks)
    counts.loc[(21, "sitting")] = 0
    learned_figures.plot_confusion_by_subject(counts, data_title="t").canvas.draw()


# How early


def test_accuracy_by_step_by_both_rules(data):
    networks = learned({1: says(data.y_test, from_step=4)}, data)
    curves = recognition.accuracy_by_step(networks)
    assert list(curves.index) == list(range(1, STEPS + 1))
    at_once, mean = curves["last", 1], curves["mean", 1]
    assert at_once[4] == pytest.approx(100 / 6) and at_once[5] == 100
    # Four steps for class 0: the mean turns when more than four speak for the right one.
    assert mean[8] == pytest.approx(100 / 6) and mean[9] == 100


@pytest.mark.parametrize("rule", protocol._POSITIONS["scores_from"])
def test_every_rule_of_a_protocol_can_be_asked_at_every_step(data, rule):
    networks = learned({1: says(data.y_test, from_step=4)}, data, rule)
    curves = recognition.accuracy_by_step(networks)
    assert list(curves.columns) == [(name, 1) for name in dict.fromkeys(["last", rule])]
    assert rule in recognition.RULES and recognition.values(networks)["learned_rule"]
    # The scores of the whole window are those of the network's own prediction.
    z = networks.logits[1].transpose(1, 0, 2)
    scored = {"last": z[-1:], "mean": z, "mean_logit": z.mean(axis=0, keepdims=True)}[rule]
    np.testing.assert_allclose(networks.scores[1], softmax(scored).mean(axis=0))
    learned_figures.plot_accuracy_by_step(networks, data_title="t").canvas.draw()


def test_how_early_each_class_is_told(data):
    networks = learned({1: says(data.y_test, from_step=4)}, data)
    table = recognition.how_early(networks)
    assert list(table.index) == [*CLASSES, "all"]
    assert list(table.columns)[-2:] == ["2 s", "Settled (s)"]
    assert table.loc["downstairs", "Settled (s)"] == 0.2  # class 0 is said from the first step on
    assert table.loc["walking", "Settled (s)"] == pytest.approx(9 / 5)
    assert table.loc["walking", "2 s"] == 100 and table.loc["walking", "0.4 s"] == 0
    steps = learned({1: says(data.y_test)}, dataset(rate=None))
    assert list(recognition.how_early(steps).columns)[-1] == "Settled (steps)"


@pytest.mark.parametrize(
    ("curve", "step"),
    [([1, 5, 9, 9.5, 10], 3), ([10, 10, 10], 1), ([10, 10, 0], 3), ([0, 10, 0, 10, 10], 4)],
)
def test_settled_is_the_first_step_of_the_last_calm(curve, step):
    assert recognition.settled(np.array(curve, float), margin=1.0) == step


# Hidden units


def test_between_classes_is_all_or_nothing_where_it_must_be():
    label = np.repeat(np.arange(3), 4)
    centres = np.eye(3)[label]
    assert hidden_units.between_classes(centres, label) == pytest.approx(100)
    within = np.tile(np.array([[1.0], [-1.0]]), (6, 1))
    assert hidden_units.between_classes(within, label) == pytest.approx(0)
    assert hidden_units.between_classes(np.zeros((12, 2)), label) == 0


def test_between_classes_is_the_share_of_an_analysis_of_variance():
    rng = np.random.default_rng(2)
    label = np.repeat(np.arange(3), [5, 7, 9])
    mean = rng.standard_normal((21, 4)) + label[:, None]
    grand = mean.mean(axis=0)
    between = sum((label == k).sum() * ((mean[label == k].mean(axis=0) - grand) ** 2).sum()
                  for k in range(3))  # fmt: skip
    expected = 100 * between / ((mean - grand) ** 2).sum()
    assert hidden_units.between_classes(mean, label) == pytest.approx(expected)


def test_nearest_centre_uses_the_centres_of_what_was_seen():
    seen, seen_label = np.array([[0.0], [0.2], [1.0], [1.2]]), np.array([0, 0, 1, 1])
    mean, label = np.array([[0.0], [0.55], [0.65], [2.0]]), np.array([0, 0, 0, 1])
    assert hidden_units.nearest_centre(mean, label, seen, seen_label) == 75


def test_effective_dimensions_of_known_states():
    rng = np.random.default_rng(1)
    independent = rng.standard_normal((200, 50, 4))
    assert hidden_units.effective_dimensions(independent) == pytest.approx(4, abs=0.02)
    together = independent[:, :, :1] * np.ones(4)
    assert hidden_units.effective_dimensions(together) == pytest.approx(1)
    assert hidden_units.effective_dimensions(np.ones((3, 4, 5))) == 0


def test_the_table_of_units_compares_initial_values_with_weights(data):
    networks = learned({3: says(data.y_test), 4: says(data.y_test)}, data)
    table = hidden_units.table(networks)
    assert list(table.columns) == ["before", "after"]
    before = [np.abs(np.linalg.eigvals(rnn.initial_values(s, 5)["W_aa"])).max() for s in (3, 4)]
    assert table.loc["Spectral radius", "before"] == pytest.approx(np.mean(before), rel=1e-5)
    assert (table["before"] != table["after"]).any()


def test_the_plane_keeps_the_two_widest_directions():
    rng = np.random.default_rng(4)
    flat = rng.standard_normal((300, 2)) * [5, 2]
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    place, share = hidden_units.plane(
        np.column_stack([flat, 0.01 * rng.standard_normal((300, 4))]) @ turn
    )
    assert share.sum() == pytest.approx(100, abs=0.1) and share[0] > share[1]
    np.testing.assert_allclose(place.std(axis=0), [5, 2], rtol=0.1)
    assert hidden_units.plane(np.zeros((4, 3)))[1].tolist() == [0, 0]


# What is confused


def test_pairs_are_ordered_by_confusion_and_know_the_distance(data):
    networks = learned({1: says(mistaken(data, 4, 5)), 2: says(data.y_test)}, data)
    found = signals.describe(networks.dataset)
    table = confusions.pairs(networks, found)
    assert len(table) == 15 and table.index[0] == "upstairs – walking"
    # 4 of the 8 windows of the pair, by one seed of two; nothing else.
    assert table["Confused (%)"].iloc[0] == 25 and table["Confused (%)"].iloc[1:].sum() == 0
    near = table.loc["upstairs – walking", "Distance"]
    assert near < table.loc["downstairs – walking", "Distance"]
    assert confusions.rank_correlation(table) < 0
    assert confusions.rank_correlation(table.assign(**{"Confused (%)": 0.0})) == 0


def test_the_distance_is_mahalanobis(data):
    networks = learned({1: says(data.y_test)}, data)
    found = signals.describe(networks.dataset)
    train = signals.features(data.X_train, data.sampling_rate).to_numpy()
    within = train - found.centre[data.y_train]
    inverse = np.linalg.pinv(within.T @ within / len(within), rcond=1e-10, hermitian=True)
    away = found.centre[0] - found.centre[3]
    assert found.distance(0, 3) == pytest.approx(np.sqrt(away @ inverse @ away))
    row = found.test[7] - found.centre[2]
    assert found.distances(np.array([7]))[0, 2] == pytest.approx(np.sqrt(row @ inverse @ row))


def test_reasons_tell_windows_that_look_like_the_other_class(data):
    lively = dataset(per_class=20)
    wrong = (lively.y_test == 4) & (lively.subject_test == 22)
    lively.X_test[wrong, :, 0] += 1  # now they are as windows of class 5 are
    called = lively.y_test.copy()
    called[wrong] = 5
    called[np.flatnonzero(lively.y_test == 0)[0]] = 3  # looks like its own class
    networks = learned({1: says(called)}, lively)
    table = confusions.reasons(networks, signals.describe(networks.dataset))
    first, second = table.loc["upstairs → walking"], table.loc["downstairs → standing"]
    assert list(table.index) == ["upstairs → walking", "downstairs → standing"]
    assert first["Windows"] == 10 and first["Most from"] == "22 (100\u00a0%)"
    assert first["Nearer, mistaken (%)"] == 100 and first["Nearer, told (%)"] == 0
    assert first["Outside, mistaken (%)"] == 100 and first["Outside, told (%)"] < 50
    assert second["Nearer, mistaken (%)"] == 0
    assert first["Moved most"] in {"mean 0 (g)", "mean x (g)", "mean magnitude (g)",
                                  "least magnitude (g)", "greatest magnitude (g)"}  # fmt: skip
    assert first["First class"] < first["They"] <= first["Second class"] + 0.2


def test_a_class_that_is_never_told_has_no_others(data):
    networks = learned({1: says(mistaken(data, 4, 5))}, data)
    table = confusions.reasons(networks, signals.describe(networks.dataset))
    assert np.isnan(table.loc["upstairs → walking", "Nearer, told (%)"])
    assert confusions.text(float("nan"), "", "Nearer, told (%)") == "–"


def test_a_statistic_that_moved_away_from_the_other_class_is_no_reason(data):
    networks = learned({1: says(mistaken(data, 4, 5))}, data)
    found = signals.describe(networks.dataset)
    away = found.centre[4] - 0.5 * (found.centre[5] - found.centre[4])
    test = np.where((data.y_test == 4)[:, None], away, found.test)
    table = confusions.reasons(networks, replace(found, test=test))
    moved = table.loc["upstairs → walking"]
    assert moved["Moved most"] == "–" and np.isnan(moved["They"])


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
    assert len(confusions.examples(networks, count=1)) == 1


def test_no_mistakes_are_no_examples(data):
    networks = learned({1: says(data.y_test)}, data)
    table = confusions.examples(networks)
    assert table.empty and confusions.reasons(networks, signals.describe(networks.dataset)).empty
    figure = confused_figures.plot_examples(networks, table, 1, data_title="t")
    assert "No test window" in figure.axes[0].texts[0].get_text()


# Figures


def test_the_figures_show_what_they_are_given(data):
    networks = learned({1: says(mistaken(data, 4, 5), 4), 2: says(data.y_test, 4)}, data)
    steps = learned_figures.plot_accuracy_by_step(networks, data_title="synthetic data")
    left, right = steps.axes
    curves = recognition.accuracy_by_step(networks)
    np.testing.assert_allclose(left.lines[1].get_ydata(), curves["mean"].mean(axis=1))
    assert [line.get_label() for line in right.lines] == list(CLASSES)
    assert "synthetic data" in steps.get_suptitle()
    states = hidden_units.states(networks, 1, 5)
    figure = learned_figures.plot_hidden(networks, states, 1, 5, data_title="synthetic data")
    shown = figure.axes[0].images[0].get_array()
    x = data.X_test[5:6].transpose(1, 0, 2).astype("float32")
    a, _ = rnn.forward(rnn.initial_values(1, 5), x)
    np.testing.assert_allclose(shown, a[1:, 0, states["before"].order].T, rtol=1e-6)
    pairs = confusions.pairs(networks, signals.describe(networks.dataset))
    points = confused_figures.plot_pairs(pairs, data_title="t").axes[0].collections[0]
    np.testing.assert_allclose(points.get_offsets()[:, 1], pairs["Confused (%)"])
    examples = confusions.examples(networks)
    drawn = confused_figures.plot_examples(networks, examples, 1, data_title="t")
    window = examples.index[0]
    np.testing.assert_allclose(drawn.axes[0].lines[2].get_ydata(), data.X_test[window, :, 2])
    drawn.canvas.draw()


def test_signals_of_another_number_of_channels_are_drawn_and_described():
    data = dataset(channels=2)
    networks = learned({1: says(mistaken(data, 4, 5))}, data)
    assert "mean 1 (g)" in signals.features(data.X_test, None)
    examples = confusions.examples(networks)
    confused_figures.plot_examples(networks, examples, 1, data_title="t").canvas.draw()


# From files

OTHER = "corrected+input_average=3+samples_per_step=1+loss_from=each+scores_from=last"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small run of the corrected protocol on a file, with a switch that changes its inputs."""
    folder = tmp_path_factory.mktemp("learned")
    rng = np.random.default_rng(5)
    with h5py.File(folder / "small.h5", "w") as file:
        for name, per_class in (("tr", 11), ("tst", 3)):
            label = np.repeat(np.arange(6), per_class)
            centre = np.random.default_rng(1).normal(size=(6, 1, 3))[label]
            file[f"{name}X"] = centre + 0.5 * rng.standard_normal((len(label), 12, 3))
            file[f"{name}Y"] = np.eye(6)[label]
    given = {"data": str(folder / "small.h5"), "results_dir": str(folder / "out")}
    for name in ("corrected", OTHER):
        experiment.run(8, protocol=name, seeds=(42, 1), epochs=2, **given)
    return given


@pytest.mark.parametrize("name", ["corrected", OTHER])
def test_read_gives_the_accuracy_of_the_result_file(trained, name):
    data = load(trained["data"])
    folder = results.Folder(trained["results_dir"], trained["data"], protocol.named(name).name)
    networks = learning.read(folder, 8, data)
    steps = 12 // networks.result["config"]["samples_per_step"]
    assert networks.seeds == [42, 1] and networks.logits[1].shape == (18, steps, 6)
    assert networks.seconds_of_steps(steps) == networks.seconds(12)
    rule = networks.result["config"]["scores_from"]
    for seed in networks.seeds:
        curve = recognition.accuracy_by_step(networks)[rule, seed]
        entry = networks.result["seeds"][str(seed)]
        assert curve.iloc[-1] == pytest.approx(entry["test"]["top1"][-1])


def test_weights_of_another_result_are_refused(trained, tmp_path):
    shutil.copytree(trained["results_dir"], tmp_path / "out")
    folder = results.Folder(str(tmp_path / "out"), trained["data"], "corrected")
    params = results.read_weights(folder.weights(8, 42))
    results.write_weights(folder.weights(8, 42), {**params, "W_ya": -params["W_ya"]})
    with pytest.raises(UserError, match=r"run-08-seed-42\.npz is not the file that was written"):
        learning.read(folder, 8, load(trained["data"]))
    timing = results.read_json(folder.timing(8))  # digests made anew: the numbers still tell
    timing["files"][folder.weights(8, 42).name] = manifest.sha256(folder.weights(8, 42))
    results.write_json(folder.timing(8), timing)
    with pytest.raises(UserError, match=r"run-08-seed-42\.npz does not belong to its result file"):
        learning.read(folder, 8, load(trained["data"]))


def test_a_run_that_is_not_there_is_one_line(trained, tmp_path):
    folder = results.Folder(str(tmp_path), trained["data"], "corrected")
    with pytest.raises(UserError, match=r"run notebooks/run.ipynb with run_no = 8"):
        learning.read(folder, 8, load(trained["data"]))


def execute(tmp_path, given) -> tuple[int, dict | None]:
    """Exit code, and the executed notebook if there is one."""
    output = tmp_path / "learned.ipynb"
    code = run_notebook.main(
        str(paths.NOTEBOOKS / "learned.ipynb"), str(output), str(tmp_path / "log"),
        json.dumps({"run_no": 8, **given}),
    )  # fmt: skip
    return code, json.loads(output.read_text()) if output.exists() else None


def test_the_notebook_tells_the_story_without_subjects(trained, tmp_path):
    code, notebook = execute(tmp_path, trained)
    assert code == 0
    outputs = [out for cell in notebook["cells"] for out in cell.get("outputs", [])]
    kinds = [kind for out in outputs for kind in out.get("data", {})]
    assert kinds.count("image/png") == 5 and kinds.count("text/html") == 4
    text = "".join("".join(out.get("text", [])) for out in outputs)
    assert "The small data does not say whose its windows are" in text


def test_the_notebook_refuses_a_seed_that_was_not_trained(trained, tmp_path, capsys):
    code, notebook = execute(tmp_path, {**trained, "seed": 7})
    assert code == 1 and notebook is None, "only what ran to its end is kept"
    assert "parameter seed = 7: allowed is one of 42, 1" in capsys.readouterr().err
