"""Writes which runs option C takes, by our own numbers too.

``python -m workflow.ranking RESULTS_DIR DATA PROTOCOL OUTPUT``
"""

import sys
from pathlib import Path

from harlib.errors import command
from harlib.paper import tables
from harlib.protocol import RUNS
from harlib.storage import results


@command
def main(results_dir: str, data: str, protocol: str, output: str) -> None:
    """Rank and write."""
    folder = results.Folder(results_dir, data, protocol)
    runs = results.together({run_no: results.read(folder.result(run_no)) for run_no in RUNS})
    results.write_json(Path(output), {"option_c": tables.option_c_runs(runs)})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
