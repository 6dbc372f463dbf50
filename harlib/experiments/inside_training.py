"""The file of what is seen from inside a training: ``inside-06.json``, among the experiments.

Measures of :mod:`harlib.experiments.diagnosis`, on networks that the ablation has trained; the notebook writes
them, figures read them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths, rnn
from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.errors import UserError
from harlib.experiments import diagnosis, protocol_steps
from harlib.experiments.protocol_steps import START
from harlib.inputs import Preparation
from harlib.protocol import CLASSES, CORRECTED, RUNS, variant
from harlib.runs import experiment, trained_network
from harlib.storage import results
from harlib.storage.results import Folder
from harlib.train import Windows

#: Protocols whose first epochs are watched, by the title of their panel.
WATCHED = {
    "published: divided twice, in class order": START,
    "divided once, in class order": variant(START, steps_divisions=1),
    "divided once, shuffled": variant(START, steps_divisions=1, shuffle=True),
}
#: Networks whose gradients are measured: title to protocol and whether it is trained.
NETWORKS = {
    "published, untrained": (START, False),
    "published, trained": (START, True),
    "corrected, untrained": (CORRECTED, False),
    "corrected, trained": (CORRECTED, True),
}
#: How often the test windows are predicted in an epoch, about.
LOOKS = 20
#: Training windows that gradients are measured on, of every class as many.
WINDOWS = 300


def _batch(dataset: Dataset, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Training windows spread over all of them, and their one-hot classes."""
    chosen = np.unique(np.linspace(0, len(dataset.y_train) - 1, WINDOWS).astype(int))
    windows = Windows.from_arrays(dataset.X_train[chosen], dataset.y_train[chosen], dtype)
    return windows.x, np.eye(len(CLASSES), dtype=dtype)[windows.label]


def _params(folder: Folder, result: dict, seed: int, is_trained: bool) -> rnn.Parameters:
    return (trained_network.weights(folder, result, seed) if is_trained
            else trained_network.initial_values(result, seed))  # fmt: skip


def measure(
    run_no: int, *, data: str, data_dir: str, seeds: Sequence[int], epochs: int, dtype: str,
    loops: str, results_dir: str, watched: int = 2,
) -> dict:  # fmt: skip
    """Measure the first seed and write the file; the ablation must have been trained.

    ``watched`` is the number of epochs that are watched batch by batch.

    Raises
    ------
    UserError
        A result is missing, or of other data.
    """
    dataset, seed = load_data(data, data_dir), seeds[0]
    content = {"run_no": run_no, "seed": seed, "data": dataset.describe(), "epochs": epochs,
               "within_epochs": {}, "gradient_norms": {}, "reach": {}}  # fmt: skip
    every = max(1, len(dataset.y_train) // RUNS[run_no].batch_size // LOOKS)
    for title, protocol in WATCHED.items():
        job = experiment.job(run_no, protocol, epochs=watched, dtype=dtype, loops=loops)
        table = diagnosis.within_epochs(dataset, job, seed=seed, every=every)
        content["within_epochs"][title] = table.reset_index().to_dict(orient="list")
    x, target = _batch(dataset, dtype)
    for title, (protocol, is_trained) in NETWORKS.items():
        folder = Folder(protocol_steps.folder(results_dir), data, protocol.name)
        result = trained_network.result(folder, run_no, dataset)
        params = _params(folder, result, seed, is_trained)
        ready = Preparation.of(protocol.switches())(x)
        norms = diagnosis.gradient_norms(params, ready, target, protocol.output)
        content["gradient_norms"][title] = norms.astype(float).to_dict(orient="list")
        content["reach"][title] = diagnosis.reach(params, ready, target, protocol.output).tolist()
    results.write_json(path(run_no, data, results_dir), content)
    return content


def path(run_no: int, data: str, results_dir: str) -> Path:
    """Where the file lies."""
    where = paths.resolve(protocol_steps.folder(results_dir))
    return where / paths.data_label(data) / f"inside-{run_no:02d}.json"


def read(file: Path, dataset: Dataset) -> dict:
    """The file, checked to be of these data and to hold what the figures need.

    Raises
    ------
    UserError
        It is missing, damaged, or of other data.
    """
    content = results.read_json(file)
    try:
        found = looks(content), *gradients(content)
        whole = content["data"] == dataset.describe() and set(found[2]) == set(NETWORKS)
        whole = whole and set(found[0]) == set(WATCHED) and isinstance(content["seed"], int)
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise UserError(
            f"result file {file} is damaged or of other data: run notebooks/diagnosis.ipynb again"
        )
    return content


def looks(content: dict) -> dict[str, pd.DataFrame]:
    """What :func:`harlib.experiments.diagnosis.within_epochs` gave, by title."""
    return {
        title: pd.DataFrame(columns).set_index(["epoch", "batch"])
        for title, columns in content["within_epochs"].items()
    }


def gradients(content: dict) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series]]:
    """What :func:`harlib.experiments.diagnosis.gradient_norms` and :func:`harlib.experiments.diagnosis.reach` gave.

    Indices count samples, not steps: the networks have steps of different length.
    """
    norms, reach = {}, {}
    for title, columns in content["gradient_norms"].items():
        samples, steps = _samples(title), len(columns[diagnosis.LAYERS[0]])
        index = pd.RangeIndex(samples, steps * samples + 1, samples, name="sample")
        norms[title] = pd.DataFrame(columns, index=index)
    for title, values in content["reach"].items():
        samples = _samples(title)
        index = pd.RangeIndex(0, len(values) * samples, samples, name="samples back")
        reach[title] = pd.Series(values, index=index)
    return norms, reach


def _samples(title: str) -> int:
    """Samples in a step of one of the :data:`NETWORKS`."""
    return NETWORKS[title][0].samples_per_step
