"""Groups of training subjects of which each in turn is left out; test windows are not looked at."""

import numpy as np

from harlib.data import Dataset
from harlib.errors import UserError

#: Groups of subjects.
FOLDS = 4


def folds(dataset: Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and left-out windows of each fold, in order; no subject is in both.

    Raises
    ------
    UserError
        The data set does not say whose each window is, or has too few subjects.
    """
    subjects = dataset.subject_train
    if subjects is None or len(np.unique(subjects)) < FOLDS:
        raise UserError(
            f"settings are chosen by groups of training subjects that are left out, and the "
            f"{dataset.name} data does not have {FOLDS} or more known training subjects; allowed "
            f"is a data set that says whose each window is: synthetic, motionsense"
        )
    from sklearn.model_selection import GroupKFold  # takes longer to load than all the rest

    split = GroupKFold(n_splits=FOLDS).split(subjects, groups=subjects)
    return [(np.sort(inside), np.sort(outside)) for inside, outside in split]
