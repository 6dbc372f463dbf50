"""What a run is: the eight runs of Table I and the named training protocols.

A protocol is a frozen record of switches. To study one cause at a time, take a
protocol and turn one switch: ``dataclasses.replace(PUBLISHED, shuffle=True)``.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Run:
    """One line of Table I of the report (its training time is in the published tables)."""

    run_no: int
    batch_size: int
    hidden_units: int
    learning_rate: float


#: Table I of the report.
RUNS = {
    run_no: Run(run_no, batch_size, hidden_units, learning_rate)
    for run_no, (batch_size, hidden_units, learning_rate) in enumerate(
        [
            (10, 50, 0.05),
            (10, 50, 0.1),
            (10, 100, 0.05),
            (10, 100, 0.1),
            (30, 50, 0.05),
            (30, 50, 0.1),
            (30, 100, 0.05),
            (30, 100, 0.1),
        ],
        start=1,
    )
}

#: Seeds of the initial values, section II-B of the report.
SEEDS = (42, 263, 682)
#: Table I.
EPOCHS = 50


@dataclass(frozen=True)
class Protocol:
    """Every decision of training that Table I does not name.

    Attributes
    ----------
    initial_range : float
        Initial values are uniform in [-initial_range, initial_range], biases too.
    shuffle : bool
        Draw a new order of the training windows for every epoch.
    steps_divisions : int
        How many times the gradient, summed over the steps, is divided by their number.
    selection : str
        What the reported epoch is best at: ``test`` or ``validation`` Top-1 accuracy.
    """

    name: str
    initial_range: float = 0.1
    shuffle: bool = False
    steps_divisions: int = 2
    output: str = "sigmoid"
    optimiser: str = "sgd"
    selection: str = "test"

    def switches(self) -> dict:
        """The switches as they stand in a result file."""
        return asdict(self)


#: As the report's numbers were made. Two divisions by the number of steps, and
#: model selection on the test set, are facts about those numbers, not advice.
PUBLISHED = Protocol(name="published")

PROTOCOLS = {PUBLISHED.name: PUBLISHED}
