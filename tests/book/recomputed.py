"""What the tests of the book's numbers recompute them with: a few lines, none of harlib's own."""

import re
import statistics

import numpy as np
import pandas as pd
from scipy import stats

from harlib import paths

#: What curves are called in a legend: parts of the data, and kinds of accuracy.
SPLITS = {"training": "train", "validation": "validation", "test": "test"}
TOPS = {"Top-1 ": "top1", "Top-2 ": "top2", "Top-3 ": "top3"}


def printed(number):
    """A table of the report as text, without its first column, which counts the rows."""
    return pd.read_csv(paths.PUBLISHED / f"table-{number}.csv", index_col=0, dtype=str)


def at_best(entry, split, metric):
    return entry[split][metric][entry["best_epoch"]]


def mean_std(results, columns):
    """Mean and deviation over the seeds of each split and Top-n, side by side: a row a run."""
    rows = []
    for result in results.values():
        entries = result["seeds"].values()
        values = [[at_best(entry, *column) for column in columns] for entry in entries]
        rows.append(np.stack([np.mean(values, axis=0), np.std(values, axis=0)], axis=1).ravel())
    return np.array(rows)


def cells(table):
    """Cells of the body, row by row, without the labels on the left."""
    return [[c for c in row if c["kind"] not in ("label", "source")] for row in table["rows"]]


def body(table):
    return [[cell["text"] for cell in row] for row in cells(table)]


def numbers_of(text):
    return [float(n) for n in re.findall(r"[-+]?\d+\.\d+", text.replace("−", "-"))]


def assert_mean_half(text, values):
    """Mean, and half of its 95 % confidence interval."""
    half = stats.sem(values) * stats.t.ppf(0.975, len(values) - 1)
    expected = [statistics.fmean(values), half]
    np.testing.assert_allclose(numbers_of(text), expected, atol=0.0501, err_msg=text)


def assert_three_rows(table, theirs, ours):
    """For each row of ``ours``: published, re-computed and difference, as the book writes them."""
    theirs, shown = np.asarray(theirs, float), np.array(body(table))
    for k, values in enumerate((theirs, ours)):
        np.testing.assert_array_equal(shown[k::3], np.char.mod("%.3f", values))
    signed = np.char.replace(shown[2::3], "−", "-")
    np.testing.assert_allclose(signed.astype(float), ours - theirs, atol=5.01e-4)
    assert set(np.ravel(signed.astype("U1"))) <= {"+", "-"}


def assert_bold_is_the_best_mean(table):
    """Of its column, in the first two of three rows of each run; deviations are never bold."""
    shown = np.array(body(table))
    bold = np.array([[cell["bold"] for cell in row] for row in cells(table)])
    assert not bold[2::3].any() and not bold[:, 1::2].any()
    for k in (0, 1):
        for means, best in zip(shown[k::3, ::2].T, bold[k::3, ::2].T, strict=True):
            assert set(means[best]) == {max(means, key=float)}


def best_two(runs):
    """Run numbers: highest mean first, of equal ones the smaller deviation, then the number."""
    mean, std = mean_std(runs, [("test", "top1")]).round(9).T
    return (np.lexsort((std, -mean))[:2] + 1).tolist()


def assert_curves(axes, entry, metrics):
    """The axes hold these curves of every split, and mark the reported epoch; nothing else."""
    marks = {"epoch reported": "best_epoch", "training stopped": "stopped_epoch"}
    wanted = {label: ([entry[k]] * 2, [0, 1]) for label, k in marks.items() if k in entry}
    for split, part in SPLITS.items():
        for top, metric in metrics.items() if entry[part] else ():
            values = entry[part][metric]
            wanted[top + split] = ([*range(len(values))], values)
    drawn = {label: (x, y) for label, x, y in axes["lines"] if not label.startswith("chance")}
    assert drawn == wanted
