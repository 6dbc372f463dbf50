"""The compiled loops: exact to rounding, and no trouble where there is no compiler."""

import shutil
from contextlib import nullcontext
from functools import cache

import numpy as np
import pytest

from harlib import rnn
from harlib.compiled import loops
from harlib.compiled.loops import BUFFERS, CompiledBuffers
from tests.data.data_helpers import refusal
from tests.network.test_rnn import case


@pytest.mark.parametrize("hidden_units", [1, 7, 8, 16, 49, 50, 100, 129])
@pytest.mark.parametrize("batch", [1, 2, 5, 6, 7, 11, 12, 13, 30])
def test_every_size_of_batch_and_network_agrees_with_numpy(hidden_units, batch):
    params, x, _, target = case((4, batch, hidden_units, 3, 6, 0))
    expected = rnn.bptt(params, x, target)
    rows_apart = x.repeat(2, axis=0).repeat(2, axis=1)[::2, ::2]
    for view in (x, rows_apart, x.repeat(2, axis=2)[..., ::2]):
        found = rnn.bptt(params, view, target, CompiledBuffers(params, 4, batch))
        for name in rnn.NAMES:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-13)


def test_the_tanh_is_exact_to_rounding_over_its_whole_range_and_hides_no_nan():
    """One unit whose argument is the input itself."""
    z = np.concatenate(
        [np.linspace(-12, 12, 200001), np.logspace(-30, 38, 999), [0.0, np.inf, -np.inf, np.nan]]
    ).astype("float32")
    zero = np.zeros((1, 1), "float32")
    one = np.ones((1, 1), "float32")
    params = {"W_aa": zero, "W_ax": one, "W_ya": one, "b_a": zero, "b_y": zero}
    a, _ = rnn.forward(params, z[None, :, None], CompiledBuffers(params, 1, len(z)))
    expected = np.tanh(z.astype("float64"))
    # Three roundings to 24 bits just below 1.
    np.testing.assert_allclose(a[1, :, 0], expected, rtol=0, atol=1.8e-7)
    small = np.abs(z) < 1e-3
    np.testing.assert_allclose(a[1, small, 0], expected[small], rtol=3e-7)


@pytest.mark.parametrize(
    ("asked", "environment", "answer"),
    [
        ("auto", {"PATH": "", "CC": ""}, "numpy"),
        ("compiled", {"CC": "no-such-compiler"}, "no C compiler"),
        ("compiled", {"CC": "false -m64"}, "failed"),
    ],
)
def test_without_a_compiler_numpy_does_the_work_unless_asked_otherwise(
    monkeypatch, asked, environment, answer
):
    monkeypatch.setattr(loops, "library", loops.library.__wrapped__)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with refusal(answer) if asked == "compiled" else nullcontext():
        assert loops.resolve.__wrapped__(asked) == answer


def test_a_library_is_never_loaded_from_where_others_can_write():
    """Beside the code, or in a folder made for this process and gone after it."""
    first, second = loops._folders()
    assert first == loops.SOURCE.with_name("__pycache__") and not second.exists()


def test_where_nothing_can_be_kept_it_is_built_for_this_process(tmp_path, monkeypatch):
    """And with the narrowest registers, as where the compiler cannot tune for this processor."""
    shutil.copy(loops.SOURCE, tmp_path)
    monkeypatch.setattr(loops, "SOURCE", tmp_path / "loops.c")
    monkeypatch.setattr(loops, "_TUNING", ([],))
    monkeypatch.setattr(loops, "library", cache(loops.library.__wrapped__))
    (tmp_path / "__pycache__").write_text("a file where the folder should be")
    params, x, _, target = case((9, 13, 50, 3, 6, 0), "float32")
    expected = rnn.bptt(params, x, target)
    found = rnn.bptt(params, x, target, CompiledBuffers(params, 9, 13))
    for name in rnn.NAMES:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("buffers", BUFFERS.values())
def test_a_loss_that_is_not_finite_is_not_hidden(output, bad, buffers):
    z = np.zeros((3, 5, 6), "float32")
    z[1, 2, 0] = bad
    room = buffers(rnn.initial_values(0, 2), 3, 5, keep=False)
    with np.errstate(invalid="ignore"):
        loss = room.losses(z, np.array([0, 0, 0, 1, 2]), output)
    hidden = np.isfinite(loss[2])
    assert hidden == (output == "sigmoid" and bad == np.inf)  # there y = 1
    assert np.isfinite(loss[[0, 1, 3, 4]]).all()
