"""Reads a data set once, checks it, and writes what it is to a JSON file.

``python -m workflow.describe_data DATA OUTPUT``
"""

import sys
from pathlib import Path

from harlib import data
from harlib.errors import command
from harlib.storage import results


@command
def main(name: str, output: str) -> None:
    """Load, describe, write."""
    dataset = data.load(name)
    print(dataset)
    results.write_json(Path(output), dataset.describe())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
