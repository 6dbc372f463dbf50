"""What does not fit in the published numbers, found from the numbers themselves.

Counts behind means and standard deviations: :mod:`book.generate.audit.counts`; text and captions:
:mod:`book.generate.audit.sentences`; here the tables against each other, and everything together.
Every function returns one table; :func:`findings` is what does not fit, :func:`summary`
counts what was checked.
"""

from fractions import Fraction

import pandas as pd

from book.generate.audit import grim as arithmetic
from book.generate.audit.counts import (
    OPTION_C_RULES,
    WINDOWS,
    class_shares_by_chance,
    deviations,
    grim,
    option_c,
    rounding_rules,
)
from book.generate.audit.sentences import text_against_tables
from harlib.paper import printed
from harlib.protocol import CLASSES

__all__ = [
    "OPTION_C_RULES",
    "class_shares",
    "class_shares_by_chance",
    "confusion",
    "deviations",
    "findings",
    "grim",
    "option_c",
    "per_class",
    "rounding_rules",
    "summary",
    "table_2_against_3_to_5",
    "text_against_tables",
]


def per_class() -> pd.DataFrame:
    """Table VIII by class: ``windows``, ``predicted``, ``correct`` (counts), and in percent
    ``recall``, ``precision`` (NaN for a class never predicted) and ``share`` of all windows."""
    matrix = printed.table(8)
    frame = pd.DataFrame({"class": CLASSES}, index=matrix.index)
    frame["windows"] = matrix.sum(axis="columns")
    frame["predicted"] = matrix.sum(axis="index")
    frame["correct"] = [int(matrix.loc[k, k]) for k in matrix.index]
    frame["recall"] = 100 * frame["correct"] / frame["windows"]
    frame["precision"] = 100 * frame["correct"] / frame["predicted"].where(frame["predicted"] > 0)
    frame["share"] = 100 * frame["correct"] / frame["windows"].sum()
    return frame


def confusion() -> pd.DataFrame:
    """Table VIII against the test set and against Table VI.

    Columns ``place``, ``printed``, ``check``, ``computed``, ``fits``.
    """
    classes = per_class()
    total, correct = int(classes["windows"].sum()), int(classes["correct"].sum())
    top1 = printed.table_as_printed(6).loc["top1", "test"]
    places = arithmetic.decimals(top1)
    rows = [
        {
            "place": f"Table VIII, row {k} ({row['class']})",
            "printed": str(row["windows"]),
            "check": "windows of this class in the test set",
            "computed": str(WINDOWS["test"] // len(CLASSES)),
            "fits": row["windows"] * len(CLASSES) == WINDOWS["test"],
        }
        for k, row in classes.iterrows()
    ]
    rows.append(
        {
            "place": "Table VIII, diagonal, and Table VI, Top-1, test",
            "printed": top1,
            "check": "Top-1 accuracy from Table VIII, rounded to nearest",
            "computed": f"{correct}/{total} = {100 * correct / total:.{places}f} %",
            "fits": _rounds_to(Fraction(100 * correct, total), top1),
        }
    )
    return pd.DataFrame(rows)


def class_shares() -> tuple[str, bool]:
    """A way to get Table VI's Top-1 test value that plain rounding does not give.

    The six shares of Table VIII (correct windows of a class over all windows) are rounded
    first and added then. Returns the sum written out, and whether it is the printed value.
    """
    classes = per_class()
    top1 = printed.table_as_printed(6).loc["top1", "test"]
    places, total = arithmetic.decimals(top1), int(classes["windows"].sum())
    parts = [min(arithmetic.share(k, total, places)) for k in classes["correct"]]
    written = " + ".join(f"{part / 10**places:.{places}f}" for part in parts)
    text = f"{written} = {sum(parts) / 10**places:.{places}f} %"
    return text, sum(parts) == Fraction(top1) * 10**places


def _rounds_to(value: Fraction, printed: str) -> bool:
    return abs(value - Fraction(printed)) <= Fraction(1, 2 * 10 ** arithmetic.decimals(printed))


def table_2_against_3_to_5() -> pd.DataFrame:
    """Each number of Table II beside the test column that it repeats.

    Columns ``place``, ``printed`` (Table II), ``against``, ``there`` (as printed there), ``fits``.
    """
    rows = []
    second = printed.table_as_printed(2)
    for top, number in printed.TABLE_OF_TOP.items():
        other = printed.table_as_printed(number)
        for part in ("mean", "std"):
            for run_no in second.index:
                published = second.loc[run_no, f"top{top}_{part}"]
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


def summary() -> dict[str, int | list[int]]:
    """Counts of what was checked and what fits.

    ``ddof_that_explains_all`` lists which of 0 and 1 fit every standard deviation.
    """
    means, stds, single = grim(), deviations(), option_c()
    matrix, repeated, text = confusion(), table_2_against_3_to_5(), text_against_tables()
    return {
        "means_checked": len(means),
        "means_fit": int(means["fits"].sum()),
        "stds_checked": len(stds),
        "stds_fit_ddof_0": int(stds["ddof_0"].sum()),
        "stds_fit_ddof_1": int(stds["ddof_1"].sum()),
        "stds_fit_only_ddof_0": int((stds["verdict"] == "ddof 0").sum()),
        "ddof_that_explains_all": [ddof for ddof in (0, 1) if stds[f"ddof_{ddof}"].all()],
        "option_c_checked": len(single),
        "option_c_fit": int(single["fits"].sum()),
        "option_c_fit_class_shares": int(single["classes"].sum()),
        "confusion_checked": len(matrix),
        "confusion_fit": int(matrix["fits"].sum()),
        "table_2_checked": len(repeated),
        "table_2_equal": int(repeated["fits"].sum()),
        "text_checked": len(text),
        "text_by_computation": int((text["by"] == "computation").sum()),
        "text_fits": int(text["fits"].sum()),
        "findings": len(findings()),
    }
