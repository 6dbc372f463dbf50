"""Networks whose words on the test windows are made up, so that what is measured is known."""

from dataclasses import replace

import numpy as np

from harlib import rnn
from harlib.analysis.networks import Learned
from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES

STEPS = 10


def dataset(subjects=True, per_class=4, rate=5.0) -> Dataset:
    """Two test subjects, 21 and 22, in turn; the mean of channel 0 is the class number."""
    rng = np.random.default_rng(0)

    def part(count, first):
        label = np.repeat(np.arange(len(CLASSES)), count)
        X = 0.1 * rng.standard_normal((len(label), STEPS, 3))
        X[:, :, 0] += label[:, None]
        who = np.tile(np.arange(count) % 2 + first, len(CLASSES))
        return X, label, who if subjects else None

    X_train, y_train, of_train = part(3 * per_class, 1)
    X_test, y_test, of_test = part(per_class, 21)
    return Dataset(
        "made", "made by a test", X_train, y_train, X_test, y_test, rate, of_train, of_test, "g"
    )


def people(subjects: int = 8) -> Dataset:
    """The same with so many training subjects, 0 and on."""
    made = dataset()
    n = len(made.y_train)
    return replace(made, subject_train=np.arange(n) // len(CLASSES) % subjects)


def other_test_windows(data: Dataset) -> Dataset:
    """The same training windows; test windows that nothing could overlook."""
    return replace(data, X_test=1e3 * data.X_test[::-1] + 5, y_test=data.y_test[::-1].copy())


def says(label: np.ndarray, from_step: int = 0, confidence: float = 0.9) -> np.ndarray:
    """Logits (n, T, C) of a softmax that says class 0 before ``from_step``, then ``label``."""
    outputs = np.full((len(label), STEPS, len(CLASSES)), (1 - confidence) / (len(CLASSES) - 1))
    outputs[:, :from_step, 0] = confidence
    outputs[np.arange(len(label)), from_step:, label] = confidence
    return np.log(outputs)


def mistaken(data: Dataset, true: int, taken: int, subject: int | None = None) -> np.ndarray:
    """The labels, with windows of one class (and subject) taken for another."""
    which = (data.y_test == true) & (subject is None or data.subject_test == subject)
    return np.where(which, taken, data.y_test)


def learned(logits: dict[int, np.ndarray], data: Dataset, rule: str = "mean") -> Learned:
    """Networks that say ``logits``; their parameters are as they were drawn."""
    config = {
        "hidden_units": 5, "initial": "uniform", "initial_range": 0.1,
        "dtype": "float32", "standardise": False, "frame": "sensor", "input_average": 1,
        "samples_per_step": 1, "output": "softmax", "scores_from": rule, "protocol": "corrected",
    }  # fmt: skip
    result = {"run_no": 8, "config": config, "data": {"channels": 3, "name": "made"}}
    params = {seed: rnn.initial_values(seed + 1, 5, initial_range=0.5) for seed in logits}
    return Learned(data, result, params, logits)
