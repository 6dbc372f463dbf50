"""A notebook's parameters, checked by :mod:`harlib.runs.parameters`; see :func:`check`."""

import ast
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

from harlib.errors import UserError, one_line
from harlib.runs.parameters import check_names, check_values


def check(namespace: Mapping[str, object], *names: str) -> dict:
    """The notebook's parameters ``names``, checked, from its ``globals()``.

    Papermill itself only warns about a parameter that the notebook does not have, and a typing slip
    in the parameters cell would leave the default in force; so the latest cell that sets the
    parameters, and the latest one that papermill injected, are read again here. A UserError names
    what is not allowed.
    """
    if namespace.get("__name__") == "__main__" and "In" not in namespace:
        sys.excepthook = _show_one_line  # python notebooks/run.py
        if sys.argv[1:]:
            raise UserError(
                f"{one_line(sys.argv[1])}: a notebook's text takes no parameters; type "
                f"papermill notebooks/{Path(sys.argv[0]).stem}.ipynb -p NAME VALUE"
            )
    cells: list[str] = namespace.get("In", [])
    injected = [place for place, cell in enumerate(cells) if cell.startswith("# Parameters")]
    setting = [place for place, cell in enumerate(cells) if set(names) & set(_constants(cell))]
    defaults = [place for place in setting if place not in injected]
    if injected and defaults and injected[0] < defaults[0]:
        # Papermill does so if the cell has lost its tag: the defaults would win, unnoticed.
        raise UserError(
            "the given parameters were injected above the notebook's own parameters cell: "
            "give that cell its tag 'parameters' back"
        )
    for places in (defaults, injected):
        check_names(_constants(cells[places[-1]]) if places else {}, names)
    for name in names:
        if name not in namespace:
            raise UserError(f"parameter {name} is not set: it belongs in the parameters cell")
    return check_values({name: namespace[name] for name in names})


def _show_one_line(kind: type[BaseException], error: BaseException, traceback: object) -> None:
    """A ``sys.excepthook``: a UserError is its one line, any other keeps its traceback."""
    if issubclass(kind, UserError):
        print(f"error: {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


def assigned(source: str, name: str = "the cell") -> dict[str, object]:
    """Names that the statements of a cell assign, with their values; ``...`` where one is computed.

    A SyntaxError says where in the cell of this ``name`` it is not Python.
    """
    values: dict[str, object] = {}
    for statement in ast.parse(source, name).body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
            continue
        value = ...
        with contextlib.suppress(ValueError, TypeError):
            value = ast.literal_eval(statement.value)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        values.update({target.id: value for target in targets if isinstance(target, ast.Name)})
    return values


def _constants(cell: str) -> dict[str, object]:
    """What a cell made of nothing but ``name = constant`` assigns, else nothing."""
    try:
        values = assigned(cell)
        only = len(values) == len(ast.parse(cell).body) and ... not in values.values()
    except (SyntaxError, ValueError):  # a magic command; a NUL
        return {}
    return values if only else {}
