"""A sweep: lists of settings in a file, and the configurations that they stand for.

A sweep file is YAML; ``workflow/sweeps/example.yml`` shows every key. Each list is crossed with all
the others. One *configuration* is a run of Table I on one data set, under one protocol, for a
number of epochs; it is trained from every seed and gives one result file.
"""

import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from harlib import paths, protocol
from harlib.errors import UserError, one_line
from harlib.notebook.read_yaml import read_yaml
from harlib.runs import parameters
from harlib.storage import files, manifest, results

#: Lists that are crossed, and what each is if it is not given. Runs last: they change fastest.
CROSSED = {
    "data": ["motionsense"],
    "dtype": ["float32"],
    "epochs": [protocol.EPOCHS],
    "protocol": ["published"],
    "run_no": list(protocol.RUNS),
}
#: What holds for the whole sweep.
COMMON = {"seeds": list(protocol.SEEDS), "loops": "auto"}
YAML_ENDINGS = (".yml", ".yaml")
KEYS = (*CROSSED, "switches", *COMMON, "per_job")
#: The entry of a result file that has no result, because the training diverged: why.
DIVERGED = "diverged"
#: Longest name of a folder on common file systems.
_LONGEST = 255


@dataclass(frozen=True)
class Configuration:
    """What ``harlib.runs.experiment.run`` is asked for to make one result file."""

    run_no: int
    data: str
    protocol: str
    seeds: tuple[int, ...]
    epochs: int
    dtype: str
    loops: str
    results_dir: str

    @property
    def folder(self) -> results.Folder:
        """Where its result files lie."""
        return results.Folder(self.results_dir, self.data, self.protocol)

    @property
    def result(self) -> Path:
        """Its result file."""
        return self.folder.result(self.run_no)


@dataclass(frozen=True)
class Sweep:
    """An expanded sweep.

    Attributes
    ----------
    root : Path
        ``<results_dir>/sweeps/<name>``: everything that the sweep writes.
    configurations : tuple of Configuration
        In the order of the lists, runs fastest.
    switches : tuple of str
        Switches that were crossed: columns of the gathered table.
    per_job : int
        Configurations that one job of a cluster trains, so that starting it is worth while.
    """

    root: Path
    configurations: tuple[Configuration, ...]
    switches: tuple[str, ...]
    per_job: int


def read(path: Path, results_dir: str = "results") -> Sweep:
    """Read and expand a sweep file.

    Raises
    ------
    UserError
        Names the file and what in it is wrong: no YAML, an unknown key, a value that is not
        allowed, one that comes twice, two configurations with one result file.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
        return expand(content, path.stem, results_dir)
    except UserError as error:
        raise UserError(f"sweep {path}: {error}") from None
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(
            f"sweep {path} {files.what_is_there(path, 'YAML file', YAML_ENDINGS)}; an example is "
            f"workflow/sweeps/example.yml"
        ) from None
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
    parameters.check_names(dict.fromkeys(map(str, content)), KEYS)
    crossed = {key: _list(key, content.get(key, default)) for key, default in CROSSED.items()}
    common = {key: content.get(key, default) for key, default in COMMON.items()}
    common = parameters.check_values(common)
    per_job = parameters.RULES["jobs"]("per_job", content.get("per_job", 1))
    switches = _switches(content.get("switches", {}))
    crossed["protocol"] = _protocols(crossed["protocol"], switches)
    for key, values in crossed.items():
        crossed[key] = [parameters.RULES[key](key, value) for value in values]
    root = paths.resolve(results_dir) / "sweeps" / name
    found: dict[Path, Configuration] = {}
    for values in itertools.product(*crossed.values()):
        given = dict(zip(crossed, values, strict=True))
        # A result's own path does not name these two.
        folder = root / f"epochs={given['epochs']}" / f"dtype={given['dtype']}"
        one = Configuration(**given, **common, results_dir=paths.shown(folder))
        if found.setdefault(one.result, one) is not one:
            raise UserError(
                f"data {found[one.result].data} and {one.data} would write the same result files: "
                f"give one of the files another name"
            )
    return Sweep(root, tuple(found.values()), tuple(switches), per_job)


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
    parameters.check_names(dict.fromkeys(map(str, given)), known)
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


def diverged(one: Configuration) -> str | None:
    """Why a configuration has no result, as its result file says; None if it has one."""
    return results.read_json(one.result).get(DIVERGED)


def forget_changed(sweep: Sweep) -> int:
    """Remove the result files that were changed since they were written; returns how many.

    Snakemake makes anew what is gone; that a file has other bytes, only the manifest knows.
    """
    changed = 0
    for one in sweep.configurations:
        try:
            if one.result.exists() and not diverged(one):
                manifest.check(one.folder, one.run_no, "run")
        except UserError:
            one.result.unlink()
            changed += 1
    return changed
