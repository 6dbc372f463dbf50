"""The networks that one run has trained, one a seed, shown the test windows once more.

Nothing is trained here: result and weights come from ``notebooks/run.ipynb``. What the networks
have learned is measured in :mod:`harlib.analysis.recognition` (whom, what, how early),
:mod:`harlib.analysis.hidden_units` and :mod:`harlib.analysis.confusions` (what goes wrong, why).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harlib import metrics, rnn
from harlib.data.dataset import Dataset
from harlib.errors import UserError
from harlib.runs import trained_network
from harlib.storage import results

#: Share of the test windows that may be called otherwise than when the result was written: weights
#: are saved for windows that are not standardised, which rounds differently.
ROUNDING = 0.005
#: Windows that go through the steps together.
TILE = 100


@dataclass(frozen=True)
class Learned:
    """The networks of one run and what they say about the test windows."""

    dataset: Dataset
    result: dict
    #: By seed, for windows as they are (:meth:`harlib.inputs.Inputs.fold`).
    params: dict[int, rnn.Parameters]
    #: By seed, (n, T, C): ``W_ya a_t + b_y`` of every test window at every step.
    logits: dict[int, np.ndarray]

    @property
    def seeds(self) -> list[int]:
        return list(self.params)

    @property
    def label(self) -> np.ndarray:
        """Classes of the test windows, (n,)."""
        return self.dataset.y_test

    @cached_property
    def scores(self) -> dict[int, np.ndarray]:
        """Class scores of every test window by the rule of the protocol, (n, C), by seed."""
        return {seed: self.scores_by_step(seed, self.rules[-1])[:, -1] for seed in self.seeds}

    @cached_property
    def called(self) -> np.ndarray:
        """The class that each network takes each test window for, (seeds, n)."""
        return np.stack([scores.argmax(axis=1) for scores in self.scores.values()])

    @property
    def names_subjects(self) -> bool:
        """True if the data set says whose each test window is."""
        return self.dataset.subject_test is not None

    @property
    def subject(self) -> np.ndarray:
        """Whose each test window is, (n,); nobody, number 0, where the data does not say."""
        if self.dataset.subject_test is None:
            return np.zeros(len(self.label), dtype=np.int64)
        return self.dataset.subject_test

    def about_subjects(self) -> str:
        """One line on the people of the test windows."""
        if not self.names_subjects:
            return (
                f"The {self.dataset.name} data does not say whose its windows are: nothing is "
                f"shown by subject, and the same people may be in training and test windows."
            )
        people = ", ".join(map(str, np.unique(self.subject)))
        seen = ", ".join(map(str, sorted(self.dataset.shared_subjects))) or "none of them"
        return f"Test subjects: {people}; in the training windows, too: {seen}."

    def seconds(self, samples: float | np.ndarray) -> float | np.ndarray:
        """A number of samples as seconds; as it stands where the sampling rate is not known."""
        return samples / (self.dataset.sampling_rate or 1)

    def seconds_of_steps(self, steps: float | np.ndarray) -> float | np.ndarray:
        """How much of a window so many steps of the networks take, as :meth:`seconds`."""
        samples = self.result["config"]["samples_per_step"]
        return self.seconds(steps * samples + self.dataset.X_test.shape[1] % samples)

    @property
    def rules(self) -> list[str]:
        """How a class can be read after each step: the latest output, and the protocol's rule."""
        return list(dict.fromkeys(["last", self.result["config"]["scores_from"]]))

    def scores_by_step(self, seed: int, rule: str) -> np.ndarray:
        """Class scores of every test window if it ended after each step, (n, T, C).

        ``rule`` is a position of the switch ``scores_from``; see :class:`harlib.protocol.Protocol`.
        """
        return trained_network.scores_by_step(self.logits[seed], self.result["config"], rule)

    @property
    def time_unit(self) -> str:
        if self.dataset.sampling_rate:
            return "s"
        return "steps" if self.result["config"]["samples_per_step"] == 1 else "samples"


def read(folder: results.Folder, run_no: int, dataset: Dataset) -> Learned:
    """The networks that a run has trained, shown the test windows once more.

    A UserError if result or weights are missing, damaged or of other data, or if the weights do not
    give the confusion matrix that the result file holds.
    """
    result = trained_network.result(folder, run_no, dataset)
    params = {int(s): trained_network.weights(folder, result, int(s)) for s in result["seeds"]}
    x = trained_network.network_inputs(dataset.X_test, result)
    logits = {seed: follow(of_seed, x)[1] for seed, of_seed in params.items()}
    learned = Learned(dataset, result, params, logits)
    for seed, scores in learned.scores.items():
        confusion = metrics.confusion_matrix(scores, dataset.y_test)
        moved = np.abs(confusion - result["seeds"][str(seed)]["confusion"]).sum() / 2
        if moved > ROUNDING * len(dataset.y_test):
            raise UserError(
                f"weights file {folder.weights(run_no, seed)} does not belong to its result file: "
                f"it calls {moved:.0f} test windows otherwise; run notebooks/run.ipynb with run_no "
                f"= {run_no} again"
            )
    return learned


def follow(params: rnn.Parameters, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden states (n, T, N) and ``W_ya a_t + b_y`` (n, T, C) of the windows ``x`` (T, n, K)."""
    tiles = [x[:, start : start + TILE] for start in range(0, x.shape[1], TILE)]
    states, logits = zip(*(rnn.forward(params, tile, output=None) for tile in tiles), strict=True)
    return (
        np.concatenate([a[1:].transpose(1, 0, 2) for a in states]),
        np.concatenate([z.transpose(1, 0, 2) for z in logits]),
    )
