"""Broken and hostile files for every reader of the project."""

from collections.abc import Iterator

import numpy as np

from tests.faults import fuzz, torture
from tests.faults.targets import TARGETS


def _register(name: str) -> None:
    target = TARGETS[name]

    @torture(
        f"broken-{name.replace('_', '-')}",
        what=f"{target.what[0].upper()}{target.what[1:]}, changed at random: refused in one line "
        "or read as something whole, and nothing else is done",
        times=target.times,
        test="tests/test_readers.py::test_changed_files_are_refused_in_one_line_or_whole",
    )
    def broken(rng: np.random.Generator) -> Iterator[str]:
        yield from fuzz.attack(name, rng, target.times)


for _name in TARGETS:
    _register(_name)
