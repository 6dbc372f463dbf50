"""What the tests of the book's numbers recompute them with: a few lines, none of harlib's own."""

import csv
import re
import statistics

import numpy as np
import pytest
from scipy import stats

from harlib import paths

SPLITS = {"Training": "train", "Validation": "validation", "Test": "test"}


def printed(number):
    with (paths.PUBLISHED / f"table-{number}.csv").open() as file:
        return list(csv.DictReader(file))


def at_best(entry, split, metric):
    return entry[split][metric][entry["best_epoch"]]


def mean_std(result, columns):
    """Mean and deviation over the seeds, of each pair of split and n of Top-n, one list."""
    found = []
    for split, n in columns:
        values = [at_best(entry, split, f"top{n}") for entry in result["seeds"].values()]
        found += [statistics.fmean(values), statistics.pstdev(values)]
    return found


def means(results):
    """Mean test Top-1 of each run."""
    return {n: mean_std(result, [("test", 1)])[0] for n, result in results.items()}


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


def assert_three_rows(rows, theirs, ours):
    """Published, re-computed and difference, each as the book writes it."""
    assert rows[0] == [f"{float(value):.3f}" for value in theirs]
    assert rows[1] == [f"{value:.3f}" for value in ours]
    for text, mine, other in zip(rows[2], ours, theirs, strict=True):
        assert numbers_of(text) == pytest.approx([mine - float(other)], abs=5.01e-4)
        assert text[0] in "+−"


def assert_bold_is_the_best_mean(table):
    """Of its column, in the first two of three rows of each run; deviations are never bold."""
    rows = cells(table)
    for j in range(len(rows[0])):
        for first in (0, 1):
            column = [row[j] for row in rows[first::3]]
            best = max(numbers_of(cell["text"])[0] for cell in column)
            bold = {numbers_of(cell["text"])[0] for cell in column if cell["bold"]}
            assert bold == ({best} if j % 2 == 0 else set())
        assert not any(row[j]["bold"] for row in rows[2::3])


def best_two(raw):
    def key(run_no):
        mean, std = mean_std(raw["runs"][run_no], [("test", 1)])
        return (-round(mean, 9), round(std, 9), run_no)

    return sorted(range(1, 9), key=key)[:2]


def assert_curves(axes, entry, metrics):
    """The axes hold these curves of every split, and mark the reported epoch."""
    drawn = axes["lines"]
    curves = [y for _, _, y in drawn if len(y) == len(entry["train"]["loss"]) and len(y) > 2]
    wanted = [entry[split][m] for split in SPLITS.values() if entry[split] for m in metrics]
    assert sorted(curves) == sorted(wanted)
    for label, x, y in drawn:
        if y in wanted:
            assert x == list(range(len(y)))
            words = label.lower()
            split = next(s for name, s in SPLITS.items() if name.lower() in words or s in words)
            top = re.search(r"top-(\d)", words)
            assert entry[split][f"top{top[1]}" if top else "loss"] == y, label
    marked = {label: x for label, x, _ in drawn}
    assert set(marked["epoch reported"]) == {entry["best_epoch"]}
    if "stopped_epoch" in entry:
        assert set(marked["training stopped"]) == {entry["stopped_epoch"]}


def trained(study, run_no, seed):
    with np.load(study.folder.path / f"run-{run_no:02d}-seed-{seed}.npz") as file:
        return dict(file)
