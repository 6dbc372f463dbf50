"""A book of a file unlike the published data: what is not true of the file is said of others."""

import re

import numpy as np

from book.generate import gathered
from book.generate.pages import data, learned
from harlib import paths
from tests.data.data_helpers import write_hdf5
from tests.faults import numbers

#: What is true of the published data, of MotionSense or of the synthetic data, and of neither file.
OTHERS = re.compile(
    r"class order|one class after the other|\b150\b|\b3,?000\b|\b3,?600\b|\b600\b|\b500\b"
    r"|\bin g\b|units? of .?g\b|\(g\)|\bHz\b|\d seconds?\b|time \(s\)|\d people|persons? \d"
    r"|subject who|test subject\b|stride|Guessing gives 16\.7 %\.|once in six"
)
#: Whose they are must stand in the same paragraph.
WHOSE = re.compile("publish|report|MotionSense|[Ss]ynthetic")
#: Where a condition is named, or something denied.
UNLESS = re.compile("do \\*\\*not\\*\\* lie in class order|where the windows come in class order")
#: What is measured by records of this project, and says so; how to use it; definitions.
ELSEWHERE = {"performance", "scaling", "reliability", "reproduce", "dependencies", "glossary"}


def false_of_the_file(text: str) -> list[str]:
    """Paragraphs that say something of nobody in particular that holds of other data alone."""
    parts = re.split(r"\n\n|\n(?=\d\. |- )", UNLESS.sub("", text))
    return [part for part in parts if OTHERS.search(part) and not WHOSE.search(part)]


def test_what_is_not_true_of_a_file_is_said_of_others(tmp_path):
    """The file is like no built-in data set."""
    rng, keys = np.random.RandomState(1), {}
    for part, counts in (("tr", (6, 8, 4, 10, 7, 5)), ("tst", (3, 2, 6, 3, 2, 4))):
        y = rng.permutation(np.repeat(np.arange(6), counts))
        keys |= {f"{part}X": rng.uniform(0, 1000, (len(y), 9, 3)), f"{part}Y": np.eye(6)[y]}
    file = write_hdf5(tmp_path / "other.h5", keys)
    study = gathered.read(**numbers.make(tmp_path, epochs=1, file=file))
    book = numbers.Shown(tmp_path / "book").show(study)
    values = book.values | data.fill(book, study) | learned.fill(book, study)
    for page in [*paths.ROOT.glob("book/*.md"), paths.ROOT / "book/parts/peers.md"]:
        if page.stem not in ELSEWHERE:
            text = page.read_text(encoding="utf-8")
            text = re.sub(r"{{ (\w+) }}", lambda m: values.get(m[1], m[0]), text)
            assert not false_of_the_file(text), page
    assert "most frequent class of this build's test windows 30.0" in values["chance_top1"]
    assert re.search(r"do \*\*not\*\* lie in class order: \d+ %", values["class_order"])
    tables = [str(table[part]) for table in book.tables.values() for part in ("title", "note")]
    words = [*book.words, *tables, *map(str, values.values())]
    assert "acceleration" in words and "time (steps)" in words
    assert not [found for text in words for found in false_of_the_file(text)]
