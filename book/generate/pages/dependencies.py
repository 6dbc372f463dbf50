"""Fills dependencies.md: every pinned package, why it is wanted, and the licence it states."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import paths
from harlib.errors import UserError

LOCK, PROJECT = paths.ROOT / "requirements.txt", paths.ROOT / "pyproject.toml"
#: A pin of the lock file: name, version, and on which Python or system it is installed.
_PIN = re.compile(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)(?: ; (.*?))? \\$", re.MULTILINE)
#: A package that pyproject.toml names in a list of its own line, and the comment that says why.
_WANTED = re.compile(r'^    "([\w-]+)[^":]*", *(?:# (.+))?$', re.MULTILINE)
NOT_STATED, NOT_HERE = "not stated by the package", "not installed here"


def fill(book: Book, study: Study) -> dict[str, str]:
    """Two tables, of no study; returns the numbers that the text quotes."""
    direct, others = tables()
    note = (
        "Licence: what the package, as installed here, states about itself. Of several versions "
        "each is for some versions of Python."
    )
    book.table(
        "dependencies-table", direct, note=note,
        title="Packages that this project asks for, and why.",
    )  # fmt: skip
    book.table("dependencies-others", others, note=note, title="Packages that come with them.")
    licences = pd.concat([direct["Licence"], others["Licence"]])
    return {
        "dependencies_direct": str(len(direct)),
        "dependencies_all": str(len(licences)),
        "dependencies_unstated": str((licences == NOT_STATED).sum()),
        "dependencies_elsewhere": str((licences == NOT_HERE).sum()),
    }


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Packages that this project names itself, and those that come with them; by name."""
    why = reasons(PROJECT.read_text(encoding="utf-8"))
    pins = pd.DataFrame(
        _PIN.findall(LOCK.read_text(encoding="utf-8")), columns=["Package", "Version", "Where"]
    )
    table = pins.groupby("Package", sort=False).agg({"Version": ", ".join, "Where": list})
    table.insert(1, "Licence", table.index.map(licence))
    is_direct = table.index.isin(why)
    direct, others = table[is_direct].drop(columns="Where"), table[~is_direct]
    only = [where[0].replace("'", "") if len(where) == 1 else "" for where in others["Where"]]
    return (
        direct.assign(Why=direct.index.map(why)),
        others.drop(columns="Where").assign(**{"Only where": only}),
    )


def reasons(project: str) -> dict[str, str]:
    """Why each package is wanted that the text of pyproject.toml names, by its name.

    A UserError if one has no reason.
    """
    found = dict(_WANTED.findall(project))
    if without := [name for name, reason in found.items() if not reason]:
        raise UserError(f"pyproject.toml: {without[0]} stands there without a reason")
    return found


def licence(name: str) -> str:
    """The licence that the installed package states, in its own words."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return NOT_HERE
    if stated := about.get("License-Expression"):
        return str(stated)
    classes = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or []
        if text.startswith("License ::") and text != "License :: OSI Approved"
    ]
    text = (about.get("License") or "").strip()
    is_name = text and "\n" not in text and text.upper() not in ("UNKNOWN", "NONE")
    return ", ".join(classes) or (text if is_name else NOT_STATED)
