"""Attempts to break the project, each repeated many times, and what was lost: ``make torture``.

An attempt is a generator in a module of this package, marked with :func:`torture`. It yields once
for each time that something was tried: an empty text if nothing was lost, else what was. A short
form of it is a test, which the row of the book's table names.
"""

import datetime
import importlib
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from harlib.storage import records

#: The record that the rows are kept in.
NAME = "reliability"

Attack = Callable[[np.random.Generator], Iterator[str]]


class NotRun(Exception):
    """This machine cannot do it; the text says what is missing."""


@dataclass(frozen=True)
class Torture:
    """One attempt to break the project.

    Attributes
    ----------
    id : str
        Its name on the command line.
    what : str
        What is tried, as the book says it.
    times : int
        How often, for the progress bar; what is reported is counted.
    test : str
        What repeats it: a pytest node (``tests/test_x.py::test_y``), or a ``make`` command.
    attack : callable
        Yields once a time, from a generator of random numbers.
    """

    id: str
    what: str
    times: int
    test: str
    attack: Attack

    def run(self, seed: int, after: Callable[[str], None] = lambda lost: None) -> dict:
        """Try it; returns the row. ``after`` is called after each time with what was lost."""
        start = time.perf_counter()
        row = {"id": self.id, "what": self.what, "times": 0, "lost": 0, "test": self.test}
        try:
            for lost in self.attack(np.random.default_rng(seed)):
                row["times"] += 1
                row["lost"] += bool(lost)
                after(lost)
        except NotRun as missing:
            row["note"] = f"not run: {missing}"
        return {
            **row,
            "seed": seed,
            "seconds": round(time.perf_counter() - start, 1),
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }


_REGISTRY: dict[str, Torture] = {}


def torture(id: str, *, what: str, times: int, test: str) -> Callable[[Attack], Attack]:
    """Mark a generator as an attempt; see :class:`Torture` for the words."""

    def register(attack: Attack) -> Attack:
        if id in _REGISTRY:
            raise ValueError(f"two attempts are called {id}")
        _REGISTRY[id] = Torture(id, what, times, test, attack)
        return attack

    return register


def registry() -> dict[str, Torture]:
    """Every attempt of every module of this package, by its name."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "__main__"):
        importlib.import_module(f"{__name__}.{module}")
    return dict(_REGISTRY)


def keep(row: dict, results_dir: str) -> None:
    """Put ``row`` into the record in ``results_dir``, in place of an older one of its name."""
    path = records.path(NAME, results_dir)
    old = records.read(NAME, results_dir) if path.exists() else None
    rows = {r["id"]: r for r in old.content["rows"]} if old else {}
    # What could be run elsewhere is not forgotten because it cannot be run here.
    if row["times"] or row["id"] not in rows:
        rows[row["id"]] = row
    order = list(registry())
    known = sorted(
        (r for r in rows.values() if r["id"] in order), key=lambda r: order.index(r["id"])
    )
    records.write(NAME, {"rows": known}, results_dir)
