"""All that one study has written, read with suspicion and checked to belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harlib import data
from harlib.data import Dataset
from harlib.errors import UserError, one_line
from harlib.experiments import protocol_steps
from harlib.paper import tables
from harlib.protocol import RUNS, Protocol
from harlib.storage import manifest, results
from harlib.storage.results import Folder


@dataclass(frozen=True)
class Study:
    """All that one study has written, checked to belong together."""

    folder: Folder
    dataset: Dataset
    runs: dict[int, dict]
    option_c: dict[int, dict]
    timings: dict[int, dict]

    @property
    def title(self) -> str:
        """What captions call the data."""
        return tables.data_title(self.runs[min(self.runs)])

    @property
    def results_dir(self) -> str:
        """The folder that the results of all studies lie in."""
        return str(self.folder.path.parents[1])

    @property
    def label(self) -> str:
        """Name of the data in file names."""
        return self.folder.path.parent.name

    @property
    def files(self) -> list[str]:
        """Names of the eight runs' result files."""
        return [self.folder.result(run_no).name for run_no in self.runs]

    @property
    def seed(self) -> int:
        """The seed that figures show."""
        return int(next(iter(self.runs[min(self.runs)]["seeds"])))


def read(data_name: str, data_dir: str, protocol: str, results_dir: str) -> Study:
    """Read every result file of a study.

    Raises
    ------
    UserError
        A file is missing or not valid, or the files do not belong together.
    """
    folder = Folder(results_dir, data_name, protocol)
    runs = {run_no: results.read(folder.result(run_no)) for run_no in RUNS}
    chosen = tables.option_c_runs(runs)
    option_c = {run_no: results.read(folder.result(run_no, "early-stopping")) for run_no in chosen}
    dataset = data.load(data_name, data_dir)
    first = min(runs)
    for kind, found in (("run", runs), ("early-stopping", option_c)):
        for run_no, result in found.items():
            manifest.check(folder, run_no, kind)
            same = result["run_no"] == run_no and result["data"] == dataset.describe()
            same = same and result["config"]["protocol"] == folder.path.name
            if kind == "run":
                same = same and list(result["seeds"]) == list(runs[first]["seeds"])
                same = same and result["config"]["epochs"] == runs[first]["config"]["epochs"]
            if not same:
                raise UserError(
                    f"result file {folder.result(run_no, kind)} is of another run, protocol, "
                    f"other data, seeds or number of epochs than the study it lies in: run the "
                    f"study again"
                )
    timings = {
        run_no: read_timing(folder.timing(run_no), list(runs[run_no]["seeds"])) for run_no in RUNS
    }
    return Study(folder, dataset, runs, option_c, timings)


def corrected(study: Study, protocol: str) -> dict[int, dict]:
    """The eight runs under another protocol, checked to be of the same data and one another's.

    Some may have more seeds than others.
    """
    wanted = {run_no: (beside(study, protocol), run_no, protocol) for run_no in RUNS}
    return _checked(study, wanted, more_seeds=True)


def experiments(study: Study, protocols: Sequence[Protocol], run_no: int) -> dict[str, dict]:
    """One run under several protocols, by their names; same data, seeds and epochs."""
    where = protocol_steps.folder(study.results_dir)
    return _checked(
        study, {p.name: (Folder(where, study.label, p.name), run_no, p.name) for p in protocols}
    )


def _checked(study: Study, wanted: dict, more_seeds: bool = False) -> dict:
    """Result files by key, from (folder, run, name of the protocol), if they belong together.

    With ``more_seeds`` some may have more seeds than others.
    """
    found = {key: results.read(where.result(run_no)) for key, (where, run_no, _) in wanted.items()}
    first = next(iter(found.values()))
    for key, result in found.items():
        where, run_no, protocol = wanted[key]
        manifest.check(where, run_no, "run")
        same = (
            result["run_no"] == run_no
            and result["data"] == study.dataset.describe()
            and (list(result["seeds"]) == list(first["seeds"]) or more_seeds)
            and result["config"]["epochs"] == first["config"]["epochs"]
            and result["config"]["protocol"] == protocol
        )
        if not same:
            raise UserError(
                f"result file {where.result(run_no)} is of another run, protocol, other data, "
                f"seeds or number of epochs than those it is compared with: run the study again"
            )
    return found


def beside(study: Study, protocol: str) -> Folder:
    """The folder of the same data under another protocol."""
    return Folder(study.results_dir, study.label, protocol)


def read_timing(path: Path, seeds: list[str]) -> dict:
    """The timing file of a result with these seeds: the seconds of each, and versions.

    Raises
    ------
    UserError
        It is missing or not valid.
    """
    content = results.read_json(path)
    try:
        for seed in seeds:
            for name in ("training_seconds", "evaluation_seconds"):
                value = content["seeds"][seed][name]
                if type(value) not in (int, float) or value < 0:
                    raise ValueError(f"{name} of seed {seed} is not a number of seconds")
        if set(content["seeds"]) != set(seeds):
            raise ValueError("its seeds are not those of the result")
        if not all(isinstance(version, str) for version in content["versions"].values()):
            raise ValueError("versions are not texts")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"timing file {path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)}): run the study again"
        ) from None
    return content
