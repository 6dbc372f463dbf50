"""Running average, standardisation and augmentation: each does what its formula says."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation
from sklearn.preprocessing import StandardScaler

from harlib import augment, inputs, rnn
from harlib.protocol import PUBLISHED, variant
from tests.data.data_helpers import refusal


def windows(T=20, B=6, K=3, dtype="float64"):
    return np.random.default_rng(0).standard_normal((T, B, K)).astype(dtype)


@pytest.mark.parametrize("T", [1, 2, 12])
@pytest.mark.parametrize("steps", [1, 2, 3, 11, 12, 15])
def test_running_average_is_the_mean_of_the_latest_steps(T, steps):
    x = windows(T)
    expected = pd.DataFrame(x.reshape(T, -1)).rolling(steps, min_periods=1).mean()
    found = inputs.running_average(x, steps)
    np.testing.assert_allclose(found.reshape(T, -1), expected, atol=1e-12)


def test_gravity_frame_is_along_across_and_upright():
    x = windows(T=30) + np.array([0.1, -0.9, 0.3])
    g = x.cumsum(axis=0) / np.arange(1, 31)[:, None, None]
    u = g / np.linalg.norm(g, axis=2, keepdims=True)
    along, across = (x * u).sum(axis=2), np.linalg.norm(np.cross(x, u), axis=2)
    expected = np.stack([along, across, g[..., 1]], axis=2)
    np.testing.assert_allclose(inputs.in_gravity_frame(x), expected, atol=1e-9)
    assert np.isfinite(inputs.in_gravity_frame(0 * x)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_step_is_the_mean_of_its_samples(dtype):
    x = windows(T=20, dtype=dtype)
    found = inputs.in_steps(x, 3)
    # The first two samples are too few for a step.
    np.testing.assert_allclose(found, inputs.running_average(x, 3)[4::3], rtol=1e-5, atol=1e-6)
    assert found.dtype == dtype and inputs.in_steps(x, 1) is x


@pytest.mark.parametrize(
    ("K", "switches", "message"),
    [
        (3, {"samples_per_step": 21}, "samples_per_step = 21; allowed is at most 20"),
        (4, {"frame": "gravity"}, "data: 4 channels; frame = gravity needs the three"),
    ],
)
def test_windows_that_a_protocol_cannot_take_are_refused(K, switches, message):
    x = windows(K=K)
    with refusal(message):
        inputs.Inputs.fit(variant(PUBLISHED, standardise=True, **switches), x)(x)


def test_standardised_windows_are_those_of_scikit_learn():
    x = 3 * windows(T=50) + np.array([1.0, -2.0, 0.5])
    x[:, :, 1] = 4.2  # a channel that never changes does not become NaN
    fitted = inputs.Inputs.fit(variant(PUBLISHED, standardise=True), x)
    judge = StandardScaler().fit(x.reshape(-1, 3))
    for split in (x, x[:, :2] + 7):  # another split goes through the same numbers
        expected = judge.transform(split.reshape(-1, 3))
        np.testing.assert_allclose(fitted(split).reshape(-1, 3), expected, atol=1e-12)


@pytest.mark.parametrize("samples", [1, 4])
def test_folded_parameters_do_the_same_to_windows_as_they_are(samples):
    x = 2 * windows() + 1
    fitted = inputs.Inputs.fit(variant(PUBLISHED, standardise=True, samples_per_step=samples), x)
    params = rnn.initial_values(1, 9, initial_range=0.5, dtype="float64")
    expected, _ = rnn.forward(params, fitted(x))
    found, _ = rnn.forward(fitted.fold(params), inputs.prepare(x, fitted.config))
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(("change", "amount"), [
    (augment.rotate, 20), (augment.scale, 0.2), (augment.jitter, 0.1), (augment.stretch, 0.2),
    (augment.filter_, 0.2),
])  # fmt: skip
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_augmentation_keeps_shape_and_type_and_is_drawn_from_the_generator(change, amount, dtype):
    x = windows(dtype=dtype)
    kept = x.copy()
    a, b, c = (change(x, np.random.default_rng(seed), amount) for seed in (1, 1, 2))
    assert a.shape == x.shape and a.dtype == x.dtype
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
    np.testing.assert_array_equal(x, kept)


def test_rotation_scale_and_noise_are_those_of_their_formulas():
    x, rng = windows(), lambda: np.random.default_rng(3)
    R = Rotation.from_rotvec(rng().normal(0, np.radians(40), (6, 3))).as_matrix()
    turned = np.einsum("bij,tbj->tbi", R, x)
    np.testing.assert_allclose(augment.rotate(x, rng(), 40), turned, atol=1e-12)
    scaled = x * np.exp(rng().normal(0, 0.3, (6, 1)))  # one number a window
    np.testing.assert_allclose(augment.scale(x, rng(), 0.3), scaled)
    noisy = x + rng().normal(0, 0.07, x.shape)
    np.testing.assert_allclose(augment.jitter(x, rng(), 0.07), noisy)


def test_stretch_plays_a_ramp_faster_or_slower():
    x = np.arange(150.0)[:, None, None] * np.ones((150, 400, 1))
    played = augment.stretch(x, np.random.default_rng(0), 0.1)
    speed = np.diff(played[:60, :, 0], axis=0)
    np.testing.assert_allclose(speed, np.broadcast_to(speed[:1], speed.shape), atol=1e-9)
    np.testing.assert_allclose(np.log(speed[0]).std(), 0.1, rtol=0.15)
    assert played.min() >= 0 and played.max() <= 149


@pytest.mark.parametrize("T", [1, 2, 149, 150])
def test_filtering_keeps_the_mean_and_multiplies_each_frequency_by_one_number(T):
    x = windows(T=T)
    filtered = augment.filter_(x, np.random.default_rng(0), 0.3)
    np.testing.assert_allclose(filtered.mean(axis=0), x.mean(axis=0))
    before, after = np.fft.rfft(x, axis=0), np.fft.rfft(filtered, axis=0)
    factor = (after * before.conj()).sum(axis=2).real / (np.abs(before) ** 2).sum(axis=2)
    np.testing.assert_allclose(after, factor[..., None] * before, atol=1e-9)
    if T == 150:
        assert (factor > 0).all() and 0.1 < np.log(factor[1:]).std() < 0.4
        assert np.abs(np.diff(np.log(factor), axis=0)).max() < 0.2, "smooth"


def test_augmentation_does_all_that_the_protocol_asks_for_and_nothing_else():
    x = windows()
    assert augment.augment(x, np.random.default_rng(0), PUBLISHED) is x
    asked = variant(PUBLISHED, scaling=0.2, jitter=0.1)
    rng = np.random.default_rng(5)
    expected = augment.jitter(augment.scale(x, rng, 0.2), rng, 0.1)
    np.testing.assert_array_equal(augment.augment(x, np.random.default_rng(5), asked), expected)
    assert asked.augments and not PUBLISHED.augments
