"""``make verify RUN=7``: computes a run anew, elsewhere, and compares the bytes.

Asked for what the result file says was asked for, the run is made in a temporary folder. Its files
must have the digests of the manifest, and so must those that lie in the results folder.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from harlib import paths
from harlib.errors import UserError, command
from harlib.notebook import parameters
from harlib.runs import experiment
from harlib.storage import manifest, provenance, results

MAKE = {"run": experiment.run, "early-stopping": experiment.early_stopping}


def verify(run_no: int, kind: str, folder: results.Folder, data: str, data_dir: str) -> str:
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
            f"{name} was made by other code ({_short(made['code_sha256'])}, revision "
            f"{made['revision']}) than there is now ({_short(now)}): check that revision out"
        )
    asked = results.read(folder.result(run_no, kind))["asked"]
    with tempfile.TemporaryDirectory(prefix="harlib-verify-") as elsewhere:
        MAKE[kind](
            **{**asked, "seeds": tuple(asked["seeds"])},
            data=data, data_dir=data_dir, results_dir=elsewhere,
        )  # fmt: skip
        anew = results.Folder(elsewhere, data, folder.path.name)
        again = manifest.entry(anew, run_no, kind)
        if again["made_from"]["data_sha256"] != made["data_sha256"]:
            raise UserError(f"{name} was made from other data than {data} holds now")
        if wrong := manifest.changed(anew, said["files"]):
            raise UserError(
                f"{paths.shown(folder.path / wrong[0])} differs from the same file computed anew"
                f"{_where(folder.path / wrong[0], anew.path / wrong[0])}"
            )
    digest = _short(said["files"][f"{name}.json"])
    return f"{name}: {len(said['files'])} files computed anew, same bytes (sha256 {digest}...)"


def _short(digest: str) -> str:
    return digest[:12]


def _where(old: Path, new: Path) -> str:
    """The first entry of two result files that differs, for the message."""
    if old.suffix != ".json" or not new.exists():
        return ""

    def walk(a: object, b: object, where: str) -> str:
        if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
            pairs = [(str(key), a[key], b[key]) for key in a]
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            pairs = [(str(i), x, y) for i, (x, y) in enumerate(zip(a, b, strict=True))]
        else:
            return "" if a == b else where
        found = (walk(x, y, f"{where}.{key}" if where else key) for key, x, y in pairs if x != y)
        return next(found, "")

    where = walk(*(json.loads(path.read_text(encoding="utf-8")) for path in (old, new)), "")
    return f", first at {where}" if where else ""


@command
def main() -> None:
    """Verify one result; its exit code says whether all bytes agree."""
    parser = argparse.ArgumentParser(prog="python -m workflow.verify", description=__doc__)
    parser.add_argument("--run", default="7")
    parser.add_argument("--kind", default="run", choices=list(MAKE))
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--results-dir", default="results")
    given = parser.parse_args()
    number = int(given.run) if given.run.isdigit() else given.run
    checked = parameters.check_values(
        {
            "run_no": number,
            "data": given.data,
            "data_dir": given.data_dir,
            "protocol": given.protocol,
            "results_dir": given.results_dir,
        }
    )
    folder = results.Folder(checked["results_dir"], checked["data"], checked["protocol"])
    print(
        verify(checked["run_no"], given.kind, folder, checked["data"], checked["data_dir"]),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
