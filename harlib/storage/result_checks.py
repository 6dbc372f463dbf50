"""What a result file must be: every entry of its kind, and its numbers in agreement.

An accuracy is a number of windows, the configuration is the one that the run and the protocol
name, the reported epoch is the one that the rule selects, and the confusion matrix gives its
accuracy. A number that is changed alone seldom fits all of these.
"""

import math
import re
from dataclasses import asdict

from harlib.protocol import RUNS, named

SPLITS = ("train", "validation", "test")
METRICS = ("loss", "top1", "top2", "top3")
_PARTS = {"run_no", "asked", "config", "data", "seeds"}
_ENTRIES = {*SPLITS, "best_epoch", "confusion"}
_OPTIONAL = {"stopped_epoch", "inputs"}
_DATA = {
    "name": str, "source": str, "sha256": str, "train_windows": int, "test_windows": int,
    "train_per_class": list, "test_per_class": list, "steps": int, "channels": int,
    "sampling_rate_hz": (int, float, type(None)),
}  # fmt: skip
#: More than any sensor has; weights for that many still fit into memory.
_CHANNELS = 10_000
#: What option C decides besides, each of its kind.
STOPPING = {"patience": int, "min_delta": float, "validation_fraction": float}
_DTYPES, _LOOPS = ("float32", "float64"), ("numpy", "compiled")


def problem(content: dict) -> str | None:
    """What is wrong with a result; None if nothing is.

    May also raise KeyError, TypeError, AttributeError, ValueError, IndexError or UserError where an
    entry is missing or of another kind.
    """
    if set(content) != _PARTS:
        return f"its entries are {', '.join(content)}; needed are {', '.join(sorted(_PARTS))}"
    if type(content["run_no"]) is not int or not content["seeds"]:
        return "run_no is not a whole number, or there are no seeds"
    config, data = content["config"], content["data"]
    found = _config_problem(content["run_no"], config) or _data_problem(data)
    if found:
        return found
    for seed, entry in content["seeds"].items():
        if str(int(seed)) != seed:
            return f"seed {seed!r} is not a whole number"
        if found := _entry_problem(entry, config, data):
            return f"seed {seed}: {found}"
    return None


def _config_problem(run_no: int, config: dict) -> str | None:
    """The configuration against the run and the protocol that it names."""
    protocol = named(config["protocol"])
    wanted = {**asdict(RUNS[run_no]), **protocol.switches(), "protocol": protocol.name}
    wanted["batch_size"] = protocol.batch_size or RUNS[run_no].batch_size
    del wanted["run_no"], wanted["name"]
    free = {"epochs", "dtype", "loops"}
    if set(config) & set(STOPPING):  # option C selects by its validation windows
        wanted["selection"] = "validation"
        free |= set(STOPPING)
        for name, kind in STOPPING.items():
            if type(config[name]) not in (int, kind) or not 0 <= config[name] < 2**31:
                return f"config {name} is {config[name]!r}"
    for name in sorted(set(wanted) | set(config)):
        if name not in free and (
            name not in config or name not in wanted or config[name] != wanted[name]
            or isinstance(config[name], bool) != isinstance(wanted[name], bool)
        ):  # fmt: skip
            return (
                f"config {name} is {config.get(name, 'missing')!r}, which is not that of run "
                f"{run_no} under the protocol {protocol.name}"
            )
    if type(config["epochs"]) is not int or config["epochs"] < 0:
        return f"config epochs is {config['epochs']!r}"
    if config["dtype"] not in _DTYPES or config["loops"] not in _LOOPS:
        return f"config dtype is {config['dtype']!r}, loops {config['loops']!r}"
    return None


def _data_problem(data: dict) -> str | None:
    for name, kind in _DATA.items():
        if not isinstance(data[name], kind) or isinstance(data[name], bool):
            return f"data {name} is {data[name]!r}"
    if not 0 < data["channels"] <= _CHANNELS:
        return f"data channels is {data['channels']}"
    if set(data) != set(_DATA) or not re.fullmatch(r"[0-9a-f]{64}", data["sha256"]):
        return "data has an entry too many, or its sha256 is none"
    for part in ("train", "test"):
        counts = data[f"{part}_per_class"]
        if not all(type(count) is int and count >= 0 for count in counts):
            return f"data {part}_per_class does not hold counts"
        if sum(counts) != data[f"{part}_windows"] or not sum(counts):
            return f"data {part}_per_class does not add up to {part}_windows"
    return None


def _entry_problem(entry: dict, config: dict, data: dict) -> str | None:
    if not _ENTRIES <= set(entry) <= _ENTRIES | _OPTIONAL:
        return f"its entries are {', '.join(entry)}"
    epochs = entry.get("stopped_epoch", config["epochs"])
    if type(epochs) is not int or not 0 <= epochs <= config["epochs"]:
        return f"stopped_epoch is {epochs!r}"
    if ("stopped_epoch" in entry) != ("patience" in config):
        return "stopped_epoch and early stopping do not go together"
    windows = {
        "train": None if entry["validation"] else data["train_windows"],
        "validation": None,
        "test": data["test_windows"],
    }
    for split in SPLITS:
        if split == "validation" and entry[split] is None:
            continue
        if found := _curves_problem(entry[split], epochs, windows[split]):
            return f"{split} {found}"
    return _selection_problem(entry, config, epochs) or _confusion_problem(entry, data)


def _curves_problem(curves: dict, epochs: int, windows: int | None) -> str | None:
    """``windows``: how many there are, of which an accuracy is a share; None: not known."""
    if set(curves) != set(METRICS):
        return f"has entries {', '.join(curves)}"
    for metric, values in curves.items():
        top = math.inf if metric == "loss" else 100
        if len(values) != epochs + 1:
            return f"{metric} does not have {epochs + 1} values"
        if not all(type(v) in (int, float) and 0 <= v <= top for v in values):
            return f"{metric} has a value outside 0 to {top}, or one that is no number"
        if windows and metric != "loss":
            for value in values:
                count = value * windows / 100
                if abs(count - round(count)) > 1e-6:
                    return (
                        f"{metric} has a value, {value}, that no count of {windows} windows gives"
                    )
    for low, high in (("top1", "top2"), ("top2", "top3")):
        if any(a > b for a, b in zip(curves[low], curves[high], strict=True)):
            return f"{low} is larger than {high}"
    return None


def _selection_problem(entry: dict, config: dict, epochs: int) -> str | None:
    if config["selection"] == "last":
        expected = epochs
    else:
        selection = entry[config["selection"]]["top1"]
        expected = selection.index(max(selection))
    if type(entry["best_epoch"]) is not int or entry["best_epoch"] != expected:
        return "best_epoch is not the epoch that the selection rule gives"
    return None


def _confusion_problem(entry: dict, data: dict) -> str | None:
    confusion, classes = entry["confusion"], len(data["test_per_class"])
    if [len(row) for row in confusion] != [classes] * classes or not all(
        type(count) is int and count >= 0 for row in confusion for count in row
    ):
        return f"confusion is not {classes} rows of {classes} counts"
    if [sum(row) for row in confusion] != data["test_per_class"]:
        return "confusion does not have the test windows of each class in its rows"
    correct = sum(confusion[k][k] for k in range(classes))
    top1 = entry["test"]["top1"][entry["best_epoch"]]
    if abs(100 * correct / data["test_windows"] - top1) > 1e-9:
        return "confusion does not give the Top-1 accuracy of the best epoch"
    return None
