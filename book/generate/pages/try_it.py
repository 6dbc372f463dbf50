"""Fills try_it.md: the weights of two networks, and windows to try them on, for a browser."""

import base64
import json
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import rnn
from harlib.data import Dataset
from harlib.figures import style
from harlib.figures.heatmaps import colours
from harlib.protocol import CLASSES, CORRECTED, HEADLINE, PUBLISHED
from harlib.runs import trained_network
from harlib.storage.results import Folder

#: The run whose networks are shown, under these protocols.
RUN, PROTOCOLS = HEADLINE, (PUBLISHED.name, CORRECTED.name)
#: Windows of a class.
WINDOWS = 8
#: The class whose window the landing page shows.
PICTURED = CLASSES.index("jogging")


def fill(book: Book, study: Study) -> dict[str, str]:
    """The script's data, and a picture of it at work; returns the numbers that the text quotes."""
    content = data(study.dataset, study.results_dir, study.label, study.seed)
    file = book.folder / "_static" / "try_it_data.js"
    file.write_text(f"const TRY_IT = {json.dumps(content)};\n", encoding="utf-8")
    number = next(w["number"] for w in content["windows"] if w["label"] == PICTURED)
    book.figure(
        "try-it",
        partial(plot_at_work, study.dataset, study.results_dir, study.label, study.seed, number),
        title="One window, two networks of the same size: the signal, what the hidden units do "
        "with it, and the class scores on the way. In {doc}`Try it <try_it>` they are live.",
        alt="Two columns: three axes of acceleration, a heat map of units, six class scores.",
    )
    people = len({w["person"] for w in content["windows"]})
    rate, steps = content["rate"], content["steps"]
    rule = {1: "the first window", 2: "the first window and the middle one"}
    return {
        "try_it_run": str(RUN),
        "try_it_seed": str(study.seed),
        "try_it_units": str(content["networks"][0]["units"]),
        "try_it_seconds": f"{steps / rate:g} seconds" if rate else f"{steps} steps",
        "try_it_rate": f"{rate:g} samples a second" if rate else "the rate of the data",
        "try_it_rule": rule.get(WINDOWS // people, f"{WINDOWS // people} at equal distances"),
    }


def data(dataset: Dataset, results_dir: str, label: str, seed: int) -> dict:
    """All that the script is given: two networks and their windows, arrays as base64."""
    return {
        "classes": CLASSES,
        "colours": style.CLASS_COLOURS,
        "axes": list(style.AXIS_COLOURS.values()),
        "unit": dataset.unit,
        "rate": dataset.sampling_rate,
        "steps": dataset.X_test.shape[1],
        "networks": [_network(dataset, Folder(results_dir, label, p), seed) for p in PROTOCOLS],
        "windows": _windows(dataset),
    }


def _encoded(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def _network(dataset: Dataset, folder: Folder, seed: int) -> dict:
    """Weights for windows that are not standardised, and what else a prediction depends on."""
    result = trained_network.result(folder, RUN, dataset)
    params = trained_network.weights(folder, result, seed)
    config = result["config"]
    return {
        "name": folder.path.name,
        "units": config["hidden_units"],
        "frame": config["frame"],
        "samples": config["samples_per_step"],
        "output": config["output"],
        "scores_from": config["scores_from"],
        **{name: _encoded(params[name]) for name in rnn.NAMES},
    }


def _windows(dataset: Dataset) -> list[dict]:
    """Of each class and test person windows at equal distances, the first among them."""
    people = dataset.subject_test
    people = np.zeros(len(dataset.y_test), int) if people is None else people
    chosen = np.unique(people)[:WINDOWS]
    each = WINDOWS // len(chosen)
    found = []
    for label in range(len(CLASSES)):
        for person in chosen:
            rows = np.flatnonzero((dataset.y_test == label) & (people == person))
            for row in rows[np.unique(np.arange(each) * len(rows) // each)] if len(rows) else ():
                x = _encoded(dataset.X_test[row])
                found.append({"number": int(row), "label": label, "person": int(person), "x": x})
    return found


def plot_at_work(dataset: Dataset, results_dir: str, label: str, seed: int, number: int) -> Figure:
    """Signal, hidden units and class scores of both networks during one test window."""
    figure, axes = plt.subplots(3, 2, figsize=(7.2, 4.8), sharex=True, sharey="row")
    for (above, middle, below), protocol in zip(axes.T, PROTOCOLS, strict=True):
        folder = Folder(results_dir, label, protocol)
        result = trained_network.result(folder, RUN, dataset)
        params = trained_network.weights(folder, result, seed)
        x = trained_network.network_inputs(dataset.X_test[[number]], result).transpose(1, 0, 2)
        rules = {key: result["config"][key] for key in ("output", "scores_from", "loss_from")}
        y = dataset.y_test[[number]]
        scores = [rnn.predict(params, x[: t + 1], y, **rules)[0][0] for t in range(len(x))]
        end = dataset.X_test.shape[1] / (dataset.sampling_rate or 1)
        for k, colour in enumerate(style.AXIS_COLOURS.values()):
            samples = dataset.X_test[number, :, k]
            above.plot(np.linspace(0, end, len(samples)), samples, color=colour, linewidth=0.9)
        above.set_title(f"{protocol}: run {RUN}, seed {seed}")
        middle.imshow(
            rnn.forward(params, x)[0][1:, 0].T, aspect="auto", cmap=colours(), vmin=-1, vmax=1,
            extent=(0, end, len(params["W_aa"]), 0), interpolation="nearest", rasterized=True,
        )  # fmt: skip
        middle.grid(False)
        below.set_prop_cycle(color=style.CLASS_COLOURS, linestyle=style.CLASS_LINES)
        below.plot(np.linspace(0, end, len(x) + 1)[1:], scores, label=CLASSES)
        below.set(xlabel="time (s)" if dataset.sampling_rate else "step", ylim=(0, 1.03))
    names = (dataset.in_unit("signal"), "hidden unit", "score")
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name)
    style.legend_below(figure, axes[2, 1], ncols=6, columnspacing=1.2)
    return style.finish(figure)
