"""Fills data.md: how many windows there are, and what they look like."""

from functools import partial

from book.generate.gathered import Study
from book.generate.pages import data_figure
from book.generate.staging import Book
from harlib.data import statistics


def fill(book: Book, study: Study) -> dict[str, str]:
    """The figure; returns the numbers that the text quotes."""
    book.figure(
        "windows",
        partial(data_figure.plot_windows, study.dataset, statistics.read()),
        title=f"One window of each class, and simple statistics of each class beside the spread of "
        f"real subjects; {study.title}.",
        alt="Six panels with three axes of acceleration against time; six classes compared with "
        "ranges of real subjects.",
    )
    data = study.first["data"]
    return {
        "data_source": data["source"],
        "train_windows": f"{data['train_windows']:,}",
        "test_windows": f"{data['test_windows']:,}",
        "steps": str(data["steps"]),
    }
