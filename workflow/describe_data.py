"""Reads a data set once, checks it, and writes what it is to a JSON file."""

import argparse
import sys
from pathlib import Path

from harlib import data
from harlib.errors import command
from harlib.storage import results


@command
def main() -> None:
    """Load, describe, write; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="python -m workflow.describe_data", description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    dataset = data.load(arguments.data)
    print(dataset)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    results.write_json(arguments.output, dataset.describe())


if __name__ == "__main__":
    sys.exit(main())
