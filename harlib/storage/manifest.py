"""What a study has written: which files, their SHA-256, and what each was made from.

A run is entered here twice: :func:`finished` says what of it is there already, made from the very
same, and :func:`save` writes it. Every result has its part of ``manifest.json`` in its own timing
file, written before the result itself; the manifest gathers those parts, so it can be made again at
any time and says the same in whatever order the runs ended.
"""

import hashlib
from pathlib import Path

import numpy as np

from harlib.buffers import Parameters
from harlib.errors import UserError
from harlib.storage import files, provenance, results


def finished(
    folder: results.Folder, kind: str, content: dict, fingerprints: dict[str, str]
) -> tuple[dict[str, dict], dict[str, dict]]:
    """What is there already of the result ``content``, whose seeds have these fingerprints.

    The entries and the timings of each seed that was made from the same inputs by the same code,
    also of seeds that are not asked for now.
    """
    run_no = content["run_no"]
    try:
        said = check(folder, run_no, kind)
        result = results.read(folder.result(run_no, kind))
        timing = results.read_json(folder.timing(run_no, kind))
        if any(result[key] != content[key] for key in ("config", "data")):
            return {}, {}
        alike = _by_this_code(said) and timing["versions"]["numpy"] == np.__version__
        entries, timings = {}, {}
        for seed, made in result["seeds"].items():
            took = timing["seeds"][seed]
            if took["fingerprint"] == fingerprints[seed] if seed in fingerprints else alike:
                entries[seed], timings[seed] = made, took
    except (UserError, KeyError, TypeError):
        return {}, {}
    return entries, timings


def place(folder: results.Folder, kind: str, content: dict) -> results.Folder:
    """Where a result goes: ``folder``, or beside it if it may not replace the one that is there.

    A result is replaced by one that took at least as many epochs, over all seeds, and is otherwise
    of the same settings and data; and by any, once the code has changed. Else both are kept, and
    the new place is called after what is different: ``epochs=1``.
    """
    run_no, config, data = content["run_no"], content["config"], content["data"]
    try:
        said = check(folder, run_no, kind)
        there = results.read(folder.result(run_no, kind))
    except UserError:
        return folder
    different = {k: value for k, value in config.items() if there["config"][k] != value}
    epochs = config["epochs"] * len(content["asked"]["seeds"])
    if there["config"]["epochs"] * len(there["seeds"]) <= epochs:
        different.pop("epochs", None)
    if there["data"]["sha256"] != data["sha256"]:
        different["data"] = data["sha256"][:8]
    if not different or not _by_this_code(said):
        return folder
    called = ",".join(f"{name}={value}" for name, value in different.items())
    data_folder, protocol = folder.path.parent, folder.path.name
    return results.Folder.at(data_folder.parent / called / data_folder.name / protocol)


def _by_this_code(said: dict) -> bool:
    return said["made_from"]["code_sha256"] == provenance.code_digest()


def save(
    folder: results.Folder, kind: str, content: dict, timings: dict, weights: dict[int, Parameters]
) -> None:
    """Write weights, timing and, last, the result; then its checkpoints are not needed any more.

    ``timings`` and ``weights`` are by seed; those weights that are not given are there already.
    """
    run_no = content["run_no"]
    result = folder.result(run_no, kind)
    for seed, params in weights.items():
        results.write_weights(folder.weights(run_no, seed, kind), params)
    kept = [folder.weights(run_no, seed, kind) for seed in content["seeds"]]
    timing = {
        "seeds": timings,
        "machine": provenance.machine(),
        "versions": provenance.versions(),
        "made_from": {
            "data_sha256": content["data"]["sha256"],
            "code_sha256": provenance.code_digest(),
            "revision": provenance.revision(),
        },
        "files": {
            result.name: hashlib.sha256(results.to_json(content).encode()).hexdigest(),
            **{path.name: sha256(path) for path in kept},
        },
    }
    results.write_json(folder.timing(run_no, kind), timing)
    results.write_json(result, content)
    gather(folder)
    for seed in content["seeds"]:
        folder.checkpoint(run_no, seed, kind).unlink(missing_ok=True)
    for path in folder.path.glob(f"{kind}-{run_no:02d}-seed-*.npz"):
        if path not in kept and not path.name.endswith(".checkpoint.npz"):
            path.unlink()  # of seeds of the result that this one replaces


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes; a UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from None


def changed(folder: results.Folder, digests: dict[str, str]) -> list[str]:
    """Names of those files (name to digest) that are missing or have other bytes."""
    return [
        name
        for name, digest in digests.items()
        if not (folder.path / name).is_file() or sha256(folder.path / name) != digest
    ]


def entry(path: Path) -> dict:
    """What the timing file of a result says of its making: ``files``, ``made_from``.

    A UserError where there is none, or it does not say.
    """
    content = results.read_json(path)
    try:
        digests, made = dict(content["files"]), dict(content["made_from"])
        texts = [*digests, *digests.values(), made["data_sha256"], made["code_sha256"]]
        # A name is a name: nothing outside the folder is ever compared.
        if not all(isinstance(t, str) and Path(t).name == t for t in texts):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"timing file {path} is not valid: it does not say which files belong to it and what "
            f"they were made from; delete it and run the study again"
        ) from None
    return {"files": digests, "made_from": made}


def check(folder: results.Folder, run_no: int, kind: str) -> dict:
    """:func:`entry`, of a result whose files are all as they were written; else a UserError."""
    said = entry(folder.timing(run_no, kind))
    if wrong := changed(folder, said["files"]):
        raise UserError(
            f"{folder.path / wrong[0]} is not the file that was written by the run: it is missing "
            f"or was changed since; delete {folder.result(run_no, kind).name} and run it again"
        )
    return said


def gather(folder: results.Folder) -> None:
    """Write ``manifest.json`` from the timing files that are there; one process at a time."""
    path = folder.path / "manifest.json"
    lock = folder.path.with_name(f".{folder.path.name}.lock")
    with files.held(lock, wait=True):
        files.sweep(folder.path, path.name)
        gathered = {}
        for timing in sorted(folder.path.glob("*.timing.json")):
            try:
                said = entry(timing)
            except UserError:  # of an older version, or damaged: its result will say so
                continue
            if not changed(folder, said["files"]):
                gathered[timing.name.removesuffix(".timing.json")] = said
        new = results.to_json(gathered).encode()
        if not path.is_file() or path.read_bytes() != new:
            files.write(path, new)
