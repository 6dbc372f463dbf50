"""Trains one configuration of a sweep: ``python -m workflow.configuration GIVEN``, as JSON.

A configuration whose training diverges is a result of the sweep too: its result file says why.
"""

import json
import sys

from harlib.errors import UserError, command
from harlib.runs import experiment
from harlib.storage import results
from harlib.train import Diverged
from workflow.sweep import DIVERGED, Configuration


def train(one: Configuration) -> None:
    """Write the result files of a configuration, or why it has none.

    Raises
    ------
    UserError
        Anything but a divergence, as :func:`harlib.runs.experiment.run`.
    """
    try:
        experiment.run(**vars(one))
    except UserError as error:
        if not isinstance(error.__context__, Diverged):
            raise
        print(error)
        # No reader takes this for a result; the timing of another training would not go with it.
        one.folder.timing(one.run_no).unlink(missing_ok=True)
        results.write_json(one.result, {DIVERGED: str(error.__context__)})


@command
def main(given: str) -> None:
    """Train what a rule of the flow hands over."""
    asked = json.loads(given)
    train(Configuration(**{**asked, "seeds": tuple(asked["seeds"])}))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
