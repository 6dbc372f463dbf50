"""Figures that are drawn by processes beside the one that stages the book."""

import os
import signal
import sys

import matplotlib as mpl
import pytest

from book.generate.staging import Book
from harlib.errors import UserError

mpl.use("agg")

from harlib.figures import curves

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="forks"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),  # pytest has threads
]
CURVES = {"top1": [10.0, 20.0, 30.0]}


def simple():
    figure, ax = curves.plt.subplots()
    ax.plot(CURVES["top1"])
    return figure


def test_figures_drawn_beside_are_those_drawn_here(tmp_path):
    books = [Book(tmp_path / name, drawers=drawers) for name, drawers in (("a", 0), ("b", 2))]
    for book in books:
        for number in range(5):
            book.figure(f"figure-{number}", simple, title="t", alt="a")
        book.finish()
    here, beside = (
        {p.name: p.read_bytes() for p in (book.generated / "figures").iterdir()} for book in books
    )
    assert len(here) == 20 and here.keys() == beside.keys()
    assert all(here[name] == beside[name] for name in here if name.endswith(".json"))
    assert all(len(beside[name]) > 1000 for name in beside if not name.endswith(".json"))


def test_what_goes_wrong_beside_is_raised_here(tmp_path):
    def refuse():
        raise UserError("no such thing")

    def fail():
        raise ZeroDivisionError("a defect")

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    for draw, kind, words in (
        (refuse, UserError, "^no such thing$"),
        (fail, RuntimeError, "figure f: (.|\n)*a defect"),
        (die, UserError, "process that drew figure f was ended"),
    ):
        book = Book(tmp_path / "book", drawers=2)
        book.figure("f", draw, title="t", alt="a")
        with pytest.raises(kind, match=words):
            book.finish()
