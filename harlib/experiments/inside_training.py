"""Why the published protocol learns so little, seen from inside a training.

Three things that accuracies alone do not show: which class the network predicts while it is shown
one class after the other (:func:`within_epochs`), how much each step of a window adds to the
gradient of each weight matrix (:func:`gradient_norms`), and how far back the error of the last
step reaches (:func:`reach`). They are measured on networks that the ladder of
:mod:`harlib.experiments.protocol_steps` has trained; the notebook writes them into a file,
``inside-02.json``, that figures read.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths, rnn
from harlib.buffers import Buffers
from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.errors import UserError
from harlib.experiments import protocol_steps
from harlib.experiments.protocol_steps import START
from harlib.inputs import Windows, prepare
from harlib.job import Job
from harlib.protocol import CLASSES, CORRECTED, RUNS, variant
from harlib.runs import experiment, trained_network
from harlib.runs.splits import windows
from harlib.storage import results
from harlib.storage.results import Folder
from harlib.train import train

#: Protocols whose first epochs are watched, by the title of their panel.
WATCHED = {
    "published: divided twice, unshuffled": START,
    "divided once, unshuffled": variant(START, steps_divisions=1),
    "divided once, shuffled": variant(START, steps_divisions=1, shuffle=True),
}
#: How many epochs are watched, batch by batch.
WATCHED_EPOCHS = 2
#: Networks whose gradients are measured: title to protocol and whether it is trained.
NETWORKS = {
    "published, untrained": (START, False),
    "published, trained": (START, True),
    "corrected, untrained": (CORRECTED, False),
    "corrected, trained": (CORRECTED, True),
}
#: How often the test windows are predicted in an epoch, about.
LOOKS = 20
#: Training windows that gradients are measured on, spread over all of them.
WINDOWS = 300


def within_epochs(dataset: Dataset, job: Job, *, seed: int, every: int) -> pd.DataFrame:
    """What the network predicts on the test windows during the first epochs of a training.

    A row a look, one after ``every`` batches, by ``epoch`` and ``batch`` (batches done): ``seen``,
    the class of which most windows since the look before were, and for each class the share of the
    test windows (%) that are predicted as it.
    """
    splits = windows(dataset, job.dtype, train=slice(None))
    test = splits["test"]
    buffers = experiment.buffers(job)
    rows: list[list] = []
    seen: list[np.ndarray] = []

    def look(params: rnn.Parameters, epoch: int, batch: int, labels: np.ndarray) -> None:
        seen.append(labels)
        if batch % every:
            return
        scores, _ = rnn.predict(
            params, test.x, test.label, output=job.protocol.output,
            scores_from=job.protocol.scores_from, buffers=buffers,
        )  # fmt: skip
        shares = 100 * np.bincount(scores.argmax(1), minlength=len(CLASSES)) / len(scores)
        rows.append([epoch, batch, int(np.bincount(np.concatenate(seen)).argmax()), *shares])
        seen.clear()

    train(job, splits, seed=seed, buffers=buffers, after_batch=look)
    columns = ["epoch", "batch", "seen", *CLASSES]
    return pd.DataFrame(rows, columns=columns).set_index(["epoch", "batch"])


def gradient_norms(
    params: rnn.Parameters, x: np.ndarray, target: np.ndarray, output: str
) -> dict[str, np.ndarray]:
    """Length of what each step adds to the gradient of each weight matrix.

    The gradients are sums over the steps (equations (4), (8), (10) of the report)::

        dW_ya = sum_t e_t a_t^T    dW_aa = sum_t delta_t a_(t-1)^T    dW_ax = sum_t delta_t x_t^T

    and this gives the Frobenius norm of every term, mean over the batch inside it: of each
    matrix (T,), from ``x`` (T, B, K) and ``target`` (B, C).
    """
    T, B, _ = x.shape
    N = len(params["W_aa"])
    buffers = Buffers(params, T, B)
    rnn.bptt(params, x, target, buffers, output)
    a = buffers.states[:, :, :N]
    delta, e = buffers.errors[:-1, :, :N], buffers.errors[1:, :, N:]
    terms = {"W_ax": (delta, x), "W_aa": (delta, a[:-1]), "W_ya": (e, a[1:])}
    return {
        layer: np.linalg.norm(np.einsum("tbi,tbj->tij", left, right) / B, axis=(1, 2))
        for layer, (left, right) in terms.items()
    }


def reach(params: rnn.Parameters, x: np.ndarray, target: np.ndarray, output: str) -> np.ndarray:
    """How much of the error of the last step reaches each step before it.

    The norm of ``delta_t``, root mean square over the windows, when only ``e_T`` counts; as a
    share of that at the last step, by steps back from it, (T,). Where it fades the network cannot
    learn what lies that far back; where it grows the gradient explodes.
    """
    a, y = rnn.forward(params, x, output=output)
    arriving = (y[-1] - target) @ params["W_ya"]
    lengths = []
    for a_t in a[:0:-1]:
        delta = arriving * (1 - a_t**2)
        lengths.append(np.sqrt((delta.astype(np.float64) ** 2).sum(axis=1).mean()))
        arriving = delta @ params["W_aa"]
    return np.array(lengths) / lengths[0]


def measure(
    run_no: int, *, data: str, seeds: Sequence[int], epochs: int, dtype: str,
    loops: str, results_dir: str,
) -> dict:  # fmt: skip
    """Measure the first seed and write the file; the ladder must have been trained."""
    dataset, seed = load_data(data), seeds[0]
    content = {"run_no": run_no, "seed": seed, "data": dataset.describe(), "epochs": epochs,
               "within_epochs": {}, "gradient_norms": {}, "reach": {}}  # fmt: skip
    every = max(1, len(dataset.y_train) // RUNS[run_no].batch_size // LOOKS)
    for title, protocol in WATCHED.items():
        job = experiment.job(run_no, protocol, epochs=WATCHED_EPOCHS, dtype=dtype, loops=loops)
        table = within_epochs(dataset, job, seed=seed, every=every)
        content["within_epochs"][title] = table.reset_index().to_dict(orient="list")
    chosen = np.unique(np.linspace(0, len(dataset.y_train) - 1, WINDOWS).astype(int))
    batch = Windows.from_arrays(dataset.X_train[chosen], dataset.y_train[chosen], dtype)
    target = np.eye(len(CLASSES), dtype=dtype)[batch.label]
    for title, (protocol, is_trained) in NETWORKS.items():
        folder = Folder(protocol_steps.folder(results_dir), data, protocol.name)
        result = trained_network.result(folder, run_no, dataset)
        params = trained_network.initial_values(result, seed)
        if is_trained:
            params = trained_network.weights(folder, result, seed)
        ready = prepare(batch.x, protocol.switches())
        norms = gradient_norms(params, ready, target, protocol.output)
        content["gradient_norms"][title] = {layer: of.tolist() for layer, of in norms.items()}
        content["reach"][title] = reach(params, ready, target, protocol.output).tolist()
    results.write_json(path(run_no, data, results_dir), content)
    return content


def path(run_no: int, data: str, results_dir: str) -> Path:
    """Where the file lies."""
    where = paths.resolve(protocol_steps.folder(results_dir))
    return where / paths.data_label(data) / f"inside-{run_no:02d}.json"


def read(file: Path, dataset: Dataset) -> dict:
    """The file; a UserError if it is missing, of other data, or lacks what the figures need."""
    content = results.read_json(file)
    try:
        shown = {*looks(content), *gradients(content)[1]}
        whole = content["data"] == dataset.describe() and shown == {*WATCHED, *NETWORKS}
        whole = whole and isinstance(content["seed"], int)
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise UserError(
            f"result file {file} is damaged or of other data: run notebooks/diagnosis.ipynb again"
        )
    return content


def looks(content: dict) -> dict[str, pd.DataFrame]:
    """What :func:`within_epochs` gave, by title."""
    return {
        title: pd.DataFrame(columns).set_index(["epoch", "batch"])
        for title, columns in content["within_epochs"].items()
    }


def gradients(content: dict) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series]]:
    """What :func:`gradient_norms` and :func:`reach` gave, by title.

    Indices count samples, not steps: the networks have steps of different length.
    """
    norms, reach = {}, {}
    for title, values in content["reach"].items():
        back = pd.RangeIndex(len(values), name="samples back") * NETWORKS[title][0].samples_per_step
        samples = (back + back.step).rename("sample")
        norms[title] = pd.DataFrame(content["gradient_norms"][title], index=samples)
        reach[title] = pd.Series(values, index=back)
    return norms, reach
