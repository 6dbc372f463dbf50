"""Why the published protocol learns so little, seen from inside a training.

Three things that accuracies alone do not show: which class the network predicts while it is shown
one class after the other (:func:`within_epochs`), how much each step of a window adds to the
gradient of each weight matrix (:func:`gradient_norms`), and how far back the error of the last
step reaches (:func:`reach`).
"""

import numpy as np
import pandas as pd

from harlib import rnn
from harlib.buffers import Buffers
from harlib.data.dataset import Dataset
from harlib.inputs import Windows
from harlib.job import Job
from harlib.protocol import CLASSES
from harlib.runs import experiment
from harlib.train import train

#: Weight matrices, from the input to the output.
LAYERS = ("W_ax", "W_aa", "W_ya")


def within_epochs(dataset: Dataset, job: Job, *, seed: int, every: int = 5) -> pd.DataFrame:
    """What the network predicts on the test windows during the first epochs of a training.

    Parameters
    ----------
    every : int
        Batches between two looks.

    Returns
    -------
    DataFrame
        A row a look, by ``epoch`` and ``batch`` (batches done): ``seen``, the class of which most
        windows since the look before were, and for each class the share of the test windows (%)
        that are predicted as it.
    """
    splits = {
        "train": Windows.from_arrays(dataset.X_train, dataset.y_train, job.dtype),
        "test": Windows.from_arrays(dataset.X_test, dataset.y_test, job.dtype),
    }
    buffers = experiment.buffers(job)
    rows: list[dict] = []
    seen: list[np.ndarray] = []

    def look(params: rnn.Parameters, epoch: int, batch: int, labels: np.ndarray) -> None:
        seen.append(labels)
        if batch % every:
            return
        test = splits["test"]
        scores, _ = rnn.predict(
            params, test.x, test.label, output=job.protocol.output,
            scores_from=job.protocol.scores_from, buffers=buffers,
        )  # fmt: skip
        shares = 100 * np.bincount(scores.argmax(1), minlength=len(CLASSES)) / len(scores)
        counts = np.bincount(np.concatenate(seen), minlength=len(CLASSES))
        seen.clear()
        rows.append(
            {
                "epoch": epoch,
                "batch": batch,
                "seen": int(counts.argmax()),
                **dict(zip(CLASSES, shares, strict=True)),
            }
        )

    train(job, splits, seed=seed, buffers=buffers, after_batch=look)
    columns = ["epoch", "batch", "seen", *CLASSES]
    return pd.DataFrame(rows, columns=columns).set_index(["epoch", "batch"])


def gradient_norms(
    params: rnn.Parameters, x: np.ndarray, target: np.ndarray, output: str = "sigmoid"
) -> pd.DataFrame:
    """Length of what each step adds to the gradient of each weight matrix.

    The gradients are sums over the steps (equations (4), (8), (10) of the report)::

        dW_ya = sum_t e_t a_t^T    dW_aa = sum_t delta_t a_(t-1)^T    dW_ax = sum_t delta_t x_t^T

    and this gives the Frobenius norm of every term, mean over the batch inside it.

    Parameters
    ----------
    x : (T, B, K)
    target : (B, C)

    Returns
    -------
    DataFrame
        Steps 1..T by :data:`LAYERS`.
    """
    T, B, _ = x.shape
    N = len(params["W_aa"])
    buffers = Buffers(params, T, B)
    rnn.bptt(params, x, target, buffers, output)
    a = buffers.states[:, :, :N]
    delta, e = buffers.errors[:-1, :, :N], buffers.errors[1:, :, N:]
    terms = {"W_ax": (delta, x), "W_aa": (delta, a[:-1]), "W_ya": (e, a[1:])}
    norms = {
        layer: np.linalg.norm(np.einsum("tbi,tbj->tij", left, right) / B, axis=(1, 2))
        for layer, (left, right) in terms.items()
    }
    return pd.DataFrame(norms, index=pd.RangeIndex(1, T + 1, name="step"))[list(LAYERS)]


def reach(
    params: rnn.Parameters, x: np.ndarray, target: np.ndarray, output: str = "sigmoid"
) -> pd.Series:
    """How much of the error of the last step reaches each step before it.

    The norm of ``delta_t``, root mean square over the windows, when only ``e_T`` counts; as a
    share of that at the last step. Where it fades the network cannot learn what lies that far
    back; where it grows the gradient explodes.

    Returns
    -------
    Series
        By steps back from the last, 0..T-1.
    """
    T = len(x)
    a, y = rnn.forward(params, x, output=output)
    slope = 1 - a[1:] ** 2
    delta = (y[-1] - target) @ params["W_ya"] * slope[-1]
    lengths = [np.sqrt((delta.astype(np.float64) ** 2).sum(1).mean())]
    for t in range(T - 2, -1, -1):
        delta = delta @ params["W_aa"] * slope[t]
        lengths.append(np.sqrt((delta.astype(np.float64) ** 2).sum(1).mean()))
    shares = np.array(lengths) / lengths[0]
    return pd.Series(shares, index=pd.RangeIndex(T, name="steps back"), name="share")
