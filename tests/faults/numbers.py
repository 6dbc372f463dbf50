"""Changes single numbers in result files: the book refuses them, or shows another number.

Two layers stand between a changed number and a reader. Beside every result lie the digests of its
files, so that any change after the run is refused. And where somebody makes those anew, the
numbers still have to agree with one another, or to show.
"""

import contextlib
import copy
import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from book.generate import gathered
from book.generate.pages import claims, corrected, early_stopping, experiments, heatmaps, index
from book.generate.staging import Book
from harlib.errors import UserError
from harlib.paper import tables
from harlib.protocol import CORRECTED, RUNS
from harlib.runs import experiment
from harlib.storage import result_checks, results
from tests.faults import torture
from tests.faults.targets import write_windows

SEEDS, EPOCHS = (42, 263, 682), 3


class Shown(Book):
    """A book that keeps what it is given: tables as the book's JSON, figures as what is drawn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generated = folder / "generated"
        (self.generated / "tables").mkdir(parents=True, exist_ok=True)
        self.tables: dict[str, dict] = {}
        self.figures: dict[str, list[dict]] = {}
        self.values: dict[str, str] = {}

    def table(self, name: str, table: object, **options) -> None:
        super().table(name, table, **options)
        path = self.generated / "tables" / f"{name}.json"
        self.tables[name] = json.loads(path.read_text(encoding="utf-8"))

    def figure(self, name: str, draw, **options) -> None:
        self.figures[name] = drawn(draw())

    def json(self, name: str, content: dict) -> None:
        pass  # copies of result files

    def copy(self, part: str, files: list[Path]) -> None:
        pass

    def notebook(self, *_: object) -> None:
        pass

    def all(self) -> str:
        """Everything that is shown, as text."""
        return json.dumps([self.tables, self.figures, self.values])


def drawn(figure: Figure) -> list[dict]:
    """What the axes of a figure hold: titles, lines by label, cells of heat maps, texts."""
    plt.close(figure)
    return [
        {
            "title": ax.get_title(),
            "lines": [
                [str(line.get_label()), *(np.asarray(d, float).tolist() for d in line.get_data())]
                for line in ax.lines
            ],
            "cells": [
                np.asarray(c.get_array(), float).tolist()
                for c in [*ax.collections, *ax.images] if c.get_array() is not None
            ],
            "points": [np.asarray(c.get_offsets(), float).tolist() for c in ax.collections],
            "texts": [text.get_text() for text in ax.texts],
        }
        for ax in figure.axes
    ]  # fmt: skip


def make(folder: Path, seeds: tuple[int, ...] = SEEDS, epochs: int = EPOCHS) -> dict[str, str]:
    """A whole study on a few random windows; returns what :func:`gathered.read` wants."""
    file = write_windows(folder / "tiny.h5")
    given = {"data": str(file), "results_dir": str(folder / "out"), "loops": "numpy"}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        runs = {n: experiment.run(n, seeds=seeds, epochs=epochs, **given) for n in RUNS}
        for run_no in RUNS:
            experiment.run(run_no, protocol=CORRECTED.name, seeds=seeds, epochs=epochs, **given)
        for run_no in tables.option_c_runs(runs):
            experiment.early_stopping(
                run_no, seeds=seeds[:1], max_epochs=2 * epochs, patience=2,
                validation_fraction=1 / 3, **given,
            )  # fmt: skip
    return {
        "data_name": str(file), "data_dir": "", "protocol": "published",
        "results_dir": given["results_dir"],
    }  # fmt: skip


def show(study: gathered.Study, folder: Path) -> Shown:
    """All that the pages of the published study show."""
    book = Shown(folder)
    for page in (index, experiments, early_stopping, heatmaps):
        book.values |= page.fill(book, study)
    book.values |= claims.verdicts(book, study, None)
    book.values |= corrected.eight_runs(book, study)
    return book


Place = tuple[object, ...]


def places(content: object, at: Place = ()) -> list[Place]:
    """Where the numbers of a result file are: the keys that lead to each."""
    if isinstance(content, (dict, list)):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        return [place for key, inner in items for place in places(inner, (*at, key))]
    number = isinstance(content, (int, float)) and not isinstance(content, bool)
    return [at] if number else []


def changed(content: dict, place: Place, rng: np.random.Generator) -> dict:
    """A copy of ``content`` with another number there: a likely one where it is an accuracy."""
    content = copy.deepcopy(content)
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    old = inner[place[-1]]
    if isinstance(old, int):
        inner[place[-1]] = old + int(rng.choice([-1, 1, 2]))
    elif str(place[-2]).startswith("top"):
        step = 100 / content["data"]["test_windows" if "test" in place else "train_windows"]
        inner[place[-1]] = old + step * int(rng.choice([-1, 1, 2]))
    else:
        inner[place[-1]] = old * float(rng.choice([0.5, 1.01, 2])) + float(old == 0)
    return content


def forge(folder: results.Folder, name: str, content: dict) -> None:
    """Write a result and its digest anew, as who wants to deceive would."""
    results.write_json(folder.path / name, content)
    timing = folder.path / name.replace(".json", ".timing.json")
    known = json.loads(timing.read_text())
    known["files"][name] = hashlib.sha256(results.to_json(content).encode()).hexdigest()
    results.write_json(timing, known)


def is_drawn(place: Place, seed: int) -> bool:
    """False for numbers that no page shows: the curves of seeds that are not drawn."""
    return place[0] != "seeds" or place[1] == str(seed) or place[2] not in result_checks.SPLITS


@torture(
    "changed-number",
    what="One number of a result file changed: refused; and with its digest made anew, refused or "
    "shown by the book",
    times=150,
    test="tests/book/test_numbers.py::test_a_changed_number_is_refused_and_a_forged_one_shows",
)
def changed_number(rng: np.random.Generator) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        given = make(Path(folder))
        yield from change_numbers(given, Path(folder), rng, 150)


def change_numbers(
    given: dict[str, str], work: Path, rng: np.random.Generator, times: int
) -> Iterator[str]:
    """Change one number after another, each time from the study as it was; yields what was lost."""
    study = gathered.read(**given)
    before = show(study, work / "before").all()
    originals = {path: path.read_bytes() for path in study.folder.path.glob("*.json")}
    names = [path.name for path in originals if re.fullmatch(r"(run|early.*)-\d\d", path.stem)]
    for _ in range(times):
        name = names[rng.integers(len(names))]
        content = json.loads(originals[study.folder.path / name])
        there = places(content)
        place = there[rng.integers(len(there))]
        other = changed(content, place, rng)
        what = f"{name}, {'.'.join(map(str, place))}"
        lost = ""
        try:
            results.write_json(study.folder.path / name, other)
            if _refused(given) is None:
                lost = f"{what}: taken although its digest is another"
            forge(study.folder, name, other)
            found = _refused(given, keep=True)
            if isinstance(found, gathered.Study) and is_drawn(place, study.seed):
                vars(found)["hidden_units"] = study.hidden_units  # of the same weights
                after = show(found, work / "after").all()
                lost = lost or (f"{what}: forged, and nothing shows it" if after == before else "")
        finally:
            for path, old in originals.items():
                path.write_bytes(old)
            shutil.rmtree(work / "after", ignore_errors=True)
        yield lost


def _refused(given: dict[str, str], keep: bool = False) -> str | gathered.Study | None:
    """The line with which a study is refused; else None, or the study to keep."""
    try:
        study = gathered.read(**given)
    except UserError as error:
        return str(error)
    return study if keep else None
