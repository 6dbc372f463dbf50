"""Every person unseen once: a run trained several times, each time without some of the people.

The test windows of a data set are of few people, who may be easier or harder than most. Here all
people are dealt into groups, and each group in turn is what the network has never seen.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.protocol import named
from harlib.runs import experiment
from harlib.storage.results import Folder

#: Groups of people, and so trainings from each seed.
GROUPS = 6


def deal(dataset: Dataset) -> list[Dataset]:
    """The data set dealt anew, once a group: the windows of its people are the test windows.

    Person ``k`` of all, in order of number, is in group ``k`` modulo :data:`GROUPS`; windows lie in
    class order. Nothing is dealt where the data does not say whose each window is, or has fewer
    people than groups.
    """
    if dataset.subject_train is None or dataset.subject_test is None:
        return []
    subject = np.concatenate([dataset.subject_train, dataset.subject_test])
    people = np.unique(subject)
    if len(people) < GROUPS:
        return []
    X = np.concatenate([dataset.X_train, dataset.X_test])
    y = np.concatenate([dataset.y_train, dataset.y_test])
    order = np.argsort(y, kind="stable")
    X, y, subject = X[order], y[order], subject[order]
    dealt = []
    for group in range(GROUPS):
        unseen = np.isin(subject, people[group::GROUPS])
        who = ", ".join(map(str, people[group::GROUPS]))
        dealt.append(
            replace(
                dataset, source=f"{dataset.name}, subjects {who} for testing, all others for "
                "training", X_train=X[~unseen], y_train=y[~unseen], subject_train=subject[~unseen],
                X_test=X[unseen], y_test=y[unseen], subject_test=subject[unseen],
            )
        )  # fmt: skip
    return dealt


def folders(results_dir: str, data: str, protocol: str) -> list[Folder]:
    """Where the trainings without each group lie."""
    return [Folder(f"{results_dir}/unseen/{n + 1}", data, protocol) for n in range(GROUPS)]


def train(
    run_no: int, *, data: str, protocol: str, seeds: Sequence[int], epochs: int, dtype: str,
    loops: str, results_dir: str,
) -> list[tuple[Folder, Dataset]]:  # fmt: skip
    """Train the run without each group; what is finished is not trained again.

    Of each group: where its result lies, and the data as dealt; nothing where nothing is dealt.
    """
    given = {"epochs": epochs, "dtype": dtype, "loops": loops, "evaluates_training": False}
    job = experiment.job(run_no, named(protocol), **given)
    dealt = deal(load_data(data))
    found = list(zip(folders(results_dir, data, job.protocol.name), dealt, strict=False))
    for number, (folder, dataset) in enumerate(found, start=1):
        print(f"without group {number} of {GROUPS}: {dataset.source}")
        experiment.train_on(dataset, folder, job, seeds, loops)
    return found
