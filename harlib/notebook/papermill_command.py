"""The literal command ``papermill notebooks/run.ipynb -p run_no 7``, without an output path.

Papermill by itself refuses it in a terminal, prints the executed notebook as JSON when its output
is piped, and with a pipe on stdin takes the one path for the *output* and overwrites the notebook.
Here the missing path is supplied: ``<results_dir>/notebooks/run-07.ipynb``.

Papermill loads its entry points when it is imported, before its command line runs. This module is
one of them (group ``papermill.engine``) and, only in a process that is the papermill command, waits
for that command to have parsed its options. For a notebook of this project it refuses what would
not do what it says (``harlib.notebook.papermill_checks``), and supplies the path that is missing;
any other notebook, and any other process that imports papermill, is left as it is.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.notebook import papermill_checks
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


def default_parameters(notebook: Path) -> dict[str, object]:
    """Names and defaults of the cell tagged ``parameters``; ``...`` where a default is computed.

    Refused is what is no notebook, or has not exactly one such cell. (Without the tag papermill
    puts the given values *above* the defaults, which then win.)
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        if len(tagged) != 1:
            raise ValueError(f"papermill needs one cell tagged parameters, not {len(tagged)}")
        return assigned("".join(tagged[0]["source"]), "the parameters cell")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise UserError(f"{notebook} cannot be read as a notebook: {one_line(error)}") from None


def checked(notebook: Path, given: Mapping[object, object]) -> dict:
    """What ``notebook`` will work with: its defaults, and over them what is ``given``, checked."""
    defaults = default_parameters(notebook)
    given = {str(name): value for name, value in given.items()}
    parameters.check_names(given, tuple(defaults))
    asked = {**defaults, **given}
    known = {k: v for k, v in asked.items() if k in parameters.RULES and v is not ...}
    return parameters.check_values(known)


def output_path(notebook: Path, values: Mapping[str, object]) -> Path:
    """Where the executed notebook goes, an absolute path; nothing is written yet.

    The name is the notebook's own with dashes, and its ``run_no`` if it has one:
    ``early-stopping-08.ipynb``.
    """
    name = notebook.stem.replace("_", "-")
    if "run_no" in values:
        name += f"-{values['run_no']:02d}"
    folder = paths.resolve(values.get("results_dir", "results")) / "notebooks"
    path = folder / f"{name}.ipynb"
    papermill_checks.not_among_ours(path, f"parameter results_dir = {values.get('results_dir')!r}")
    return path


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


def _run(context, invoke: Callable, target: Path) -> object:
    """Run papermill's command with the output path ``target``, which was not given."""
    import click
    from papermill import cli

    from harlib.notebook import run_notebook  # not above: every import of papermill loads this one

    execute_notebook = cli.execute_notebook
    shown = _shown(target)

    def execute(*, parameters: dict, **options):
        cli.execute_notebook = execute_notebook
        options["output_path"] = shown.replace("{", "{{").replace("}", "}}")
        if not options.get("stdout_file"):
            options["stdout_file"] = run_notebook.Tee(sys.stderr)  # the training's progress
        with run_notebook.earlier_kept(target), run_notebook.kernel() as how:
            message = f"harlib: no output path given; the executed notebook goes to {shown}"
            click.echo(message, err=True)
            return execute_notebook(parameters=parameters, **options, **how)

    context.params["output_path"] = shown
    cli.execute_notebook = execute
    return invoke(context.command, context)


def _checked_run(context, invoke: Callable) -> object:
    """Run papermill's command on a notebook of this project, or refuse; any other is left to it."""
    typed = context.params
    notebook = Path(os.path.realpath(typed["notebook_path"] or "-"))
    if notebook not in paths.NOTEBOOKS.resolve().glob("*.ipynb"):
        papermill_checks.refuse_path(typed)
        return invoke(context.command, context)
    _pythonpath_last()
    given = papermill_checks.read_parameters(typed)
    papermill_checks.refuse_options(typed)
    values = checked(notebook, given)

    from harlib.notebook import run_notebook

    run_notebook.halves_agree(notebook)
    if typed["output_path"] or typed["prepare_only"]:
        return invoke(context.command, context)
    return _run(context, invoke, output_path(notebook, values))


def complete_command() -> None:
    """Have the next click command of this process, papermill's, checked and completed."""
    import click

    invoke = click.Command.invoke

    def completed(command, context):
        click.Command.invoke = invoke
        ours = getattr(command.callback, "__module__", None) == "papermill.cli"
        if not ours or context.params["help_notebook"]:
            return invoke(command, context)
        try:
            return _checked_run(context, invoke)
        except UserError as error:
            raise click.ClickException(one_line(error)) from None

    click.Command.invoke = completed


if is_papermill_command():
    complete_command()
