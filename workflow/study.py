"""``make report``: checks what was asked, lets nobody else in, and hands over to Snakemake.

Snakemake decides what has to be run; after a kill the same command goes on. So it does for
``make sweep``, which names a file of lists in place of one study's settings.

Snakemake's own lock outlives a ``kill -9`` and would have to be removed by hand, so this module
holds one that the operating system releases.
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

from harlib import paths, protocol
from harlib.data import load
from harlib.errors import UserError, command, one_line
from harlib.runs import experiment, parameters
from harlib.storage import files, manifest, results
from workflow import sweep

#: What the flow is configured with, and what is taken for what is not given.
DEFAULTS = {
    "data": "motionsense",
    "protocol": "published",
    "seeds": ",".join(map(str, protocol.SEEDS)),
    "epochs": str(protocol.EPOCHS),
    "dtype": "float32",
    "loops": "auto",
    "results_dir": "results",
    "full": "0",
    "sweep": "",
}
#: Snakemake takes no profile but one that is asked for, and needs no home folder for its caches.
OWN = {"SNAKEMAKE_PROFILE": "none", "XDG_CACHE_HOME": str(paths.ROOT / ".snakemake" / "cache")}
TARGETS = ("book", "runs", "pdf", "sweep")


def book_dir(results_dir: str) -> Path:
    """Where the book of the studies in ``results_dir`` is built: each results folder has its own.

    The usual folder's book lies in ``book/_build``; any other folder's inside it, in ``book``.
    """
    folder = paths.resolve(results_dir)
    return paths.ROOT / "book" / "_build" if folder == paths.ROOT / "results" else folder / "book"


def place(given: dict) -> str:
    """The results folder for checked settings, or a folder in it where they may replace nothing.

    A quick look does not cost a whole study: see :func:`harlib.storage.manifest.place`.
    """
    where = given["results_dir"]
    folder = results.Folder(where, given["data"], given["protocol"])
    if not any(folder.path.glob("run-*.json")):
        return where
    data = {"sha256": load(given["data"]).sha256()}
    settings = {name: given[name] for name in ("epochs", "dtype", "loops")}
    for run_no in protocol.RUNS:
        job = experiment.job(run_no, protocol.named(given["protocol"]), **settings)
        content = {"run_no": run_no, "config": job.config(), "asked": given, "data": data}
        own = manifest.place(folder, job.kind, content)
        if own is not folder:
            where = paths.shown(own.path.parents[1])
            print(f"results of other settings or data are kept: this study goes to {where}")
            break
    return where


@contextmanager
def only_one(results_dir: str) -> Iterator[None]:
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
    for name, default in DEFAULTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=default)
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1))
    parser.add_argument("--profile", default="", help="folder of a Snakemake profile: a cluster")
    parser.add_argument("target", nargs="?", default="book", choices=TARGETS)
    return parser.parse_args()


def number(text: str) -> int | str:
    """A whole number if the text is one; else the text, for the rule to refuse."""
    try:
        return int(text)
    except ValueError:
        return text


def snakemake(arguments: argparse.Namespace) -> list[str]:
    """The Snakemake command for checked arguments."""
    given = {name: getattr(arguments, name) for name in DEFAULTS if name not in ("full", "sweep")}
    given = parameters.check_values({**given, "epochs": number(given["epochs"])})
    if given["protocol"] != "published" and arguments.target in ("book", "pdf"):
        raise UserError(
            f"parameter protocol = {given['protocol']!r}: the book tells of the published "
            f"protocol; without the book (target runs) any is allowed"
        )
    if arguments.full not in ("0", "1"):
        raise UserError(f"parameter full = {arguments.full!r}: allowed is 0 or 1")
    given["results_dir"] = str(Path(given["results_dir"]).expanduser())
    if arguments.target != "sweep":
        given["results_dir"] = arguments.results_dir = place(given)
    given["seeds"] = ",".join(map(str, given["seeds"]))
    given["full"] = arguments.full
    given["sweep"] = arguments.sweep and paths.shown(paths.resolve(arguments.sweep))
    return [
        *engine(arguments.target, arguments.jobs, arguments.profile),
        "--config", *(f"{name}={value}" for name, value in given.items()),
    ]  # fmt: skip


def engine(target: str, jobs: str, profile: str) -> list[str]:
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
    cores = str(parameters.RULES["jobs"]("jobs", number(jobs)))
    where = ["--cores", cores]
    if profile:
        folder = paths.resolve(profile)
        _check_profile(profile, folder / "config.yaml")
        # turn: of the configurations of a sweep that are in one job, one at a time.
        where = ["--profile", str(folder), "--local-cores", cores, "--resources", "turn=1"]
    return [
        sys.executable, "-m", "snakemake", target,
        "--snakefile", str(paths.ROOT / "workflow" / "Snakefile"),
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
        own = sorted((paths.ROOT / "workflow" / "profiles").glob("*/config.yaml"))
        raise UserError(
            f"parameter profile = {profile!r}: no config.yaml in {file.parent}; there is one in "
            f"{', '.join(paths.shown(one.parent) for one in own)}"
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


def prepare(swept: sweep.Sweep) -> list[str]:
    """What is done before a sweep: says how large it is; returns options for Snakemake."""
    changed, asked = sweep.forget_changed(swept), swept.configurations
    print(
        f"sweep {swept.root.name}: {len(asked):,} configurations, "
        f"{sum(len(one.seeds) for one in asked):,} trainings"
        + (f", {changed:,} results were changed and are made anew" if changed else ""),
        flush=True,
    )
    return ["--group-components", f"configuration={swept.per_job}"]


@command
def main() -> None:
    """Run the study or the sweep; its exit code says whether all of it came to its end."""
    arguments = _arguments()
    if (arguments.target == "sweep") != bool(arguments.sweep):
        raise UserError("a sweep file (--sweep) goes with the target sweep")
    asked = snakemake(arguments)
    swept = arguments.sweep and sweep.read(paths.resolve(arguments.sweep), arguments.results_dir)
    with only_one(arguments.results_dir):
        asked += prepare(swept) if swept else []
        done = subprocess.run(asked, env=os.environ | OWN, check=False)
    if done.returncode:
        raise UserError(
            "the study did not come to its end; the lines above that begin with error say why. "
            "What was finished is kept: the same command goes on from there"
        )


if __name__ == "__main__":
    sys.exit(main())
