"""``manifest.json``: which files a study wrote, their SHA-256, and what each was made from.

Every result has its part of it in its own timing file, written before the result itself; the
manifest gathers those parts, so it can be made again at any time and says the same in whatever
order the runs ended.
"""

import hashlib
from pathlib import Path

from harlib.errors import UserError
from harlib.storage import atomic, results


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes.

    Raises
    ------
    UserError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from None


def changed(folder: results.Folder, files: dict[str, str]) -> list[str]:
    """Names of those ``files`` (name to digest) that are missing or have other bytes."""
    return [
        name
        for name, digest in files.items()
        if not (folder.path / name).is_file() or sha256(folder.path / name) != digest
    ]


def entry(folder: results.Folder, run_no: int, kind: str) -> dict:
    """What the timing file of a result says of its making: ``files``, ``made_from``.

    Raises
    ------
    UserError
        There is no timing file, or it does not say.
    """
    path = folder.timing(run_no, kind)
    content = results.read_json(path)
    try:
        files, made = dict(content["files"]), dict(content["made_from"])
        texts = [*files, *files.values(), made["data_sha256"], made["code_sha256"]]
        # A name is a name: nothing outside the folder is ever compared.
        if not all(isinstance(t, str) and Path(t).name == t for t in texts):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"timing file {path} is not valid: it does not say which files belong to it and what "
            f"they were made from; delete it and run the study again"
        ) from None
    return {"files": files, "made_from": made}


def check(folder: results.Folder, run_no: int, kind: str) -> dict:
    """:func:`entry`, of a result whose files are all as they were written.

    Raises
    ------
    UserError
        A file is missing or has been changed since.
    """
    said = entry(folder, run_no, kind)
    if wrong := changed(folder, said["files"]):
        raise UserError(
            f"{folder.path / wrong[0]} is not the file that was written by the run: it is missing "
            f"or was changed since; delete {folder.result(run_no, kind).name} and run it again"
        )
    return said


def write(folder: results.Folder) -> None:
    """Gather the manifest from the timing files that are there; one process at a time."""
    path = folder.path / "manifest.json"
    with atomic.held(folder.path, wait=True):
        atomic.sweep(folder.path, path.name)
        gathered = {}
        for timing in sorted(folder.path.glob("*.timing.json")):
            name = timing.name.removesuffix(".timing.json")
            kind, _, number = name.rpartition("-")
            if not number.isdigit():
                continue
            try:
                said = entry(folder, int(number), kind)
            except UserError:  # of an older version, or damaged: its result will say so
                continue
            if not changed(folder, said["files"]):
                gathered[name] = said
        new = results.to_json(gathered).encode()
        if not path.is_file() or path.read_bytes() != new:
            atomic.write(path, new)
