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
from harlib.figures.heatmaps import draw_states
from harlib.protocol import CLASSES, CORRECTED, HEADLINE, PUBLISHED
from harlib.runs import trained_network
from harlib.storage.results import Folder

#: The run whose networks are shown, under these protocols; windows of a class.
RUN, PROTOCOLS, WINDOWS = HEADLINE, (PUBLISHED.name, CORRECTED.name), 8
#: The class whose window the landing page shows.
PICTURED = CLASSES.index("jogging")


def fill(book: Book, study: Study) -> dict[str, str]:
    """The script's data, and a picture of it at work; returns the numbers that the text quotes."""
    dataset, seed = study.dataset, study.seed
    networks = read(dataset, study.results_dir, study.label, seed)
    content = data(dataset, networks)
    file = book.folder / "_static" / "try_it_data.js"
    file.write_text(f"const TRY_IT = {json.dumps(content)};\n", encoding="utf-8")
    windows = content["windows"]
    pictured = next((w for w in windows if w["label"] == PICTURED), windows[0])
    activity = CLASSES[pictured["label"]]
    book.figure(
        "try-it", partial(_plot_at_work, dataset, networks, pictured["number"]),
        title=f"One test window ({activity}, {study.title}) in two networks of the same size, "
        f"run {RUN}, seed {seed}: the signal, what the hidden units do with it, and the "
        "class scores on the way.",
        alt="Two columns: three axes of acceleration, a heat map of units, six class scores.",
    )  # fmt: skip
    rate, steps, each = content["rate"], content["steps"], _each(dataset)
    quoted = {"run": RUN, "seed": seed, "units": len(networks[CORRECTED.name][1]["W_aa"])}
    quoted["seconds"] = f"{steps / rate:g} seconds" if rate else f"{steps} steps"
    quoted["rate"] = f"{rate:g} samples a second" if rate else "the rate of the data"
    quoted["whose"] = (
        "a person whom the networks have never met" if dataset.shared_subjects == set()
        else "the test set"
    )  # fmt: skip
    rule = {1: "the first window", 2: "the first window and the middle one"}
    quoted["rule"] = rule.get(each, f"{each} windows at equal distances")
    for name, (result, params) in networks.items():
        before = trained_network.initial_values(result, seed)["W_aa"]
        moved = np.linalg.norm(params["W_aa"] - before) / np.linalg.norm(before)
        quoted[f"moved_{name}"] = f"{100 * moved:.0f}"
    return {f"try_it_{key}": str(value) for key, value in quoted.items()}


def _plot_at_work(
    dataset: Dataset, networks: dict[str, tuple[dict, rnn.Parameters]], number: int
) -> Figure:
    """Signal, hidden units and class scores of two networks during one test window.

    ``networks`` has a result and its weights by what the network is called.
    """
    figure, axes = plt.subplots(3, 2, figsize=(7.2, 4.8), sharex=True, sharey="row")
    rate, window = dataset.sampling_rate, dataset.X_test[[number]]
    end = window.shape[1] / (rate or 1)
    for (above, middle, below), name in zip(axes.T, networks, strict=True):
        result, params = networks[name]
        x = trained_network.network_inputs(window, result)
        states, logits = rnn.forward(params, x, output=None)
        config = result["config"]
        (scores,) = trained_network.scores_by_step(
            logits.transpose(1, 0, 2), config, config["scores_from"]
        )
        above.set_prop_cycle(color=style.AXIS_COLOURS.values())
        above.plot(end * np.linspace(0, 1, len(window[0])), window[0], linewidth=0.9)
        above.set_title(name)
        draw_states(middle, states[1:, 0], end)
        style.plot_classes(below, end * np.arange(1, len(x) + 1) / len(x), scores)
        below.set(xlabel="time (s)" if rate else "step", ylim=(0, 1.03))
    names = (dataset.in_unit("acceleration"), "hidden unit", "score")
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name)
    style.legend_below(figure, axes[2, 1], ncols=6, columnspacing=1.2)
    return style.finish(figure)


def read(dataset: Dataset, results_dir: str, label: str, seed: int) -> dict[str, tuple]:
    """By protocol: the result, and the weights, which take windows that are not standardised."""
    found = {}
    for name in PROTOCOLS:
        folder = Folder(results_dir, label, name)
        result = trained_network.result(folder, RUN, dataset)
        found[name] = (result, trained_network.weights(folder, result, seed))
    return found


def data(dataset: Dataset, networks: dict[str, tuple]) -> dict:
    """All that the script is given: networks and windows, arrays as base64."""
    switches = ("frame", "samples_per_step", "output", "scores_from")
    return {
        "classes": CLASSES,
        "colours": style.CLASS_COLOURS,
        "axes": list(style.AXIS_COLOURS.values()),
        "unit": dataset.unit,
        "rate": dataset.sampling_rate,
        "steps": dataset.X_test.shape[1],
        "networks": [
            {"name": name, **{switch: result["config"][switch] for switch in switches}}
            | {name: _encoded(params[name]) for name in rnn.NAMES}
            for name, (result, params) in networks.items()
        ],
        "windows": _windows(dataset),
    }


def _encoded(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def _each(dataset: Dataset) -> int:
    """Windows of a class that each person gives; where nobody is named, all are one person's."""
    people = 1 if dataset.subject_test is None else len(np.unique(dataset.subject_test))
    return max(1, WINDOWS // people)


def _windows(dataset: Dataset) -> list[dict]:
    """Of each class and test person, windows at equal distances, the first among them."""
    each, label, person = _each(dataset), dataset.y_test, dataset.subject_test
    found = []
    for k in range(len(CLASSES)):
        for whose in [None] if person is None else np.unique(person)[:WINDOWS]:
            rows = np.flatnonzero((label == k) & (True if person is None else person == whose))
            chosen = rows[np.unique(np.arange(each) * len(rows) // each)] if len(rows) else []
            for count, row in enumerate(chosen, start=1):
                name = str(count) if whose is None else f"person {whose}, {count}"
                x = _encoded(dataset.X_test[row])
                found.append({"number": int(row), "label": k, "name": name, "x": x})
    return found
