"""What the page on the trained networks shows, and the table of the networks beside them."""

from collections.abc import Sequence

from benchmarks.peers import report
from book.generate.gathered import Study, beside
from book.generate.staging import Book
from harlib import metrics
from harlib.analysis import confusions, hidden_units, networks, recognition
from harlib.analysis.networks import Learned
from harlib.experiments import cross_validation
from harlib.figures import confusion as confused_figures
from harlib.figures import networks as learned_figures
from harlib.notebook.table import cell_text
from harlib.paper import tables
from harlib.protocol import CLASSES, CORRECTED, HEADLINE, PROTOCOLS
from harlib.seed_statistics import interval
from harlib.storage import records, results
from harlib.storage.records import Record

#: Run and protocol whose networks the page shows.
RUN, PROTOCOL = HEADLINE, CORRECTED.name


def trained_networks(book: Book, study: Study) -> dict[str, str]:
    """Tables and figures of the page; returns the numbers that its text quotes."""
    folder = beside(study, PROTOCOL)
    trained = networks.read(folder, RUN, study.dataset)
    files = [f"corrected-run-{RUN:02d}.json"]
    seed, title = trained.seeds[0], study.title
    run = f"run {RUN}, protocol {PROTOCOL}, {title}"
    seeds = f"Mean over the seeds {', '.join(map(str, trained.seeds))}. "
    book.table(
        "learned-subjects", recognition.accuracy_by_subject(trained), text=cell_text,
        title=f"Test windows told, by the subject who wore the sensor: {run}; percent.",
        note=seeds + trained.about_subjects(), files=files,
    )  # fmt: skip
    book.figure(
        "learned-confusion",
        lambda: confused_figures.plot_confusion_by_subject(
            recognition.confusion_by_subject(trained), data_title=title
        ),
        title=f"Confusion matrix by test subject: {run}; percent of the true class.",
        alt="A six by six heat map a test subject: true class against predicted class.",
        files=files,
    )
    book.figure(
        "learned-steps",
        lambda: learned_figures.plot_accuracy_by_step(trained, data_title=title),
        title=f"Accuracy against the part of the window that was seen: {run}. Left: all classes, "
        "from the latest output, and as the protocol takes its class scores; the bands reach from "
        "the worst seed to the best. Right: each class.",
        alt="Two panels of curves that rise with the time seen: all classes, and each class.",
        files=files,
    )
    book.table(
        "learned-early", recognition.how_early(trained), text=cell_text,
        title=f"Test windows told after a part of the window: {run}; percent.", files=files,
        note=seeds + recognition.SETTLED_NOTE,
    )  # fmt: skip
    wrong = confusions.examples(trained)
    window = int(wrong.index[0]) if len(wrong) else 0
    states = hidden_units.states(trained, seed, window)
    book.figure(
        "learned-hidden",
        lambda: learned_figures.plot_hidden(trained, states, seed, window, data_title=title),
        title=f"Hidden states before (left) and after training (right): {run}, seed {seed}. Above: "
        f"all units during test window {window} ({CLASSES[trained.label[window]]}), in the same "
        "order at both ends. Below: the mean state of every test window on its first two principal "
        "components.",
        alt="Two heat maps of unit against time and two scatter plots of windows by class.",
        files=files,
    )
    book.table(
        "learned-units", hidden_units.before_and_after(trained), text=cell_text,
        note=hidden_units.STATES_NOTE, files=files,
        title=f"What the hidden states tell apart, before and after training: {run}.",
    )  # fmt: skip
    found = confusions.describe(study.dataset)
    pairs = confusions.pairs(trained, found)
    book.figure(
        "learned-pairs",
        lambda: confused_figures.plot_pairs(pairs, data_title=title),
        title=f"How often two activities are taken for each other, against the distance of their "
        f"signals in the training windows: {run}.",
        alt="Scatter plot of the fifteen pairs of activities: few are confused, and those are near "
        "each other.",
        files=files,
    )
    book.table(
        "learned-mistakes", confusions.reasons(trained, found), text=cell_text,
        title=f"The most frequent mistakes: {run}.", note=confusions.NOTE, files=files,
    )  # fmt: skip
    book.figure(
        "learned-examples",
        lambda: confused_figures.plot_examples(trained, wrong, seed, data_title=title),
        title=f"Test windows that are told wrong, at most one of each kind of mistake: {run}. "
        f"Above, the signal; below, the class scores of seed {seed} while it is seen, that of the "
        "true class thick.",
        alt="Pairs of panels: three axes of acceleration, and six class scores over time.",
        files=files,
    )
    first = pairs.index[0]
    return {
        **_quoted(trained),
        "learned_pair": first,
        "learned_pair_confused": f"{pairs.loc[first, 'Confused (%)']:.1f}",
        "learned_pair_correlation": f"{confusions.rank_correlation(pairs):.2f}".replace("-", "−"),
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


def own_rows(study: Study, record: Record) -> list[report.Row]:
    """The row of this book's network for the table of peers, trained on the record's windows.

    It is of run :data:`RUN` under the last of the named protocols that the study has results of;
    there is none if the book is made from other windows than the record. How many settings were
    tried for it is counted in the record ``selection``.
    """
    chosen = records.read(cross_validation.NAME, study.results_dir)
    tried = cross_validation.tried(chosen.content) if chosen else None
    for name in reversed(PROTOCOLS):
        folder = beside(study, name)
        if folder.result(RUN).exists():
            result = results.read(folder.result(RUN))
            if result["data"]["sha256"] != record.content["data"]["sha256"]:
                return []
            return [report.of_result(result, f"tanh RNN, run {RUN}, {name}", tried=tried)]
    return []


def peers(book: Book, record: Record, ours: Sequence[report.Row]) -> dict[str, str]:
    """The other networks, after ``ours``; and the settings that were tried for them.

    Returns what the text says of who is ahead.
    """
    others = report.of_record(record)
    rows = [*ours, *others]
    title = tables.data_title(record.content)
    where = "on this machine" if record.here else "before, on another machine"
    note = (
        f"Measured {where} ({record.content['date']}, PyTorch {record.content['torch']}). Each "
        "network was trained on all training subjects with the setting that did best on training "
        "subjects held out, and the last epoch is reported. ±: half of the 95 % confidence "
        "interval of the mean over the seeds (Student's t)."
    )
    if not ours:
        note += (
            f" The network of this book was trained on other windows than the {title}: it has no "
            f"row."
        )
    book.table(
        "peers", report.comparison(rows), text=report.text, note=note,
        title=f"Other networks, trained on the same windows: test accuracy, {title}.",
    )  # fmt: skip
    book.table(
        "peers-classes", report.by_class(rows), text=report.text,
        title=f"Test windows of each activity that are told, {title}; percent, mean over the "
        "seeds.",
    )  # fmt: skip
    parts = len(record.content["validation_subjects"])
    book.table(
        "peers-tried", report.tried(record), text=report.text,
        title=f"Every setting that was tried for the other networks, {title}: Top-1 accuracy in % "
        "on training subjects held out.",
        note=f"The training subjects fall into {record.content['folds']} groups, {parts} of which "
        f"validated in turn, after {record.content['validation_epochs']} epochs. No test window "
        f"had a part in it. Always: {report.words(report.shared(record))}.",
    )  # fmt: skip
    verdicts = [report.verdict(ours[0], other) for other in others] if ours else []
    return {"peers_verdicts": " ".join(verdicts)}
