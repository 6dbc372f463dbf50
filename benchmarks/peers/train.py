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
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.peers.settings import TITLES, TRIED, Settings
from harlib import augment, inputs, metrics, paths, protocol
from harlib.data import Dataset, load
from harlib.errors import UserError, command
from harlib.experiments.cross_validation import FOLDS, folds
from harlib.notebook import parameters
from harlib.protocol import CLASSES
from harlib.runs.progress import Bar
from harlib.storage import records, results

#: The first VALIDATIONS of the FOLDS groups of training subjects validate in turn.
VALIDATIONS = 1
#: Epochs of a training that validates; those that are reported have the epochs of their settings.
VALIDATION_EPOCHS = 30
#: Seeds of the reported trainings.
SEEDS = (*protocol.SEEDS, *protocol.MORE_SEEDS)


def networks() -> ModuleType:
    """The module with the networks.

    Raises
    ------
    UserError
        PyTorch is not installed.
    """
    try:
        from benchmarks.peers import networks
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UserError(
            "PyTorch is missing: make peers installs it from requirements-bench.txt into an "
            "environment of its own"
        ) from None
    return networks


def held_out(dataset: Dataset) -> list[np.ndarray]:
    """The training subjects that validate, one array a fold; raises as :func:`folds` does."""
    subject = dataset.subject_train
    return [np.unique(subject[rows]) for _, rows in folds(dataset)][:VALIDATIONS]


class Trainings:
    """The trainings on one data set, each read from its file where it is done.

    Parameters
    ----------
    library : module
        What trains: :mod:`benchmarks.peers.networks`.
    folder : Path
        Where the files of single trainings lie.
    """

    def __init__(self, dataset: Dataset, library: ModuleType, folder: Path) -> None:
        self.dataset, self.library, self.folder = dataset, library, folder
        self.sha256 = dataset.sha256()
        self.x_train = _time_major(dataset.X_train)
        self.code = {network: _code(library, network) for network in library.NETWORKS}

    def validation(
        self, network: str, settings: Settings, subjects: np.ndarray, title: str
    ) -> dict:
        """Train without ``subjects`` and look how well theirs are told; no test window is there."""
        held = np.isin(self.dataset.subject_train, subjects)
        x, y = self.x_train, self.dataset.y_train
        short = replace(settings, epochs=min(settings.epochs, VALIDATION_EPOCHS))
        return self._done(
            {"held_out": subjects.tolist()}, network, short, 0, title,
            (x[:, ~held], y[~held]), (x[:, held], y[held]),
        )  # fmt: skip

    def test(self, network: str, settings: Settings, seed: int, title: str) -> dict:
        """Train on all training subjects and look at the test windows once, at the end."""
        return self._done(
            {"held_out": "test"}, network, settings, seed, title,
            (self.x_train, self.dataset.y_train),
            (_time_major(self.dataset.X_test), self.dataset.y_test),
        )  # fmt: skip

    def _done(
        self, what: dict, network: str, settings: Settings, seed: int, title: str,
        seen: tuple[np.ndarray, np.ndarray], unseen: tuple[np.ndarray, np.ndarray],
    ) -> dict:  # fmt: skip
        """The accuracies of one training, trained unless its file is there."""
        key = {
            **what, "network": network, "settings": asdict(settings), "seed": seed,
            "data": self.sha256, "code": self.code[network],
            "torch": self.library.torch.__version__,
        }  # fmt: skip
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        file = self.folder / f"{network}-{digest[:16]}.json"
        if file.exists():
            return results.read_json(file)["accuracy"]
        with Bar(f"{title}:", settings.epochs) as bar:
            model = self.library.train(
                network, settings, *seen, classes=len(CLASSES), seed=seed,
                after_epoch=lambda epoch, loss: bar(epoch, f"loss {loss:.3f}"),
            )  # fmt: skip
        accuracy = {"train_top1": metrics.top_n_accuracy(model.scores(seen[0]), seen[1], 1)}
        scores = model.scores(unseen[0])
        for top in (1, 2, 3):
            accuracy[f"top{top}"] = metrics.top_n_accuracy(scores, unseen[1], top)
        accuracy["confusion"] = metrics.confusion_matrix(scores, unseen[1]).tolist()
        self.folder.mkdir(parents=True, exist_ok=True)
        results.write_json(file, {**key, "accuracy": accuracy})
        return accuracy


def _time_major(X: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(X.transpose(1, 0, 2), dtype="float32")


def _code(library: ModuleType, network: str) -> str:
    """Digest of the code that a training of ``network`` goes through; not of the other one's."""
    parts = [augment, inputs, library.NETWORKS[network], library.Trained, library.train]
    return hashlib.sha256("".join(map(inspect.getsource, parts)).encode()).hexdigest()


def measure_network(
    trainings: Trainings, network: str, tried: tuple[Settings, ...], seeds: tuple[int, ...]
) -> dict:
    """The entry of one network in the record: what was tried, what was chosen, how it tests."""
    groups = held_out(trainings.dataset)
    rows = []
    for number, settings in enumerate(tried, start=1):
        accuracy = [
            trainings.validation(
                network, settings, subjects,
                f"{network}, setting {number} of {len(tried)}, fold {fold} of {len(groups)}",
            )["top1"]
            for fold, subjects in enumerate(groups, start=1)
        ]  # fmt: skip
        rows.append(
            {
                "settings": asdict(settings),
                "validation_top1": accuracy,
                "validation_mean": float(np.mean(accuracy)),
            }
        )
        print(f"{network}, setting {number}: validation Top-1 {np.mean(accuracy):.2f} %")
    chosen = max(range(len(rows)), key=lambda i: rows[i]["validation_mean"])  # the first of equals
    tested = {
        str(seed): trainings.test(network, tried[chosen], seed, f"{network}, seed {seed}")
        for seed in seeds
    }
    return {
        "title": TITLES[network],
        "parameters": trainings.library.count_parameters(
            network, tried[chosen], trainings.dataset.X_train.shape[2], len(CLASSES)
        ),
        "tried": rows,
        "chosen": chosen,
        "seeds": tested,
    }


def measure(
    dataset: Dataset, library: ModuleType, folder: Path, *,
    tried: dict[str, tuple[Settings, ...]] = TRIED, seeds: tuple[int, ...] = SEEDS,
) -> Iterator[tuple[str, dict]]:  # fmt: skip
    """Name and entry of each network in ``tried``, one after the other."""
    trainings = Trainings(dataset, library, folder)
    for network, settings in tried.items():
        yield network, measure_network(trainings, network, settings, seeds)


def content(dataset: Dataset, torch_version: str, entries: dict[str, dict]) -> dict:
    """What the record holds."""
    return {
        "data": dataset.describe(),
        "torch": torch_version,
        "folds": FOLDS,
        "validation_epochs": VALIDATION_EPOCHS,
        "validation_subjects": [subjects.tolist() for subjects in held_out(dataset)],
        "networks": entries,
    }


@command
def main(arguments: list[str] | None = None, library: Callable[[], ModuleType] = networks) -> None:
    """Measure for the command line; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers.train", description=main.__doc__)
    parser.add_argument("--data", default="motionsense")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--only", choices=list(TRIED), help="one network; no record is written")
    given = vars(parser.parse_args(arguments))
    only = given.pop("only")
    checked = parameters.check_values(given)
    trained_by = library()
    dataset = load(checked["data"], checked["data_dir"])
    held_out(dataset)
    folder = records.path("peers", checked["results_dir"]).with_suffix("")
    tried = {only: TRIED[only]} if only else TRIED
    entries = dict(measure(dataset, trained_by, folder, tried=tried))
    if only:
        print(f"{only} is done; without --only, the record is written")
        return
    file = records.write(
        "peers", content(dataset, trained_by.torch.__version__, entries), checked["results_dir"]
    )
    print(f"written to {paths.shown(file)}")


if __name__ == "__main__":
    sys.exit(main())
