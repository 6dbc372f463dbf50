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
from harlib.experiments.folds import FOLDS, folds
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
            "PyTorch is missing: make peers installs it from workflow/requirements-bench.txt into "
            "an environment of its own"
        ) from None
    return networks


def held_out(dataset: Dataset) -> list[np.ndarray]:
    """The training subjects that validate, one array a fold; raises as :func:`folds` does."""
    subject = dataset.subject_train
    return [np.unique(subject[rows]) for _, rows in folds(dataset)][:VALIDATIONS]


class Trainings:
    """The trainings of one network on one data set, each read from its file where it is done.

    Parameters
    ----------
    library : module
        What trains: :mod:`benchmarks.peers.networks`.
    network : str
        A name in ``library.NETWORKS``.
    folder : Path
        Where the files of single trainings lie.
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

    def accuracy(
        self, settings: Settings, seed: int, title: str, held_out: np.ndarray | None = None
    ) -> dict:
        """The accuracies of one training, trained unless its file is there.

        Training subjects that are ``held_out`` do not train, and how well they are told is what
        comes back: no test window is there. Without it all train, and the test windows are looked
        at once, at the end.
        """
        who = "test" if held_out is None else held_out.tolist()
        key = {**self.made_from, "held_out": who, "settings": asdict(settings), "seed": seed}
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        file = self.folder / f"{self.network}-{digest[:16]}.json"
        if file.exists():
            return results.read_json(file)["accuracy"]
        x, label = _time_major(self.dataset.X_train), self.dataset.y_train
        if held_out is None:
            unseen, wanted = _time_major(self.dataset.X_test), self.dataset.y_test
        else:
            held = np.isin(self.dataset.subject_train, held_out)
            unseen, wanted = x[:, held], label[held]
            x, label = x[:, ~held], label[~held]
        with Bar(f"{title}:", settings.epochs) as bar:
            model = self.library.train(
                self.network, settings, x, label, classes=len(CLASSES), seed=seed,
                after_epoch=lambda epoch, loss: bar(epoch, f"loss {loss:.3f}"),
            )  # fmt: skip
        accuracy = {"train_top1": metrics.top_n_accuracy(model.scores(x), label, 1)}
        scores = model.scores(unseen)
        accuracy |= {f"top{n}": metrics.top_n_accuracy(scores, wanted, n) for n in (1, 2, 3)}
        accuracy["confusion"] = metrics.confusion_matrix(scores, wanted).tolist()
        self.folder.mkdir(parents=True, exist_ok=True)
        results.write_json(file, {**key, "accuracy": accuracy})
        return accuracy


def _time_major(X: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(X.transpose(1, 0, 2), dtype="float32")


def _validated(trainings: Trainings, settings: Settings, title: str) -> dict:
    """The entry of one setting that was tried: its accuracy on subjects that were held out."""
    groups = held_out(trainings.dataset)
    short = replace(settings, epochs=min(settings.epochs, VALIDATION_EPOCHS))
    top1 = [
        trainings.accuracy(short, 0, f"{title}, fold {fold} of {len(groups)}", subjects)["top1"]
        for fold, subjects in enumerate(groups, start=1)
    ]
    mean = float(np.mean(top1))
    return {"settings": asdict(settings), "validation_top1": top1, "validation_mean": mean}


def measure(
    dataset: Dataset, library: ModuleType, network: str, folder: Path, *,
    tried: tuple[Settings, ...], seeds: tuple[int, ...],
) -> dict:  # fmt: skip
    """The entry of one network in the record: what was tried, what was chosen, how it tests."""
    trainings = Trainings(dataset, library, network, folder)
    rows = []
    for number, settings in enumerate(tried, start=1):
        name = f"{network}, setting {number}"
        rows.append(_validated(trainings, settings, f"{name} of {len(tried)}"))
        print(f"{name}: validation Top-1 {rows[-1]['validation_mean']:.2f} %")
    chosen = max(range(len(rows)), key=lambda i: rows[i]["validation_mean"])  # the first of equals
    tested = {
        str(seed): trainings.accuracy(tried[chosen], seed, f"{network}, seed {seed}")
        for seed in seeds
    }
    channels = dataset.X_train.shape[2]
    return {
        "title": TITLES[network],
        "parameters": library.count_parameters(network, tried[chosen], channels, len(CLASSES)),
        "tried": rows,
        "chosen": chosen,
        "seeds": tested,
    }


@command
def main(arguments: list[str] | None = None) -> None:
    """Measure for the command line; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers.train", description=main.__doc__)
    parser.add_argument("--data", default="motionsense")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--only", choices=list(TRIED), help="one network; no record is written")
    given = vars(parser.parse_args(arguments))
    only = given.pop("only")
    checked = parameters.check_values(given)
    library = networks()
    dataset = load(checked["data"], checked["data_dir"])
    validating = held_out(dataset)
    folder = records.path("peers", checked["results_dir"]).with_suffix("")
    entries = {
        network: measure(dataset, library, network, folder, tried=TRIED[network], seeds=SEEDS)
        for network in ([only] if only else TRIED)
    }
    if only:
        print(f"{only} is done; without --only, the record is written")
        return
    content = {
        "data": dataset.describe(),
        "torch": library.torch.__version__,
        "folds": FOLDS,
        "validation_epochs": VALIDATION_EPOCHS,
        "validation_subjects": [subjects.tolist() for subjects in validating],
        "networks": entries,
    }
    file = records.write("peers", content, checked["results_dir"])
    print(f"written to {paths.shown(file)}")


if __name__ == "__main__":
    sys.exit(main())
