"""From result files to what the book shows: tables, figures, values, executed notebooks.

``python -m book.generate.render --data synthetic --results-dir results --output FOLDER`` stages the
book's sources in ``FOLDER`` and writes everything that is computed to ``FOLDER/generated``:

- ``tables/<name>.json`` and ``.csv``, ``figures/<name>.json`` and its pictures;
- ``values.json``, the numbers that the text quotes;
- ``notebooks/*.ipynb``, as the runs executed them; ``results/*``, the result files;
- ``build.json``, what the book was built from; written last.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from book.generate import origins, values
from book.generate.audit import findings
from book.generate.gathered import Study, beside, corrected, read
from book.generate.pages import (
    corrected as corrected_page,
)
from book.generate.pages import (
    data,
    dependencies,
    diagnosis,
    learned,
    performance,
    published,
    reliability,
    scaling,
)
from book.generate.staging import Book
from harlib import paths
from harlib.analysis import hidden_units
from harlib.errors import command
from harlib.notebook import parameters
from harlib.protocol import CORRECTED
from harlib.storage import provenance, records

_NOTEBOOK_TITLES = {
    "run": "Run {}",
    "early-stopping": "Run {} with early stopping",
    "heatmaps": "Heat maps of run {}",
    "learned": "What run {} has learned",
}


def render(study: Study, output: Path, run_no: int, bases: Sequence[str]) -> None:
    """Stage the book's sources in ``output`` and write all that is computed.

    ``run_no`` and ``bases`` are those that notebooks/diagnosis and notebooks/improvements were
    run with.
    """
    # Only on Linux is a process that has drawn already surely fit to be forked.
    book = Book(output, drawers=(os.cpu_count() or 1) if sys.platform == "linux" else 0)
    published.accuracy_tables(book, study)
    published.accuracy_figures(book, study)
    published.option_c(book, study)
    measured = hidden_units.by_run(study.folder, study.runs, study.dataset)
    published.network(book, study, measured)
    tried = diagnosis.experiments(study, run_no, bases)
    counts = published.verdicts(book, study, measured, tried)
    published.consistency(book)
    counts |= corrected_page.eight_runs(book, study, corrected(study, CORRECTED.name))
    corrected_page.selected(book, study)
    counts |= diagnosis.causes(book, study, run_no)
    counts |= diagnosis.suspicions(book, study, run_no, bases)
    counts |= learned.trained_networks(book, study)
    if record := records.read("peers", study.results_dir):
        counts |= learned.peers(book, record, learned.own_rows(study, record))
    else:
        book.replace("parts/peers.md", "parts/no-peers.md")
    if record := records.read("bench", study.results_dir):
        counts |= performance.bench(book, record)
    counts["audit_findings_count"] = str(len(findings.findings()))
    counts |= reliability.page(book, study.results_dir)
    counts |= scaling.page(book, study.results_dir)
    counts |= dependencies.page(book)
    warning = origins.page(book, study)
    data.windows(book, study)
    book.finish()
    _files(book, study)
    for file, title in diagnosis.notebooks(study, run_no):
        book.notebook(file, title)
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
            "warning": warning,
        },
    )


def _files(book: Book, study: Study) -> None:
    """Notebooks and files of this study's results; what else lies in the folder stays there."""
    folder = study.folder
    book.copy("results", [folder.path / "manifest.json"])
    shown = [("run", n) for n in study.runs] + [("early-stopping", n) for n in study.option_c]
    for kind, run_no in shown:
        result = (study.runs if kind == "run" else study.option_c)[run_no]
        weights = [folder.weights(run_no, int(seed), kind) for seed in result["seeds"]]
        book.copy("results", [folder.result(run_no, kind), folder.timing(run_no, kind), *weights])
    trained_well = beside(study, learned.PROTOCOL)
    notebooks = [(folder, *which) for which in [*shown, ("heatmaps", published.SHOWN)]]
    for where, kind, run_no in [*notebooks, (trained_well, "learned", learned.RUN)]:
        file = where.path / "notebooks" / f"{kind}-{run_no:02d}.ipynb"
        book.notebook(file, _NOTEBOOK_TITLES[kind].format(run_no))


@command
def main() -> None:
    """Render for the command line; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="python -m book.generate.render", description=__doc__)
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--diagnosed-run", default=6, type=int)
    parser.add_argument("--bases", default=",".join(parameters.FEWER_BASES))
    parser.add_argument("--output", required=True, type=Path)
    given = parser.parse_args()
    plt.switch_backend("agg")  # no window, whatever the machine could show
    study = read(given.data, given.data_dir, given.protocol, given.results_dir)
    bases = parameters.RULES["bases"]("bases", given.bases)
    render(study, paths.resolve(given.output), given.diagnosed_run, bases)


if __name__ == "__main__":
    sys.exit(main())
