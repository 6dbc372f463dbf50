"""Writes which runs are best by our own numbers, for the flow and for the book."""

import argparse
import sys
from pathlib import Path

from harlib import results, tables
from harlib.errors import UserError
from harlib.protocol import RUNS


def main() -> int:
    """Rank and write; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m harlib.ranking", description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--protocol", required=True)
    parser.add_argument("--results-dir", required=True)
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    folder = results.Folder(arguments.results_dir, arguments.data, arguments.protocol)
    try:
        runs = {run_no: results.read(folder.result(run_no)) for run_no in RUNS}
        results.write_json(arguments.output, {"best_first": tables.ranking(runs)})
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
