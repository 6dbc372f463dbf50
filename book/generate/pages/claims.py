"""Fills claims.md: every claim of the report with its verdict."""

from book.generate import claims
from book.generate.cells import verdicts_of
from book.generate.claims.causes import MEASURED
from book.generate.claims.claim import FAILS, HOLDS, OPEN, Evidence
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.analysis import hidden_units
from harlib.experiments import suspicions
from harlib.paper import printed
from harlib.storage.results import Folder

_SIGNS = {HOLDS: "✓", FAILS: "✗", OPEN: "?"}


def fill(book: Book, study: Study) -> dict[str, str]:
    """The table of claims; returns the counts that the text quotes."""
    hardly = {}
    for protocol in MEASURED:
        folder = Folder(suspicions.folder(study.results_dir), study.label, protocol.name)
        table = hidden_units.by_seed(folder, study.suspected[protocol.name], study.dataset)
        hardly[protocol.name] = table["Hardly contributing (%)", "after"].tolist()
    results = {**study.divisions, **study.suspected}
    experiments = {"results": results, "reach": study.inside["reach"], "hardly": hardly}
    return verdicts(book, study, experiments)


def verdicts(book: Book, study: Study, experiments: dict | None) -> dict[str, str]:
    """The same with these experiments, or with none; of the runs those that the report printed."""
    runs = {run_no: study.runs[run_no] for run_no in printed.RUN_NOS}
    units = study.hidden_units.loc[list(runs)]
    evidence = Evidence(runs, study.option_c, study.timings, units, experiments or {})
    table = claims.table(evidence)
    book.table(
        "claims", table, text=_text,
        title=f"The claims of sections II to IV of the report, decided on {study.title}.",
    )  # fmt: skip
    holds, fails, undecided = verdicts_of(table, HOLDS, FAILS, OPEN)
    return {
        "claims_total": str(len(table)),
        "claims_hold": str(holds),
        "claims_fail": str(fails),
        "claims_undecided": str(undecided),
    }


def _text(value: object, label: tuple, column: object) -> str:
    return f"{_SIGNS[value]} {value}" if value in _SIGNS else str(value)
