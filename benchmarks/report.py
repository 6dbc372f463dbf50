"""Tables of the record ``bench``: what was measured, beside what was aimed at."""

import math

import numpy as np
import pandas as pd

from benchmarks import flops
from harlib import protocol
from harlib.storage.records import Record

#: Names of what was measured, in the order of the table.
NAMES = {
    "plain": "plain NumPy loop, float64",
    "numpy": "harlib, NumPy",
    "compiled": "harlib, compiled",
    "torch": "PyTorch nn.RNN, autograd",
    "jax": "JAX lax.scan, jit",
}
#: Times faster than each, and percent of the product rate, that this project set out for; by size.
AIMS = {
    "plain": (7, 5, 6, 5),
    "torch": (14, 8, 6.5, 5),
    "jax": (3.5, 2.2, 2.5, 2.5),
    "rate": (60, 65, 72, 75),
}


def size(entry: dict) -> str:
    """``(batch, units)``."""
    return f"({entry['batch']},\u00a0{entry['units']})"


def our_loops(content: dict) -> list[str]:
    """The loops of harlib that the machine has, the fastest first."""
    measured = content["batches"][0]["milliseconds"]
    return [loops for loops in ("compiled", "numpy") if loops in measured]


def milliseconds(content: dict) -> pd.DataFrame:
    """One row each way, one column a size: median and quartiles; why a row is empty."""
    table = {}
    for entry in content["batches"]:
        cells = {}
        for key, name in NAMES.items():
            cells[name] = content["missing"].get(key, "no C compiler")
            if key in entry["milliseconds"]:
                cells[name] = "{1:.2f} ({0:.2f}–{2:.2f})".format(*entry["milliseconds"][key])
        quartiles = np.percentile(entry["gflops"], [25, 50, 75])
        cells["product rate (GFLOP/s)"] = "{1:.0f} ({0:.0f}–{2:.0f})".format(*quartiles)
        table[size(entry)] = cells
    return pd.DataFrame(table).rename_axis("One batch (ms)")


def ratios(content: dict, ours: str) -> pd.DataFrame:
    """Times that ``ours`` is faster than each, and the percent of the product rate it reaches.

    One row each of :data:`AIMS`, one column a size; NaN where nothing was measured.
    """
    table = {}
    for entry in content["batches"]:
        median = {key: quartiles[1] for key, quartiles in entry["milliseconds"].items()}
        column = {key: median.get(key, math.nan) / median[ours] for key in AIMS if key != "rate"}
        rate = entry["flops"] / median[ours] / 1e6
        table[size(entry)] = {**column, "rate": 100 * (rate / np.median(entry["gflops"]))}
    return pd.DataFrame(table)


def targets(content: dict) -> pd.DataFrame:
    """The table of aims: one row each, for both kinds of loops; NaN where nothing was measured."""
    measured = {NAMES[ours]: ratios(content, ours) for ours in our_loops(content)}
    rows = {}
    for key, aims in AIMS.items():
        what = "product rate (%)" if key == "rate" else f"× {NAMES[key].partition(',')[0]}"
        rows[what, "aim"] = aims
        rows |= {(what, by): table.loc[key] for by, table in measured.items()}
    columns = [size(entry) for entry in content["batches"]]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(table.index, names=["What", "By"])
    return table


def bold_if_reached(table: pd.DataFrame) -> pd.DataFrame:
    """True where a figure reaches the aim of its row."""
    aims = table.groupby(level="What", sort=False).transform("first")
    return table.ge(aims).mul(table.index.get_level_values("By") != "aim", axis=0)


def parts(content: dict) -> pd.DataFrame:
    """Milliseconds of each part of a batch, by loops and size."""
    table = {}
    for loops in our_loops(content):
        for entry in content["parts"]:
            if entry["loops"] == loops:
                row = table.setdefault((NAMES[loops], entry["part"]), {})
                row[size(entry)] = entry["milliseconds"]
    return pd.DataFrame(table).T.rename_axis(["By", "Part"])


def _calculated(content: dict) -> dict:
    """A study as the record has one that was run, put together from its parts."""
    epochs = protocol.EPOCHS
    measured = parts(content).loc[NAMES[our_loops(content)[0]]]
    seconds = len(protocol.RUNS) * content["start_seconds"]
    for run in protocol.RUNS.values():
        batches = flops.TRAINED / run.batch_size
        each = measured[size({"batch": run.batch_size, "units": run.hidden_units})]
        evaluation, training = each["evaluation"], each.drop("evaluation").sum()
        of_seed = batches * (epochs * training + (epochs + 1) * evaluation)
        seconds += 1e-3 * len(protocol.SEEDS) * of_seed
    return {"epochs": epochs, "core_seconds": seconds, "flops": flops.study(epochs)}


def study(content: dict) -> pd.DataFrame:
    """The eight runs against the time that their products alone take, in seconds of cores.

    The first row is calculated, from the times of a batch, of an evaluation and of the start of a
    notebook; the second, if the record has one, is of a study that was run.
    """
    rows = {}
    studies = {"calculated": _calculated(content), **content["studies"]}
    for name, entry in studies.items():
        limit = entry["flops"] / 1e9 / content["gflops_each_of_two"]
        rows[name] = {
            "Epochs": entry["epochs"],
            "CPU (s)": entry["core_seconds"],
            "Limit (s)": limit,
            "Ratio": entry["core_seconds"] / limit,
            "Wall (s)": entry.get("wall_seconds", math.nan),
            "Peak (MB)": entry.get("peak_bytes", math.nan) / 1e6,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Eight runs, three seeds")


def values(record: Record) -> dict[str, str]:
    """What the chapter's text quotes."""
    content = record.content
    where = "on this machine" if record.here else "before, on another machine (the project's copy)"
    versions = {"NumPy": content["versions"]["numpy"], **content["peers"]}
    reached = ratios(content, our_loops(content)[0]).loc["rate"]
    return {
        "bench_where": f"{where}, on {content['date']}",
        "bench_machine": f"{content['processor_model']}, {content['machine']['cores']} cores, "
        f"{content['machine']['blas']}",
        "bench_versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "bench_rounds": str(content["rounds"]),
        "bench_reached": ", ".join(f"{percent:.0f} %" for percent in reached),
        "bench_worker_mb": f"{content['worker_peak_bytes'] / 1e6:.0f}",
        "bench_start": f"{content['start_seconds']:.1f}",
        "bench_run": str(content["run_no"]),
    }


def number(value: object, label: tuple, column: object) -> str:
    """Text of a cell."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "not measured"
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
