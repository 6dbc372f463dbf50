"""What the numbers of a book come from: data, code and versions of each result it shows."""

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.storage import manifest, provenance, results

_COLUMNS = ["Results", "Data (SHA-256)", "Code (SHA-256)", "Revision", "Made with"]


def origins(study: Study) -> dict[str, dict]:
    """``made_from``, ``versions`` and ``machine`` of each result of a study, by its name.

    Raises
    ------
    UserError
        A file of it is not the one that its run wrote.
    """
    shown = [("run", n) for n in study.runs] + [("early-stopping", n) for n in study.option_c]
    found = {}
    for kind, run_no in shown:
        said = manifest.check(study.folder, run_no, kind)
        timing = results.read_json(study.folder.timing(run_no, kind))
        found[study.folder.result(run_no, kind).stem] = {
            **said["made_from"],
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


def page(book: Book, study: Study) -> str:
    """Write the table; returns the text of the banner."""
    found = origins(study)
    said = warning(found)
    book.table(
        "provenance", table(found),
        title=f"What the numbers of this book come from, {study.title}; the first 12 digits of "
        "each digest.",
        note=said or "All of it was made by the code that this book was built with.",
        files=["manifest.json"],
    )  # fmt: skip
    return said
