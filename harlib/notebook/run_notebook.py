"""Runs one notebook through papermill for the flow: progress to the terminal and to a log.

``python -m harlib.notebook.run_notebook notebooks/run.ipynb out.ipynb out.log '{"run_no": 7}'``

The same as ``papermill`` with two paths, except that what the notebook prints
is seen while it runs, that the executed notebook appears when it has succeeded
and not before, and that what is wrong with an input or with the machine ends in
one line instead of papermill's own traceback.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harlib.errors import UserError, command, one_line
from harlib.notebook import kernel
from harlib.storage import files

#: On a machine that is busy with other things a kernel may take minutes to answer.
_START_SECONDS = 900

_NO_MEMORY = (
    "out of memory ({}): run fewer at once (JOBS=1), or give it more; what was finished is kept"
)
_DEAD = (
    "the notebook's process was ended from outside, or for want of memory: run fewer at once "
    "(JOBS=1), or look into the system's log; what was finished is kept"
)


@contextmanager
def one_line_errors(output: Path) -> Iterator[None]:
    """Turn what a user or the machine can cause into a UserError."""
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise files.cannot_write(output, error) from None
    except Exception as error:
        if said := _said(error):
            raise UserError(said) from None
        raise


def _said(error: Exception) -> str | None:
    """One line for what is no defect of this project; None for what is."""
    # An error in a cell arrives as papermill's own, with the name and the text of the cell's.
    kind, text = getattr(error, "ename", type(error).__name__), one_line(error)
    if hasattr(error, "ename"):
        text = one_line(Exception(error.evalue))
    if kind == UserError.__name__:
        return text
    # A library for which there is no room fails to load in words of the system's.
    if kind in ("MemoryError", "_ArrayMemoryError") or any(
        words in text for words in ("llocate memory", "failed to map segment", "new thread")
    ):
        return _NO_MEMORY.format(text)
    if kind == "DeadKernelError" or "Kernel died" in text or "Kernel didn't respond" in text:
        return _DEAD
    if kind in ("OSError", "PermissionError"):
        return text
    return None


def execute(notebook: str, output: Path, log: Path, given: dict) -> None:
    """Execute ``notebook`` into ``output``.

    Raises
    ------
    UserError
        A wrong input, no room on the disk or in memory; the line stands in the log too.
    """
    # One name for every attempt: what a killed one left is written over.
    temporary = output.with_name(f".{output.stem}.tmp.ipynb")
    with one_line_errors(output):
        for path in (output, log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file, kernel.options() as options:
            try:
                with one_line_errors(output):
                    # Imported here, where a want of memory for it is understood.
                    import papermill

                    papermill.execute_notebook(
                        notebook,
                        str(temporary),
                        given,
                        progress_bar=False,
                        start_timeout=_START_SECONDS,
                        stdout_file=kernel.Tee(file, sys.stdout),
                        stderr_file=file,
                        **options,
                    )
                    temporary.replace(output)
            except UserError as error:
                with contextlib.suppress(OSError):
                    print(f"error: {error}", file=file, flush=True)
                raise
            finally:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)


@command
def main(notebook: str, output: str, log: str, given: str) -> None:
    """Execute; the exit code says whether it worked."""
    execute(notebook, Path(output), Path(log), json.loads(given))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
