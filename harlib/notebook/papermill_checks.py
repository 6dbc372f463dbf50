"""What of papermill's command line is refused for a notebook of this project, in one line.

Papermill takes the last of several values, goes on without parameters that it cannot find, and
writes over whatever the output path names; ``harlib.notebook.papermill_command`` asks here first.
``typed`` is its command line, parsed.
"""

import base64
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from harlib import paths
from harlib.errors import UserError, did_you_mean, one_line
from harlib.notebook.read_yaml import read_yaml
from harlib.runs import parameters


def not_among_ours(path: Path, what: str) -> None:
    """Refuse to write ``path``, given by ``what``, among the project's notebooks."""
    if Path(os.path.realpath(path)).parent == paths.NOTEBOOKS.resolve():
        raise UserError(
            f"{what}: executed notebooks would land among the project's own in "
            f"{paths.NOTEBOOKS}; allowed is any other folder"
        )


def refuse_path(typed: Mapping) -> None:
    """Refuse a path that is almost one of this project's notebooks: a text half, a slip."""
    from papermill import cli

    path = typed["notebook_path"] or "-"
    real, ours = Path(os.path.realpath(path)), paths.NOTEBOOKS.resolve()
    names = [f"notebooks/{file.name}" for file in sorted(ours.glob("*.ipynb"))]
    asked = f"notebooks/{Path(path).name}"
    slip = asked.lower() in map(str.lower, names) and "://" not in path and not real.exists()
    # From a pipe the one path is where the notebook goes: a new one may be meant.
    new = cli.INPUT_PIPED and not typed["output_path"] and path.endswith(".ipynb")
    if not new and (ours in (real, real.parent) or slip):
        raise UserError(
            f"{one_line(path)} is none of the project's notebooks{did_you_mean(asked, names)}: "
            f"there are {', '.join(names)}"
        )


def refuse_options(typed: Mapping) -> None:
    """Refuse what papermill would not notice, or would tell by a traceback."""
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException

    if typed["kernel"] not in (None, "python3") or typed["language"] not in (None, "python"):
        raise UserError(
            "options --kernel and --language: this project's notebooks run in the Python that it "
            "is installed in; leave them out"
        )
    if typed["cwd"] and not Path(typed["cwd"]).is_dir():
        raise UserError(f"option --cwd {one_line(typed['cwd'])}: there is no such folder")
    with _told("option --engine", PapermillException):
        papermill_engines.get_engine(typed["engine"])
    path = typed["output_path"]
    if typed["prepare_only"] and not path:
        raise UserError("option --prepare-only: nothing is run, and an output path is needed")
    if not path or path == "-" or "://" in path:
        return
    if not path.endswith(".ipynb") or Path(path).is_dir():
        raise UserError(
            f"output path {one_line(path)}: allowed is a file that ends in .ipynb; a parameter is "
            f"given as -p NAME VALUE"
        )
    not_among_ours(Path(path), f"output path {one_line(path)}")
    folder = Path(path).parent
    if "{" not in path and not folder.is_dir():  # {run_no}: papermill fills it in
        raise UserError(f"output path {one_line(path)}: there is no folder {folder}")


@contextlib.contextmanager
def _told(what: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these ``kinds`` into one line about ``what``."""
    try:
        yield
    except kinds as error:
        raise UserError(f"{what} cannot be used: {one_line(error)}") from None


def read_parameters(typed: dict) -> dict[object, object]:
    """Every parameter that papermill's options give; ``typed`` is its command line, parsed.

    What was read from a file (standard input may be one) is left in ``typed`` as text. Refused is a
    source that cannot be read or gives nothing, a parameter that is given twice, as text where a
    number is wanted, or the other way round. (Papermill takes the last, or goes on without.)
    """
    from papermill import cli, iorw

    readers = {
        "base64": lambda word: base64.b64decode("".join(word.split()), validate=True).decode(),
        "file": lambda word: iorw.papermill_io.read(word, None),
        "yaml": str,
    }
    found: list[tuple[object, object]] = []
    texts: list[str] = []
    for kind, read in readers.items():
        for word in typed[f"parameters_{kind}"]:
            option = f"option -{kind[0]} {one_line(word)}"
            with _told(option, OSError, ValueError, TypeError, RecursionError, yaml.YAMLError):
                texts.append(read(word))
                content = read_yaml(texts[-1])
            if not isinstance(content, dict) or not content:
                raise UserError(f"{option} gives no parameters: wanted is YAML such as run_no: 7")
            found += content.items()
    typed |= {"parameters_base64": (), "parameters_file": (), "parameters_yaml": tuple(texts)}
    number = cli._resolve_type
    found += [(name, number(text)) for name, text in typed["parameters"]]
    _refuse_several([*found, *typed["parameters_raw"]], typed["output_path"])
    for option, read, other in (("-p", str, number), ("-r", number, str)):
        for name, text in typed["parameters_raw" if option == "-p" else "parameters"]:
            if not _allowed(name, read(text)) and _allowed(name, other(text)):
                kind = "text" if option == "-p" else "no text"
                raise UserError(
                    f"parameter {name} = {read(text)!r} is {kind}: type {option} {name} {text}"
                )
    return dict([*found, *typed["parameters_raw"]])


def _allowed(name: object, value: object) -> object:
    """The value to work with if a rule allows it, else None."""
    with contextlib.suppress(UserError, KeyError):
        return parameters.RULES[name](name, value)
    return None


def _refuse_several(found: list[tuple], output: str) -> None:
    """Refuse a parameter with several values, of which one may have become the ``output``."""
    stray = [output] if output and not output.endswith(".ipynb") else []
    for name in dict(found):
        values = [str(value) for given, value in found if given == name] + stray
        together = _allowed(name, ",".join(values))
        is_list = isinstance(together, tuple)
        if len(values) > 1 and (is_list or not stray):
            advice = f"-p {name} {','.join(map(str, together))}" if is_list else "one"
            raise UserError(f"parameter {one_line(name)} has {len(values)} values: type {advice}")
