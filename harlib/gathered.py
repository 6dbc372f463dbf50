"""All that one study has written, read with suspicion and checked to belong together."""

from dataclasses import dataclass
from pathlib import Path

from harlib import data, results, tables
from harlib.data import Dataset
from harlib.errors import UserError, one_line
from harlib.protocol import RUNS
from harlib.results import Folder


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
            results.check_unchanged(folder, run_no, kind)
            same = result["run_no"] == run_no and result["data"] == dataset.describe()
            if kind == "run":
                same = same and list(result["seeds"]) == list(runs[first]["seeds"])
                same = same and result["config"]["epochs"] == runs[first]["config"]["epochs"]
            if not same:
                raise UserError(
                    f"result file {folder.result(run_no, kind)} is of another run, other data, "
                    f"seeds or number of epochs than the study it lies in: run the study again"
                )
    timings = {
        run_no: read_timing(folder.timing(run_no), list(runs[run_no]["seeds"])) for run_no in RUNS
    }
    return Study(folder, dataset, runs, option_c, timings)


def beside(study: Study, protocol: str) -> Folder:
    """The folder of the same data under another protocol."""
    return Folder(study.results_dir, study.folder.path.parent.name, protocol)


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
