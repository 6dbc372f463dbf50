"""A small study, and all that the book shows of it, as text: where a changed number must show."""

import contextlib
import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from book.generate import gathered
from book.generate.pages import claims, corrected, early_stopping, experiments, heatmaps, index
from book.generate.staging import Book
from harlib.paper import tables
from harlib.protocol import CORRECTED, RUNS
from harlib.runs import experiment
from harlib.storage import manifest, results
from tests.data.data_helpers import four_keys, write_hdf5

SEEDS, EPOCHS = (42, 263, 682), 3


class Shown(Book):
    """A book that keeps what it is given: tables as the book's JSON, figures as what is drawn."""

    def __init__(self, folder: Path) -> None:
        self.generated = folder / "generated"
        for part in ("tables", "results"):
            (self.generated / part).mkdir(parents=True, exist_ok=True)
        self.figures: dict[str, list[dict]] = {}
        self.values: dict[str, str] = {}
        #: All words around and in figures.
        self.words: list[str] = []

    @property
    def tables(self) -> dict[str, dict]:
        """The tables by name."""
        files = (self.generated / "tables").glob("*.json")
        return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}

    def figure(self, name: str, draw, *, title: str, alt: str, **_: object) -> None:
        figure = draw()
        self.figures[name] = drawn(figure)
        self.words += [title, alt, *(text.get_text() for text in figure.findobj(Text))]

    def copy(self, *_: object) -> None:
        """Copies of result files and notebooks are not looked at."""

    notebook = copy

    def show(self, study: gathered.Study) -> "Shown":
        """Fill the pages of the published study."""
        for page in (index, experiments, early_stopping, heatmaps):
            self.values |= page.fill(self, study)
        self.values |= claims.verdicts(self, study, None)
        self.values |= corrected.eight_runs(self, study)
        return self

    def all(self) -> str:
        """Everything that is shown, as text."""
        return json.dumps([self.tables, self.figures, self.values], sort_keys=True)


def drawn(figure: Figure) -> list[dict]:
    """What the axes of a figure hold: titles, lines by label, cells of heat maps, texts."""

    def numbers(values: object) -> list:
        return np.asarray(values, float).tolist()

    plt.close(figure)
    return [
        {
            "title": ax.get_title(),
            "lines": [[str(line.get_label()), *map(numbers, line.get_data())] for line in ax.lines],
            "cells": [
                numbers(made.get_array())
                for made in [*ax.collections, *ax.images]
                if made.get_array() is not None
            ],
            "points": [numbers(made.get_offsets()) for made in ax.collections],
            "texts": [text.get_text() for text in ax.texts],
        }
        for ax in figure.axes
    ]


def make(
    folder: Path, seeds: tuple[int, ...] = SEEDS, epochs: int = EPOCHS, file: Path | None = None
) -> dict[str, str]:
    """A whole study, on a few random windows or ``file``; what :func:`gathered.read` wants."""
    file = file or write_hdf5(folder / "tiny.h5", four_keys(36, 18))
    given = {"data": str(file), "results_dir": str(folder / "out"), "loops": "numpy"}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        runs = {n: experiment.run(n, seeds=seeds, epochs=epochs, **given) for n in RUNS}
        for run_no in RUNS:
            experiment.run(run_no, protocol=CORRECTED.name, seeds=seeds, epochs=epochs, **given)
        for run_no in tables.option_c_runs(runs):
            split = {"max_epochs": 2 * epochs, "patience": 2, "validation_fraction": 1 / 3}
            experiment.early_stopping(run_no, seeds=seeds[:1], **split, **given)
    return {"data_name": str(file), "protocol": "published", "results_dir": given["results_dir"]}


def forge(path: Path, content: dict) -> None:
    """Write a result and its digest anew, as who wants to deceive would."""
    results.write_json(path, content)
    timing = path.with_suffix(".timing.json")
    known = json.loads(timing.read_text())
    known["files"][path.name] = manifest.sha256(path)
    results.write_json(timing, known)
