"""``make sweep``: expands a sweep file, hands its jobs to Snakemake, and gathers one table.

What is finished is not done again: after a kill, or with more values in a list, the same command
does the rest. A result file that is gone or has been changed is made anew.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import parameters
from workflow import study, sweep, sweep_job


def command(given: argparse.Namespace) -> list[str]:
    """Write the plan; the Snakemake command for it."""
    results_dir = parameters.RULES["results_dir"]("results_dir", given.results_dir)
    results_dir = str(Path(results_dir).expanduser())
    engine = study.engine("workflow/sweep.smk", "table", given.jobs, given.profile)
    file = paths.resolve(given.config)
    expanded = sweep.read(file, results_dir)
    plan = sweep_job.write_plan(expanded)
    again = sweep_job.forget_stale(expanded)
    print(
        f"sweep {expanded.name}: {len(expanded.configurations):,} configurations, "
        f"{sum(len(one.seeds) for one in expanded.configurations):,} trainings, "
        f"{len(expanded.jobs):,} jobs" + (f", {again:,} of them to be made anew" * bool(again)),
        flush=True,
    )
    asked = {"plan": plan, "sweep": file, "results_dir": results_dir}
    return [
        *engine, *(["--dry-run"] if given.dry_run else []),
        "--config", *(f"{name}={value}" for name, value in asked.items()),
    ]  # fmt: skip


def main() -> int:
    """Run the sweep; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workflow.run_sweep", description=__doc__)
    parser.add_argument("config", help="the sweep file")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1))
    parser.add_argument("--profile", default="", help="folder of a Snakemake profile: a cluster")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be run")
    given = parser.parse_args()
    try:
        with study.only_one(given.results_dir):
            return subprocess.run(command(given), check=False).returncode
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
