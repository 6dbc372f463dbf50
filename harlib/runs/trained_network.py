"""A network that a notebook has trained: its result, its weights, and that they go together.

For what looks at finished work without training: the heat maps, what is measured on units, and
who uses a network (:mod:`harlib.use`).
"""

from collections.abc import Mapping

import numpy as np

from harlib import rnn
from harlib.data.dataset import Dataset
from harlib.errors import UserError
from harlib.inputs import Inputs, prepare
from harlib.protocol import CLASSES
from harlib.storage import manifest, results


def _train(run_no: int, kind: str, seed: int | None = None) -> str:
    """What a user has to do to get a result."""
    seeds = "" if seed is None else f" and seed {seed} among its seeds"
    return f"run notebooks/{kind.replace('-', '_')}.ipynb with run_no = {run_no}{seeds}"


def result(folder: results.Folder, run_no: int, dataset: Dataset | None, kind: str = "run") -> dict:
    """The result file of a run, made from ``dataset``; from whatever data, if that is None.

    A UserError where the run has not been trained, its file is not valid or not as the run wrote
    it, or it comes from other data.
    """
    path = folder.result(run_no, kind)
    if not path.exists():
        raise UserError(f"result file {path} is missing: {_train(run_no, kind)} first")
    content = results.read(path)
    manifest.check(folder, run_no, kind)
    if dataset and content["data"].get("sha256") != dataset.sha256():
        raise UserError(
            f"result file {path} was made from other data than the {dataset.name} data as read "
            f"now: {_train(run_no, kind)} again"
        )
    return content


def initial_values(result: dict, seed: int) -> rnn.Parameters:
    """The parameters that a seed of a result, as it was read, was trained from."""
    c = result["config"]
    params = rnn.initial_values(
        seed, c["hidden_units"], channels=result["data"]["channels"], classes=len(CLASSES),
        initial=c["initial"], initial_range=c["initial_range"], dtype=c["dtype"],
    )  # fmt: skip
    if c["standardise"]:  # as the weights are saved: for windows that are not
        given = result["seeds"][str(seed)]["inputs"]
        mean, deviation = np.array(given["mean"]), np.array(given["deviation"])
        params = Inputs(c, mean, deviation).fold(params)
    return params


def check_seed(result: dict, seed: int, kind: str = "run") -> None:
    """Refuse a seed that a result was not trained from: a UserError says which there are."""
    if str(seed) not in result["seeds"]:
        run_no = result["run_no"]
        raise UserError(
            f"parameter seed = {seed}: allowed is one of {', '.join(result['seeds'])}, from which "
            f"run {run_no} was trained; for another, {_train(run_no, kind, seed)}"
        )


def weights(folder: results.Folder, result: dict, seed: int, kind: str = "run") -> rnn.Parameters:
    """The parameters of one seed at the reported epoch of ``result``.

    A UserError where it has no such seed, or the file is missing, damaged, or of another shape.
    """
    check_seed(result, seed, kind)
    run_no = result["run_no"]
    path = folder.weights(run_no, seed, kind)
    if not path.exists():
        raise UserError(f"weights file {path} is missing: {_train(run_no, kind, seed)} first")
    params = results.read_weights(path)
    for name, wanted in initial_values(result, seed).items():
        value = params[name]
        if (value.shape, value.dtype) != (wanted.shape, wanted.dtype):
            raise UserError(
                f"weights file {path}: {name} is {value.shape} in {value.dtype}, its result file "
                f"asks for {wanted.shape} in {wanted.dtype}: {_train(run_no, kind, seed)} again"
            )
    return params


def count_parameters(result: dict) -> int:
    """How many numbers the training of one seed of a result adjusts."""
    N, K, C = result["config"]["hidden_units"], result["data"]["channels"], len(CLASSES)
    return N * (N + K + 1) + C * (N + 1)


def network_inputs(X: np.ndarray, result: dict) -> np.ndarray:
    """Windows (n, T, K) as the saved weights of a result take them, (T, n, K), in their type.

    Framed, averaged and in steps; not standardised: the weights are saved with that in them.
    """
    x = X.transpose(1, 0, 2).astype(result["config"]["dtype"])
    return np.ascontiguousarray(prepare(x, result["config"]))


def scores_by_step(logits: np.ndarray, config: Mapping[str, object], rule: str) -> np.ndarray:
    """Class scores of windows if they ended after each step, (n, T, C).

    ``logits`` (n, T, C) are ``W_ya a_t + b_y``; ``rule`` is a position of the switch
    ``scores_from``; see :class:`harlib.protocol.Protocol`.
    """
    output = rnn.OUTPUTS[config["output"]]
    if rule == "last":
        return output(logits)
    # Over float64: the mean of many steps must not depend on how they are added up.
    steps = np.arange(1, logits.shape[1] + 1)[:, None]
    if rule == "mean":
        return output(logits).cumsum(axis=1, dtype=np.float64) / steps
    return output(logits.cumsum(axis=1, dtype=np.float64) / steps)


def pick_test_window(dataset: Dataset, window: int, result: dict) -> tuple[np.ndarray, int]:
    """Test window number ``window``, (T, 1, K), as saved weights take it, and its class."""
    if window >= len(dataset.X_test):
        raise UserError(
            f"parameter window = {window}: allowed is a whole number from 0 to "
            f"{len(dataset.X_test) - 1}, one of the test windows"
        )
    chosen = dataset.X_test[window : window + 1]
    return network_inputs(chosen, result), int(dataset.y_test[window])
