"""What a run is: the eight runs of Table I and the named training protocols.

A protocol is a frozen record of switches. To study one cause at a time, take a
protocol and turn one switch, in Python, ``replace(PUBLISHED, shuffle=True)``,
or wherever a protocol is named: ``published+shuffle=True`` (:func:`named`).
"""

from dataclasses import asdict, dataclass, field, fields, replace

from harlib.errors import UserError, did_you_mean, one_line

#: Class k of the published data is ``CLASSES[k]``.
CLASSES = ("downstairs", "jogging", "sitting", "standing", "upstairs", "walking")


@dataclass(frozen=True)
class Run:
    """One line of Table I of the report (its training time is in the published tables)."""

    run_no: int
    batch_size: int
    hidden_units: int
    learning_rate: float


#: Table I of the report.
RUNS = {
    1: Run(1, 10, 50, 0.05),
    2: Run(2, 10, 50, 0.1),
    3: Run(3, 10, 100, 0.05),
    4: Run(4, 10, 100, 0.1),
    5: Run(5, 30, 50, 0.05),
    6: Run(6, 30, 50, 0.1),
    7: Run(7, 30, 100, 0.05),
    8: Run(8, 30, 100, 0.1),
}

#: The run whose accuracy under the corrected protocol the book opens with.
HEADLINE = 4

#: Seeds of the initial values, section II-B of the report.
SEEDS = (42, 263, 682)
#: Table I.
EPOCHS = 50

#: Of the headline, and of the experiments on single switches: more, where three decide too little.
HEADLINE_SEEDS = (*SEEDS, 1, 2)
EXPERIMENT_SEEDS = (*HEADLINE_SEEDS, 3, 4, 5, 6, 7, 8, 9)
#: The run of those experiments, and their epochs: of the ladder, and of what the report suspects.
EXPERIMENT_RUN = 2
LADDER_EPOCHS, TRIAL_EPOCHS = 20, 6


def _one_of(*positions: object, default: object = None) -> object:
    """A switch with a few positions, the first its default unless another is named."""
    allowed = "one of " + ", ".join(map(str, positions))
    default = positions[0] if default is None else default
    return field(default=default, metadata={"allowed": allowed, "positions": positions})


def _between(low: float, high: float, default: float) -> object:
    """A switch that is a number; a whole one if its default is."""
    kind = "a whole number" if isinstance(default, int) else "a number"
    allowed = f"{kind} from {low} to {high:g}"
    return field(default=default, metadata={"allowed": allowed, "range": (low, high)})


@dataclass(frozen=True)
class Protocol:
    """Every decision of training that Table I does not name.

    Raises
    ------
    UserError
        A switch has a position that it does not have.
    """

    name: str
    #: Windows in a batch; 0: as Table I says.
    batch_size: int = _between(0, 3000, default=0)
    #: Axes of the inputs: those of the sensor, or :func:`harlib.inputs.in_gravity_frame`.
    frame: str = _one_of("sensor", "gravity")
    #: Samples of the running average that the inputs go through; 1: none.
    input_average: int = _between(1, 150, default=1)
    #: Samples in a row whose mean is given as one step; with 2, half as many steps.
    samples_per_step: int = _between(1, 150, default=1)
    #: Bring each channel to mean 0 and deviation 1 over the training windows.
    standardise: bool = _one_of(False, True)
    #: Augmentation of the training windows, drawn anew for every batch; 0: none. See
    #: :mod:`harlib.augment`: degrees, relative, g, relative, relative.
    rotation: float = _between(0, 180, default=0.0)
    scaling: float = _between(0, 1, default=0.0)
    jitter: float = _between(0, 10, default=0.0)
    stretch: float = _between(0, 1, default=0.0)
    filtering: float = _between(0, 1, default=0.0)
    #: ``uniform``: all five arrays uniform in [-initial_range, initial_range]; ``orthogonal``: the
    #: same, but ``W_aa`` a random orthogonal matrix (Saxe et al., 2014) and no biases.
    initial: str = _one_of("uniform", "orthogonal")
    initial_range: float = _between(0, 100, default=0.1)
    #: Draw a new order of the training windows for every epoch.
    shuffle: bool = _one_of(False, True)
    #: Trained by binary cross-entropy (``sigmoid``), or by the categorical one.
    output: str = _one_of("sigmoid", "softmax")
    #: How many times the gradient, summed over the steps, is divided by their number.
    steps_divisions: int = _one_of(0, 1, 2, default=2)
    #: Largest length of the gradient of a batch; 0: any.
    clip: float = _between(0, 1e6, default=0.0)
    #: See :mod:`harlib.optimisers`.
    optimiser: str = _one_of("sgd", "momentum", "adam")
    #: What the learning rate of Table I is multiplied with.
    learning_rate_scale: float = _between(0, 1e6, default=1.0)
    #: ``cosine``: half a cosine from the learning rate to 0 over the training.
    schedule: str = _one_of("constant", "cosine")
    #: Part of each weight, times the learning rate, that is taken off it at every update.
    weight_decay: float = _between(0, 1e3, default=0.0)
    #: Evaluate the exponential average of the parameters over the updates, with this factor
    #: between two of them, instead of the latest; 0: the latest.
    weight_average: float = _between(0, 0.99999, default=0.0)
    #: ``each`` step has its own loss (many-to-many); ``mean``: that of the output of the mean.
    loss_from: str = _one_of("each", "mean")
    #: Class scores of a window: those after the ``last`` step, their ``mean`` over the steps, or
    #: those of the mean over the steps of the output's argument (``mean_logit``).
    scores_from: str = _one_of("last", "mean", "mean_logit")
    #: The reported epoch: the best by ``test`` or ``validation`` Top-1 accuracy, or the ``last``.
    #: Validation windows are of subjects that are held out of training.
    selection: str = _one_of("test", "validation", "last")

    def __post_init__(self) -> None:
        for switch in fields(self)[1:]:
            value, rule = getattr(self, switch.name), switch.metadata
            if "positions" in rule:
                right = value in rule["positions"]
            else:
                low, high = rule["range"]
                right = isinstance(value, int if isinstance(switch.default, int) else (int, float))
                right = right and not isinstance(value, bool) and low <= value <= high
            if not right:
                raise UserError(
                    f"protocol {self.name}: {switch.name} = {value!r}; allowed is {rule['allowed']}"
                )

    def switches(self) -> dict:
        """The switches as they stand in a result file."""
        return asdict(self)

    @property
    def augments(self) -> bool:
        """True if training windows are changed at random."""
        return any((self.rotation, self.scaling, self.jitter, self.stretch, self.filtering))


_DEFAULTS = {field.name: field.default for field in fields(Protocol)}


def named(text: str) -> Protocol:
    """The protocol that ``text`` names: one of :data:`PROTOCOLS`, then any ``+switch=value``.

    The name of what comes back is the one of :func:`variant`: counted from the nearest of the named
    protocols, switches in the order of the record, none that stands as it does there.

    Raises
    ------
    UserError
        No such protocol, no such switch, or a value that it does not have.
    """
    name, *turned = text.split("+")
    if name not in PROTOCOLS:
        raise UserError(
            f"there is no protocol {one_line(name)!r}{did_you_mean(name, PROTOCOLS)}; allowed is "
            f"one of {', '.join(PROTOCOLS)}, each also with switches turned, as published+clip=1"
        )
    base = PROTOCOLS[name]
    changes = {}
    for part in turned:
        switch, _, value = part.partition("=")
        if switch == "name" or switch not in _DEFAULTS:
            allowed = ", ".join(list(_DEFAULTS)[1:])
            raise UserError(
                f"protocol {one_line(text)}: no switch {one_line(switch)!r}"
                f"{did_you_mean(switch, list(_DEFAULTS)[1:])}; there are {allowed}"
            )
        changes[switch] = _value(_DEFAULTS[switch], value)
    return variant(base, **changes)


def _value(default: object, text: str) -> object:
    """``text`` as the kind of value that ``default`` is; as it stands if it is none."""
    if isinstance(default, bool):
        return {"True": True, "true": True, "False": False, "false": False}.get(text, text)
    if isinstance(default, (int, float)):
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                continue
    return text


def variant(base: Protocol, **changes: object) -> Protocol:
    """``base`` with some switches turned, and the name that :func:`named` reads back.

    The name counts from the named protocol that is nearest, so that every protocol has one name,
    and a short one.
    """
    turned = {
        # By way of its text, of which a float is made whatever its size: infinity, if need be.
        switch: float(str(value)) if isinstance(_DEFAULTS[switch], float) and type(value) is int
        else value
        for switch, value in changes.items()
    }  # fmt: skip
    made = replace(base, **turned)
    spellings = [
        [origin.name] + [
            f"{switch}={getattr(made, switch)}" for switch in list(_DEFAULTS)[1:]
            if getattr(made, switch) != getattr(origin, switch)
        ] for origin in PROTOCOLS.values()
    ]  # fmt: skip
    return replace(made, name="+".join(min(spellings, key=len)))


#: As the report's numbers were made. Two divisions by the number of steps, and
#: model selection on the test set, are facts about those numbers, not advice.
PUBLISHED = Protocol(name="published")

#: The same network and the same data, trained as such a network usually is. Nothing is selected:
#: the last epoch is reported. The settings were compared by cross-validation over training subjects
#: (the record ``selection``), the initial range before that by the training accuracy of run 8 on
#: MotionSense after 12 epochs, among ten; test windows had no part in either.
CORRECTED = Protocol(
    name="corrected",
    frame="gravity",
    samples_per_step=3,
    standardise=True,
    rotation=8.0,
    scaling=0.1,
    jitter=0.05,
    stretch=0.1,
    filtering=0.2,
    initial="orthogonal",
    initial_range=0.5,
    shuffle=True,
    output="softmax",
    steps_divisions=1,
    clip=1.0,
    optimiser="adam",
    learning_rate_scale=0.01,
    schedule="cosine",
    weight_average=0.998,
    loss_from="mean",
    scores_from="mean_logit",
    selection="last",
)

PROTOCOLS = {protocol.name: protocol for protocol in (PUBLISHED, CORRECTED)}
