"""Every bad parameter is refused in one line that names it and what is allowed."""

import pytest

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import parameters

NAMES = ("run_no", "data", "data_dir", "protocol", "seeds", "epochs", "dtype", "loops",
         "results_dir")  # fmt: skip
GOOD = {
    "run_no": 7,
    "data": "synthetic",
    "data_dir": "",
    "protocol": "published",
    "seeds": [42, 263, 682],
    "epochs": 50,
    "dtype": "float32",
    "loops": "auto",
    "results_dir": "results",
}

BAD = [
    *(("run_no", value) for value in (0, 9, -1, "seven", 7.5, 7.0, True, None, [7])),
    *(("epochs", value) for value in (-1, 2.5, "many", True, None)),
    *(("data", value) for value in ("sythetic", "", 3, None, "x\0.h5", "a/synthetic.h5")),
    *(("protocol", value) for value in ("publised", "", 1, None)),
    *(("loops", value) for value in ("c", "Numpy", 1, None)),
    *(("dtype", value) for value in ("float16", "f4", 32, None)),
    *(("seeds", value) for value in ([], [42, 42], [-1], [1.5], ["a"], "a,b", "", 2**32, None,
                                     [True], "42;43", {42: 1})),
    *(("results_dir", value) for value in ("", None, 5)),
    *(("data_dir", value) for value in (None, 5, "a\0b")),
    *(("patience", value) for value in (0, -1, 1.5, "x")),
    *(("min_delta", value) for value in (-1e-9, float("nan"), float("inf"), 10**400, "x", True)),
    *(("validation_fraction", value) for value in (0, 1, 1.5, -0.1, "x", float("nan"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_names_the_parameter_and_what_is_allowed(name, value):
    with pytest.raises(UserError) as error:
        parameters.check_values({name: value})
    message = str(error.value)
    assert message.startswith(f"parameter {name} = ") and "allowed is" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"seeds": "42,263"}, (42, 263)),
        ({"seeds": "[42, 263]"}, (42, 263)),
        ({"seeds": 42}, (42,)),
        ({"seeds": [2**32 - 1, 0]}, (2**32 - 1, 0)),
        ({"epochs": 0}, 0),
        ({"data": "my/file.h5"}, "my/file.h5"),
        ({"min_delta": 0}, 0.0),
    ],
)
def test_good_values_are_kept(given, kept):
    assert parameters.check_values(given) == {next(iter(given)): kept}


def namespace(*cells: str, **changes) -> dict:
    return {**GOOD, **changes, "In": ["", *cells, "given = parameters.check(globals())"]}


DEFAULTS = "\n".join(f"{name} = {value!r}" for name, value in GOOD.items())


def test_a_notebook_with_good_parameters():
    given = parameters.check(namespace(DEFAULTS), *NAMES)
    assert given == {**GOOD, "seeds": (42, 263, 682)}


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        ((DEFAULTS, "# Parameters\nrun_np = 3\n"), "did you mean run_no"),
        ((DEFAULTS, "# Parameters\nwidth = 3\n"), "unknown parameter width: allowed are run_no"),
        ((DEFAULTS + "\nepoch = 3",), "did you mean epochs"),
    ],
)
def test_a_misspelt_name_is_refused(cells, hint):
    with pytest.raises(UserError, match=hint):
        parameters.check(namespace(*cells), *NAMES)


def test_a_corrected_cell_run_again_is_accepted():
    cells = (DEFAULTS + "\nepoch = 3", "scratch = 5", "import numpy\nx = numpy.pi", DEFAULTS)
    assert parameters.check(namespace(*cells), *NAMES)["run_no"] == 7


def test_a_missing_parameter_is_named():
    incomplete = namespace(DEFAULTS)
    del incomplete["epochs"]
    with pytest.raises(UserError, match="parameter epochs is not set"):
        parameters.check(incomplete, *NAMES)


def test_parameters_injected_above_the_defaults_are_refused():
    """What papermill does to a notebook whose parameters cell has lost its tag."""
    with pytest.raises(UserError, match="tag 'parameters'"):
        parameters.check(namespace("# Parameters\nrun_no = 3\n", DEFAULTS), *NAMES)


def test_an_executed_notebook_can_be_run_again_by_hand():
    cells = (DEFAULTS, "# Parameters\nrun_no = 3\nPAPERMILL_INPUT_PATH = 'x'", DEFAULTS)
    assert parameters.check(namespace(*cells), *NAMES)["run_no"] == 7


@pytest.mark.parametrize("path", ["~nobody-of-that-name/x", "a\0b"])
def test_a_path_that_leads_nowhere_is_one_line(path):
    with pytest.raises(UserError, match="leads nowhere"):
        paths.resolve(path)


def test_a_relative_path_counts_from_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert paths.resolve("results") == paths.ROOT / "results"
    assert paths.resolve(tmp_path / "x") == tmp_path / "x"
    monkeypatch.setenv("HARLIB_DATA", str(tmp_path))
    assert paths.data_dir() == tmp_path
    assert paths.data_dir("elsewhere") == paths.ROOT / "elsewhere"
    assert paths.shown(paths.ROOT / "results" / "x.json") == "results/x.json"
    assert paths.shown(tmp_path) == str(tmp_path)
