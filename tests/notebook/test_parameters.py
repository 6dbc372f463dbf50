"""Whatever a parameter is given, it is taken or refused in one line that says what is allowed."""

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import parameters
from harlib.runs.parameters import RULES
from tests.data.data_helpers import refusal

GOOD = {"run_no": 7, "data": "synthetic", "seeds": [42, 263], "epochs": 50, "results_dir": "r"}
DEFAULTS = "\n".join(f"{name} = {value!r}" for name, value in GOOD.items())

BAD = {
    "run_no": (0, 9, "seven", 7.0, True, [7]),
    "epochs": (-1, 2.5, "many", True),
    "data": ("sythetic", "", 3, "x\0.h5", "a/synthetic.h5"),
    "protocol": ("publised", 1),
    "loops": ("Numpy", 1),
    "dtype": ("float16", 32),
    "seeds": ([], [42, 42], [-1], [1.5], "a,b", "", 2**32, [True], "42;43", {42: 1}),
    "bases": ("publised", [], ["published", "published"], [1]),
    "results_dir": ("", 5),
    "patience": (0, 1.5),
    "min_delta": (-1e-9, float("nan"), float("inf"), 10**400, "x", True),
    "validation_fraction": (0, 1, "x", float("nan")),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_names_the_parameter_and_what_is_allowed(name, value):
    with refusal(f"parameter {name} = ", "allowed is"):
        parameters.check_values({name: value})


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("seeds", "[42, 263]", (42, 263)),
        ("seeds", 42, (42,)),
        ("seeds", [2**32 - 1, 0], (2**32 - 1, 0)),
        ("bases", "['published', 'repaired']", ("published", "repaired")),
        ("data", "my/file.h5", "my/file.h5"),
        ("min_delta", 0, 0.0),
    ],
)
def test_good_values_are_kept(name, value, kept):
    (checked,) = parameters.check_values({name: value}).values()
    assert checked == kept and type(checked) is type(kept)


def check(*cells: str, names=tuple(GOOD)) -> dict:
    """Check the parameters of a notebook in which these cells have run."""
    return parameters.check(GOOD | {"In": ["", *cells, "parameters.check(globals())"]}, *names)


@pytest.mark.parametrize(
    "cells",
    [
        # a corrected cell, run again
        (DEFAULTS + "\nepoch = 3", "scratch = 5", "import numpy\nx = numpy.pi", DEFAULTS),
        # an executed notebook, run again by hand
        (DEFAULTS, "# Parameters\nrun_no = 3\nPAPERMILL_INPUT_PATH = 'x'", "%time x", DEFAULTS),
    ],
)
def test_a_notebook_with_good_parameters(cells):
    assert check(*cells) == {**GOOD, "seeds": (42, 263)}


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        ((DEFAULTS, "# Parameters\nrun_np = None\n"), "did you mean run_no"),
        ((DEFAULTS, "# Parameters\nwidth = 3\n"), "unknown parameter width: allowed are run_no"),
        ((DEFAULTS + "\nepoch = 3",), "did you mean epochs"),
        # what papermill does to a notebook whose parameters cell has lost its tag
        (("# Parameters\nrun_no = 3\n", DEFAULTS), "tag 'parameters'"),
    ],
)
def test_a_cell_that_sets_something_else_is_refused(cells, hint):
    with refusal(hint):
        check(*cells)


def test_a_missing_parameter_is_named():
    with refusal("parameter patience is not set"):
        check(DEFAULTS, names=(*GOOD, "patience"))


# As a notebook or ``papermill -f file.yaml`` can give them.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@drawn(name=st.sampled_from(list(RULES)), value=VALUES)
def test_any_value_of_any_parameter_is_kept_or_refused_in_one_line(name, value):
    try:
        (kept,) = parameters.check_values({name: value}).values()
    except UserError as error:
        assert str(error).startswith(f"parameter {name} = ") and "\n" not in str(error)
        return
    assert kept == value or (name in ("seeds", "bases") and isinstance(kept, tuple))


def test_a_relative_path_counts_from_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths.resolve("results") == paths.ROOT / "results"
    assert paths.resolve(tmp_path / "x") == tmp_path / "x"
    assert paths.shown(paths.ROOT / "results" / "x.json") == "results/x.json"
    assert paths.shown(tmp_path) == str(tmp_path)
    for path in ("~nobody-of-that-name/x", "a\0b"):
        with refusal("leads nowhere"):
            paths.resolve(path)
