"""The literal command ``papermill notebooks/run.ipynb -p run_no 7``, without an output path.

Papermill by itself refuses it in a terminal, prints the executed notebook as JSON
when its output is piped, and with a pipe on stdin takes the one path for the
*output* and overwrites the notebook. Here the missing path is supplied:
``<results_dir>/notebooks/run-07.ipynb``.

Papermill loads its entry points when it is imported, before its command line
runs. This module is one of them (group ``papermill.engine``) and, only in a
process that is the papermill command, waits for that command to have parsed its
options. It acts only on a notebook of this project that lacks an output path;
any other call, and any other process that imports papermill, is left as it is.
"""

import ast
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.notebook import kernel, parameters

try:
    import fcntl
except ImportError:  # Windows: two papermills of one run are not told apart
    fcntl = None

#: The engine that papermill registers for the entry point. None is to papermill a
#: name that it does not know, so that ``--engine harlib`` fails as it always did.
NO_ENGINE = None


def is_papermill_command() -> bool:
    """True if this process was started as ``papermill`` or ``python -m papermill``."""
    # sys.argv[0] is still "-m" at this time; the command as it was typed says of what.
    program = sys.orig_argv[-len(sys.argv) :][:1]
    return bool(program) and Path(program[0].removeprefix("-m")).stem in (
        "papermill",
        "papermill-script",
    )


def project_notebook(path: str | None) -> Path | None:
    """The notebook of this project that ``path`` leads to, through links too, else None."""
    if not path:
        return None
    real = Path(os.path.realpath(path))
    return real if real in paths.NOTEBOOKS.resolve().glob("*.ipynb") else None


def default_parameters(notebook: Path) -> dict[str, object]:
    """Names and defaults of the cell tagged ``parameters``; None where a default is computed.

    Raises
    ------
    UserError
        The file is no notebook, or has not exactly one such cell. (Without the tag
        papermill puts the given values *above* the defaults, which then win.)
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = [
            "".join(cell["source"])
            for cell in cells
            if "parameters" in cell["metadata"].get("tags", [])
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{notebook} cannot be read as a notebook: {one_line(error)}") from None
    if len(sources) != 1:
        raise UserError(
            f"{notebook} has {len(sources)} cells tagged parameters: papermill needs exactly one, "
            f"or the values given would not be the ones in force"
        )
    return _assigned(sources[0], notebook)


def _assigned(source: str, notebook: Path) -> dict[str, object]:
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise UserError(
            f"{notebook}: line {error.lineno} of the parameters cell is not Python: {error.msg}"
        ) from None
    values: dict[str, object] = {}
    for statement in statements:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for name in [target.id for target in targets if isinstance(target, ast.Name)]:
            values[name] = None
            with contextlib.suppress(ValueError):
                values[name] = ast.literal_eval(statement.value)
    return values


def output_path(notebook: Path, given: Mapping[object, object]) -> Path:
    """Where the executed notebook goes, an absolute path; nothing is written yet.

    ``given`` are the parameters from the command line. The name is the notebook's
    own with dashes, and its ``run_no`` if it has one: ``early-stopping-08.ipynb``.

    Raises
    ------
    UserError
        A parameter has an unknown name or a value that is not allowed, or the
        path would be among the project's own notebooks.
    """
    defaults = default_parameters(notebook)
    given = {
        str(name): value
        for name, value in given.items()
        if not str(name).startswith("PAPERMILL_")  # from papermill's own --inject-paths
    }
    parameters.check_names(given, tuple(defaults))
    values = {name: value for name, value in defaults.items() if value is not None} | given
    values = parameters.check_values(
        {name: value for name, value in values.items() if name in parameters.RULES}
    )
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


@contextlib.contextmanager
def reserved(path: Path) -> Iterator[Callable[[], None]]:
    """Make ``path`` writable for this process alone; yields what puts back its old content.

    Raises
    ------
    UserError
        It cannot be written, or another papermill is writing it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        handle = path.open("ab")
    except OSError as error:
        raise UserError(
            f"the executed notebook cannot be written to {path} ({error.strerror}): "
            f"results_dir must be a folder that can be written"
        ) from None

    def put_back() -> None:
        path.write_bytes(before)

    with handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    f"another papermill is writing {path}: wait for it, or give an output path"
                ) from None
            except OSError:
                pass  # a file system without locks
        try:
            yield put_back
        finally:
            if path.exists() and not path.stat().st_size:
                path.unlink()


def _shown(path: Path) -> str:
    """``path`` as a reader in this folder would type it."""
    here = Path.cwd()
    short = str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
    return short if short[0] != "-" else str(path)  # papermill takes -... for stdout


def _run(context, invoke: Callable) -> object:
    """Run papermill's command with the output path that was not given."""
    import click
    import yaml
    from papermill import cli
    from papermill.exceptions import PapermillExecutionError

    notebook = project_notebook(context.params["notebook_path"])
    execute_notebook = cli.execute_notebook
    reached = False

    def execute(*, parameters: dict, **options):
        # Papermill has by now read every kind of parameter, files and YAML too.
        nonlocal reached
        reached = True
        target = output_path(notebook, parameters)
        shown = _shown(target)
        options["output_path"] = shown.replace("{", "{{").replace("}", "}}")
        if "PAPERMILL_OUTPUT_PATH" in parameters:
            parameters["PAPERMILL_OUTPUT_PATH"] = shown
        if not options.get("stdout_file"):
            options["stdout_file"] = kernel.AboveBars(sys.stderr)  # the training shows its progress
        with reserved(target) as put_back, kernel.options() as quiet:
            click.echo(
                f"harlib: no output path given; the executed notebook goes to {shown}", err=True
            )
            try:
                return execute_notebook(parameters=parameters, **options, **quiet)
            except PapermillExecutionError as error:
                if error.ename != UserError.__name__:
                    raise
                put_back()
                raise UserError(error.evalue) from None

    context.params["output_path"] = os.devnull  # until ``execute`` knows better
    cli.execute_notebook = execute
    try:
        return invoke(context.command, context)
    except UserError as error:
        raise click.ClickException(one_line(error)) from None
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        if reached:
            raise
        raise click.ClickException(f"parameters cannot be read: {one_line(error)}") from None


def _lacks_only_the_output(context) -> bool:
    """True if papermill's parsed command line is the literal command."""
    given = context.params
    return (
        getattr(context.command.callback, "__module__", None) == "papermill.cli"
        and not any(given.get(name) for name in ("output_path", "help_notebook", "prepare_only"))
        and project_notebook(given.get("notebook_path")) is not None
    )


def complete_command() -> None:
    """Have the next click command of this process, papermill's, given its output path."""
    import click

    invoke = click.Command.invoke

    def completed(command, context):
        click.Command.invoke = invoke
        if _lacks_only_the_output(context):
            return _run(context, invoke)
        return invoke(command, context)

    click.Command.invoke = completed


if is_papermill_command():
    complete_command()
