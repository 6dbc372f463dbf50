"""What does not fit in the published numbers, found from the numbers themselves.

Counts behind means and standard deviations: :mod:`book.generate.audit.grim`; text and captions:
:mod:`book.generate.audit.sentences`; here the tables against each other, and everything together.
Every function returns one table; :func:`findings` is what does not fit.
"""

from fractions import Fraction

import pandas as pd

from book.generate.audit.grim import WINDOWS, decimals, deviations, grim, option_c, rounds_to
from book.generate.audit.sentences import text_against_tables
from harlib.paper import printed
from harlib.protocol import CLASSES

#: What the page shows of a finding: all text.
COLUMNS = ["place", "printed", "problem", "computed"]


def confusion() -> pd.DataFrame:
    """Table VIII against the test set and against Table VI: :data:`COLUMNS` and ``fits``."""
    matrix = printed.table(8).to_numpy()
    total, correct = int(matrix.sum()), int(matrix.trace())
    top1 = printed.table_as_printed(6).loc["top1", "test"]
    each = WINDOWS["test"] // len(CLASSES)
    problem = "differs from: windows of this class in the test set"
    rows = [
        (f"Table VIII, row {k} ({name})", str(windows), problem, str(each), windows == each)
        for k, (name, windows) in enumerate(zip(CLASSES, matrix.sum(axis=1), strict=True))
    ]
    place = "Table VIII, diagonal, and Table VI, Top-1, test"
    problem = "differs from: Top-1 accuracy from Table VIII, rounded to nearest"
    computed = f"{correct}/{total} = {100 * correct / total:.{decimals(top1)}f} %"
    fits = rounds_to(Fraction(100 * correct, total), top1)
    return pd.DataFrame([*rows, (place, top1, problem, computed, fits)], columns=[*COLUMNS, "fits"])


def table_2_against_3_to_5() -> pd.DataFrame:
    """Each number of Table II beside the test column that it repeats, as :func:`confusion`."""
    rows = []
    second = printed.table_as_printed(2)
    for top, number in printed.TABLE_OF_TOP.items():
        other = printed.table_as_printed(number)
        problem = f"differs from the same number in Table {printed.ROMAN[number]}, test"
        for part in ("mean", "std"):
            for run_no, published in second[f"top{top}_{part}"].items():
                place = f"Table II, run {run_no}, Top-{top} {part}"
                there = other.loc[run_no, f"test_{part}"]
                rows.append((place, published, problem, there, published == there))
    return pd.DataFrame(rows, columns=[*COLUMNS, "fits"])


def findings() -> pd.DataFrame:
    """Everything that does not fit: :data:`COLUMNS`."""
    counts = pd.concat([grim(), option_c()])
    counts["problem"] = "no number of correct windows gives this percentage"
    counts["computed"] = [
        f"nearest: {row.count}/{row.windows} = {row.nearest_percent:.4f} %"
        for row in counts.itertuples()
    ]
    stds = deviations()
    stds["problem"] = "no three counts with this mean have this standard deviation"
    stds["computed"] = "neither with ddof 0 nor with ddof 1"
    stds["fits"] = stds["verdict"] != "neither"
    tables = [counts, stds, confusion(), table_2_against_3_to_5(), text_against_tables()]
    return pd.concat([table.query("not fits")[COLUMNS] for table in tables], ignore_index=True)
