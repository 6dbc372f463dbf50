"""``make report``: checks what was asked, lets nobody else in, and hands over to Snakemake.

Snakemake decides what has to be run; after a kill the same command goes on.
Its own lock outlives a ``kill -9`` and would have to be removed by hand, so
this module holds one that the operating system releases.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harlib import atomic, parameters, paths
from harlib.errors import UserError


@contextmanager
def only_one(results_dir: str = "results") -> Iterator[None]:
    """Hold the lock of a results folder, and so of its book; refuse if another study holds it.

    Studies with different results folders run side by side: Snakemake keeps its notes by the path
    of each file, and no path belongs to two of them.
    """
    folder = paths.resolve(results_dir)
    with atomic.held(folder, wait=False) as free:
        if not free:
            raise UserError(
                f"another study is running with the results folder {paths.shown(folder)}: wait "
                f"for it to end, or give another folder (RESULTS=...)"
            )
        if not os.access(folder, os.W_OK):
            raise UserError(f"results folder {paths.shown(folder)} cannot be written")
        yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harlib.study", description=__doc__)
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--seeds", default="42,263,682")
    parser.add_argument("--epochs", default="50")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--loops", default="auto")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--full", default="0")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1))
    parser.add_argument("target", nargs="?", default="book", choices=["book", "runs", "pdf"])
    return parser.parse_args()


def _number(name: str, text: str) -> int | str:
    """A whole number if the text is one; else the text, for the rule to refuse."""
    try:
        return int(text)
    except ValueError:
        return text


def command(arguments: argparse.Namespace) -> list[str]:
    """The Snakemake command for checked arguments."""
    given = parameters.check_values(
        {
            "data": arguments.data,
            "data_dir": arguments.data_dir,
            "protocol": arguments.protocol,
            "seeds": arguments.seeds,
            "epochs": _number("epochs", arguments.epochs),
            "dtype": arguments.dtype,
            "loops": arguments.loops,
            "results_dir": arguments.results_dir,
        }
    )
    if given["protocol"] != "published" and arguments.target != "runs":
        raise UserError(
            f"parameter protocol = {given['protocol']!r}: the book tells of the published "
            f"protocol; without the book (target runs) any is allowed"
        )
    if arguments.full not in ("0", "1"):
        raise UserError(f"parameter full = {arguments.full!r}: allowed is 0 or 1")
    jobs = parameters.RULES["jobs"]("jobs", _number("jobs", arguments.jobs))
    given["results_dir"] = str(Path(given["results_dir"]).expanduser())
    given["seeds"] = ",".join(map(str, given["seeds"]))
    config = [f"{name}={value}" for name, value in given.items()] + [f"full={arguments.full}"]
    return [
        sys.executable, "-m", "snakemake", arguments.target,
        "--snakefile", str(paths.ROOT / "Snakefile"),
        "--directory", str(paths.ROOT),
        "--cores", str(jobs),
        # What a job has written is whole, or not there: none of it has to be thrown away.
        "--nolock", "--rerun-incomplete", "--keep-incomplete",
        "--quiet", "host", "reason", "rules",
        "--config", *config,
    ]  # fmt: skip


def main() -> int:
    """Run the study; return the exit code."""
    try:
        arguments = _arguments()
        asked = command(arguments)
        with only_one(arguments.results_dir):
            return subprocess.run(asked, check=False).returncode
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
