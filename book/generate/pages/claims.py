"""Fills claims.md: every claim of the report with its verdict."""

from book.generate import claims
from book.generate.claims import Experiments
from book.generate.claims.causes import MEASURED
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.analysis import hidden_units
from harlib.experiments import suspicions
from harlib.paper import printed
from harlib.storage.results import Folder

_SIGNS = {claims.HOLDS: "✓", claims.FAILS: "✗", claims.OPEN: "?"}


def fill(book: Book, study: Study) -> dict[str, str]:
    """The table of claims; returns the counts that the text quotes."""
    hardly = {}
    for protocol in MEASURED:
        folder = Folder(suspicions.folder(study.results_dir), study.label, protocol.name)
        table = hidden_units.by_seed(folder, study.suspected[protocol.name], study.dataset)
        hardly[protocol.name] = table["Hardly contributing (%)", "after"].tolist()
    results = {**study.divisions, **study.suspected}
    return verdicts(book, study, Experiments(results, study.inside["reach"], hardly))


def verdicts(book: Book, study: Study, experiments: Experiments | None) -> dict[str, str]:
    """The same with these experiments, or with none; of the runs those that the report printed."""
    runs = {run_no: study.runs[run_no] for run_no in printed.RUN_NOS}
    units = study.hidden_units.loc[list(runs)]
    evidence = claims.Evidence(runs, study.option_c, units, study.timings, experiments)
    table = claims.table(evidence)
    book.table(
        "claims", table, text=_text,
        title=f"The claims of sections II to IV of the report, decided on {study.title}.",
    )  # fmt: skip
    count = claims.summary(table)
    return {
        "claims_total": str(sum(count.values())),
        "claims_hold": str(count[claims.HOLDS]),
        "claims_fail": str(count[claims.FAILS]),
        "claims_undecided": str(count[claims.OPEN]),
    }


def _text(value: object, label: tuple, column: object) -> str:
    return f"{_SIGNS[value]} {value}" if value in _SIGNS else str(value)
