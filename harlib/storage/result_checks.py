"""What a result file must be: every entry of its kind, and its numbers in agreement.

Kinds and ranges stand in ``result.schema.json``. Beyond them: an accuracy is a number of windows,
the configuration is the one that the run and the protocol name and the one that was asked for, the
reported epoch is the one that the rule selects, and the confusion matrix gives its accuracy. A
number that is changed alone seldom fits all of these.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import fastjsonschema
import numpy as np

from harlib.errors import UserError
from harlib.job import EarlyStopping, Job
from harlib.protocol import RUNS, named

SPLITS = ("train", "validation", "test")
#: What option C decides besides.
_STOPPING = ("patience", "min_delta", "validation_fraction")


@cache
def _schema() -> Callable[[object], object]:
    schema = json.loads(Path(__file__).with_name("result.schema.json").read_text("utf-8"))
    return fastjsonschema.compile(schema)


def problem(content: dict) -> str | None:
    """What is wrong with a result; None if nothing is."""
    try:
        _schema()(content)
        return next(_problems(content), None)
    except fastjsonschema.JsonSchemaValueException as error:
        return error.message.removeprefix("data.")
    except UserError as error:  # the protocol that it names does not exist
        return str(error)


def _problems(content: dict) -> Iterator[str]:
    """What does not agree, of a result that is as the schema says."""
    if content["run_no"] not in RUNS:
        yield f"run_no is {content['run_no']}"
    config, data = content["config"], content["data"]
    yield from _config_problems(content)
    yield from _asked_problems(content)
    for part in ("train", "test"):
        if sum(data[f"{part}_per_class"]) != data[f"{part}_windows"]:
            yield f"data {part}_per_class does not add up to {part}_windows"
    for seed, entry in content["seeds"].items():
        for wrong in _entry_problems(entry, config, data):
            yield f"seed {seed}: {wrong}"


def _config_problems(content: dict) -> Iterator[str]:
    """The configuration against the run and the protocol that it names."""
    run, config = RUNS[content["run_no"]], content["config"]
    protocol, stopping = named(config["protocol"]), None
    if "patience" in config:  # option C selects by its validation windows
        protocol = replace(protocol, selection="validation")
        stopping = EarlyStopping(*map(config.get, _STOPPING))
    given = [config[name] for name in ("epochs", "dtype", "loops")]
    wanted = Job(run, protocol, *given, stopping).config()
    for name in sorted({*wanted, *config}):
        one, other = config.get(name, "missing"), wanted.get(name, "missing")
        if one != other or isinstance(one, bool) != isinstance(other, bool):
            yield (
                f"config {name} is {one!r}, which is not that of run {run.run_no} under the "
                f"protocol {protocol.name}"
            )


def _asked_problems(content: dict) -> Iterator[str]:
    """What a notebook was asked for against what it did."""
    asked, config = content["asked"], content["config"]
    done = {
        **config, "run_no": content["run_no"], "max_epochs": config["epochs"],
        "seeds": [int(seed) for seed in content["seeds"]],
    }  # fmt: skip
    if asked["loops"] == "auto":
        done["loops"] = "auto"
    for name, value in asked.items():
        if name not in done or done[name] != value:
            yield f"{name} = {value!r} was asked for, and {done.get(name)!r} was done"
    for name in _STOPPING:
        if name in config and name not in asked:
            yield f"{name} = {config[name]!r} was done, which was not asked for"


def _entry_problems(entry: dict, config: dict, data: dict) -> Iterator[str]:
    """One seed of a result."""
    epochs = entry.get("stopped_epoch", config["epochs"])
    if epochs > config["epochs"]:
        yield f"stopped_epoch is {epochs!r}"
    if ("stopped_epoch" in entry) != ("patience" in config):
        yield "stopped_epoch and early stopping do not go together"
    if ("inputs" in entry) != config["standardise"]:
        yield "inputs and standardise do not go together"
    for name, values in entry.get("inputs", {}).items():
        if len(values) != data["channels"]:
            yield f"inputs {name} does not have a value for each channel"
    windows = {"test": data["test_windows"]}
    if not entry["validation"]:
        windows["train"] = data["train_windows"]
    for split in SPLITS:
        for wrong in _curves_problems(entry[split] or {}, epochs, windows.get(split)):
            yield f"{split} {wrong}"
    by = config["selection"]
    if by != "last" and not entry[by]:
        yield f"there is no {by} set, by which the epoch was selected"
    if entry["best_epoch"] != (epochs if by == "last" else int(np.argmax(entry[by]["top1"]))):
        yield "best_epoch is not the epoch that the selection rule gives"
    yield from _confusion_problems(entry, data)


def _curves_problems(curves: dict, epochs: int, windows: int | None) -> Iterator[str]:
    """``windows``: how many there are, of which an accuracy is a share; None: not known."""
    for metric, values in curves.items():
        if len(values) != epochs + 1:
            yield f"{metric} does not have {epochs + 1} values"
        for value in values if windows and metric != "loss" else ():
            count = value * windows / 100
            if abs(count - round(count)) > 1e-6:
                yield f"{metric} has a value, {value}, that no count of {windows} windows gives"
    for low, high in (("top1", "top2"), ("top2", "top3")) if curves else ():
        if any(a > b for a, b in zip(curves[low], curves[high], strict=True)):
            yield f"{low} is larger than {high}"


def _confusion_problems(entry: dict, data: dict) -> Iterator[str]:
    confusion, classes = entry["confusion"], len(data["test_per_class"])
    if [len(row) for row in confusion] != [classes] * classes:
        yield f"confusion is not {classes} rows of {classes} counts"
    if [sum(row) for row in confusion] != data["test_per_class"]:
        yield "confusion does not have the test windows of each class in its rows"
    correct = sum(confusion[k][k] for k in range(classes))
    top1 = entry["test"]["top1"][entry["best_epoch"]]
    if abs(100 * correct / data["test_windows"] - top1) > 1e-9:
        yield "confusion does not give the Top-1 accuracy of the best epoch"
