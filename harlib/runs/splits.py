"""From a data set to the splits of a training: training, validation and test windows."""

from collections.abc import Sequence

import numpy as np

from harlib.data import Dataset
from harlib.errors import UserError, one_line
from harlib.job import Job
from harlib.protocol import CLASSES
from harlib.storage import provenance
from harlib.train import Windows


def of_seeds(dataset: Dataset, job: Job, seeds: Sequence[int]) -> dict[int, dict[str, Windows]]:
    """What each seed of a job trains on, is selected by, and is tested on."""
    if job.stopping:
        fraction = job.stopping.validation_fraction
        return {seed: stratified(dataset, fraction, seed, job.dtype) for seed in seeds}
    if job.protocol.selection == "validation":
        return {seed: by_subject(dataset, seed, job.dtype) for seed in seeds}
    return dict.fromkeys(seeds, windows(dataset, job.dtype, train=slice(None)))


def stratified(dataset: Dataset, fraction: float, seed: int, dtype: str) -> dict[str, Windows]:
    """Training windows without, and with, the stratified validation part; test windows.

    scikit-learn returns both parts in a random order: with option C the training
    windows are no longer in class order. That is part of what the report did. A UserError where
    there are too few windows to split.
    """
    # Imported here: only option C needs it, and it takes longer to load than all the rest.
    from sklearn.model_selection import train_test_split

    try:
        train, validation = train_test_split(
            np.arange(len(dataset.y_train)), test_size=fraction, stratify=dataset.y_train,
            random_state=seed,
        )  # fmt: skip
    except ValueError as error:
        raise UserError(
            f"validation_fraction = {fraction} does not split {len(dataset.y_train)} training "
            f"windows of {len(CLASSES)} classes: {one_line(error)}"
        ) from None
    return windows(dataset, dtype, train=train, validation=validation)


def by_subject(dataset: Dataset, seed: int, dtype: str) -> dict[str, Windows]:
    """Training windows without, and with, those of every fifth subject; test windows.

    Which fifth is drawn from the seed. The windows stay in their order. A UserError where the data
    set does not say whose each window is.
    """
    if dataset.subject_train is None:
        raise UserError(
            f"selection = 'validation' holds out subjects, but {dataset.name} does not say whose "
            f"each window is; allowed is selection = 'last' or 'test'"
        )
    from sklearn.model_selection import GroupShuffleSplit

    split = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=seed)
    train, validation = next(split.split(dataset.y_train, groups=dataset.subject_train))
    return windows(dataset, dtype, train=np.sort(train), validation=np.sort(validation))


def windows(dataset: Dataset, dtype: str, **chosen: np.ndarray | slice) -> dict[str, Windows]:
    """The chosen training windows by the name of their split, and the test windows."""
    X, y = dataset.X_train, dataset.y_train
    splits = {name: Windows.from_arrays(X[rows], y[rows], dtype) for name, rows in chosen.items()}
    return {**splits, "test": Windows.from_arrays(dataset.X_test, dataset.y_test, dtype)}


def digest(parts: dict[str, Windows]) -> str:
    """Digest of the windows of every split."""
    arrays = {f"{name}.{k}": v for name, part in parts.items() for k, v in vars(part).items()}
    return provenance.digest(**arrays)
