"""What a training is asked for: all that decides its numbers but the windows and the seed."""

import math
from dataclasses import asdict, dataclass

from harlib.protocol import EPOCHS, Protocol, Run


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation accuracy has not grown for long enough (report, section II-C)."""

    #: Epochs in a row without improvement after which training stops.
    patience: int
    #: What the accuracy must grow by, in percentage points, to count as improvement.
    min_delta: float
    #: Part of the training windows that validates instead.
    validation_fraction: float

    def stops_after(self, accuracy: list[float]) -> bool:
        """True if the last ``patience`` of the accuracies since epoch 0 brought nothing new."""
        best, since = -math.inf, 0
        for value in accuracy:
            improved = value > best + self.min_delta
            best, since = (value, 0) if improved else (best, since + 1)
        return since >= self.patience


@dataclass(frozen=True)
class Job:
    """One line of Table I, a protocol, and how long and in what it is trained."""

    run: Run
    protocol: Protocol
    #: Passes over the training windows, at most; 0 gives the initial evaluation only.
    epochs: int = EPOCHS
    #: ``float32`` or ``float64``.
    dtype: str = "float32"
    #: ``numpy`` or ``compiled``: what walks the steps.
    loops: str = "numpy"
    #: When to stop before the epochs are done: option C of the report.
    stopping: EarlyStopping | None = None
    #: After each epoch the training windows are evaluated too. It is five sixths of the evaluation,
    #: and experiments look at the test windows alone.
    evaluates_training: bool = True

    @property
    def kind(self) -> str:
        """What its result files are called after: ``run``, or ``early-stopping``."""
        return "early-stopping" if self.stopping else "run"

    @property
    def batch_size(self) -> int:
        """Windows in a batch: of Table I, unless the protocol says otherwise."""
        return self.protocol.batch_size or self.run.batch_size

    def config(self) -> dict:
        """Every decision behind the numbers, as a result file holds it."""
        config = {
            **asdict(self.run), "epochs": self.epochs, "dtype": self.dtype, "loops": self.loops,
            **self.protocol.switches(), "batch_size": self.batch_size,
        }  # fmt: skip
        del config["run_no"]
        config["protocol"] = config.pop("name")
        return {**config, **(asdict(self.stopping) if self.stopping else {})}
