"""The report's own numbers: Tables I-VIII as printed, and what its text states in figures.

Source: S. D. Uzel, EEE-543 Mini Project 2, Fall 2023. The files lie in ``data/published``;
nothing in them is corrected, and trailing zeros are kept, because the decimals that were
printed are evidence too (:mod:`book.generate.audit.grim`).
"""

import csv
import re

import pandas as pd

from harlib import paths
from harlib.errors import UserError, one_line
from harlib.protocol import CLASSES

#: The runs that the report printed; ``harlib.protocol.RUNS`` may have more.
RUN_NOS = tuple(range(1, 9))
_RUNS = tuple(map(str, RUN_NOS))
METRICS = ("top1", "top2", "top3")
CLASS_NOS = tuple(str(k) for k in range(len(CLASSES)))

#: Roman number of each table, as the report prints it.
ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}
#: Table that holds Top-n of Tables III-V, by n.
TABLE_OF_TOP = {1: 3, 2: 4, 3: 5}
#: Table of option C, by run.
TABLE_OF_EARLY_STOPPING = {8: 6, 7: 7}

# No longer than an integer or a float of the machine holds.
_WHOLE = ("a whole number", re.compile(r"\d{1,9}", re.ASCII))
_DECIMAL = ("a number such as 0.05", re.compile(r"\d{1,9}\.\d{1,9}", re.ASCII))
_SECONDS = ("a number with six decimals", re.compile(r"\d{1,9}\.\d{6}", re.ASCII))
_PERCENT = ("a percentage with three decimals", re.compile(r"(\d{1,2}\.\d{3}|100\.000)", re.ASCII))


def _percents(*names: str) -> dict:
    """A mean and a deviation for each name, in percent."""
    return {f"{name}_{part}": _PERCENT for name in names for part in ("mean", "std")}


_TABLE_1 = {"batch_size": _WHOLE, "hidden_units": _WHOLE, "learning_rate": _DECIMAL,
            "epochs": _WHOLE, "seconds": _SECONDS}  # fmt: skip
_OPTION_C = dict.fromkeys(("training", "validation", "test"), _PERCENT)
#: By table: name of the first column, what it holds, and the rule of every other column.
_FORMS: dict[int, tuple[str, tuple[str, ...], dict]] = {
    1: ("run_no", _RUNS, _TABLE_1),
    2: ("run_no", _RUNS, _percents(*METRICS)),
    **{number: ("run_no", _RUNS, _percents("train", "test")) for number in (3, 4, 5)},
    **{number: ("metric", METRICS, _OPTION_C) for number in (6, 7)},
    8: ("true_class", CLASS_NOS, dict.fromkeys(CLASS_NOS, _WHOLE)),
}
_TEXT_COLUMNS = ["id", "place", "fact", "values", "against", "reading"]


def table_as_printed(number: int) -> pd.DataFrame:
    """Table ``number`` (1-8) with every cell as the printed text.

    The index is ``run_no`` (int), ``metric`` or ``true_class`` (int); the columns of
    Table VIII are the predicted classes 0..5 (int).

    Raises
    ------
    UserError
        The file is missing or not as it was: the message names the file, the line and the column.
    """
    key, labels, rules = _FORMS[number]
    name = f"table-{number}.csv"
    lines = _read(name, [key, *rules])
    for line, (label, cells) in enumerate(zip(labels, lines, strict=False), start=2):
        if cells[0] != label:
            raise _wrong(name, line, key, cells[0], label)
        for (column, (allowed, form)), cell in zip(rules.items(), cells[1:], strict=True):
            if not form.fullmatch(cell):
                raise _wrong(name, line, column, cell, allowed)
    if len(lines) != len(labels):
        raise UserError(
            f"{paths.PUBLISHED / name}: {len(lines)} rows of data; allowed are the {len(labels)} "
            f"rows with {key} {', '.join(labels)}"
        )
    frame = pd.DataFrame(lines, columns=[key, *rules]).set_index(key)
    if labels is not METRICS:
        frame.index = frame.index.astype(int)
    if number == 8:
        frame.columns = pd.Index([int(k) for k in CLASS_NOS], name="predicted_class")
    return frame


def table(number: int) -> pd.DataFrame:
    """Table ``number`` (1-8) as numbers: int64 where printed without decimals, else float64.

    Accuracies and their standard deviations are in percent, ``seconds`` in seconds. Index,
    columns and errors are those of :func:`table_as_printed`.
    """
    return table_as_printed(number).apply(pd.to_numeric)


def accuracy(split: str, top: int) -> pd.DataFrame:
    """Columns ``mean`` and ``std`` (percent) of Top-``top`` by ``run_no``, Tables III-V.

    ``split`` is ``train`` or ``test``, ``top`` is 1, 2 or 3.
    """
    frame = table(TABLE_OF_TOP[top])[[f"{split}_mean", f"{split}_std"]]
    return frame.rename(columns=lambda name: name.removeprefix(f"{split}_"))


def early_stopping(run_no: int) -> pd.DataFrame:
    """Table VI (run 8) or VII (run 7): percent, by metric and ``training|validation|test``."""
    return table(TABLE_OF_EARLY_STOPPING[run_no])


def text_facts() -> pd.DataFrame:
    """What the text and captions state, in our own words, by ``id``; all cells are text.

    Columns ``place``, ``fact``, ``values`` (its figures, separated by spaces), ``against``
    (what it is compared with) and ``reading`` (what a reader finds; empty where
    :mod:`book.generate.audit.sentences` computes the verdict).
    """
    name = "text.csv"
    lines = _read(name, _TEXT_COLUMNS)
    seen: set[str] = set()
    for line, (identifier, *cells) in enumerate(lines, start=2):
        if not identifier or identifier in seen:
            raise _wrong(name, line, "id", identifier, "a name that no other row has")
        seen.add(identifier)
        for column, cell in zip(_TEXT_COLUMNS[1:], cells, strict=True):
            if not cell and column not in ("values", "reading"):
                raise _wrong(name, line, column, cell, "some text")
    return pd.DataFrame(lines, columns=_TEXT_COLUMNS).set_index("id")


def _wrong(name: str, line: int, column: str, cell: str, allowed: str) -> UserError:
    return UserError(
        f"{paths.PUBLISHED / name}, line {line}, column {column}: {cell[:99]!r}; "
        f"allowed is {allowed}"
    )


def _read(name: str, header: list[str]) -> list[list[str]]:
    """Rows below the header, every one as wide as the header."""
    path = paths.PUBLISHED / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{path}: cannot be read ({one_line(error)}); it belongs to the project, "
            f"restore it from there"
        ) from None
    if not rows or rows[0] != header:
        raise UserError(f"{path}, line 1: the columns must be {','.join(header)}")
    for line, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(header):
            raise UserError(
                f"{path}, line {line}: {len(cells)} cells; allowed are {len(header)}, "
                f"one for each of {','.join(header)}"
            )
    return rows[1:]
