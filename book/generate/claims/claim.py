"""What a claim is, what may decide it, and how its figures are written."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from harlib.protocol import Protocol

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "cannot be decided here"
VERDICTS = (HOLDS, FAILS, OPEN)

#: Sections of the report, in its order.
SECTIONS = ("II-A", "II-B", "II-C", "III, option b", "III, option c", "IV")


class Undecided(Exception):
    """The results at hand do not decide a claim; the message says what is missing."""


@dataclass(frozen=True)
class Claim:
    """One row of the claims table.

    Attributes
    ----------
    id : str
        A name that stays when rows are added.
    section : str
        Where the report says it, one of :data:`SECTIONS`.
    claim, test, measured : str
        What is said, in short; what decides it, with its limits; the figures.
    verdict : str
        One of :data:`VERDICTS`.
    """

    id: str
    section: str
    claim: str
    test: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Experiments:
    """What claims about causes are decided on.

    Attributes
    ----------
    results : dict
        Result files of one run by the name of the protocol.
    reach : dict
        What :func:`harlib.experiments.inside_training.reach` gives, by the title of the network.
    hardly : dict
        Share of units (%) that hardly contribute, a value a seed, by the name of the protocol.
    """

    results: dict[str, dict]
    reach: dict[str, list[float]]
    hardly: dict[str, list[float]]


@dataclass(frozen=True)
class Study:
    """The results that claims are decided on; see :func:`book.generate.claims.claims`."""

    runs: dict[int, dict]
    early_stopping: dict[int, dict]
    units: pd.DataFrame | None = None
    timings: dict[int, dict] | None = None
    experiments: Experiments | None = None

    def trainings(self) -> list[dict]:
        """The entry of every seed of every run."""
        return [entry for result in self.runs.values() for entry in result["seeds"].values()]

    def config(self, key: str) -> list:
        """A switch or parameter of every run."""
        return [result["config"].get(key) for result in self.runs.values()]

    def experiment(self, protocol: Protocol) -> dict:
        """Result of the experiment under a protocol."""
        return self._tried("results", protocol.name)

    def hardly(self, protocol: Protocol) -> list[float]:
        """Share of units (%) that hardly contribute under a protocol, a value a seed."""
        return self._tried("hardly", protocol.name)

    def reach(self, title: str) -> list[float]:
        """Share of the last step's error by the steps back."""
        return self._tried("reach", title)

    def _tried(self, what: str, name: str) -> object:
        found = getattr(self.experiments, what, {})
        if name not in found:
            raise Undecided(f"There is no experiment {name}.")
        return found[name]

    def need_runs(self, *run_nos: int) -> None:
        """Raise Undecided unless these runs are there."""
        if missing := [run_no for run_no in sorted(run_nos) if run_no not in self.runs]:
            raise Undecided(f"There is no result of {listing('run', missing)}.")

    def need_epochs(self, epochs: int) -> None:
        """Raise Undecided unless every run is at least this long."""
        if (shortest := min(self.config("epochs"))) < epochs:
            raise Undecided(f"The shortest run has {shortest} of the {epochs} epochs needed.")

    def pairs(self, key: str) -> list[tuple[int, int]]:
        """Runs that differ in nothing but ``key``: the smaller value first."""
        found = []
        for low, first in self.runs.items():
            for high, second in self.runs.items():
                here, there = first["config"], second["config"]
                if here[key] < there[key] and differences(here, there) == [key]:
                    found.append((low, high))
        if not found:
            raise Undecided(f"No two runs differ only in {key}.")
        return found

    def option_c(self, run_no: int) -> dict:
        """Result of a run with early stopping."""
        if run_no not in self.early_stopping:
            raise Undecided(f"There is no option C result of run {run_no}.")
        return self.early_stopping[run_no]

    def option_c_seeds(self, *run_nos: int) -> list[tuple[dict, ...]]:
        """Entries of these runs with early stopping, side by side for each seed they share."""
        seeds = [self.option_c(run_no)["seeds"] for run_no in run_nos]
        shared = [seed for seed in seeds[0] if all(seed in other for other in seeds)]
        if not shared:
            raise Undecided(f"Option C of {listing('run', run_nos)} has no seed in common.")
        return [tuple(entries[seed] for entries in seeds) for seed in shared]


#: Holds or not, and the figures that say so.
Decision = tuple[bool, str]


@dataclass(frozen=True)
class Row:
    """A claim before it is decided."""

    id: str
    section: str
    claim: str
    test: str
    decide: Callable[[Study], Decision]

    def on(self, study: Study) -> Claim:
        """The claim, decided on these results."""
        try:
            holds, measured = self.decide(study)
            verdict = HOLDS if holds else FAILS
        except Undecided as missing:
            verdict, measured = OPEN, str(missing)
        return Claim(self.id, self.section, self.claim, self.test, measured, verdict)


def row(section: str, claim: str, test: str) -> Callable[[Callable[[Study], Decision]], Row]:
    """Make a :class:`Row` of the function that decides it; its name becomes the id."""
    return lambda decide: Row(decide.__name__, section, claim, test, decide)


def needs(identifier: str, section: str, claim: str, test: str, missing: str) -> Row:
    """A claim about something that no result file holds."""

    def decide(study: Study) -> Decision:
        raise Undecided(missing)

    return Row(identifier, section, claim, test, decide)


def differences(here: dict, there: dict) -> list[str]:
    """Entries in which two configurations differ."""
    return sorted(key for key in here | there if here.get(key) != there.get(key))


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean."""
    values = list(values)
    return math.fsum(values) / len(values)


def percent(value: float) -> str:
    """A percentage with one decimal."""
    return f"{signed(value)} %"


def signed(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign, and never minus zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def spread(values: Iterable[float]) -> str:
    """Lowest and highest percentage; only one of them where they are written alike."""
    low, high = signed(min(values := list(values))), signed(max(values))
    return f"{low} %" if low == high else f"{low} to {high} %"


def span(counts: Iterable[int]) -> str:
    """Lowest and highest of some counts; only one of them where they are equal."""
    low, high = min(counts := list(counts)), max(counts)
    return f"{low}" if low == high else f"{low} to {high}"


def listing(word: str, numbers: Iterable[object]) -> str:
    """``run 7``, ``runs 7 and 8``, ``runs 1, 2 and 3``."""
    items = [str(number) for number in numbers]
    if len(items) == 1:
        return f"{word} {items[0]}"
    return f"{word}s {', '.join(items[:-1])} and {items[-1]}" if items else f"no {word}"
