"""Figures that are drawn by processes beside the one that stages the book."""

import os
import signal
import sys
from functools import partial

import matplotlib as mpl
import pytest

from book.generate.staging import Book
from harlib.errors import UserError

mpl.use("agg")

from matplotlib.figure import Figure

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="forks"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),  # pytest has threads
]


def simple(height):
    figure = Figure()
    figure.subplots().plot([10.0, 20.0, height])
    return figure


def refuse():
    raise UserError("no such thing")


def fail():
    raise ZeroDivisionError("a defect")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_figures_are_there_at_the_end_in_every_look(tmp_path):
    for name in ("a", "b"):
        with Book(tmp_path / name) as book:
            for number in range(2):
                book.figure(f"figure-{number}", partial(simple, number), title="t", alt="a")
    once, again = (
        {p.name: p.read_bytes() for p in (tmp_path / name / "generated/figures").iterdir()}
        for name in ("a", "b")
    )
    assert len(once) == 8 and once == again
    assert len({*once.values()}) == 8
    assert all(len(content) > 1000 for name, content in once.items() if "json" not in name)


@pytest.mark.parametrize(
    ("draw", "kind", "words"),
    [
        (refuse, UserError, "^no such thing"),
        (fail, ZeroDivisionError, "a defect"),
        (die, UserError, "^a process that drew figures was ended from outside"),
    ],
)
def test_what_goes_wrong_beside_is_raised_here(tmp_path, draw, kind, words):
    with pytest.raises(kind, match=words) as error, Book(tmp_path / "book") as book:
        book.figure("f", draw, title="t", alt="a")
    assert draw is die or error.value.__notes__ == ["figure f"]


def test_an_error_elsewhere_is_not_hidden_by_figures(tmp_path):
    with pytest.raises(KeyError), Book(tmp_path / "book") as book:
        book.figure("f", refuse, title="t", alt="a")
        raise KeyError("another")
