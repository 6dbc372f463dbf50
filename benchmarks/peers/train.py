"""``make peers``: how far two networks of another kind get with the same windows and the same care.

Each network is trained with a few settings (:mod:`benchmarks.peers.settings`). Which of them is
reported is decided by the Top-1 accuracy on training subjects that were held out; the networks then
train on all training subjects, once from each seed, and only the last epoch of that meets a test
window. Every training is kept in a file of its own, so an interrupted measurement goes on where it
was. What comes out is the record ``peers`` (:mod:`harlib.storage.records`).
"""

import argparse
import hashlib
import inspect
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.peers.settings import TITLES, TRIED, Settings
from harlib import augment, inputs, metrics, paths, protocol
from harlib.data import Dataset, load
from harlib.errors import UserError, command
from harlib.experiments.cross_validation import FOLDS, folds
from harlib.protocol import CLASSES
from harlib.runs import parameters
from harlib.runs.progress import Bar
from harlib.storage import records, results

#: Epochs of a training that validates; those that are reported have the epochs of their settings.
VALIDATION_EPOCHS = 30
#: Seeds of the reported trainings.
SEEDS = protocol.HEADLINE_SEEDS


def networks() -> ModuleType:
    """The module with the networks; raises UserError where PyTorch is not installed."""
    try:
        from benchmarks.peers import networks
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UserError(
            "PyTorch is missing: make peers installs it from workflow/requirements-bench.txt into "
            "an environment of its own"
        ) from None
    return networks


def validating(dataset: Dataset) -> tuple[np.ndarray, list[int]]:
    """Which training windows validate, (n,) of bool, and the subjects whose they are.

    They are those of the first group of subjects; raises as :func:`folds` does.
    """
    _, rows = folds(dataset)[0]
    subjects = np.unique(dataset.subject_train[rows])
    return np.isin(dataset.subject_train, subjects), subjects.tolist()


class Trainings:
    """The trainings of one network on one data set, each read from its file where it is done.

    ``library`` is what trains, :mod:`benchmarks.peers.networks`, and ``network`` one of its
    ``NETWORKS``; the files of single trainings lie in ``folder``.
    """

    def __init__(self, dataset: Dataset, library: ModuleType, network: str, folder: Path) -> None:
        self.dataset, self.library, self.network = dataset, library, network
        self.folder = folder
        # The code that a training of this network goes through; not the other one's.
        parts = [augment, inputs, library.NETWORKS[network], library.Trained, library.train]
        code = "".join(map(inspect.getsource, parts))
        self.made_from = {
            "network": network,
            "data": dataset.sha256(),
            "code": hashlib.sha256(code.encode()).hexdigest(),
            "torch": library.torch.__version__,
        }

    def validation(self, settings: Settings, title: str) -> dict:
        """Train without the subjects that validate; how well theirs are told. No test window."""
        held, subjects = validating(self.dataset)
        x, label = _time_major(self.dataset.X_train), self.dataset.y_train
        short = replace(settings, epochs=min(settings.epochs, VALIDATION_EPOCHS))
        seen, unseen = (x[:, ~held], label[~held]), (x[:, held], label[held])
        return self._accuracy(subjects, short, 0, title, seen, unseen)

    def test(self, settings: Settings, seed: int, title: str) -> dict:
        """Train on all training subjects and look at the test windows once, at the end."""
        data = self.dataset
        seen = _time_major(data.X_train), data.y_train
        unseen = _time_major(data.X_test), data.y_test
        return self._accuracy("test", settings, seed, title, seen, unseen)

    def _accuracy(
        self, held_out: list[int] | str, settings: Settings, seed: int, title: str,
        seen: tuple[np.ndarray, np.ndarray], unseen: tuple[np.ndarray, np.ndarray],
    ) -> dict:  # fmt: skip
        """The accuracies of one training, trained unless its file is there."""
        key = {**self.made_from, "held_out": held_out, "settings": asdict(settings), "seed": seed}
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        file = self.folder / f"{self.network}-{digest[:16]}.json"
        if file.exists():
            return results.read_json(file)["accuracy"]
        with Bar(f"{title}:", settings.epochs) as bar:
            model = self.library.train(
                self.network, settings, *seen, classes=len(CLASSES), seed=seed,
                after_epoch=lambda epoch, loss: bar(epoch, f"loss {loss:.3f}"),
            )  # fmt: skip
        accuracy = {"train_top1": metrics.top_n_accuracy(model.scores(seen[0]), seen[1], 1)}
        scores, label = model.scores(unseen[0]), unseen[1]
        accuracy |= {f"top{n}": metrics.top_n_accuracy(scores, label, n) for n in (1, 2, 3)}
        accuracy["confusion"] = metrics.confusion_matrix(scores, label).tolist()
        self.folder.mkdir(parents=True, exist_ok=True)
        results.write_json(file, {**key, "accuracy": accuracy})
        return accuracy


def _time_major(X: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(X.transpose(1, 0, 2), dtype="float32")


def measure(
    dataset: Dataset, library: ModuleType, network: str, folder: Path, *,
    tried: tuple[Settings, ...], seeds: tuple[int, ...],
) -> dict:  # fmt: skip
    """The entry of one network in the record: what was tried, what was chosen, how it tests."""
    trainings = Trainings(dataset, library, network, folder)
    rows = []
    for number, settings in enumerate(tried, start=1):
        name = f"{network}, setting {number}"
        top1 = trainings.validation(settings, f"{name} of {len(tried)}")["top1"]
        print(f"{name}: validation Top-1 {top1:.2f} %")
        rows.append(
            {"settings": asdict(settings), "validation_top1": [top1], "validation_mean": top1}
        )
    chosen = max(range(len(rows)), key=lambda i: rows[i]["validation_mean"])  # the first of equals
    channels = dataset.X_train.shape[2]
    return {
        "title": TITLES[network],
        "parameters": library.count_parameters(network, tried[chosen], channels, len(CLASSES)),
        "tried": rows,
        "chosen": chosen,
        "seeds": {
            str(seed): trainings.test(tried[chosen], seed, f"{network}, seed {seed}")
            for seed in seeds
        },
    }


@command
def main(arguments: list[str] | None = None) -> None:
    """Measure for the command line; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers.train", description=main.__doc__)
    parser.add_argument("--data", default="motionsense")
    parser.add_argument("--results-dir", default="results")
    checked = parameters.check_values(vars(parser.parse_args(arguments)))
    library = networks()
    dataset = load(checked["data"])
    _, subjects = validating(dataset)
    folder = records.path("peers", checked["results_dir"]).with_suffix("")
    entries = {
        network: measure(dataset, library, network, folder, tried=TRIED[network], seeds=SEEDS)
        for network in TRIED
    }
    content = {
        "data": dataset.describe(),
        "torch": library.torch.__version__,
        "folds": FOLDS,
        "validation_epochs": VALIDATION_EPOCHS,
        "validation_subjects": [subjects],
        "networks": entries,
    }
    file = records.write("peers", content, checked["results_dir"])
    print(f"written to {paths.shown(file)}")


if __name__ == "__main__":
    sys.exit(main())
