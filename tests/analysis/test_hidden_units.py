"""What is counted about hidden units, on networks whose behaviour is known beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from harlib import rnn
from harlib.analysis import hidden_units, networks
from harlib.figures import networks as figures
from tests.analysis.made_up import dataset, learned, mistaken, says


def network(N=4, **changes):
    """A network of zeros with the parameters ``changes``."""
    zeros = {"W_aa": (N, N), "W_ax": (N, 3), "W_ya": (6, N), "b_a": (N, 1), "b_y": (6, 1)}
    params = {name: np.zeros(shape) for name, shape in zeros.items()}
    return params | {name: np.asarray(value, float) for name, value in changes.items()}


def test_units_of_known_behaviour():
    """One unit at 1, one at -1, one at 0, one that follows the input with a wide swing."""
    # Time-major, (T, n, K): more windows than go through the steps together.
    x = np.random.default_rng(3).standard_normal((12, networks.TILE + 7, 3))
    params = network(
        b_a=[[5], [-5], [0], [0]], W_ax=[[0] * 3, [0] * 3, [0] * 3, [2, 0, 0]],
        W_ya=np.ones((6, 4)),
    )  # fmt: skip
    shares = hidden_units.measure_units(params, x)
    assert list(shares.values()) == pytest.approx([50, 25, 75, 0, 0], abs=1e-9)
    nothing = hidden_units.measure_units(network(), x)
    assert nothing["Hardly contributing (%)"] == 100
    same = network(W_ax=[[2, 0, 0]] * 4, W_ya=np.ones((6, 4)))
    alike = hidden_units.measure_units(same, x)
    assert alike["Least contribution (% of mean)"] == pytest.approx(100)


def test_between_classes_is_the_share_of_an_analysis_of_variance():
    rng = np.random.default_rng(2)
    label = np.repeat(np.arange(3), [5, 7, 9])
    mean = rng.standard_normal((21, 4)) + label[:, None]
    grand = mean.mean(axis=0)
    between = sum(((mean[label == k].mean(axis=0) - grand) ** 2).sum() for k in label)
    expected = 100 * between / ((mean - grand) ** 2).sum()
    assert hidden_units.between_classes(mean, label) == pytest.approx(expected)
    assert hidden_units.between_classes(np.zeros((21, 2)), label) == 0


def test_effective_dimensions_of_known_states():
    independent = np.random.default_rng(1).standard_normal((200, 50, 4))
    assert hidden_units.effective_dimensions(independent) == pytest.approx(4, abs=0.02)
    together = independent[:, :, :1] * np.ones(4)
    assert hidden_units.effective_dimensions(together) == pytest.approx(1)
    assert hidden_units.effective_dimensions(np.ones((3, 4, 5))) == 0


def test_the_plane_keeps_the_two_widest_directions():
    rng = np.random.default_rng(4)
    flat = np.column_stack([rng.standard_normal((300, 2)) * [5, 2], np.zeros((300, 4))])
    turn, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    place, share = hidden_units.plane(flat @ turn)
    assert share.sum() == pytest.approx(100) and share[0] > share[1]
    np.testing.assert_allclose(place.std(axis=0), [5, 2], rtol=0.1)
    assert hidden_units.plane(np.zeros((4, 3)))[1].tolist() == [0, 0]


def test_the_table_and_the_figure_compare_initial_values_with_weights():
    data = dataset()
    data = replace(data, y_test=mistaken(data, 4, 5))  # they lie where class 4 was in training
    trained = learned({seed: says(data.y_test) for seed in (3, 4)}, data)
    table = hidden_units.before_and_after(trained)
    before = [np.abs(np.linalg.eigvals(rnn.initial_values(s, 5)["W_aa"])).max() for s in (3, 4)]
    assert table.loc["Spectral radius", "before"] == pytest.approx(np.mean(before), rel=1e-5)
    assert list(table) == ["before", "after"] and (table["before"] != table["after"]).any()
    assert table.loc["Nearest centre (%)", "after"] == pytest.approx(100 * 20 / 24)
    drawn = figures.plot_hidden(trained, 3, 5, data_title="t").axes[0]
    a, _ = rnn.forward(rnn.initial_values(3, 5), data.X_test[5:6].transpose(1, 0, 2))
    W_ya = trained.params[3]["W_ya"]
    order = sorted(range(5), key=lambda i: (W_ya[:, i].argmax(), -W_ya[:, i].max()))
    np.testing.assert_allclose(drawn.images[0].get_array(), a[1:, 0, order].T, rtol=1e-6)
