"""How papermill is called for this project's notebooks.

The flow calls it so, one notebook a process:

``python -m harlib.notebook.run_notebook notebooks/run.ipynb out.ipynb out.log '{"run_no": 7}'``

The same as ``papermill`` with two paths, except that what the notebook prints is seen while it runs
and kept in a log, that the executed notebook appears when it has succeeded and not before, and that
what is wrong with an input or with the machine ends in one line instead of papermill's traceback.
"""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from harlib import paths
from harlib.errors import UserError, command, one_line
from harlib.storage import files


@contextmanager
def kernel() -> Iterator[dict]:
    """Keyword arguments for ``papermill.execute_notebook``, valid inside this block.

    The kernel is this very interpreter, wherever ``JUPYTER_PATH`` has a ``python3`` of its own. It
    imports this very project, whatever lies in the shell's folder or in ``PYTHONPATH``, keeps
    figures in the notebook, whatever ``MPLBACKEND`` says, and has an IPython profile of its own,
    without a configuration and files to start with. Kernel and papermill talk over sockets in a
    private folder: no ports that two runs at once could fight over, nothing that others on the
    machine could read.
    """
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec
    from traitlets.config import Config

    # The name of a socket can have about 100 characters.
    place = "/tmp" if len(os.fsencode(tempfile.gettempdir())) > 70 else None
    with tempfile.TemporaryDirectory("", "harlib-", place, ignore_cleanup_errors=True) as folder:
        # The level is that of the kernel's own chatter, not of the errors in cells.
        start = "-P -m ipykernel -f {connection_file} --log-level=CRITICAL"
        environment = {
            "IPYTHONDIR": folder,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONPATH": str(paths.ROOT),
            "PYTHONSTARTUP": "",
        }
        argv = [sys.executable, *start.split()]
        own = KernelSpec(language="python", argv=argv, env=environment)

        class OwnKernelManager(AsyncKernelManager):
            @property
            def kernel_spec(self) -> KernelSpec:
                return own if self.kernel_name == NATIVE_KERNEL_NAME else super().kernel_spec

        file = str(Path(folder) / "kernel.json")
        yield {
            "kernel_manager_class": OwnKernelManager,
            "config": Config(KernelManager={"transport": "ipc", "connection_file": file}),
        }


class Tee:
    """Writes to several streams, above the progress bar that papermill may draw there."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams

    def write(self, text: str) -> None:
        for stream in self.streams:
            tqdm.write(text, file=stream, end="")

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


@contextmanager
def one_line_errors(output: Path) -> Iterator[None]:
    """Turn what a user or the machine can cause into a UserError."""
    try:
        yield
    except UserError:
        raise
    except TimeoutError as error:  # papermill --execution-timeout
        raise UserError(one_line(error)) from None
    except OSError as error:
        raise files.cannot_write(output, error) from None
    except Exception as error:
        if said := _said(error):
            raise UserError(said) from None
        raise


def _said(error: Exception) -> str | None:
    """One line for what is no defect of this project; None for what is."""
    # An error in a cell arrives as papermill's own, with the name and the text of the cell's.
    kind = getattr(error, "ename", type(error).__name__)
    text = one_line(getattr(error, "evalue", error)) or kind
    if kind == UserError.__name__:
        return text
    # A library for which there is no room fails to load in words of the system's.
    if kind in ("MemoryError", "_ArrayMemoryError") or any(
        words in text for words in ("llocate memory", "failed to map segment", "new thread")
    ):
        return (
            f"out of memory ({text}): run fewer at once (JOBS=1), or give it more; what was "
            f"finished is kept"
        )
    if kind == "DeadKernelError" or "Kernel died" in text or "Kernel didn't respond" in text:
        return (
            "the notebook's process was ended from outside, or for want of memory: run fewer at "
            "once (JOBS=1), or look into the system's log; what was finished is kept"
        )
    return text if kind in ("OSError", "PermissionError") else None


@contextmanager
def earlier_kept(path: Path) -> Iterator[None]:
    """``path`` is this process's alone; after a user's error in the block it is as it was before.

    Refused where ``path`` cannot be written, or another papermill is writing it.
    """
    with files.held(path.with_name(f".{path.stem}.lock"), wait=False) as free:
        if not free:
            raise UserError(
                f"another papermill is writing {path}: wait for it, or give an output path"
            )
        before = path.read_bytes() if path.exists() else None
        try:
            with one_line_errors(path):
                yield
        except UserError:
            path.unlink(missing_ok=True)
            if before is not None:
                path.write_bytes(before)
            raise


def halves_agree(notebook: Path) -> None:
    """Refuse a notebook whose text half, paired with it by Jupytext, has other code."""
    text = notebook.with_suffix(".py")
    if not text.exists():
        return
    import jupytext

    try:
        halves = [jupytext.read(half) for half in (notebook, text)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{notebook} cannot be read as a notebook: {one_line(error)}") from None
    if "formats" not in halves[0].metadata.get("jupytext", {}):
        return
    code, other = (
        [cell.source for cell in half.cells if cell.cell_type == "code"] for half in halves
    )
    if code != other:
        shown = paths.shown(notebook.resolve())
        raise UserError(
            f"{shown} and {text.name} beside it differ in their code: `jupytext --sync {shown}` "
            f"makes the older one like the newer one"
        )


def execute(notebook: str, output: Path, log: Path, given: dict) -> None:
    """Execute ``notebook`` into ``output``.

    What is wrong with an input, or no room on the disk or in memory, is a UserError, and its line
    stands in the log too.
    """
    # One name for every attempt: what a killed one left is written over.
    temporary = output.with_name(f".{output.stem}.tmp.ipynb")
    with one_line_errors(output):
        for path in (output, log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file, kernel() as options:
            try:
                with one_line_errors(output):
                    halves_agree(Path(notebook))
                    # Imported here, where a want of memory for it is understood.
                    import papermill

                    options["stdout_file"] = Tee(file, sys.stdout)
                    # A kernel may take minutes to answer where the machine is busy.
                    options |= {"stderr_file": file, "start_timeout": 900}
                    papermill.execute_notebook(
                        notebook, str(temporary), given, progress_bar=False, **options
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
    try:
        parameters = json.loads(given)
    except ValueError:
        raise UserError(f"parameters cannot be read: {one_line(given)}") from None
    execute(notebook, Path(output), Path(log), parameters)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
