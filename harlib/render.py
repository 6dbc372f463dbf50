"""From result files to what the book shows: tables, figures, values, executed notebooks.

``python -m harlib.render --data synthetic --results-dir results --output FOLDER`` stages the
book's sources in ``FOLDER`` and writes everything that is computed to ``FOLDER/generated``:

- ``tables/<name>.json`` and ``.csv``, ``figures/<name>.json`` and its pictures;
- ``values.json``, the numbers that the text quotes;
- ``notebooks/*.ipynb``, as the runs executed them; ``results/*``, the result files;
- ``build.json``, what the book was built from; written last.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from harlib import audit, claims, data, paths, provenance, results, tables, trained, units, values
from harlib.data import Dataset, statistics
from harlib.errors import UserError
from harlib.figures import confusion, curves, heatmaps, windows
from harlib.protocol import RUNS
from harlib.results import Folder
from harlib.staging import Book

#: The run whose weights Figure 5 shows.
SHOWN = 8

_NOTEBOOK_TITLES = {
    "run": "Run {}",
    "early-stopping": "Run {} with early stopping",
    "heatmaps": "Heat maps of run {}",
}


@dataclass(frozen=True)
class Study:
    """All that one study has written, checked to belong together."""

    folder: Folder
    dataset: Dataset
    runs: dict[int, dict]
    option_c: dict[int, dict]
    timings: dict[int, dict]

    @property
    def title(self) -> str:
        """What captions call the data."""
        return tables.data_title(self.runs[min(self.runs)])

    @property
    def seed(self) -> int:
        """The seed that figures show."""
        return int(next(iter(self.runs[min(self.runs)]["seeds"])))


def read(data_name: str, data_dir: str, protocol: str, results_dir: str) -> Study:
    """Read every result file of a study.

    Raises
    ------
    UserError
        A file is missing or not valid, or the files do not belong together.
    """
    folder = Folder(results_dir, data_name, protocol)
    runs = {run_no: results.read(folder.result(run_no)) for run_no in RUNS}
    chosen = sorted({8, 7, *tables.ranking(runs)[:2]})
    option_c = {run_no: results.read(folder.result(run_no, "early-stopping")) for run_no in chosen}
    dataset = data.load(data_name, data_dir)
    first = min(runs)
    for kind, found in (("run", runs), ("early-stopping", option_c)):
        for run_no, result in found.items():
            same = result["run_no"] == run_no and result["data"] == dataset.describe()
            if kind == "run":
                same = same and list(result["seeds"]) == list(runs[first]["seeds"])
                same = same and result["config"]["epochs"] == runs[first]["config"]["epochs"]
            if not same:
                raise UserError(
                    f"result file {folder.result(run_no, kind)} is of another run, other data, "
                    f"seeds or number of epochs than the study it lies in: run the study again"
                )
    timings = {run_no: results.read_json(folder.timing(run_no)) for run_no in RUNS}
    return Study(folder, dataset, runs, option_c, timings)


def _number(value: object, label: tuple, column: object) -> str:
    return tables.formatted(value, str(label[-1]))


def _table_1_text(value: object, label: tuple, column: object) -> str:
    return f"{value:.1f}" if "(s)" in str(column) else f"{value:g}"


def _accuracy_tables(book: Book, study: Study) -> None:
    """Tables I to V."""
    book.table(
        "table-1", tables.table_1(study.runs, study.timings), number="I", text=_table_1_text,
        title="The eight runs, and the seconds that a training took, published and here.",
        note=f"Time re-computed: training and evaluating, mean over the seeds, on {study.title}. "
        "N is the number of hidden units, lr the learning rate.",
    )  # fmt: skip
    beside = f"published figures beside those re-computed from {study.title}; percent"
    seeds = ", ".join(study.runs[min(study.runs)]["seeds"])
    note = (
        f"μ: mean, σ: population standard deviation over the seeds {seeds}. "
        "Bold: the best mean of its column, published and re-computed apart."
    )
    second = tables.table_2(study.runs)
    book.table(
        "table-2", second, number="II", text=_number, bold=tables.best_rows(second), note=note,
        title=f"Test accuracy of the eight runs: {beside}.",
    )  # fmt: skip
    for number, top in (("III", 1), ("IV", 2), ("V", 3)):
        table = tables.table_3_to_5(study.runs, top)
        book.table(
            f"table-{top + 2}", table, number=number, text=_number, note=note,
            bold=tables.best_rows(table),
            title=f"Top-{top} accuracy on training and test windows: {beside}.",
        )  # fmt: skip


def _accuracy_figures(book: Book, study: Study) -> None:
    """Figures 1 and 2."""
    for number, what, words in (
        ("1", "accuracy", "Top-1, Top-2 and Top-3 accuracy"),
        ("2", "loss", "Training and test loss"),
    ):
        book.figure(
            f"figure-{number}",
            lambda what=what: curves.plot_all_runs(
                study.runs, study.seed, what, data_title=study.title
            ),
            number=number,
            title=f"{words} of each run over the epochs, seed {study.seed}, {study.title}. "
            "In the order of Table I, left to right, top to bottom.",
            alt=f"Eight panels, one a run: {words.lower()} against the epoch.",
        )


def _early_stopping(book: Book, study: Study) -> None:
    """Option C: Tables VI to VIII, Figures 3 and 4, and the runs that rank best here."""
    for run_no, table, table_number, figure in ((8, 6, "VI", 3), (7, 7, "VII", 4)):
        result = study.option_c[run_no]
        seed = int(next(iter(result["seeds"])))
        book.table(
            f"table-{table}", tables.option_c(result, seed), number=table_number, text=_number,
            title=f"Run {run_no} with a validation set and early stopping, seed {seed}: published "
            f"accuracy beside that re-computed from {study.title}; percent.",
            note="Re-computed: at the epoch with the best validation Top-1 accuracy.",
        )  # fmt: skip
        book.figure(
            f"figure-{figure}",
            lambda result=result, seed=seed: curves.plot_run(
                result, seed, data_title=study.title
            ),
            number=str(figure),
            title=f"Run {run_no} with early stopping: training, validation and test loss (left), "
            f"Top-1, Top-2 and Top-3 accuracy (right), seed {seed}, {study.title}.",
            alt="Two panels: loss and accuracies against the epoch, up to where training stopped.",
        )  # fmt: skip
    result = study.option_c[8]
    seed = int(next(iter(result["seeds"])))
    book.table(
        "table-8", tables.table_8(result, seed), number="VIII",
        title=f"Confusion matrix of run 8 with early stopping, seed {seed}: test windows by true "
        f"(rows) and predicted class (columns), published and re-computed from {study.title}.",
    )  # fmt: skip
    book.figure(
        "confusion-8",
        lambda: confusion.plot_confusion(result, seed, data_title=study.title),
        title=f"The re-computed matrix of Table VIII as a heat map, {study.title}.",
        alt="Six by six heat map of test windows by true and predicted class.",
    )
    ours = tables.option_c_ranked(study.option_c, tables.ranking(study.runs)[:2])
    book.table(
        "option-c-ours", ours, text=_number,
        title=f"Early stopping for the two runs that rank best here, {study.title}; percent.",
        note="Rank: highest mean test Top-1 of Table II, then smallest deviation, then lowest run.",
    )  # fmt: skip


def _heatmaps(book: Book, study: Study, measured: pd.DataFrame) -> None:
    """Figure 5, and what the units of every run do."""
    result = study.runs[SHOWN]
    params = trained.weights(study.folder, result, study.seed)
    window = 0
    X, true_class = trained.pick_test_window(study.dataset, window)
    states = units.activations(params, X)[0]
    book.figure(
        "figure-5",
        lambda: heatmaps.plot_heatmaps(
            params, states, run_no=SHOWN, seed=study.seed, window=window, true_class=true_class,
            sampling_rate=study.dataset.sampling_rate, data_title=study.title,
        ),
        number="5",
        title=f"Run {SHOWN}, seed {study.seed}, {study.title}. From top to bottom: hidden "
        "activations at each step of one test window, hidden weights $W_{aa}$, input weights "
        "$W_{ax}$ (transposed), output weights $W_{ya}$.",
        alt="Four heat maps: hidden states over time, and three weight matrices.",
    )  # fmt: skip
    book.table(
        "saturation", measured, text=units.text, note=units.NOTE,
        title=f"What the hidden units do, by run: mean over the seeds, {study.title}.",
    )  # fmt: skip


def _plain(value: object, label: tuple, column: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _audit(book: Book) -> None:
    """What does not fit in the printed numbers."""
    for name, table, title in (
        ("audit-findings", audit.findings(), "What does not fit in the published report."),
        ("audit-grim", audit.grim(), "Printed means, and the nearest that three counts can give."),
        ("audit-deviations", audit.deviations(), "Printed deviations, and what they can be of."),
    ):
        first, *_ = table.columns
        table = table.set_index(first)
        table = table.rename_axis(_heading(first)).rename(columns=_heading)
        book.table(name, table, title=title, text=_plain)


def _verdict(value: object, label: tuple, column: object) -> str:
    sign = {claims.HOLDS: "✓", claims.FAILS: "✗", claims.OPEN: "?"}.get(value)
    return f"{sign} {value}" if sign else str(value)


def _claims(book: Book, study: Study, measured: pd.DataFrame) -> dict[str, str]:
    """Every claim with its verdict; returns the counts that the text quotes."""
    given = (study.runs, study.option_c)
    table = claims.table(*given, units=measured, timings=study.timings)
    book.table(
        "claims", table, text=_verdict,
        title=f"The claims of sections II to IV of the report, decided on {study.title}.",
    )  # fmt: skip
    count = claims.summary(claims.claims(*given, units=measured, timings=study.timings))
    return {
        "claims_total": str(sum(count.values())),
        "claims_hold": str(count[claims.HOLDS]),
        "claims_fail": str(count[claims.FAILS]),
        "claims_undecided": str(count[claims.OPEN]),
    }


def _heading(name: str) -> str:
    """A column's name as a heading."""
    return name.replace("_", " ").replace("ddof ", "ddof = ").capitalize()


def render(study: Study, output: Path) -> None:
    """Stage the book's sources in ``output`` and write all that is computed."""
    book = Book(output)
    _accuracy_tables(book, study)
    _accuracy_figures(book, study)
    _early_stopping(book, study)
    measured = units.table(study.folder, study.runs, study.dataset)
    _heatmaps(book, study, measured)
    counts = _claims(book, study, measured)
    _audit(book)
    counts["audit_findings_count"] = str(audit.summary()["findings"])
    real_statistics = statistics.read()
    book.figure(
        "windows",
        lambda: windows.plot_windows(study.dataset, real_statistics),
        title=f"One window of each class, and simple statistics of each class beside the spread of "
        f"real subjects; {study.title}.",
        alt="Six panels with three axes of acceleration against time; six classes compared with "
        "ranges of real subjects.",
    )
    path = study.folder.path
    for file in sorted((path / "notebooks").glob("*-??.ipynb")):
        kind, run_no = file.stem.rsplit("-", 1)
        book.notebook(file, _NOTEBOOK_TITLES[kind].format(int(run_no)))
    for kind in ("run", "early-stopping"):
        book.copy("results", sorted(path.glob(f"{kind}-??.json")))
        book.copy("results", sorted(path.glob(f"{kind}-??-seed-*.npz")))
    book.json("values.json", {**values.values(study.runs, study.option_c, study.timings), **counts})
    first = min(study.runs)
    book.json(
        "build.json",
        {
            "data": study.dataset.name,
            "data_title": study.title,
            "data_sha256": study.runs[first]["data"]["sha256"],
            "protocol": study.runs[first]["config"]["protocol"],
            "code_sha256": provenance.code_digest(),
            "versions": study.timings[first]["versions"],
        },
    )


def main() -> int:
    """Render for the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m harlib.render", description=__doc__)
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--output", required=True, type=Path)
    given = parser.parse_args()
    plt.switch_backend("agg")  # no window, whatever the machine could show
    try:
        study = read(given.data, given.data_dir, given.protocol, given.results_dir)
        render(study, paths.resolve(given.output))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
