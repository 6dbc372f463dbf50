"""What is counted about hidden units, on networks whose behaviour is known beforehand."""

import json

import numpy as np
import pytest

from harlib import rnn
from harlib.analysis import units
from harlib.buffers import sigmoid
from harlib.data import load
from harlib.errors import UserError
from harlib.runs import experiment, trained_network
from harlib.storage import results


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(3).standard_normal((units.TILE + 7, 12, 3))


def network(N=4, **changes):
    """A network of zeros with the parameters ``changes``."""
    zeros = {"W_aa": (N, N), "W_ax": (N, 3), "W_ya": (6, N), "b_a": (N, 1), "b_y": (6, 1)}
    params = {name: np.zeros(shape) for name, shape in zeros.items()}
    return params | {name: np.asarray(value, float) for name, value in changes.items()}


@pytest.mark.parametrize("count", [1, units.TILE - 1, units.TILE, units.TILE + 7])
def test_activations_are_those_of_one_window_at_a_time(windows, count):
    params = rnn.initial_values(1, 5, initial_range=0.7, dtype="float64")
    a = units.activations(params, windows[:count])
    assert a.shape == (count, 12, 5)
    for window, states in zip(windows[:count], a, strict=True):
        state = np.zeros(5)
        for x, got in zip(window, states, strict=True):
            state = np.tanh(
                params["W_aa"] @ state + params["W_ax"] @ x + params["b_a"][:, 0]
            )  # fmt: skip
            np.testing.assert_allclose(got, state, atol=1e-13)


def test_activations_keep_the_type_of_the_weights(windows):
    assert units.activations(rnn.initial_values(1, 5), windows).dtype == np.float32


def test_counts_agree_with_all_activations_at_once(windows):
    params = rnn.initial_values(4, 9, initial_range=0.9, dtype="float64")
    a = units.activations(params, windows)
    got = units.observe(params, windows, saturated=0.8, near_zero=0.3)
    np.testing.assert_allclose(got.saturated, (abs(a) > 0.8).mean((0, 1)))
    np.testing.assert_allclose(got.near_zero, (abs(a) < 0.3).mean((0, 1)))
    np.testing.assert_allclose(
        got.contribution, abs(params["W_ya"]).mean(0) * a[:, -1].std(0)
    )  # fmt: skip
    assert 0 < got.saturated.max() < 1 and 0 < got.near_zero.max() < 1, "the limits tell apart"


def test_units_of_known_behaviour(windows):
    """One unit at 1, one at -1, one at 0, one that follows the input with a full swing."""
    params = network(
        b_a=[[5], [-5], [0], [0]], W_ax=[[0] * 3, [0] * 3, [0] * 3, [1, 0, 0]],
        W_ya=np.ones((6, 4)),
    )  # fmt: skip
    got = units.observe(params, windows)
    assert got.saturated[:3].tolist() == [1, 1, 0]
    assert got.near_zero[:3].tolist() == [0, 0, 1]
    assert got.saturated_share() == 50 and got.near_zero_share() == 25
    np.testing.assert_allclose(got.relative_contribution(), [0, 0, 0, 4], atol=1e-12)
    assert got.hardly_contributing_share() == 75


def test_at_exactly_half_of_the_steps_a_unit_is_not_yet_counted():
    got = units.Units(np.array([0.5, 0.51]), np.array([0.5, 0.49]), np.array([1.0, 1.0]))
    assert got.saturated_share() == 50 and got.near_zero_share() == 0


@pytest.mark.parametrize(("limit", "share"), [(0.0, 0), (0.24, 0), (0.25, 25), (1, 75), (3, 100)])
def test_hardly_contributing_is_relative_to_the_mean(limit, share):
    for scale in (1, 1e-9):
        got = units.Units(np.zeros(4), np.zeros(4), scale * np.array([0.5, 1.5, 2.0, 4.0]))
        assert got.hardly_contributing_share(limit) == share


def test_if_no_unit_contributes_all_hardly_do(windows):
    got = units.measure(network(), windows)
    assert got["Hardly contributing (%)"] == 100
    assert got["Least contribution (% of mean)"] == 0
    assert got["Spectral radius"] == 0


@pytest.mark.parametrize(
    ("W", "radius"),
    [
        ([[0, -2], [2, 0]], 2),  # a rotation: its eigenvalues are imaginary
        ([[0.5, 100], [0, -0.25]], 0.5),  # far from normal: no norm would do
        ([[-3, 0], [0, 1]], 3),
    ],
)
def test_spectral_radius(W, radius):
    got = units.spectral_radius(np.array(W, "float32"))
    assert got == pytest.approx(radius)
    assert isinstance(got, float)


def test_numbers_as_text():
    assert units.text(12.345, 7, ("Saturated (%)", "after")) == "12.3"
    assert units.text(0.61512, 7, ("Spectral radius", "before")) == "0.615"


@pytest.fixture
def given(small_file, tmp_path):
    """Runs 1, 2 and 4, trained on small data, as a study leaves them."""
    out = str(tmp_path / "out")
    runs = {
        run_no: experiment.run(
            run_no, data=str(small_file), seeds=(1, 2), epochs=2, results_dir=out
        )
        for run_no in (4, 1, 2)
    }
    folder = results.Folder(out, str(small_file), "published")
    return folder, runs, load(str(small_file))


def test_a_row_is_the_mean_over_the_seeds(given, monkeypatch):
    folder, runs, dataset = given
    table = units.table(folder, runs, dataset)
    assert table.index.tolist() == [1, 2, 4] and table.index.name == "Run"
    for run_no, N in ((1, 50), (4, 100)):
        seeds = units.by_seed(folder, runs[run_no], dataset)
        assert seeds.index.tolist() == [1, 2]
        np.testing.assert_allclose(table.loc[run_no], seeds.mean())
        for seed in (1, 2):
            ends = {
                "before": rnn.initial_values(seed, N),
                "after": results.read_weights(folder.weights(run_no, seed)),
            }
            for end, params in ends.items():
                assert seeds.loc[seed].xs(end, level=1).to_dict() == units.measure(
                    params, dataset.X_test
                )
    measured = []
    real = units.measure
    monkeypatch.setattr(units, "measure", lambda *a: measured.append(1) or real(*a))
    assert units.table(folder, runs, dataset).equals(table)
    assert len(measured) == 6 + 4, "runs 1 and 2 share the initial values of each seed"


def test_the_states_are_those_behind_the_result(given):
    """The last states give the confusion matrix that training has stored."""
    folder, runs, dataset = given
    params = trained_network.weights(folder, runs[4], 2)
    a = units.activations(params, dataset.X_test)
    y = sigmoid(a[:, -1] @ params["W_ya"].T + params["b_y"].T)
    confusion = np.zeros((6, 6), int)
    np.add.at(confusion, (dataset.y_test, y.argmax(1)), 1)
    assert confusion.tolist() == runs[4]["seeds"]["2"]["confusion"]


def test_what_is_missing_names_the_notebook_that_makes_it(given):
    folder, runs, dataset = given
    with pytest.raises(
        UserError, match=r"run-03.json is missing: run notebooks/run.ipynb with run_no = 3 first"
    ):
        trained_network.result(folder, 3, dataset)
    with pytest.raises(UserError, match=r"early-stopping-04.json is .*early_stopping.ipynb with"):
        trained_network.result(folder, 4, dataset, "early-stopping")
    folder.weights(4, 2).unlink()
    with pytest.raises(
        UserError, match=r"run-04-seed-2.npz is missing: run notebooks/run.ipynb .* seed 2 among"
    ):
        units.table(folder, runs, dataset)


def test_a_seed_that_was_not_trained_names_those_that_were(given):
    folder, runs, _ = given
    with pytest.raises(UserError, match=r"seed = 42: allowed is one of 1, 2, from which run 4"):
        trained_network.weights(folder, runs[4], 42)


@pytest.mark.parametrize("switch", ["input_average=3", "samples_per_step=5"])
def test_weights_see_windows_as_they_were_trained_on_them(switch, small_file, tmp_path):
    """Frame, average, steps: the mean of the states gives the confusion that training stored."""
    name = f"corrected+{switch}"
    asked = {"data": str(small_file), "seeds": (1,), "epochs": 3, "results_dir": str(tmp_path)}
    result = experiment.run(4, protocol=name, **asked)
    folder, dataset = results.Folder(str(tmp_path), str(small_file), name), load(str(small_file))
    params = trained_network.weights(folder, result, 1)
    a = units.activations(params, trained_network.network_inputs(dataset.X_test, result))
    called = (a.mean(axis=1) @ params["W_ya"].T + params["b_y"].T).argmax(axis=1)
    confusion = np.zeros((6, 6), int)
    np.add.at(confusion, (dataset.y_test, called), 1)
    assert confusion.tolist() == result["seeds"]["1"]["confusion"]
    after = units.by_seed(folder, result, dataset).xs("after", axis=1, level=1)
    spread = a[:, -1].astype(float).std(axis=0) * np.abs(params["W_ya"]).mean(axis=0)
    least = 100 * spread.min() / spread.mean()
    assert after.loc[1, "Least contribution (% of mean)"] == pytest.approx(least, rel=1e-5)


def test_a_window_beyond_the_test_windows_names_the_range(given):
    _, runs, dataset = given
    X, true_class = trained_network.pick_test_window(dataset, 17, runs[4])
    np.testing.assert_array_equal(X[0], dataset.X_test[17])
    assert X.shape == (1, 12, 3) and true_class == 5
    with pytest.raises(UserError, match=r"window = 18: allowed is a whole number from 0 to 17"):
        trained_network.pick_test_window(dataset, 18, runs[4])


def test_weights_of_other_data_or_another_network_are_refused(given, small_arrays):
    folder, runs, dataset = given
    changed = type(dataset)(**{**vars(dataset), "X_test": dataset.X_test + 1e-9})
    with pytest.raises(UserError, match=r"run-04.json was made from other data than the small"):
        trained_network.result(folder, 4, changed)
    folder.weights(4, 2).write_bytes(folder.weights(1, 2).read_bytes())
    with pytest.raises(UserError, match=r"W_aa is \(50, 50\) in float32, .* \(100, 100\)"):
        trained_network.weights(folder, runs[4], 2)
    params = {k: v.astype("float64") for k, v in rnn.initial_values(2, 100).items()}
    results.write_weights(folder.weights(4, 2), params)
    with pytest.raises(UserError, match=r"in float64, .* in float32"):
        trained_network.weights(folder, runs[4], 2)


@pytest.mark.parametrize(
    "config", [{}, {"hidden_units": "many"}, {"hidden_units": -1}, {"dtype": "long ago"}]
)
def test_a_result_without_a_usable_config_is_refused(given, config):
    folder, _, dataset = given
    path = folder.result(4)
    content = json.loads(path.read_text())
    keep = {"epochs": 2, "selection": "test"}
    content["config"] = keep | (content["config"] | config if config else {})
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"run 4|run-04\.json is not valid") as error:
        units.by_seed(folder, trained_network.result(folder, 4, dataset), dataset)
    assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="run 4") as error:  # and by itself, however it is read
        units.by_seed(folder, content, dataset)
    assert "\n" not in str(error.value)
