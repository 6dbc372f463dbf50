"""A sweep: lists of settings in a file, and the configurations and jobs that they stand for.

A sweep file is YAML; ``sweeps/example.yml`` shows every key. Each list is crossed with all the
others. One *configuration* is a run of Table I on one data set, under one protocol, for a number
of epochs; it is trained from every seed and gives one result file. A *job* is some configurations
that are trained one after the other, so that starting it is worth while.
"""

import hashlib
import itertools
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from harlib import paths, protocol
from harlib.errors import UserError, one_line
from harlib.notebook import parameters
from harlib.storage import provenance
from harlib.storage.results import Folder

#: Lists that are crossed, and what each is if it is not given.
CROSSED = {
    "data": ["synthetic"],
    "protocol": ["published"],
    "run_no": list(protocol.RUNS),
    "epochs": [protocol.EPOCHS],
    "dtype": ["float32"],
}
#: What holds for the whole sweep.
COMMON = {"seeds": list(protocol.SEEDS), "data_dir": "", "loops": "auto", "per_job": 1}
KEYS = (*CROSSED, "switches", *COMMON)
#: Lists that need a folder of their own for each value: a result's path does not name them.
_FOLDERS = ("epochs", "dtype")
#: Longest name of a folder on common file systems.
_LONGEST = 255


@dataclass(frozen=True)
class Configuration:
    """What ``harlib.runs.experiment.run`` is asked for to make one result file."""

    run_no: int
    data: str
    data_dir: str
    protocol: str
    seeds: tuple[int, ...]
    epochs: int
    dtype: str
    loops: str
    results_dir: str

    @property
    def folder(self) -> Folder:
        """Where its result files lie."""
        return Folder(self.results_dir, self.data, self.protocol)


@dataclass(frozen=True)
class Sweep:
    """An expanded sweep.

    Attributes
    ----------
    name : str
        The sweep file's name without its ending.
    root : Path
        ``<results_dir>/sweeps/<name>``: everything that the sweep writes.
    configurations : tuple of Configuration
        In the order of the lists, runs fastest, so that neighbours make jobs of equal length.
    switches : tuple of str
        Switches that were crossed: columns of the gathered table.
    jobs : dict
        Configurations of each job by its identifier, a digest of them and of the code, so that
        a changed sweep repeats only the jobs that changed.
    """

    name: str
    root: Path
    configurations: tuple[Configuration, ...]
    switches: tuple[str, ...]
    jobs: dict[str, tuple[Configuration, ...]]


class _Loader(yaml.SafeLoader):
    """YAML without objects, and without keys that come twice (YAML would keep the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise UserError(f"{key} is given twice")
        return super().construct_mapping(node, deep)


def read(path: Path, results_dir: str = "results") -> Sweep:
    """Read and expand a sweep file.

    Raises
    ------
    UserError
        Names the file and what in it is wrong: no YAML, an unknown key, a value that is not
        allowed, one that comes twice, two configurations with one result file.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
        return expand(content, path.stem, results_dir)
    except UserError as error:
        raise UserError(f"sweep {path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"sweep {path} cannot be read: {one_line(error)}") from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise UserError(f"sweep {path} is not valid YAML: {one_line(error)}") from None


def expand(content: object, name: str, results_dir: str = "results") -> Sweep:
    """Every configuration that ``content``, the object in a sweep file, stands for.

    Raises
    ------
    UserError
        As :func:`read`, without the file's name.
    """
    if not isinstance(content, dict) or not content:
        raise UserError(f"it names no lists; allowed are {', '.join(KEYS)}")
    for key in content:
        if not isinstance(key, str):
            raise UserError(f"unknown parameter {key!r}: allowed are {', '.join(KEYS)}")
    parameters.check_names(content, KEYS)
    crossed = {key: _list(key, content.get(key, default)) for key, default in CROSSED.items()}
    common = {key: content.get(key, default) for key, default in COMMON.items()}
    per_job = parameters.RULES["jobs"]("per_job", common.pop("per_job"))
    common = parameters.check_values(common)
    switches = _switches(content.get("switches", {}))
    crossed["protocol"] = _protocols(crossed["protocol"], switches)
    crossed = {
        key: [parameters.RULES[key](key, value) for value in values]
        for key, values in crossed.items()
    }
    root = Path(results_dir) / "sweeps" / name
    configurations = []
    # Runs last: they change fastest, and eight neighbours are the eight runs of Table I.
    order = ("data", "dtype", "epochs", "protocol", "run_no")
    for values in itertools.product(*(crossed[key] for key in order)):
        given = dict(zip(order, values, strict=True))
        parts = [f"{key}={given[key]}" for key in _FOLDERS if len(crossed[key]) > 1]
        configurations.append(Configuration(**given, **common, results_dir=str(Path(root, *parts))))
    _check_files(configurations)
    return Sweep(
        name, paths.resolve(root), tuple(configurations), tuple(switches),
        _jobs(configurations, per_job),
    )  # fmt: skip


def _list(key: str, value: object) -> list:
    """A list, or one value as a list; refuses an empty one and values that come twice."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise UserError(f"{key} is an empty list; leave it out for the default")
    for entry, count in Counter(map(repr, values)).items():
        if count > 1:
            raise UserError(f"{key} has {entry} twice")
    return values


def _switches(given: object) -> dict[str, list]:
    """Lists of positions by switch."""
    known = [name for name in protocol.PUBLISHED.switches() if name != "name"]
    if not isinstance(given, dict):
        raise UserError(f"switches = {given!r}: allowed is a list for each of {', '.join(known)}")
    for switch in given:
        if switch not in known:
            raise UserError(f"switches: no switch {switch!r}; there are {', '.join(known)}")
    return {switch: _list(switch, values) for switch, values in given.items()}


def _protocols(names: list, switches: dict[str, list]) -> list[str]:
    """Every protocol with every combination of switches, by its one name."""
    found: dict[str, str] = {}
    for base, *values in itertools.product(names, *switches.values()):
        turned = [f"{switch}={value}" for switch, value in zip(switches, values, strict=True)]
        asked = "+".join([str(base), *turned])
        name = protocol.named(asked).name
        if name in found:
            raise UserError(f"{asked} and {found[name]} are the same protocol, {name}")
        if len(name.encode()) > _LONGEST:
            raise UserError(f"{asked}: a folder's name cannot be longer than {_LONGEST} bytes")
        found[name] = asked
    return list(found)


def _check_files(configurations: list[Configuration]) -> None:
    """Refuse two configurations with one result file: data files of the same name."""
    found: dict[Path, Configuration] = {}
    for one in configurations:
        path = one.folder.result(one.run_no)
        if path in found:
            raise UserError(
                f"data {found[path].data} and {one.data} would write the same result files: give "
                f"one of the files another name"
            )
        found[path] = one


def _jobs(
    configurations: list[Configuration], per_job: int
) -> dict[str, tuple[Configuration, ...]]:
    code = provenance.code_digest()
    jobs = {}
    for start in range(0, len(configurations), per_job):
        chosen = tuple(configurations[start : start + per_job])
        text = json.dumps([code, *map(asdict, chosen)], sort_keys=True)
        jobs[hashlib.sha256(text.encode()).hexdigest()[:16]] = chosen
    return jobs
