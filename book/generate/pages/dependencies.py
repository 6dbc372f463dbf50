"""What this project is made with: every pinned package, its licence, and known vulnerabilities.

``python -m book.generate.pages.dependencies`` (``make audit``) checks that every pin has a hash and asks the database
of OSV about the pinned versions. Where that cannot be reached it says so, and that is no fault;
a pin without a hash or with a known vulnerability is.
"""

import argparse
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pandas as pd
import requests

from book.generate.staging import Book
from harlib import paths
from harlib.errors import UserError, command, one_line
from harlib.storage import files

LOCK, PROJECT = paths.ROOT / "requirements.txt", paths.ROOT / "pyproject.toml"
#: Open Source Vulnerabilities: many packages in one question.
DATABASE = "https://api.osv.dev/v1/querybatch"
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?"
    r"==(?P<version>[^\s;\\]+)(?: *; *(?P<marker>[^\\]+))?"
)
_WANTED = re.compile(r'^    "(?P<name>[A-Za-z0-9-]+)[^"]*",\s+# (?P<reason>.+)$')
#: What a package says that has not said what its licence is.
_NOTHING = {"", "UNKNOWN", "NONE"}
NOT_STATED, NOT_HERE = "not stated by the package", "not installed here"


@dataclass(frozen=True)
class Pin:
    """One line of the lock file.

    Attributes
    ----------
    name, version : str
    marker : str
        On which Python or system it is installed; empty: on all.
    hashes : int
        Of how many files the SHA-256 is given.
    """

    name: str
    version: str
    marker: str
    hashes: int


def pins(lock: Path = LOCK) -> list[Pin]:
    """Every pin of the lock file.

    Raises
    ------
    UserError
        A line is neither a pin, nor a hash of one, nor a comment.
    """
    found: list[Pin] = []
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip().removesuffix("\\").strip()
        if not text or text.startswith("#"):
            continue
        if pin := _PIN.fullmatch(text):
            found.append(Pin(pin["name"], pin["version"], (pin["marker"] or "").strip(), 0))
        elif found and re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", text):
            last = found[-1]
            found[-1] = Pin(last.name, last.version, last.marker, last.hashes + 1)
        else:
            raise UserError(
                f"{lock} line {number}: {one_line(text)!r} is no pin and no hash of one"
            )
    return found


def reasons(project: Path = PROJECT) -> dict[str, str]:
    """Why each package is wanted that pyproject.toml names, by its name.

    Raises
    ------
    UserError
        One has no reason.
    """
    text = project.read_text(encoding="utf-8")
    found = {m["name"]: m["reason"] for m in map(_WANTED.match, text.splitlines()) if m}
    named = tomllib.loads(text)["project"]
    extras = [wanted for group in named["optional-dependencies"].values() for wanted in group]
    names = [re.split(r"[^\w-]", wanted)[0] for wanted in [*named["dependencies"], *extras]]
    if without := [name for name in names if name not in found]:
        raise UserError(f"{project}: {without[0]} stands there without a reason")
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
    first, *rest = (about.get("License") or "").strip().splitlines() or [""]
    short = not rest and first.upper() not in _NOTHING
    return ", ".join(classes) or (first if short else NOT_STATED)


def table(direct: bool, lock: Path = LOCK, project: Path = PROJECT) -> pd.DataFrame:
    """Packages by name: those that this project names itself, or those that come with them."""
    why = reasons(project)
    by_name: dict[str, list[Pin]] = {}
    for pin in pins(lock):
        if (pin.name in why) == direct:
            by_name.setdefault(pin.name, []).append(pin)
    rows = {}
    for name, of_name in by_name.items():
        row = {"Version": ", ".join(pin.version for pin in of_name), "Licence": licence(name)}
        markers = [pin.marker.replace("'", "") for pin in of_name]
        where = ", ".join(markers) if all(markers) and len(markers) == 1 else ""
        rows[name] = row | ({"Why": why[name]} if direct else {"Only where": where})
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Package")


def page(book: Book) -> dict[str, str]:
    """The tables of the page "Dependencies"; returns the numbers that its text quotes."""
    direct, others = table(True), table(False)
    note = (
        "Licence: what the package, as installed here, states about itself. Of several versions "
        "each is for some versions of Python."
    )
    book.table(
        "dependencies-table", direct, note=note,
        title="Packages that this project asks for, and why.",
    )  # fmt: skip
    book.table(
        "dependencies-others", others, note=note, title="Packages that come with them.",
    )  # fmt: skip
    licences = pd.concat([direct["Licence"], others["Licence"]])
    return {
        "dependencies_direct": str(len(direct)),
        "dependencies_all": str(len(direct) + len(others)),
        "dependencies_unstated": str(int((licences == NOT_STATED).sum())),
        "dependencies_elsewhere": str(int((licences == NOT_HERE).sum())),
    }


def vulnerabilities(found: list[Pin], database: str = DATABASE) -> dict[str, list[str]]:
    """Names of known vulnerabilities by ``name version``.

    Raises
    ------
    OSError or ValueError
        The database cannot be reached, or gives no answer to the question.
    """
    question = {
        "queries": [
            {"package": {"name": pin.name, "ecosystem": "PyPI"}, "version": pin.version}
            for pin in found
        ]
    }
    with requests.post(database, json=question, timeout=30, stream=True) as answer:
        answer.raise_for_status()
        text = b""
        for part in answer.iter_content(2**16):
            text += part
            if len(text) > files.MAX_JSON:
                raise ValueError("the answer does not end")
    content = files.parse_json(text)
    try:
        known = [[v["id"] for v in entry.get("vulns", [])] for entry in content["results"]]
        if len(known) != len(found):
            raise ValueError(f"{len(known)} answers to {len(found)} questions")
        if not all(isinstance(name, str) for names in known for name in names):
            raise ValueError("a vulnerability has no name")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an answer ({one_line(error)})") from None
    named = zip(found, known, strict=True)
    return {f"{pin.name} {pin.version}": names for pin, names in named if names}


@command
def main(arguments: list[str] | None = None) -> None:
    """``make audit``: exit code 1 after a pin without hash or with a known vulnerability."""
    parser = argparse.ArgumentParser(
        prog="python -m book.generate.pages.dependencies", description=__doc__
    )
    parser.add_argument("--database", default=DATABASE, help="address that is asked")
    parser.add_argument("--lock", default=LOCK, type=Path, help="default: requirements.txt")
    given = parser.parse_args(arguments)
    found = pins(given.lock)
    if without := [pin.name for pin in found if not pin.hashes]:
        raise UserError(f"{given.lock}: no hash for {', '.join(without)}")
    print(f"{len(found)} pins, each with the hashes of its files")
    why = reasons()
    print(f"{len(why)} packages are asked for, each with a reason; licences: see the book")
    try:
        known = vulnerabilities(found, given.database)
    except (OSError, ValueError) as error:
        print(f"known vulnerabilities: not checked, no answer from the database ({_short(error)})")
        return
    if known:
        what = "; ".join(f"{package}: {', '.join(names)}" for package, names in known.items())
        raise UserError(f"known vulnerabilities: {one_line(what)}")
    print(f"known vulnerabilities: none in {len(found)} packages")


def _short(error: Exception) -> str:
    """What went wrong, without the chain of causes that network errors carry."""
    return type(error).__name__ if isinstance(error, OSError) else one_line(error)[:200]


if __name__ == "__main__":
    sys.exit(main())
