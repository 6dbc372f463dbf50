"""What may be asked for: every name and every value, checked before any work starts.

The same rules serve Python (:func:`checked`), the notebooks, their command line, the flow and the
sweep.
"""

import functools
import inspect
import math
import sys
from collections.abc import Callable, Mapping

from harlib import paths, protocol
from harlib.errors import UserError, did_you_mean, one_line

DATA_SETS = ("motionsense", "synthetic")
#: Protocols that the report's suspicions are tried on; see :mod:`harlib.experiments.suspicions`.
BASES = ("published", "repaired", "corrected")
#: Those of them that a book is built with unless it is asked to be full.
FEWER_BASES = BASES[:2]

#: A rule gives the value to work with, or a UserError that says what is allowed.
Rule = Callable[[str, object], object]


def _rule(allowed: str, read: Callable, *limits: object) -> Rule:
    """The rule of a ``read`` that raises ValueError, or UserError with a reason of its own."""

    def rule(name: str, value: object) -> object:
        try:
            return read(value, *limits)
        except UserError as error:
            reason = str(error)
        except ValueError:
            reason = f"allowed is {allowed}"
        raise UserError(f"parameter {name} = {one_line(repr(value))}: {reason}")

    return rule


def _number(value: object, kind: type, low: float, high: float) -> float:
    """A number with ``low <= value <= high``, which no NaN is."""
    if isinstance(value, bool) or not isinstance(value, (int, kind)) or not low <= value <= high:
        raise ValueError
    return kind(value)


def _whole(low: int, high: float = math.inf) -> Rule:
    ending = f", {low} or more" if high == math.inf else f" from {low} to {high}"
    return _rule(f"a whole number{ending}", _number, int, low, high)


def _text(value: object, shortest: int = 0) -> str:
    if not isinstance(value, str) or "\0" in value or len(value) < shortest:
        raise ValueError
    return value


def _one_of(value: object, choices: tuple[str, ...]) -> str:
    if _text(value) not in choices:
        raise ValueError
    return value


def _choice(*choices: str) -> Rule:
    return _rule(f"one of {', '.join(choices)}", _one_of, choices)


def _data(value: object) -> str:
    if _text(value) in DATA_SETS:
        return value
    if not paths.is_path(value):
        raise ValueError
    if paths.data_label(value) in ("", *DATA_SETS):
        raise UserError(
            "a file of that name would write its results among those of a built-in data set; "
            "allowed is any other file name"
        )
    return value


def _several(value: object, item: Callable, *limits: object) -> tuple:
    """A list of different values, or one, or as text: ``papermill -p`` gives ``42,263`` so."""
    if isinstance(value, str):
        words = [word.strip(" '\"") for word in value.strip("[]() ").split(",")]
        value = [int(word) if word.isdecimal() else word for word in words if word]
    elif not isinstance(value, (list, tuple)):
        value = [value]
    kept = tuple(item(part, *limits) for part in value)
    if not kept or len(set(kept)) != len(kept):
        raise ValueError
    return kept


#: The largest that NumPy takes.
_LAST_SEED = 2**32 - 1

#: What each parameter may be, by name; the same name means the same in every notebook.
RULES: dict[str, Rule] = {
    "run_no": _whole(min(protocol.RUNS), max(protocol.RUNS)),
    "data": _rule(
        f"{', '.join(DATA_SETS)}, or the path of an HDF5 file (with a / or ending in .h5)", _data
    ),
    "protocol": _rule(
        f"the name of a protocol: {', '.join(protocol.PROTOCOLS)}",
        lambda value: protocol.named(_text(value)).name,
    ),
    "seeds": _rule(
        f"a list of different whole numbers from 0 to {_LAST_SEED}, for example [42, 263, 682]",
        lambda value: _several(value, _number, int, 0, _LAST_SEED),
    ),
    "seed": _whole(0, _LAST_SEED),
    "epochs": _whole(0),
    "max_epochs": _whole(0),
    "dtype": _choice("float32", "float64"),
    "loops": _choice("auto", "numpy", "compiled"),
    "results_dir": _rule("a folder's path, as text; it cannot be empty", _text, 1),
    "patience": _whole(1),
    "min_delta": _rule(
        "a finite number, 0 or more (in percentage points)", _number, float, 0, sys.float_info.max
    ),
    "validation_fraction": _rule(
        "a number above 0 and below 1", _number, float, 1e-9, math.nextafter(1, 0)
    ),
    "window": _whole(0),
    "kind": _choice("run", "early-stopping"),
    "jobs": _whole(1),
    "rounds": _whole(3),
    "recording": _rule("the path of a recording, as text", _text, 1),
    "unit": _choice("auto", "g", "m/s2"),
    "sampling_rate": _rule(
        "a number from 20 to 1000, or 0: from the times",
        lambda value: _number(value, float, 20 if value else 0, 1000),
    ),
    "bases": _rule(f"a list of some of {', '.join(BASES)}, each once", _several, _one_of, BASES),
}


def check_names(given: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    """Refuse a name that is none of ``allowed``."""
    for name in given:
        # papermill --inject-paths sets PAPERMILL_INPUT_PATH and the like
        if name not in allowed and not name.startswith("PAPERMILL_"):
            raise UserError(
                f"unknown parameter {one_line(name)}{did_you_mean(name, allowed)}: allowed are "
                f"{', '.join(allowed)}"
            )


def check_values(given: Mapping[str, object]) -> dict:
    """Checked copies of the given values; every name must have a rule."""
    return {name: RULES[name](name, value) for name, value in given.items()}


def checked(function: Callable) -> Callable:
    """``function``, whose parameters are called as in :data:`RULES`, with checked values.

    A name that it does not have is refused like a value that is not allowed.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*values: object, **given: object) -> object:
        check_names(given, tuple(signature.parameters))
        bound = signature.bind(*values, **given)
        bound.apply_defaults()
        return function(**check_values(bound.arguments))

    return call
