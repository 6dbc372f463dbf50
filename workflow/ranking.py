"""Writes which runs are best by our own numbers, for the flow and for the book."""

import argparse
import sys
from pathlib import Path

from harlib.errors import command
from harlib.paper import tables
from harlib.protocol import RUNS
from harlib.storage import results


@command
def main() -> None:
    """Rank and write; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="python -m workflow.ranking", description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--protocol", required=True)
    parser.add_argument("--results-dir", required=True)
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    folder = results.Folder(arguments.results_dir, arguments.data, arguments.protocol)
    runs = results.together({run_no: results.read(folder.result(run_no)) for run_no in RUNS})
    results.write_json(
        arguments.output,
        {"best_first": tables.ranking(runs), "option_c": tables.option_c_runs(runs)},
    )


if __name__ == "__main__":
    sys.exit(main())
