"""Choosing a protocol by training subjects alone: cross-validation over groups of them.

The training subjects are dealt into groups; each group in turn is left out of the training and
then recognised, at the last epoch. Test windows are not even loaded into a split. The protocols
that were compared, and how they did, are the record ``selection`` (:mod:`harlib.storage.records`).

``python -m harlib.experiments.cross_validation --data motionsense corrected corrected+rotation=0``
tries protocols and adds them to this machine's record.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from harlib import seed_statistics
from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.errors import UserError, command
from harlib.inputs import Windows
from harlib.protocol import EPOCHS, Protocol, named
from harlib.runs import experiment, parameters
from harlib.runs.progress import EpochBar
from harlib.storage import records
from harlib.train import train

NAME = "selection"
#: Groups of subjects.
FOLDS = 4


def folds(dataset: Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and left-out windows of each fold; a UserError where too few subjects are named."""
    subjects = dataset.subject_train
    if subjects is None or len(np.unique(subjects)) < FOLDS:
        raise UserError(
            f"settings are chosen by groups of training subjects that are left out, and the "
            f"{dataset.name} data does not have {FOLDS} or more known training subjects; allowed "
            f"is a data set that says whose each window is: motionsense, synthetic"
        )
    from sklearn.model_selection import GroupKFold  # takes longer to load than all the rest

    return list(GroupKFold(n_splits=FOLDS).split(subjects, groups=subjects))


def cross_validate(
    dataset: Dataset, run_no: int, protocol: Protocol, *, epochs: int, seeds: Sequence[int]
) -> dict[str, list[float]]:
    """Top-1, -2, -3 accuracy (%) on the left-out subjects at the last epoch, a value a fold.

    Fold ``k`` is trained from seed ``k`` of ``seeds``, in turn.
    """
    found: dict[str, list[float]] = {f"top{n}": [] for n in (1, 2, 3)}
    X, y = dataset.X_train, dataset.y_train
    job = experiment.job(run_no, replace(protocol, selection="last"), epochs=epochs)
    for number, (inside, outside) in enumerate(folds(dataset)):
        # The left-out windows take the place of the test windows, which have no part in this.
        dealt = {"train": inside, "test": outside}
        splits = {k: Windows.from_arrays(X[rows], y[rows], job.dtype) for k, rows in dealt.items()}
        bar = EpochBar(f"fold {number + 1} of {FOLDS}:", epochs)
        seed = seeds[number % len(seeds)]
        progress = train(job, splits, seed=seed, buffers=experiment.buffers(job), after_epoch=bar)
        bar.close()
        for metric, values in found.items():
            values.append(progress.history["test"][metric][-1])
    return found


def tried(content: dict) -> int:
    """How many settings were compared in all, by this module or before it."""
    return len(content["tried"]) + len(content.get("explored", []))


def table(content: dict) -> pd.DataFrame:
    """The record as a table: a row a protocol, mean over the folds with its interval."""
    rows = [
        {
            "Protocol": " + ".join(entry["protocol"].split("+")),  # so that a line can break
            "Run": entry["run_no"],
            "Epochs": entry["epochs"],
            **{f"Top-{n} (%)": seed_statistics.interval(entry[f"top{n}"]) for n in (1, 2, 3)},
        }
        for entry in content["tried"]
    ]
    return pd.DataFrame(rows).set_index(["Protocol", "Run"])


@command
def main() -> None:
    """Try protocols; what is in the record already is not tried again."""
    parser = argparse.ArgumentParser(
        prog="python -m harlib.experiments.cross_validation", description=__doc__
    )
    parser.add_argument("--data", default="motionsense")
    parser.add_argument("--run-no", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seeds", default="42,263,682")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("protocols", nargs="+")
    given = vars(parser.parse_args())
    protocols = [named(text) for text in given.pop("protocols")]
    given = parameters.check_values(given)
    dataset = load_data(given["data"])
    found = records.read(NAME, given["results_dir"])
    kept = found.content if found.here else {}
    kept = {name: kept[name] for name in ("tried", "explored") if name in kept}
    content = {"data": dataset.name, "folds": FOLDS, "tried": [], **kept}
    run_no, epochs, seeds = given["run_no"], given["epochs"], list(given["seeds"])
    where = {"data_sha256": dataset.sha256(), "run_no": run_no, "epochs": epochs, "seeds": seeds}
    for protocol in protocols:
        about = {"protocol": protocol.name, **where}
        if any(about.items() <= entry.items() for entry in content["tried"]):
            print(f"{protocol.name} is in the record")
            continue
        print(protocol.name)
        scores = cross_validate(dataset, run_no, protocol, epochs=epochs, seeds=seeds)
        content["tried"].append({**about, **scores})
        file = records.write(NAME, content, given["results_dir"])
        print(f"Top-1 {np.mean(scores['top1']):.1f} %, in {file.name}")


if __name__ == "__main__":
    sys.exit(main())
