"""Checks on what a notebook is given: every name and every value, before any work starts.

A notebook calls :func:`check` right after its parameters cell. The same rules
serve the command line (``harlib.notebook.papermill_command``) and the Snakefile.
"""

import ast
import difflib
import sys
from collections.abc import Callable, Mapping

from harlib import paths, protocol
from harlib.errors import UserError, one_line

DATA_SETS = ("synthetic", "motionsense", "course")
DTYPES = ("float32", "float64")
LOOPS = ("auto", "numpy", "compiled")
#: A whole number can be larger than any float.
_LARGEST = sys.float_info.max
#: Protocols that the report's suspicions are tried on; see :mod:`harlib.experiments.suspicions`.
BASES = ("published", "repaired", "corrected")
#: Those of them that a book is built with unless it is asked to be full.
FEWER_BASES = BASES[:2]


def _refuse(name: str, value: object, allowed: str) -> UserError:
    return UserError(f"parameter {name} = {one_line(repr(value))}: allowed is {allowed}")


def _whole(low: int, high: int | None = None) -> Callable[[str, object], int]:
    """Rule: a whole number of at least ``low`` and at most ``high``."""
    allowed = (
        f"a whole number from {low} to {high}"
        if high is not None
        else (f"a whole number, {low} or more")
    )

    def rule(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _refuse(name, value, allowed)
        if value < low or (high is not None and value > high):
            raise _refuse(name, value, allowed)
        return value

    return rule


def _number(low: float, high: float, allowed: str) -> Callable[[str, object], float]:
    """Rule: a finite number with ``low <= value < high``."""

    def rule(name: str, value: object) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise _refuse(name, value, allowed)
        if not low <= value < high:  # NaN and infinities are none of these
            raise _refuse(name, value, allowed)
        return float(value)

    return rule


def _one_of(*choices: str) -> Callable[[str, object], str]:
    def rule(name: str, value: object) -> str:
        if value not in choices or not isinstance(value, str):
            raise _refuse(name, value, "one of " + ", ".join(choices))
        return value

    return rule


def _protocol(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refuse(name, value, "the name of a protocol: " + ", ".join(protocol.PROTOCOLS))
    try:
        return protocol.named(value).name
    except UserError as error:
        raise UserError(f"parameter {name} = {value!r}: {error}") from None


def _folder(name: str, value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise _refuse(name, value, "a folder's path, as text")
    return value


def _results_dir(name: str, value: object) -> str:
    if not _folder(name, value):
        raise _refuse(name, value, "a folder's path, as text; it cannot be empty")
    return value


def _data(name: str, value: object) -> str:
    allowed = ", ".join(DATA_SETS) + ", or the path of an HDF5 file (with a / or ending in .h5)"
    if not isinstance(value, str) or "\0" in value:
        raise _refuse(name, value, allowed)
    if value not in DATA_SETS and not paths.is_path(value):
        raise _refuse(name, value, allowed)
    if value not in DATA_SETS and paths.data_label(value) in ("", *DATA_SETS):
        raise UserError(
            f"parameter {name} = {value!r}: a file of that name would write its results among "
            f"those of a built-in data set; allowed is any other file name"
        )
    return value


def _seeds(name: str, value: object) -> tuple[int, ...]:
    allowed = "a list of different whole numbers from 0 to 4294967295, for example [42, 263, 682]"
    seeds = value
    if isinstance(seeds, str):  # papermill -p gives a list as text: -p seeds 42,263
        try:
            seeds = [int(part) for part in seeds.strip().strip("[]()").split(",") if part.strip()]
        except ValueError:
            raise _refuse(name, value, allowed) from None
    elif isinstance(seeds, int):
        seeds = [seeds]
    if not isinstance(seeds, (list, tuple)) or not seeds:
        raise _refuse(name, value, allowed)
    for seed in seeds:
        if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
            raise _refuse(name, value, allowed)
    if len(set(seeds)) != len(seeds):
        raise _refuse(name, value, allowed)
    return tuple(seeds)


def _bases(name: str, value: object) -> tuple[str, ...]:
    allowed = f"a list of some of {', '.join(BASES)}, each once"
    given = value.strip("[]() ").split(",") if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not given:
        raise _refuse(name, value, allowed)
    given = [part.strip(" '\"") if isinstance(part, str) else part for part in given]
    if any(part not in BASES for part in given) or len(set(given)) != len(given):
        raise _refuse(name, value, allowed)
    return tuple(given)


#: What each parameter may be, by name; the same name means the same in every notebook.
RULES: dict[str, Callable[[str, object], object]] = {
    "run_no": _whole(min(protocol.RUNS), max(protocol.RUNS)),
    "data": _data,
    "data_dir": _folder,
    "protocol": _protocol,
    "seeds": _seeds,
    "seed": _whole(0, 2**32 - 1),
    "epochs": _whole(0),
    "max_epochs": _whole(0),
    "dtype": _one_of(*DTYPES),
    "loops": _one_of(*LOOPS),
    "results_dir": _results_dir,
    "patience": _whole(1),
    "min_delta": _number(0, _LARGEST, "a finite number, 0 or more (in percentage points)"),
    "validation_fraction": _number(1e-9, 1, "a number above 0 and below 1"),
    "window": _whole(0),
    "kind": _one_of("run", "early-stopping"),
    "jobs": _whole(1),
    "rounds": _whole(3),
    "bases": _bases,
}


#: How papermill begins a cell that it injects.
_INJECTED = "# Parameters"


def check_names(given: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    """Refuse a name that is none of ``allowed``."""
    for name in given:
        # papermill --inject-paths sets PAPERMILL_INPUT_PATH and the like
        if name not in allowed and not name.startswith("PAPERMILL_"):
            close = difflib.get_close_matches(name, allowed, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(
                f"unknown parameter {one_line(name)}{hint}: allowed are {', '.join(allowed)}"
            )


def check_values(given: Mapping[str, object]) -> dict:
    """Checked copies of the given values; every name must have a rule."""
    return {name: RULES[name](name, value) for name, value in given.items()}


def check(namespace: Mapping[str, object], *names: str) -> dict:
    """The notebook's parameters ``names``, checked, from its ``globals()``.

    Papermill itself only warns about a parameter that the notebook does not
    have, and a typing slip in the parameters cell would leave the default in
    force; so the cells that set parameters are read again here.

    Raises
    ------
    UserError
        A name is unknown or missing, or a value is not allowed.
    """
    for cell in _parameter_cells(namespace, names):
        check_names(cell, names)
    for name in names:
        if name not in namespace:
            raise UserError(f"parameter {name} is not set: it belongs in the parameters cell")
    return check_values({name: namespace[name] for name in names})


def _parameter_cells(
    namespace: Mapping[str, object], names: tuple[str, ...]
) -> list[dict[str, None]]:
    """Names set by the latest parameters cell and by the latest cell papermill injected."""
    history: list[str] = namespace.get("In", [])
    injected = [source for source in history if source.startswith(_INJECTED)]
    defaults = [
        source
        for source in history
        if not source.startswith(_INJECTED) and set(names) & set(_assignments(source))
    ]
    if injected and defaults and history.index(injected[0]) < history.index(defaults[0]):
        # Papermill does so if the cell has lost its tag: the defaults would win, unnoticed.
        raise UserError(
            "the given parameters were injected above the notebook's own parameters cell: "
            "give that cell its tag 'parameters' back"
        )
    return [_assignments(cells[-1]) for cells in (defaults, injected) if cells]


def _assignments(source: str) -> dict[str, None]:
    """Names that a cell made of nothing but ``name = constant`` assigns, else nothing."""
    try:
        statements = ast.parse(source).body
        names = {}
        for statement in statements:
            ast.literal_eval(statement.value)
            (target,) = statement.targets
            names[target.id] = None
    except (SyntaxError, ValueError, AttributeError, TypeError):
        return {}
    return names
