"""``make torture``: try to break the project, and keep what came of it for the book.

``python -m tests.faults`` runs every attempt, ``python -m tests.faults NAME ...`` some.
"""

import argparse
import secrets
import sys

from tqdm import tqdm

from harlib.errors import UserError, command
from harlib.storage import records
from tests import faults


@command
def main() -> None:
    """Run the attempts that are named, or all; the exit code is 1 if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help="which; none: all")
    parser.add_argument("--seed", type=int, help="of what is random; default: a new one, printed")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    parser.add_argument("--results-dir", default="results", help="data: the project's own copy")
    given = parser.parse_args()
    attempts = faults.registry()
    if given.list:
        print("\n".join(f"{name}: {t.what} ({t.times} times)" for name, t in attempts.items()))
        return
    for name in given.names:
        if name not in attempts:
            raise UserError(f"no attempt is called {name}: allowed are {', '.join(attempts)}")
    seed = secrets.randbits(32) if given.seed is None else given.seed
    total = 0
    for name in given.names or attempts:
        lost = _one(attempts[name], seed, given.results_dir)
        total += lost
    print(f"record: {records.path(faults.NAME, given.results_dir)}")
    if total:
        raise UserError(f"{total} losses, named above; seed {seed} repeats them")


def _one(attempt: faults.Torture, seed: int, results_dir: str) -> int:
    """Run one attempt with a progress bar, keep its row; returns how often something was lost."""
    print(f"{attempt.id} (seed {seed}): {attempt.what}", flush=True)
    # Off a terminal a line now and then, not one a tenth of a second.
    terminal = sys.stderr.isatty()
    with tqdm(
        total=attempt.times, unit="", mininterval=0.1 if terminal else 30, leave=terminal
    ) as bar:

        def after(lost: str) -> None:
            bar.update()
            if lost:
                bar.write(f"  lost: {lost}")

        row = attempt.run(seed, after)
    faults.keep(row, results_dir)
    said = row.get("note") or f"{row['times']} times, {row['lost']} lost"
    print(f"  {said}, {row['seconds']:.0f} s", flush=True)
    return row["lost"]


if __name__ == "__main__":
    sys.exit(main())
