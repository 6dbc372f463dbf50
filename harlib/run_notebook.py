"""Runs one notebook through papermill for the flow: progress to the terminal and to a log.

``python -m harlib.run_notebook notebooks/run.ipynb out.ipynb out.log '{"run_no": 7}'``

The same as ``papermill`` with two paths, except that what the notebook prints
is seen while it runs, and that a wrong input ends in one line instead of
papermill's own traceback.
"""

import json
import sys
from pathlib import Path

import papermill
from papermill.exceptions import PapermillExecutionError

from harlib import kernel
from harlib.errors import UserError


def main(notebook: str, output: str, log: str, given: str) -> int:
    """Execute; return the exit code."""
    for path in (output, log):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(log).open("w", encoding="utf-8") as file, kernel.options() as options:
        try:
            papermill.execute_notebook(
                notebook,
                output,
                json.loads(given),
                progress_bar=False,
                stdout_file=kernel.Tee(file, sys.stdout),
                stderr_file=file,
                **options,
            )
        except PapermillExecutionError as error:
            if error.ename != UserError.__name__:
                raise
            message = f"error: {error.evalue}"
            print(message, file=file)
            print(message, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
