"""Fills use.md: the shipped network in a Python session, and what it makes of the recording.

Whatever data a book is of, these are the network and the recording that the repository carries.
"""

import textwrap
from functools import partial

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import data
from harlib.errors import UserError
from harlib.figures import recognised
from harlib.use import SURE, Network, told_right

FOLDER, RECORDING = "data/networks", "data/recordings/six-activities.csv"
#: Sessions by name; each goes on from those before.
SESSIONS = {
    "load": [
        "from harlib import Network, load_data",
        f'network = Network.load("{FOLDER}")',
        "network",
        "windows = load_data().X_test[:100]",
        "windows.shape  # windows, samples, axes, in g",
        "scores = network.scores(windows)",
        "scores.shape  # windows, activities",
        "scores[0].round(3)",
    ],
    "recognise": [
        f'told = network.recognise("{RECORDING}")',
        'told[["from (s)", "to (s)", "activity", "true activity"]].head(8)',
        'told.attrs["recording"]',
    ],
    "refuse": ["network.scores(9.80665 * windows)", "network.recognise(told)"],
}


def fill(book: Book, study: Study) -> dict[str, str]:
    """Sessions, a figure and a table; returns the numbers that the text quotes."""
    names: dict[str, object] = {}
    for name, lines in SESSIONS.items():
        file = book.generated / f"use-{name}.txt"
        file.write_text(session(lines, names), encoding="utf-8")
    network = Network.load(FOLDER)
    recording = network.read(RECORDING)
    told = network.recognise(recording)
    where = f"the recording {RECORDING}, by the network in {FOLDER}"
    book.figure(
        "use-recording",
        partial(recognised.plot_recording, recording, told, network),
        title=f"What was recognised in {where}: the activities, the signal, and the class scores "
        f"while each window of 3 s is seen; the dotted line is at {SURE}.",
        alt="A band of activities beside the truth, three axes of acceleration, six class scores.",
    )
    book.table(
        "use-right", told_right(told),
        title=f"Windows of 3 s that are told right, and what they were taken for: {where}.",
    )  # fmt: skip
    return _certainty(network)


def session(lines: list[str], names: dict[str, object]) -> str:
    """What an interactive Python shows for these ``lines``; ``names`` are those that it knows."""
    shown = []
    for line in lines:
        shown.append(f">>> {line}")
        try:
            shown.append(repr(eval(line, names)))
        except SyntaxError:  # a statement, which shows nothing
            exec(line, names)
        except UserError as error:
            shown.append(textwrap.fill(f"harlib.errors.UserError: {error}", 80))
    return "\n".join(shown) + "\n"


def _certainty(network: Network) -> dict[str, str]:
    """How often answers are right if phones are turned over, and how often certain if not."""
    dataset = data.load()
    turned = network.scores(-dataset.X_test).argmax(axis=1) == dataset.y_test
    quoted = {"use_sure": f"{SURE}", "use_turned": f"{100 * turned.mean():.1f}"}
    for part in ("train", "test"):
        label = getattr(dataset, f"y_{part}")
        scores = network.scores(getattr(dataset, f"X_{part}"))
        right, sure = scores.argmax(axis=1) == label, scores.max(axis=1) >= SURE
        quoted[f"use_{part}_right"] = f"{100 * right.mean():.1f}"
        quoted[f"use_{part}_kept"] = f"{100 * sure[right].mean():.1f}"
        quoted[f"use_{part}_caught"] = f"{100 * (~sure[~right]).mean():.0f}"
        quoted[f"use_{part}_wrong"] = str((~right).sum())
    return quoted
