"""Measurements that take long, kept as files: benchmarks, other networks, attempts to break it.

A record is a JSON object under ``<results_dir>/records/<name>.json``, written where it was
measured. A copy of one that was measured before is part of the project, in ``data/records``; the
book shows this machine's own where there is one, else that copy, and says which.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

from harlib import paths
from harlib.errors import UserError
from harlib.storage import provenance, results


@dataclass(frozen=True)
class Record:
    """One record, with ``date``, ``machine``, ``versions`` and ``code_sha256``, and its file.

    ``here``: it lies in the results folder, and is not the copy in ``data/records``.
    """

    content: dict
    path: Path
    here: bool


def path(name: str, results_dir: str = "results") -> Path:
    """Where this machine's own record lies."""
    return paths.resolve(results_dir) / "records" / f"{name}.json"


def write(name: str, content: dict, results_dir: str = "results") -> Path:
    """Write a record, stamped with day, machine, versions and code; returns its path."""
    file = path(name, results_dir)
    file.parent.mkdir(parents=True, exist_ok=True)
    stamp = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": provenance.machine(),
        "versions": provenance.versions(),
        "code_sha256": provenance.code_digest(),
    }
    results.write_json(file, {**stamp, **content})
    return file


def read(name: str, results_dir: str = "results") -> Record:
    """This machine's record, else the project's copy; a UserError if it is broken or missing."""
    for file, here in ((path(name, results_dir), True), (paths.RECORDS / f"{name}.json", False)):
        if file.exists():
            return Record(results.read_json(file), file, here)
    raise UserError(f"record data/records/{name}.json is missing: it is part of the project")
