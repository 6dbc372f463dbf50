"""``make verify RUN=7``: computes a run anew, elsewhere, and compares the bytes.

Asked for what the result file says was asked for, the run is made in a temporary folder. Its files
must have the digests of the manifest, and so must those that lie in the results folder.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, command
from harlib.runs import experiment, parameters
from harlib.storage import manifest, provenance, results
from workflow import study

MAKE = {"run": experiment.run, "early-stopping": experiment.early_stopping}


def verify(run_no: int, kind: str, folder: results.Folder, data: str) -> str:
    """Recompute a result of ``folder`` and compare; returns the one line that says they agree.

    Raises
    ------
    UserError
        Names the first file that differs, or says that the code or the data do.
    """
    said = manifest.check(folder, run_no, kind)
    name = folder.result(run_no, kind).stem
    gathered = results.read_json(folder.path / "manifest.json").get(name)
    if gathered != said:
        raise UserError(
            f"{folder.path / 'manifest.json'} says other than the timing file of {name}"
        )
    made, now = said["made_from"], provenance.code_digest()
    if made["code_sha256"] != now:
        raise UserError(
            f"{name} was made by other code ({made['code_sha256'][:12]}, revision "
            f"{made['revision']}) than there is now ({now[:12]}): check that revision out"
        )
    asked = results.read(folder.result(run_no, kind))["asked"]
    with tempfile.TemporaryDirectory(prefix="harlib-verify-") as elsewhere:
        asked["seeds"] = tuple(asked["seeds"])
        MAKE[kind](**asked, data=data, results_dir=elsewhere)
        anew = results.Folder(elsewhere, data, folder.path.name)
        again = manifest.entry(anew.timing(run_no, kind))
        if again["made_from"]["data_sha256"] != made["data_sha256"]:
            raise UserError(f"{name} was made from other data than {data} holds now")
        if wrong := manifest.changed(anew, said["files"]):
            raise UserError(
                f"{paths.shown(folder.path / wrong[0])} differs from the same file computed anew"
                f"{_where(folder.path / wrong[0], anew.path / wrong[0])}"
            )
    digest = said["files"][f"{name}.json"][:12]
    return f"{name}: {len(said['files'])} files computed anew, same bytes (sha256 {digest}...)"


def _where(old: Path, new: Path) -> str:
    """The first entry of two result files that differs, for the message."""
    if old.suffix != ".json" or not new.exists():
        return ""
    where = _first_difference(results.read_json(old), results.read_json(new))
    return f", first at {'.'.join(where)}" if where else ""


def _first_difference(old: object, new: object) -> list[str]:
    """Path of the first entry that differs; it ends where the two have different entries."""
    if isinstance(old, list) and isinstance(new, list):
        old, new = dict(enumerate(old)), dict(enumerate(new))
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            if old[key] != new[key]:
                return [str(key), *_first_difference(old[key], new[key])]
    return []


@command
def main() -> None:
    """Verify one result; its exit code says whether all bytes agree."""
    parser = argparse.ArgumentParser(prog="python -m workflow.verify", description=__doc__)
    parser.add_argument("--run", dest="run_no", default="7")
    parser.add_argument("--kind", default="run")
    for name in ("data", "protocol", "results-dir"):
        parser.add_argument(f"--{name}", default=study.DEFAULTS[name.replace("-", "_")])
    given = vars(parser.parse_args())
    given = parameters.check_values({**given, "run_no": study.number(given["run_no"])})
    folder = results.Folder(given["results_dir"], given["data"], given["protocol"])
    print(verify(given["run_no"], given["kind"], folder, given["data"]))


if __name__ == "__main__":
    sys.exit(main())
