"""Tables III-VII against the whole numbers of windows that they must come from."""

import pandas as pd

from book.generate.audit import grim as arithmetic
from harlib import protocol
from harlib.paper import printed
from harlib.protocol import CLASSES

#: Windows of the published data file, of which the report prints only those of Table VIII.
WINDOWS = {"train": 3000, "test": 600}
_VALIDATION = WINDOWS["train"] // 10
#: Option C keeps one training window in ten for validation (section II-C).
WINDOWS_OPTION_C = {
    "training": WINDOWS["train"] - _VALIDATION,
    "validation": _VALIDATION,
    "test": WINDOWS["test"],
}
SPLIT_NAMES = {"train": "training", "test": "test"}

#: How a value of Tables VI and VII may have been rounded, in plain words.
OPTION_C_RULES = {
    "nearest": "the share of one count, rounded to nearest",
    "up": "the share of one count, always rounded up",
    "down": "the share of one count, always rounded down",
    "seeds": "the mean of three seeds, rounded to nearest",
    "classes": "six class shares, each rounded to nearest, then added",
}


def _cells():
    """Every mean and standard deviation of Tables III-V, as printed."""
    for number in printed.TABLE_OF_TOP.values():
        for run_no, row in printed.table_as_printed(number).iterrows():
            for split, name in SPLIT_NAMES.items():
                place = f"Table {printed.ROMAN[number]}, run {run_no}, {name}"
                yield place, split, row[f"{split}_mean"], row[f"{split}_std"]


def grim() -> pd.DataFrame:
    """Can each mean of Tables III-V be the mean of three seeds' counts?

    Columns: ``place``, ``split``, ``printed``, ``windows`` (of all seeds together),
    ``count`` (nearest number of correct windows), ``nearest_percent`` (what that gives),
    ``fits``.
    """
    rows = []
    for place, split, mean, _ in _cells():
        windows = len(protocol.SEEDS) * WINDOWS[split]
        rows.append({"place": place, "split": split, **_against_count(mean, windows)})
    return pd.DataFrame(rows)


def _against_count(printed: str, windows: int) -> dict:
    count = arithmetic.nearest_count(printed, windows)
    return {
        "printed": printed,
        "windows": windows,
        "count": count,
        "nearest_percent": 100 * count / windows,
        "fits": arithmetic.count_fits(printed, windows),
    }


def deviations() -> pd.DataFrame:
    """Which standard deviations of Tables III-V can three counts with that mean have?

    Columns: ``place``, ``split``, ``mean`` and ``printed`` (the standard deviation) as
    printed, ``ddof_0`` and ``ddof_1`` (bool), ``verdict`` (``ddof 0``, ``ddof 1``, ``both``,
    ``neither``) and ``counts``: the correct windows of the three seeds in ascending order
    (which seed is which cannot be told), if ddof 0 leaves one possibility, else empty.
    """
    rows = []
    for place, split, mean, std in _cells():
        windows = WINDOWS[split]
        total = arithmetic.nearest_count(mean, len(protocol.SEEDS) * windows)
        population, sample = (arithmetic.three_counts(total, windows, std, ddof) for ddof in (0, 1))
        rows.append(
            {
                "place": place,
                "split": split,
                "mean": mean,
                "printed": std,
                "ddof_0": bool(population),
                "ddof_1": bool(sample),
                "verdict": _VERDICTS[bool(population), bool(sample)],
                "counts": ", ".join(map(str, population[0])) if len(population) == 1 else "",
            }
        )
    return pd.DataFrame(rows)


_VERDICTS = {
    (True, True): "both",
    (True, False): "ddof 0",
    (False, True): "ddof 1",
    (False, False): "neither",
}


def option_c() -> pd.DataFrame:
    """Can each value of Tables VI and VII be the share of a number of correct windows?

    Columns as :func:`grim` (``split`` is ``training``, ``validation`` or ``test``), and one
    bool for each of :data:`OPTION_C_RULES`; ``fits`` is the same as ``nearest``.
    """
    rows = []
    for run_no, number in printed.TABLE_OF_EARLY_STOPPING.items():
        for metric, row in printed.table_as_printed(number).iterrows():
            for split, windows in WINDOWS_OPTION_C.items():
                place = f"Table {printed.ROMAN[number]}, run {run_no}, Top-{metric[-1]}, {split}"
                rows.append(
                    {"place": place, "split": split, **_against_count(row[split], windows)}
                    | {rule: _option_c_fits(row[split], windows, rule) for rule in OPTION_C_RULES}
                )
    return pd.DataFrame(rows)


def _option_c_fits(printed: str, windows: int, rule: str) -> bool:
    if rule == "seeds":
        return arithmetic.count_fits(printed, len(protocol.SEEDS) * windows)
    if rule == "classes":
        return arithmetic.sum_of_shares_fits(printed, windows, len(CLASSES))
    return arithmetic.count_fits(printed, windows, rule)


def rounding_rules() -> pd.DataFrame:
    """How many values of Tables VI and VII each of :data:`OPTION_C_RULES` explains.

    Index: the rule in words. Columns ``training``, ``validation``, ``test``, ``all`` (values
    that fit) and ``of`` (values checked).
    """
    cells = option_c()
    rows = {}
    for rule, words in OPTION_C_RULES.items():
        fit = cells.groupby("split")[rule].sum()
        rows[words] = {split: int(fit[split]) for split in WINDOWS_OPTION_C}
        rows[words] |= {"all": int(cells[rule].sum()), "of": len(cells)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule")


def class_shares_by_chance() -> pd.Series:
    """Share of all three-decimal percentages that the rule ``classes`` accepts, by split.

    The smaller, the more it says that a printed value fits.
    """
    shares = {
        split: arithmetic.share_that_fits(windows, len(CLASSES))
        for split, windows in WINDOWS_OPTION_C.items()
    }
    return pd.Series(shares, name="share")
