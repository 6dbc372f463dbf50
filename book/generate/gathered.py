"""All that one study has written, read with suspicion and checked to belong together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from harlib import data, metrics
from harlib.analysis import hidden_units, networks
from harlib.data import Dataset
from harlib.errors import UserError, one_line
from harlib.experiments import inside_training, protocol_steps, suspicions, unseen_people
from harlib.paper import tables
from harlib.protocol import CORRECTED, EXPERIMENT_RUN, HEADLINE, RUNS, Protocol
from harlib.storage import manifest, records, results
from harlib.storage.records import Record
from harlib.storage.results import Folder


@dataclass(frozen=True)
class Study:
    """All that one study has written, checked to belong together."""

    #: Where the eight runs and those with early stopping lie.
    folder: Folder
    dataset: Dataset
    #: Result files of the eight runs and of option C, and timing files, by run number.
    runs: dict[int, dict]
    option_c: dict[int, dict]
    timings: dict[int, dict]
    #: The run that notebooks/diagnosis and notebooks/improvements were run with.
    tried_run: int = EXPERIMENT_RUN
    #: The protocols on which notebooks/improvements tried what the report suspects.
    bases: Sequence[str] = tuple(suspicions.BASES)

    @property
    def first(self) -> dict:
        """The result of the first run, where one stands for all."""
        return self.runs[min(self.runs)]

    @property
    def title(self) -> str:
        """What captions call the data."""
        return tables.data_title(self.first)

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
        return int(next(iter(self.first["seeds"])))

    def beside(self, protocol: str) -> Folder:
        """The folder of the same data under another protocol."""
        return Folder(self.results_dir, self.label, protocol)

    def record(self, name: str) -> Record:
        """This machine's own record of a measurement, else the project's; a UserError without."""
        return records.read(name, self.results_dir)

    # What follows is read when a page first asks for it.

    @cached_property
    def hidden_units(self) -> pd.DataFrame:
        """What the hidden units of every run do."""
        return hidden_units.by_run(self.folder, self.runs, self.dataset)

    @cached_property
    def corrected(self) -> dict[int, dict]:
        """The eight runs under the corrected protocol; some may have more seeds than others."""
        folder = self.beside(CORRECTED.name)
        return _read({n: (folder, n) for n in RUNS}, self.dataset, same=("epochs",))

    @cached_property
    def unseen(self) -> list[networks.Learned]:
        """The headline's run without each group of people; nothing where nobody is named."""
        where = unseen_people.folders(self.results_dir, self.label, CORRECTED.name)
        dealt = unseen_people.deal(self.dataset)
        return [
            networks.read(folder, HEADLINE, dataset)
            for folder, dataset in zip(where, dealt, strict=False)
        ]

    def _tried(self, where: str, protocols: Iterable[Protocol]) -> dict[str, dict]:
        """One run under protocols that differ in few switches, by their names."""
        wanted = {p.name: (Folder(where, self.label, p.name), self.tried_run) for p in protocols}
        return _read(wanted, self.dataset)

    @cached_property
    def ladder(self) -> dict[str, dict]:
        """The steps from the published protocol to the corrected one."""
        return self._tried(protocol_steps.folder(self.results_dir), protocol_steps.protocols())

    @cached_property
    def divisions(self) -> dict[str, dict]:
        """What the divisions of the gradient do."""
        divisions = protocol_steps.DIVISIONS.values()
        return self._tried(protocol_steps.folder(self.results_dir), divisions)

    @cached_property
    def suspected(self) -> dict[str, dict]:
        """What the report suspects, tried."""
        protocols = suspicions.protocols(self.bases)
        return self._tried(suspicions.folder(self.results_dir), protocols)

    @property
    def inside_file(self) -> Path:
        """Where it is kept what was seen inside a training."""
        return inside_training.path(self.tried_run, self.label, self.results_dir)

    @cached_property
    def inside(self) -> dict:
        """What was seen inside a training."""
        return inside_training.read(self.inside_file, self.dataset)


def read(data_name: str, protocol: str, results_dir: str, **tried) -> Study:
    """Read every result file of a study; ``tried`` is what :class:`Study` is told besides.

    A UserError if a file is missing or not valid, or if the files do not belong together.
    """
    folder = Folder(results_dir, data_name, protocol)
    dataset = data.load(data_name)
    runs = _read({n: (folder, n) for n in RUNS}, dataset)
    chosen = {n: (folder, n) for n in tables.option_c_runs(runs)}
    option_c = _read(chosen, dataset, "early-stopping", same=())
    timings = {n: read_timing(folder.timing(n), list(runs[n]["seeds"])) for n in RUNS}
    return Study(folder, dataset, runs, option_c, timings, **tried)


def _read(
    wanted: dict, dataset: Dataset, kind: str = "run", same: Sequence[str] = ("epochs", "seeds")
) -> dict:
    """Result files by key, from pairs of folder and run, if they belong together.

    They have to be of the data set, and to have the ``same`` epochs and seeds; of seeds those that
    all have.
    """
    found = {k: results.read(folder.result(run_no, kind)) for k, (folder, run_no) in wanted.items()}
    if "seeds" in same:
        found = results.together(found)
    first = next(iter(found.values()))
    for key, result in found.items():
        folder, run_no = wanted[key]
        manifest.check(folder, run_no, kind)
        if not (
            result["run_no"] == run_no
            and result["config"]["protocol"] == folder.path.name
            and result["data"] == dataset.describe()
            and result["seeds"]
            and ("epochs" not in same or result["config"]["epochs"] == first["config"]["epochs"])
        ):
            raise UserError(
                f"result file {folder.result(run_no, kind)} is of another run, protocol, other "
                f"data, seeds or number of epochs than those it is shown with: run the study again"
            )
    return found


def mean_seconds(timing: dict) -> float:
    """What a training took, and evaluating it: mean over the seeds of a timing file."""
    seconds = [
        entry["training_seconds"] + entry["evaluation_seconds"]
        for entry in timing["seeds"].values()
    ]
    return metrics.mean_and_std(seconds)[0]


def read_timing(path: Path, seeds: list[str]) -> dict:
    """The timing file of a result with these seeds: the seconds of each, and versions.

    A UserError if it is missing or not valid.
    """
    content = results.read_json(path)
    try:
        for seed in seeds:
            for name in ("training_seconds", "evaluation_seconds"):
                value = content["seeds"][seed][name]
                if type(value) not in (int, float) or value < 0:
                    raise ValueError(f"{name} of seed {seed} is not a number of seconds")
        if not all(isinstance(version, str) for version in content["versions"].values()):
            raise ValueError("versions are not texts")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"timing file {path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)}): run the study again"
        ) from None
    return content
