"""Tables of the record ``bench``: what was measured, beside what was aimed at."""

import math

import numpy as np
import pandas as pd

from benchmarks import batch
from benchmarks import study as study_times
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
#: What each slope says is the cost of.
OVER = {"steps": "steps", "batch": "batch size", "units": "hidden units", "windows": "windows"}


def size(entry: dict) -> str:
    """``(batch, units)``."""
    return f"({entry['batch']},\u00a0{entry['units']})"


def fastest(content: dict) -> str:
    """The loops of harlib that the machine has: compiled, else NumPy."""
    return "compiled" if "compiled" in content["batches"][0]["milliseconds"] else "numpy"


def milliseconds(content: dict) -> pd.DataFrame:
    """One row each way, one column a size: median and quartiles; why a row is empty."""
    rows = {}
    for key, name in NAMES.items():
        for entry in content["batches"]:
            low, middle, high = entry["milliseconds"].get(key, [math.nan] * 3)
            text = f"{middle:.2f} ({low:.2f}–{high:.2f})"
            if math.isnan(middle):
                text = content["missing"].get(key, "no C compiler")
            rows.setdefault(name, {})[size(entry)] = text
    rows["product rate (GFLOP/s)"] = {
        size(entry): "{1:.0f} ({0:.0f}–{2:.0f})".format(*_quartiles(entry["gflops"]))
        for entry in content["batches"]
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("One batch (ms)")


def _quartiles(values: list[float]) -> list[float]:
    return np.percentile(values, [25, 50, 75]).tolist()


def ratios(content: dict, ours: str) -> dict[str, list[float]]:
    """Times that ``ours`` is faster than each, and the part of the product rate it reaches."""
    found = {}
    for key in ("plain", *batch.PEERS):
        found[key] = [
            entry["milliseconds"].get(key, [math.nan] * 3)[1] / entry["milliseconds"][ours][1]
            for entry in content["batches"]
        ]
    found["rate"] = [reached(entry, ours) for entry in content["batches"]]
    return found


def reached(entry: dict, ours: str) -> float:
    """Part of the large-matrix product rate that a batch reaches."""
    rate = entry["flops"] / entry["milliseconds"][ours][1] / 1e6
    return rate / _quartiles(entry["gflops"])[1]


def targets(content: dict) -> pd.DataFrame:
    """The table of aims: one row each, for both kinds of loops; NaN where nothing was measured."""
    rows = {}
    for key in ("plain", *batch.PEERS, "rate"):
        name = NAMES.get(key, "product rate").split(",")[0]
        what = f"× {name}" if key != "rate" else "product rate (%)"
        scale = 100 if key == "rate" else 1
        rows[what, "aim"] = [scale * aim for aim in batch.TARGETS[key]]
        for ours in ("compiled", "numpy"):
            if ours in content["batches"][0]["milliseconds"]:
                rows[what, NAMES[ours]] = [scale * v for v in ratios(content, ours)[key]]
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=list(map(size, content["batches"]))
    )
    table.index = pd.MultiIndex.from_tuples(table.index, names=["What", "By"])
    return table


def bold_if_reached(table: pd.DataFrame) -> pd.DataFrame:
    """True where a figure reaches the aim of its row."""
    aims = table.xs("aim", level="By").reindex(table.index.get_level_values("What")).to_numpy()
    reached_it = table.ge(aims)
    reached_it.loc[table.index.get_level_values("By") == "aim"] = False
    return reached_it


def parts(content: dict) -> pd.DataFrame:
    """Milliseconds of each part of a batch, by loops and size."""
    table = pd.DataFrame(content["parts"])
    table["size"] = [size(entry) for entry in content["parts"]]
    table["by"] = table["loops"].map(NAMES)
    table = table.pivot(index=["by", "part"], columns="size", values="milliseconds")
    order = list(dict.fromkeys(size(entry) for entry in content["batches"]))
    found = list(dict.fromkeys(entry["part"] for entry in content["parts"]))
    loops = [NAMES[name] for name in ("compiled", "numpy") if NAMES[name] in table.index.levels[0]]
    table = table.reindex(pd.MultiIndex.from_product([loops, found], names=["By", "Part"]))
    return table[order].rename_axis(columns=None)


def slopes(content: dict) -> pd.DataFrame:
    """Exponent of the cost over each size: the slope in a plot with both axes logarithmic.

    Fitted by least squares to the upper half of the sizes too, where what a call costs in any
    case no longer counts.
    """
    rows = {}
    for over, name in OVER.items():
        x, y = points(content, over)
        half = len(x) // 2
        rows[name] = {
            "From": x[0],
            "To": x[-1],
            "Slope": slope(x, y),
            "Slope, upper half": slope(x[half:], y[half:]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Cost over")


def points(content: dict, over: str) -> tuple[list[float], list[float]]:
    """Sizes and milliseconds."""
    chosen = [entry for entry in content["grid"] if entry["over"] == over]
    return [entry["value"] for entry in chosen], [entry["milliseconds"] for entry in chosen]


def slope(x: list[float], y: list[float]) -> float:
    """Least-squares slope of ``log y`` over ``log x``."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def study(content: dict, epochs: int = protocol.EPOCHS) -> pd.DataFrame:
    """The eight runs against the time that their products alone take, in seconds of cores.

    The first row is calculated, from the times of a batch, of an evaluation and of the start of a
    notebook; the second, if the record has one, is of a study that was run.
    """
    ours, seeds = fastest(content), len(protocol.SEEDS)
    seconds = len(protocol.RUNS) * content["start_seconds"]
    for run in protocol.RUNS.values():
        batches = study_times.TRAINED / run.batch_size
        each = {
            entry["part"]: entry["milliseconds"]
            for entry in content["parts"]
            if (entry["batch"], entry["units"]) == (run.batch_size, run.hidden_units)
            and entry["loops"] == ours
        }
        training = sum(value for part, value in each.items() if part != "evaluation")
        evaluation = each["evaluation"]
        seconds += 1e-3 * seeds * batches * (epochs * training + (epochs + 1) * evaluation)
    calculated = {
        "epochs": epochs, "core_seconds": seconds, "gflops": content["gflops_each_of_two"],
        "flops": study_times.study_flops(len(protocol.RUNS), seeds, epochs),
    }  # fmt: skip
    rows = {}
    for name, entry in {"calculated": calculated, **content["studies"]}.items():
        limit = entry["flops"] / 1e9 / entry["gflops"]
        rows[name] = {
            "Epochs": entry["epochs"],
            "CPU (s)": entry["core_seconds"],
            "Limit (s)": limit,
            "Ratio": entry["core_seconds"] / limit,
            "Wall (s)": entry.get("wall_seconds", math.nan),
            "Peak (MB)": entry.get("peak_bytes", math.nan) / 1e6,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Eight runs, three seeds")


def memory(content: dict) -> pd.DataFrame:
    """Buffers of a training, in MB, and how they grow with each size."""
    rows = {}
    for entry in content["buffers"]:
        label = ("by run" if entry["over"] == "run" else f"over {OVER[entry['over']]}",
                 f"{entry['steps']} × {entry['batch']} × {entry['units']}")  # fmt: skip
        product = entry["steps"] * entry["batch"] * entry["units"]
        rows[label] = {"MB": entry["bytes"] / 1e6, "Bytes / (T B N)": entry["bytes"] / product}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["", "T × B × N"])
    return table


def values(record: Record) -> dict[str, str]:
    """What the chapter's text quotes."""
    content, ours = record.content, fastest(record.content)
    where = "on this machine" if record.here else "before, on another machine (the project's copy)"
    versions = {"NumPy": content["versions"]["numpy"], **content["peers"]}
    return {
        "bench_where": f"{where}, on {content['date']}",
        "bench_machine": f"{content['processor_model']}, {content['machine']['cores']} cores, "
        f"{content['machine']['blas']}",
        "bench_versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "bench_rounds": str(content["rounds"]),
        "bench_reached": ", ".join(f"{100 * v:.0f} %" for v in ratios(content, ours)["rate"]),
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
