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
            same = result["run_no"] == run_no and result["data"] == dataset.describe()
            same = same and result["config"]["protocol"] == folder.path.name
            if kind == "run":
                same = same and list(result["seeds"]) == list(runs[first]["seeds"])
                same = same and result["config"]["epochs"] == runs[first]["config"]["epochs"]
            if not same:
                raise UserError(
                    f"result file {folder.result(run_no, kind)} is of another run, protocol, other data, "
                    f"seeds or number of epochs than the study it lies in: run the study again"
                )
    timings = {run_no: _timing(folder.timing(run_no), runs[run_no]) for run_no in RUNS}
    return Study(folder, dataset, runs, option_c, timings)


def beside(study: Study, protocol: str) -> Folder:
    """The folder of the same data under another protocol."""
    return Folder(study.results_dir, study.folder.path.parent.name, protocol)


def _timing(path: Path, result: dict) -> dict:
    """The timing file of a result, with the seconds of each of its seeds."""
    content = results.read_json(path)
    try:
        for seed in result["seeds"]:
            for name in ("training_seconds", "evaluation_seconds"):
                if not float(content["seeds"][seed][name]) >= 0:
                    raise ValueError(f"{name} of seed {seed} is not a number of seconds")
        dict(content["versions"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"timing file {path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)}): run the study again"
        ) from None
    return content
