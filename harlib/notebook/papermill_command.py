"""The literal command ``papermill notebooks/run.ipynb -p run_no 7``, without an output path.

Papermill by itself refuses it in a terminal, prints the executed notebook as JSON when its output
is piped, and with a pipe on stdin takes the one path for the *output* and overwrites the notebook.
Here the missing path is supplied: ``<results_dir>/notebooks/run-07.ipynb``.

Papermill loads its entry points when it is imported, before its command line runs. This module is
one of them (group ``papermill.engine``) and, only in a process that is the papermill command, waits
for that command to have parsed its options. It acts only on a notebook of this project that lacks
an output path, or has a stray word for one; any other call, and any other process that imports
papermill, is left as it is.
"""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.notebook.parameters import assigned
from harlib.runs import parameters

#: The engine that papermill registers for the entry point. None is to papermill a name that it
#: does not know, so that ``--engine harlib`` fails as it always did.
NO_ENGINE = None


def is_papermill_command() -> bool:
    """True if this process was started as ``papermill`` or ``python -m papermill``."""
    # sys.argv[0] is still "-m" at this time; the command as it was typed says of what.
    program = "".join(sys.orig_argv[-len(sys.argv) :][:1])
    return Path(program.removeprefix("-m")).stem in ("papermill", "papermill-script")


def project_notebook(path: str | None) -> Path | None:
    """The notebook of this project that ``path`` leads to, through links too, else None."""
    if not path:
        return None
    real = Path(os.path.realpath(path))
    return real if real in paths.NOTEBOOKS.resolve().glob("*.ipynb") else None


def default_parameters(notebook: Path) -> dict[str, object]:
    """Names and defaults of the cell tagged ``parameters``; ``...`` where a default is computed.

    Raises
    ------
    UserError
        The file is no notebook, or has not exactly one such cell. (Without the tag papermill puts
        the given values *above* the defaults, which then win.)
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        if len(tagged) != 1:
            raise ValueError(f"papermill needs one cell tagged parameters, not {len(tagged)}")
        return assigned("".join(tagged[0]["source"]), "the parameters cell")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise UserError(f"{notebook} cannot be read as a notebook: {one_line(error)}") from None


def output_path(notebook: Path, given: Mapping[object, object]) -> Path:
    """Where the executed notebook goes, an absolute path; nothing is written yet.

    ``given`` are the parameters from the command line. The name is the notebook's own with dashes,
    and its ``run_no`` if it has one: ``early-stopping-08.ipynb``.

    Raises
    ------
    UserError
        A parameter has an unknown name or a value that is not allowed, or the path would be among
        the project's own notebooks.
    """
    defaults = default_parameters(notebook)
    given = {str(name): value for name, value in given.items()}
    parameters.check_names(given, tuple(defaults))
    asked = {
        name: value
        for name, value in {**defaults, **given}.items()
        if name in parameters.RULES and value is not ...
    }
    values = parameters.check_values(asked)
    name = notebook.stem.replace("_", "-")
    if "run_no" in values:
        name += f"-{values['run_no']:02d}"
    results_dir = values.get("results_dir", "results")
    folder = paths.resolve(results_dir) / "notebooks"
    if folder.resolve() == paths.NOTEBOOKS.resolve():
        raise UserError(
            f"parameter results_dir = {results_dir!r}: executed notebooks would land among "
            f"the project's own in {paths.NOTEBOOKS}; allowed is any other folder"
        )
    return folder / f"{name}.ipynb"


def refuse_slips(typed: Mapping) -> None:
    """Refuse a list typed as two options, or as two words: papermill would use one of its values.

    ``typed`` is papermill's command line, parsed: ``parameters`` are pairs of name and value, and a
    stray word is the path of the output.
    """
    pairs = [*typed["parameters"], *typed["parameters_raw"]]
    stray = [typed["output_path"]] if typed["output_path"] else []
    for name in dict(pairs):
        values = [value for given, value in pairs if given == name] + stray
        advice = "one"
        with contextlib.suppress(UserError, KeyError):
            together = parameters.RULES[name](name, ",".join(values))
            if isinstance(together, tuple):
                advice = f"-p {name} {','.join(map(str, together))}"
        if len(values) > 1 and (advice != "one" or not stray):
            raise UserError(f"parameter {one_line(name)} has {len(values)} values: type {advice}")


def _shown(path: Path) -> str:
    """``path`` as a reader in this folder would type it."""
    here = Path.cwd()
    short = str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
    return short if short[0] != "-" else str(path)  # papermill takes -... for stdout


def _pythonpath_last() -> None:
    """Look into ``PYTHONPATH`` last: a ``numpy.py`` there is not what is meant here."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = {str(Path(folder).absolute()) for folder in given}
    sys.path.sort(key=lambda folder: folder in folders)


def _run(context, invoke: Callable) -> object:
    """Run papermill's command with the output path that was not given."""
    import click
    import yaml
    from papermill import cli

    _pythonpath_last()
    from harlib.notebook import run_notebook  # not above: every import of papermill loads this one

    notebook = project_notebook(context.params["notebook_path"])
    execute_notebook = cli.execute_notebook

    def execute(*, parameters: dict, **options):
        # Papermill has by now read every kind of parameter, files and YAML too.
        cli.execute_notebook = execute_notebook
        target = output_path(notebook, parameters)
        shown = _shown(target)
        options["output_path"] = shown.replace("{", "{{").replace("}", "}}")
        if "PAPERMILL_OUTPUT_PATH" in parameters:
            parameters["PAPERMILL_OUTPUT_PATH"] = shown
        if not options.get("stdout_file"):
            options["stdout_file"] = run_notebook.Tee(sys.stderr)  # the training's progress
        with run_notebook.earlier_kept(target), run_notebook.kernel() as how:
            message = f"harlib: no output path given; the executed notebook goes to {shown}"
            click.echo(message, err=True)
            return execute_notebook(parameters=parameters, **options, **how)

    context.params["output_path"] = os.devnull  # until ``execute`` knows better
    cli.execute_notebook = execute
    try:
        return invoke(context.command, context)
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        if cli.execute_notebook is not execute:
            raise
        raise UserError(f"parameters cannot be read: {one_line(error)}") from None


def complete_command() -> None:
    """Have the next click command of this process, papermill's, given its output path."""
    import click

    invoke = click.Command.invoke

    def completed(command, context):
        click.Command.invoke = invoke
        given = context.params
        ours = getattr(command.callback, "__module__", None) == "papermill.cli" and not (
            given["help_notebook"] or given["prepare_only"]
        )
        if not ours or not project_notebook(given["notebook_path"]):
            return invoke(command, context)
        try:
            refuse_slips(given)
            return invoke(command, context) if given["output_path"] else _run(context, invoke)
        except UserError as error:
            raise click.ClickException(one_line(error)) from None

    click.Command.invoke = completed


if is_papermill_command():
    complete_command()
