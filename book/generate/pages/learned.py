"""Fills learned.md: what the trained networks tell, how early, what they confuse and why."""

from functools import partial

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import metrics
from harlib.analysis import confusions, hidden_units, networks, recognition
from harlib.analysis.networks import Learned
from harlib.figures import networks as figures
from harlib.protocol import CLASSES, CORRECTED, HEADLINE
from harlib.seed_statistics import interval

#: Run and protocol whose networks the page shows.
RUN, PROTOCOL = HEADLINE, CORRECTED.name
#: The result file behind everything here.
FILES = [f"corrected-run-{RUN:02d}.json"]


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables, figures and notebook; returns the numbers that the text quotes."""
    folder = study.beside(PROTOCOL)
    book.notebook(folder.path, RUN, "learned", f"What run {RUN} has learned")
    learned = networks.read(folder, RUN, study.dataset)
    run = f"run {RUN}, protocol {PROTOCOL}, {study.title}"
    _told(book, learned, run, study.title)
    wrong = confusions.examples(learned)
    _hidden(book, learned, run, study.title, window=int(wrong.index[0]) if len(wrong) else 0)
    return _quoted(learned) | _confused(book, study, learned, run, wrong)


def _seeds(learned: Learned) -> str:
    return f"Mean over the seeds {', '.join(map(str, learned.seeds))}. "


def _told(book: Book, learned: Learned, run: str, title: str) -> None:
    """Which windows the networks tell, by subject where the data names them, and how early."""
    worn, subject = ", by the subject who wore the sensor", " by test subject"
    if not learned.names_subjects:
        worn = subject = ""
    book.table(
        "learned-subjects", recognition.accuracy_by_subject(learned),
        title=f"Test windows told{worn}: {run}; percent.",
        note=_seeds(learned) + learned.about_subjects(), files=FILES,
    )  # fmt: skip
    book.figure(
        "learned-confusion",
        partial(figures.plot_confusion_by_subject, learned, data_title=title),
        title=f"Confusion matrix{subject}: {run}; percent of the true class.",
        alt="Six by six heat maps: true class against predicted class.",
        files=FILES,
    )
    book.figure(
        "learned-steps",
        partial(figures.plot_accuracy_by_step, learned, data_title=title),
        title=f"Accuracy against the part of the window that was seen: {run}. Left: all classes, "
        "from the latest output, and as the protocol takes its class scores; the bands reach from "
        "the worst seed to the best. Right: each class.",
        alt="Two panels of curves that rise with the time seen: all classes, and each class.",
        files=FILES,
    )
    book.table(
        "learned-early", recognition.how_early(learned),
        title=f"Test windows told after a part of the window: {run}; percent.", files=FILES,
        note=_seeds(learned) + recognition.SETTLED_NOTE,
    )  # fmt: skip


def _hidden(book: Book, learned: Learned, run: str, title: str, window: int) -> None:
    """What the hidden states are before and after training."""
    seed = learned.seeds[0]
    book.figure(
        "learned-hidden",
        partial(figures.plot_hidden, learned, seed, window, data_title=title),
        title=f"Hidden states before (left) and after training (right): {run}, seed {seed}. Above: "
        f"all units during test window {window} ({CLASSES[learned.label[window]]}), in the same "
        "order at both ends. Below: the mean state of every test window on its first two principal "
        "components.",
        alt="Two heat maps of unit against time and two scatter plots of windows by class.",
        files=FILES,
    )
    book.table(
        "learned-units", hidden_units.before_and_after(learned),
        note=hidden_units.STATES_NOTE, files=FILES,
        title=f"What the hidden states tell apart, before and after training: {run}.",
    )  # fmt: skip


def _confused(
    book: Book, study: Study, learned: Learned, run: str, wrong: pd.DataFrame
) -> dict[str, str]:
    """What they take for something else, and why; returns the numbers of the text."""
    seed = learned.seeds[0]
    found = confusions.describe(study.dataset)
    pairs = confusions.pairs(learned, found)
    book.figure(
        "learned-pairs",
        partial(figures.plot_pairs, pairs, data_title=study.title),
        title=f"How often two activities are taken for each other, against the distance of their "
        f"signals in the training windows: {run}.",
        alt="Scatter plot of the fifteen pairs of activities: confusion against distance.",
        files=FILES,
    )
    book.table(
        "learned-mistakes", confusions.reasons(learned, found),
        title=f"The most frequent mistakes: {run}.", note=confusions.NOTE, files=FILES,
    )  # fmt: skip
    book.figure(
        "learned-examples",
        partial(figures.plot_examples, learned, wrong, seed, data_title=study.title),
        title=f"Test windows that are told wrong, at most one of each kind of mistake: {run}. "
        f"Above, the signal; below, the class scores of seed {seed} while it is seen, that of the "
        "true class thick.",
        alt="Pairs of panels: three axes of acceleration, and six class scores over time.",
        files=FILES,
    )
    first = pairs.index[0]
    # Of the ranks (Spearman's); 0 if either is the same for all pairs.
    correlation = pairs.corr("spearman").fillna(0).loc["Confused (%)", "Distance"]
    return {
        "learned_pair": first,
        "learned_pair_confused": f"{pairs.loc[first, 'Confused (%)']:.1f}",
        "learned_pair_correlation": f"{correlation:.2f}".replace("-", "−"),
    }


def _quoted(learned: Learned) -> dict[str, str]:
    """The numbers on recognition that the text quotes."""
    top1 = [metrics.top_n_accuracy(s, learned.label, 1) for s in learned.scores.values()]
    subjects = recognition.accuracy_by_subject(learned)["Top-1"].drop("all")
    early = recognition.how_early(learned)
    spread = interval(top1)
    return {
        "learned_run": str(learned.result["run_no"]),
        "learned_seeds": str(len(top1)),
        "learned_top1": f"{spread.mean:.1f}",
        "learned_rule": recognition.RULES[learned.rules[-1]],
        "learned_settled": f"{early.loc['all'].iloc[-1]:.2f} {learned.time_unit}",
        "learned_window": f"{learned.seconds(learned.dataset.X_test.shape[1]):g} "
        f"{learned.time_unit}",
        "learned_subjects": (
            f"from {subjects.min():.1f} % to {subjects.max():.1f} % between the "
            f"{len(subjects)} test subjects"
            if learned.names_subjects
            else "not known by subject: the data does not say whose its windows are"
        ),
    }
