"""What does not fit in the published numbers, found from the numbers themselves.

Counts behind means and standard deviations: :mod:`book.generate.audit.counts`; text and captions:
:mod:`book.generate.audit.sentences`; here the tables against each other, and everything together.
Every function returns one table; :func:`findings` is what does not fit.
"""

from fractions import Fraction

import pandas as pd

from book.generate.audit.counts import WINDOWS, deviations, grim, option_c
from book.generate.audit.grim import decimals, rounds_to
from book.generate.audit.sentences import text_against_tables
from harlib.paper import printed
from harlib.protocol import CLASSES


def confusion() -> pd.DataFrame:
    """Table VIII against the test set and against Table VI.

    Columns ``place``, ``printed``, ``check``, ``computed``, ``fits``.
    """
    matrix = printed.table(8).to_numpy()
    total, correct = int(matrix.sum()), int(matrix.trace())
    top1 = printed.table_as_printed(6).loc["top1", "test"]
    rows = [
        {
            "place": f"Table VIII, row {k} ({CLASSES[k]})",
            "printed": str(windows),
            "check": "windows of this class in the test set",
            "computed": str(WINDOWS["test"] // len(CLASSES)),
            "fits": windows * len(CLASSES) == WINDOWS["test"],
        }
        for k, windows in enumerate(matrix.sum(axis=1).tolist())
    ]
    rows.append(
        {
            "place": "Table VIII, diagonal, and Table VI, Top-1, test",
            "printed": top1,
            "check": "Top-1 accuracy from Table VIII, rounded to nearest",
            "computed": f"{correct}/{total} = {100 * correct / total:.{decimals(top1)}f} %",
            "fits": rounds_to(Fraction(100 * correct, total), top1),
        }
    )
    return pd.DataFrame(rows)


def table_2_against_3_to_5() -> pd.DataFrame:
    """Each number of Table II beside the test column that it repeats.

    Columns ``place``, ``printed`` (Table II), ``against``, ``there`` (as printed there), ``fits``.
    """
    rows = []
    second = printed.table_as_printed(2)
    for top, number in printed.TABLE_OF_TOP.items():
        other = printed.table_as_printed(number)
        for part in ("mean", "std"):
            for run_no, published in second[f"top{top}_{part}"].items():
                there = other.loc[run_no, f"test_{part}"]
                rows.append(
                    {
                        "place": f"Table II, run {run_no}, Top-{top} {part}",
                        "printed": published,
                        "against": f"Table {printed.ROMAN[number]}, test",
                        "there": there,
                        "fits": published == there,
                    }
                )
    return pd.DataFrame(rows)


def findings() -> pd.DataFrame:
    """Everything that does not fit: ``place``, ``printed``, ``problem``, ``computed`` (text)."""
    columns = ["place", "printed", "problem", "computed"]
    counts = pd.concat([grim(), option_c()]).query("not fits")
    counts = counts.assign(
        problem="no number of correct windows gives this percentage",
        computed=[
            f"nearest: {count}/{windows} = {percent:.4f} %"
            for count, windows, percent in zip(
                counts["count"], counts["windows"], counts["nearest_percent"], strict=True
            )
        ],
    )
    stds = deviations().query("verdict == 'neither'")
    stds = stds.assign(
        problem="no three counts with this mean have this standard deviation",
        computed="neither with ddof 0 nor with ddof 1",
    )
    matrix = confusion().query("not fits")
    matrix = matrix.assign(problem="differs from: " + matrix["check"])
    repeated = table_2_against_3_to_5().query("not fits").rename(columns={"there": "computed"})
    repeated = repeated.assign(problem="differs from the same number in " + repeated["against"])
    text = text_against_tables().query("not fits").rename(columns={"says": "printed"})
    text = text.assign(problem="does not agree with: " + text["against"])
    tables = [counts, stds, matrix, repeated, text]
    return pd.concat([table[columns] for table in tables], ignore_index=True)
