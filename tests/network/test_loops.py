"""The compiled loops: exact to rounding, and no trouble where there is no compiler."""

import os
import subprocess
import sys

import numpy as np
import pytest

from harlib import paths, rnn
from harlib.compiled import loops
from harlib.compiled.loops import BUFFERS, CompiledBuffers
from harlib.runs import experiment


@pytest.mark.parametrize("hidden_units", [1, 7, 8, 16, 49, 50, 100, 129])
@pytest.mark.parametrize("batch", [1, 2, 5, 6, 7, 11, 12, 13, 30])
def test_every_size_of_batch_and_network_agrees_with_numpy(hidden_units, batch):
    params = rnn.initial_values(3, hidden_units, dtype="float64")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, batch, 3))
    target = np.eye(6)[rng.integers(0, 6, batch)]
    expected = rnn.bptt(params, x, target)
    found = rnn.bptt(params, x, target, CompiledBuffers(params, 4, batch))
    for name in rnn.NAMES:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-13)


def test_the_tanh_is_exact_to_rounding_over_its_whole_range():
    """One unit whose argument is the input itself."""
    z = np.concatenate(
        [np.linspace(-12, 12, 200001), np.logspace(-30, 38, 999), [0.0, np.inf, -np.inf]]
    ).astype("float32")
    zero = np.zeros((1, 1), "float32")
    one = np.ones((1, 1), "float32")
    params = {"W_aa": zero, "W_ax": one, "W_ya": one, "b_a": zero, "b_y": zero}
    a, _ = rnn.forward(params, z[None, :, None], CompiledBuffers(params, 1, len(z)))
    expected = np.tanh(z.astype("float64"))
    assert np.abs(a[1, :, 0] - expected).max() < 1.8e-7  # three roundings to 24 bits just below 1
    small = np.abs(z) < 1e-3
    np.testing.assert_allclose(a[1, small, 0], expected[small], rtol=3e-7)


def test_a_nan_is_not_hidden():
    params = rnn.initial_values(0, 9)
    x = np.zeros((3, 4, 3), "float32")
    x[1, 2, 0] = np.nan
    a, _ = rnn.forward(params, x, CompiledBuffers(params, 3, 4))
    assert np.isnan(a[2:, 2]).all()
    assert np.isfinite(a[:, [0, 1, 3]]).all()


def test_a_view_with_strides_of_its_own_is_read_right():
    params = rnn.initial_values(0, 9)
    wide = np.random.default_rng(0).standard_normal((6, 8, 5)).astype("float32")
    label = np.zeros(4, int)
    for x in (wide[::2, 1:8:2, :3], wide[:, :4, ::2], wide[::-1, 3::-1, 1:4]):
        expected, _ = rnn.predict(params, x, label)
        found, _ = rnn.predict(params, x, label, buffers=CompiledBuffers)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_both_train_alike_and_a_result_says_which_did(small_file, tmp_path):
    given = {"data": str(small_file), "epochs": 2, "seeds": (1,), "dtype": "float64"}
    results = {
        choice: experiment.run(5, loops=choice, results_dir=str(tmp_path / choice), **given)
        for choice in ("numpy", "compiled", "auto")
    }
    assert [result["config"]["loops"] for result in results.values()] == [
        "numpy", "compiled", "compiled"
    ]  # fmt: skip
    numpy, compiled = (results[c]["seeds"]["1"]["test"]["loss"] for c in ("numpy", "compiled"))
    np.testing.assert_allclose(compiled, numpy, rtol=1e-9)


def _python(code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        cwd=paths.ROOT, env={**os.environ, **environment},
    )  # fmt: skip


def test_without_a_compiler_numpy_does_the_work():
    done = _python(
        "from harlib.compiled import loops; print(loops.resolve('auto'))", PATH="", CC=""
    )
    assert done.stdout == "numpy\n", done.stderr


@pytest.mark.parametrize(
    ("compiler", "message"),
    [("no-such-compiler", "no C compiler"), (" ", "no C compiler"), ("false -m64", "failed")],
)
def test_asked_for_but_impossible_is_one_line(compiler, message):
    code = (
        "from harlib.compiled import loops\n"
        "try: loops.resolve('compiled')\n"
        "except loops.NoCompiler as error: print(error)"
    )
    done = _python(code, CC=compiler)
    assert message in done.stdout and done.stdout.count("\n") == 1, done.stderr


def test_a_library_is_never_loaded_from_where_others_can_write(tmp_path, monkeypatch):
    """Beside the code, or in a folder made for this process and gone after it."""
    first, *_ = folders = list(loops._folders())
    assert first == loops.SOURCE.with_name("__pycache__")
    assert len(folders) == 2 and not folders[1].exists()


def test_where_nothing_can_be_kept_it_is_built_for_this_process(tmp_path, monkeypatch):
    monkeypatch.setattr(loops, "SOURCE", tmp_path / "loops.c")
    (tmp_path / "loops.c").write_bytes(
        (paths.ROOT / "harlib" / "compiled" / "loops.c").read_bytes()
    )
    (tmp_path / "__pycache__").write_text("a file where the folder should be")
    monkeypatch.setattr(loops, "_OPTIONS", ["-O1", "-shared", "-fPIC"])  # built in less time
    loops.library.cache_clear()
    try:
        assert loops.library() is not None
    finally:
        loops.library.cache_clear()


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [2, 3, 4, 6, 9])
def test_outputs_and_losses_agree_with_numpy(output, dtype, classes):
    params = rnn.initial_values(1, 5, classes=classes, initial_range=3, dtype=dtype)
    rng = np.random.default_rng(2)
    x = 4 * rng.standard_normal((70, 11, 3)).astype(dtype)
    label = rng.integers(0, classes, 11)
    for scores_from in ("last", "mean"):
        given = {"output": output, "scores_from": scores_from, "tile": 7}
        expected = rnn.predict(params, x, label, **given)
        found = rnn.predict(params, x, label, buffers=CompiledBuffers, **given)
        precision = 2e-5 if dtype == "float32" else 1e-12
        for left, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(left, right, rtol=precision, atol=precision)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_not_finite_is_not_hidden(output, bad):
    z = np.zeros((3, 5, 6), "float32")
    z[1, 2, 0] = bad
    params = rnn.initial_values(0, 2)
    label = np.array([0, 0, 0, 1, 2])
    for buffers in BUFFERS.values():
        with np.errstate(invalid="ignore"):
            loss = buffers(params, 3, 5, keep=False).losses(z, label, output)
        hidden = np.isfinite(loss[2])
        assert hidden == (output == "sigmoid" and bad == np.inf), buffers  # there y = 1
        assert np.isfinite(loss[[0, 1, 3, 4]]).all()


def test_with_the_narrowest_registers_it_is_the_same(monkeypatch):
    """Built for no processor in particular, as where the compiler cannot tune for this one."""
    params = rnn.initial_values(3, 50)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((9, 13, 3)).astype("float32")
    target = np.eye(6, dtype="float32")[rng.integers(0, 6, 13)]
    expected = rnn.bptt(params, x, target)
    monkeypatch.setattr(loops, "_TUNING", ([],))
    loops.library.cache_clear()
    try:
        found = rnn.bptt(params, x, target, CompiledBuffers(params, 9, 13))
        for name in rnn.NAMES:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-4)
    finally:
        loops.library.cache_clear()
