"""The report's own numbers: Tables I-VIII as printed, and what its text states in figures.

Source: S. D. Uzel, EEE-543 Mini Project 2, Fall 2023. The files lie in ``data/published``;
nothing in them is corrected, and trailing zeros are kept, because the decimals that were
printed are evidence too (:mod:`book.generate.audit.grim`).
"""

import io

import pandas as pd

from harlib import paths
from harlib.storage import files

#: The runs that the report printed; ``harlib.protocol.RUNS`` may have more.
RUN_NOS = tuple(range(1, 9))

#: Roman number of each table, as the report prints it.
ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}
#: Table that holds Top-n of Tables III-V, by n.
TABLE_OF_TOP = {1: 3, 2: 4, 3: 5}
#: Table of option C, by run.
TABLE_OF_EARLY_STOPPING = {8: 6, 7: 7}
#: SHA-256 of each file: what was printed does not change.
SHA256 = {
    "table-1.csv": "c52e7269a3d1daf4f2fb9a53b3259c748e01bc41dc8e3cb9ac29edc8b068b1bd",
    "table-2.csv": "34b4c04863c5db6afd2af07bbd0fe756193cbd346fcb8dca3e91ae2a7089249e",
    "table-3.csv": "039d1d266740b2b525df72f99dc10791cff6b36e0f976be61c23dc4d39f74c47",
    "table-4.csv": "8caafaef9696b4bb015eb69ba56af37caca28908df4a666312862e87a1c2bc9d",
    "table-5.csv": "1216bdc2b54670def343026470718b54b22e46c1717c3d1bfe093ab993a81af1",
    "table-6.csv": "493d80800abb2c37e9445643c13cf9c553830da05ad265b87319f9e81ec21176",
    "table-7.csv": "767022856403ab06065228fbffa122c7316df3ae61f8e82a35ba819888fa99a1",
    "table-8.csv": "a6beb0f255ddbee126e957d1b75898a80a4fb2d385cc2270060dc46c5265bf3a",
    "text.csv": "03bdb224b1cefe9f8a83d5ab0985271afae14e0b1310db81e6d072b5a04aa4c6",
}


def table_as_printed(number: int) -> pd.DataFrame:
    """Table ``number`` (1-8) with every cell as the printed text.

    The index is ``run_no`` (int), ``metric`` or ``true_class`` (int); the columns of
    Table VIII are the predicted classes 0..5 (int). A UserError where a file is not as it was.
    """
    frame = _read(f"table-{number}.csv")
    if frame.index.name != "metric":
        frame.index = frame.index.astype(int)
    if number == 8:
        frame.columns = frame.columns.astype(int).rename("predicted_class")
    return frame


def table(number: int) -> pd.DataFrame:
    """Table ``number`` (1-8) as numbers: int64 where printed without decimals, else float64.

    Accuracies and their standard deviations are in percent, ``seconds`` in seconds. Index and
    columns are those of :func:`table_as_printed`.
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
    return _read("text.csv")


def _read(name: str) -> pd.DataFrame:
    """All cells of a file as text, by its first column."""
    content = files.shipped(paths.PUBLISHED / name, SHA256[name])
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, index_col=0)
