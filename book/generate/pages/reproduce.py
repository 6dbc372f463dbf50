"""Fills reproduce.md: the data, code and versions that the book's numbers come from."""

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.storage import provenance, results

_COLUMNS = ["Results", "Data (SHA-256)", "Code (SHA-256)", "Revision", "Made with"]


def fill(book: Book, study: Study) -> dict[str, str]:
    """The table of origins, and the manifest; the text quotes no number."""
    found = origins(study)
    book.table(
        "provenance", table(found),
        title=f"What the numbers of this book come from, {study.title}; the first 12 digits of "
        "each digest.",
        note=warning(found) or "All of it was made by the code that this book was built with.",
        files=["manifest.json"],
    )  # fmt: skip
    book.copy([study.folder.path / "manifest.json"])
    return {}


def origins(study: Study) -> dict[str, dict]:
    """What each result of a study was made from, by its name, with ``versions`` and ``blas``."""
    shown = [("run", n) for n in study.runs] + [("early-stopping", n) for n in study.option_c]
    found = {}
    for kind, run_no in shown:
        timing = results.read_json(study.folder.timing(run_no, kind))
        found[study.folder.result(run_no, kind).stem] = {
            **timing["made_from"],
            "versions": timing["versions"],
            "blas": timing["machine"]["blas"],
        }
    return found


def table(found: dict[str, dict]) -> pd.DataFrame:
    """One row for all the results that come from the same."""
    rows: dict[tuple, list[str]] = {}
    for name, made in found.items():
        versions = made["versions"]
        key = (
            f"`{made['data_sha256'][:12]}`",
            f"`{made['code_sha256'][:12]}`",
            f"`{made['revision']}`" if made["revision"] else "not a git checkout",
            f"Python {versions['python']}, NumPy {versions['numpy']}, {made['blas']}",
        )
        rows.setdefault(key, []).append(name)
    lines = [[", ".join(names), *key] for key, names in rows.items()]
    return pd.DataFrame(lines, columns=_COLUMNS).set_index(_COLUMNS[0])


def warning(found: dict[str, dict]) -> str:
    """What a banner on every page has to say; empty if all is of one kind and of this code."""
    if len({made["code_sha256"] for made in found.values()}) > 1:
        return "The results were made by more than one version of the code."
    if any(made["code_sha256"] != provenance.code_digest() for made in found.values()):
        return "The results were made by another version of the code than the one in the checkout."
    if len({str((made["versions"], made["blas"])) for made in found.values()}) > 1:
        return "The results were made with more than one version of Python, NumPy or the like."
    return ""
