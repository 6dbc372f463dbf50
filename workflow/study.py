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
from importlib.util import find_spec
from pathlib import Path

import yaml

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.notebook import parameters
from harlib.storage import files


@contextmanager
def only_one(results_dir: str = "results") -> Iterator[None]:
    """Hold the lock of a results folder, and so of its book; refuse if another study holds it.

    Studies with different results folders run side by side: Snakemake keeps its notes by the path
    of each file, and no path belongs to two of them.
    """
    folder = paths.resolve(results_dir)
    with files.held(folder / ".lock", wait=False) as free:
        if not free:
            raise UserError(
                f"another study is running with the results folder {paths.shown(folder)}: wait "
                f"for it to end, or give another folder (RESULTS=...)"
            )
        if not os.access(folder, os.W_OK):
            raise UserError(f"results folder {paths.shown(folder)} cannot be written")
        yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow.study", description=__doc__)
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
    parser.add_argument("--profile", default="", help="folder of a Snakemake profile: a cluster")
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
    given["results_dir"] = str(Path(given["results_dir"]).expanduser())
    given["seeds"] = ",".join(map(str, given["seeds"]))
    config = [f"{name}={value}" for name, value in given.items()] + [f"full={arguments.full}"]
    return [
        *engine("workflow/Snakefile", arguments.target, arguments.jobs, arguments.profile),
        "--config", *config,
    ]  # fmt: skip


def engine(snakefile: str, target: str, jobs: str, profile: str) -> list[str]:
    """The Snakemake command for a target, up to what it is configured with.

    Parameters
    ----------
    jobs : str
        Jobs at a time on this machine. With a profile: cores for the short rules that stay here.
    profile : str
        Folder with a ``config.yaml`` for Snakemake, which names the executor and how many jobs the
        cluster gets at a time; empty: everything runs on this machine.

    Raises
    ------
    UserError
        ``jobs`` is no number of jobs, or there is no such profile.
    """
    number = parameters.RULES["jobs"]("jobs", _number("jobs", jobs))
    where = ["--cores", str(number)]
    if profile:
        folder = paths.resolve(profile)
        _check_profile(profile, folder / "config.yaml")
        where = ["--profile", str(folder), "--local-cores", str(number)]
    return [
        sys.executable, "-m", "snakemake", target,
        "--snakefile", str(paths.ROOT / snakefile),
        "--directory", str(paths.ROOT),
        *where,
        # What a job has written is whole, or not there: none of it has to be thrown away.
        "--nolock", "--rerun-incomplete", "--keep-incomplete",
        "--quiet", "host", "reason", "rules",
    ]  # fmt: skip


def _check_profile(profile: str, file: Path) -> None:
    """Refuse a profile that is not there, or whose executor is not installed."""
    try:
        executor = yaml.safe_load(file.read_text(encoding="utf-8"))["executor"]
    except FileNotFoundError:
        raise UserError(
            f"parameter profile = {profile!r}: no config.yaml in {file.parent}"
        ) from None
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise UserError(
            f"parameter profile = {profile!r}: {file} names no executor ({one_line(error)})"
        ) from None
    if executor != "local" and not find_spec(f"snakemake_executor_plugin_{executor}"):
        raise UserError(
            f"parameter profile = {profile!r}: Snakemake's plugin for {executor} is not installed; "
            f"for slurm, make cluster installs it"
        )


def main() -> int:
    """Run the study; return the exit code."""
    try:
        arguments = _arguments()
        asked = command(arguments)
        with only_one(arguments.results_dir):
            code = subprocess.run(asked, check=False).returncode
        if code:
            print(
                "error: the study did not come to its end; the lines above that begin with error "
                "say why. What was finished is kept: the same command goes on from there",
                file=sys.stderr,
            )
        return code
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
