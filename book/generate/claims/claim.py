"""What a claim is, what it is decided on, and how its figures are written."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean

import pandas as pd

from harlib.notebook.table import number

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "cannot be decided here"

#: Sections of the report, in its order.
SECTIONS = ("II-A", "II-B", "II-C", "III, option b", "III, option c", "IV")


class Undecided(Exception):
    """The results at hand do not decide a claim; the message says what is missing."""


@dataclass(frozen=True)
class Evidence:
    """What all claims are decided on."""

    #: Result files of the eight runs and of option C, and timing files, by run number.
    runs: dict[int, dict]
    early_stopping: dict[int, dict]
    timings: dict[int, dict]
    #: What the hidden units of the runs do, from :func:`harlib.analysis.hidden_units.by_run`.
    units: pd.DataFrame
    #: For claims about causes. ``results``: files of one run, by the name of the protocol.
    #: ``reach``: share of the last step's error by the steps back, by the title of the network.
    #: ``hardly``: share of units (%) that hardly contribute, a value a seed, by protocol.
    experiments: dict[str, dict]

    def trainings(self) -> list[dict]:
        """The entry of every seed of every run."""
        return [entry for result in self.runs.values() for entry in result["seeds"].values()]

    def mean_by_run(self, measure: Callable[[list[float]], float]) -> dict[int, float]:
        """A measure of the curve of test Top-1 accuracy, by run: mean over the seeds."""
        return {
            run_no: fmean(measure(entry["test"]["top1"]) for entry in result["seeds"].values())
            for run_no, result in self.runs.items()
        }

    def need_epochs(self, epochs: int) -> None:
        """Raise Undecided unless every run is at least this long."""
        shortest = min(result["config"]["epochs"] for result in self.runs.values())
        if shortest < epochs:
            raise Undecided(f"The shortest run has {shortest} of the {epochs} epochs needed.")

    def pairs(self, key: str) -> list[tuple[int, int]]:
        """Runs that differ in nothing but ``key``: the smaller value first."""
        config = {run_no: result["config"] for run_no, result in self.runs.items()}
        found = [
            (low, high)
            for low, high in itertools.permutations(config, 2)
            if config[low][key] < config[high][key]
            and config[low] | {key: config[high][key]} == config[high]
        ]
        if not found:
            raise Undecided(f"No two runs differ only in {key}.")
        return found

    def option_c_pairs(self) -> list[tuple[dict, dict]]:
        """Entries of runs 8 and 7 with early stopping, side by side for each seed they share."""
        here, there = (self.early_stopping[run_no]["seeds"] for run_no in (8, 7))
        if not (shared := [seed for seed in here if seed in there]):
            raise Undecided("Option C of runs 8 and 7 has no seed in common.")
        return [(here[seed], there[seed]) for seed in shared]

    def experiment(self, what: str, name: str) -> dict | list[float]:
        """One of the experiments, by what it is and by its name."""
        found = self.experiments.get(what, {})
        if name not in found:
            raise Undecided(f"There is no experiment {name}.")
        return found[name]


#: Holds or not, and the figures that say so.
Decision = tuple[bool, str]


@dataclass(frozen=True)
class Row:
    """A claim before it is decided."""

    #: A name that stays when rows are added.
    id: str
    #: Where the report says it, one of :data:`SECTIONS`.
    section: str
    #: What is said, in short; what decides it, with its limits.
    claim: str
    test: str
    #: May raise :class:`Undecided`.
    decide: Callable[[Evidence], Decision]

    def decided(self, evidence: Evidence) -> tuple[str, str]:
        """The figures, and the verdict."""
        try:
            holds, measured = self.decide(evidence)
        except Undecided as missing:
            return str(missing), OPEN
        return measured, HOLDS if holds else FAILS


def row(section: str, claim: str, test: str) -> Callable[[Callable[[Evidence], Decision]], Row]:
    """Make a :class:`Row` of the function that decides it; its name becomes the id."""
    return lambda decide: Row(decide.__name__, section, claim, test, decide)


def percent(value: float) -> str:
    """A percentage with one decimal."""
    return f"{number(value)} %"


def spread(values: Iterable[float]) -> str:
    """Lowest and highest percentage; only one of them where they are written alike."""
    return f"{span(values, number)} %"


def span(values: Iterable[float], text: Callable[[float], str] = str) -> str:
    """Lowest and highest; only one of them where they are written alike."""
    low, high = text(min(values := list(values))), text(max(values))
    return low if low == high else f"{low} to {high}"


def listing(word: str, numbers: Iterable[object]) -> str:
    """``run 7``, ``runs 7 and 8``, ``runs 1, 2 and 3``."""
    items = [str(item) for item in numbers]
    if len(items) == 1:
        return f"{word} {items[0]}"
    return f"{word}s {', '.join(items[:-1])} and {items[-1]}" if items else f"no {word}"
