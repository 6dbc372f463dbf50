"""Fills corrected.md: Tables II to V once more, under the corrected protocol, and the headline."""

from functools import partial

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from book.generate.cells import best_rows, counted
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import seed_statistics
from harlib.analysis import recognition
from harlib.experiments import cross_validation, unseen_people
from harlib.figures import curves, style
from harlib.notebook.table import number, plus_minus
from harlib.paper import printed, tables
from harlib.protocol import CORRECTED, HEADLINE
from harlib.runs import trained_network
from harlib.storage import results


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables and figures; returns the numbers that the text and the landing page quote."""
    selection = study.record(cross_validation.NAME).content
    _selected(book, selection)
    tried = {"selection_tried": str(cross_validation.tried(selection))}
    return eight_runs(book, study) | unseen(book, study) | tried


def eight_runs(book: Book, study: Study) -> dict[str, str]:
    """Tables II to V and Figures 1 and 2 once more; returns the numbers that are quoted."""
    files = [f"corrected-run-{run_no:02d}.json" for run_no in study.corrected]
    for name, result in zip(files, study.corrected.values(), strict=True):
        book.json(f"results/{name}", result)
    corrected = results.together(study.corrected)
    headline = _headline(study, corrected)
    epochs, seeds = headline["headline_epochs"], list(corrected[HEADLINE]["seeds"])
    for table_no, columns in tables.COLUMNS.items():
        table = tables.compared(corrected, columns, first=study.runs)
        what = "test accuracy" if table_no == 2 else f"Top-{table_no - 2}"
        book.table(
            f"corrected-{table_no}", table, bold=best_rows(table), files=files,
            title=f"Table {printed.ROMAN[table_no]} once more: {what}; published protocol and "
            f"corrected protocol, {study.title}; percent.",
            note=f"Corrected: last epoch ({epochs}), seeds {', '.join(seeds)}. Published protocol: "
            "the epoch that is best on the test windows. μ: mean, σ: population standard "
            "deviation. Bold: the best mean of its column, by protocol.",
        )  # fmt: skip
    seed = int(seeds[0])
    for what in ("accuracy", "loss"):
        book.figure(
            f"corrected-{what}",
            partial(curves.plot_all_runs, corrected, seed, what, data_title=study.title),
            title=f"The curves of the eight runs under the corrected protocol: {what}, seed "
            f"{seed}, {study.title}.",
            alt=f"Eight panels, one a run: {what} against the epoch.",
            files=files,
        )
    return headline


def unseen(book: Book, study: Study) -> dict[str, str]:
    """Every person unseen once, and the whole story in one figure; what the text quotes of it."""
    people = recognition.accuracy_of_people(study.unseen)
    files = []
    for group, learned in enumerate(study.unseen, start=1):
        files.append(f"unseen-{group}-run-{HEADLINE:02d}.json")
        book.json(f"results/{files[-1]}", learned.result)
    book.notebook(study.beside(CORRECTED.name).path, HEADLINE, "people", "Every person unseen once")
    book.table(
        "unseen-people", people, files=files,
        title=f"Windows of people whom the network has never seen: run {HEADLINE}, corrected "
        f"protocol, {study.title}; percent.",
        note="Each person's windows are recognised by a network that was trained on those of "
        f"others: {unseen_people.GROUPS} trainings, each without a group of people.",
    )  # fmt: skip
    ours = tables.ranking(study.runs)[0]
    theirs = printed.accuracy("test", 1)["mean"]
    story = {
        f"published, run {theirs.idxmax()}": seed_statistics.interval([theirs.max()]),
        f"the same protocol here, run {ours}": _reported(study.runs[ours], 1),
        f"trained properly, run {HEADLINE}": _reported(study.corrected[HEADLINE], 1),
    }
    sentence = "The data does not say whose its windows are, so nobody can be left out."
    if study.unseen:
        over_people = seed_statistics.interval(people["Top-1"])
        kind = "virtual" if study.dataset.name == "synthetic" else "real"
        who = f"{over_people.count} {kind} people"
        story[f"the same, {who} never seen"] = over_people
        sentence = (
            f"On people whom it has never seen it gets **{plus_minus(over_people)}&nbsp;%**: "
            f"{who}, each left out once, from "
            f"{number(people['Top-1'].min())} to {number(people['Top-1'].max())} % "
            f"(95 % confidence interval over people)."
        )
    book.figure(
        "story",
        partial(_plot_story, story, data_title=study.title),
        title=f"Top-1 accuracy on test windows, published and on {study.title}, with 95 % "
        "confidence intervals over the seeds, or over the people.",
        alt="Dots with intervals from the published accuracy to that on people never seen.",
        files=[f"run-{ours:02d}.json", f"corrected-run-{HEADLINE:02d}.json", *files],
    )
    return {"unseen_sentence": sentence}


def _plot_story(story: dict[str, seed_statistics.Interval], *, data_title: str) -> Figure:
    """Accuracies (%) by what they are of, one below the other; chance as a line."""
    figure, ax = plt.subplots(figsize=(7.2, 0.8 + 0.42 * len(story)))
    ax.axvline(curves.CHANCE, color=style.NEUTRAL, linewidth=0.8, linestyle=(0, (4, 2)))
    ax.text(curves.CHANCE - 1, len(story) - 0.65, "guessing", ha="right", fontsize="small")
    colour = style.TOP_COLOURS["top1"]
    for row, one in enumerate(story.values()):
        if one.count > 1:
            ax.hlines(row, one.low, one.high, color=colour, linewidth=2)
        ax.plot(one.mean, row, "o", color=colour)
        ax.annotate(
            f"{one.mean:.1f}", (one.mean, row), (0, 7), textcoords="offset points", ha="center",
            fontsize="small",
        )  # fmt: skip
    ax.set_yticks(range(len(story)), story)
    ax.set(xlim=(0, 103), xlabel="Top-1 accuracy (%)", ylim=(len(story) - 0.5, -0.7))
    return style.finish(figure, data_title)


def _reported(result: dict, top: int) -> seed_statistics.Interval:
    """Top-n accuracy on test windows at the reported epoch, over the seeds."""
    values = [e["test"][f"top{top}"][e["best_epoch"]] for e in result["seeds"].values()]
    return seed_statistics.interval(values)


def _headline(study: Study, corrected: dict[int, dict]) -> dict[str, str]:
    """The numbers of one run with all its seeds, and the gain of the eight, of the same seeds."""
    one = study.corrected[HEADLINE]
    means, before = (tables.by_run(runs, "test", 1)["mean"] for runs in (corrected, study.runs))
    return {
        **{f"headline_top{top}": plus_minus(_reported(one, top)) for top in (1, 2, 3)},
        "headline_run": str(HEADLINE),
        "headline_people": _people(study.dataset.shared_subjects),
        "headline_seeds": str(len(one["seeds"])),
        "headline_epochs": counted(one["config"]["epochs"], "epoch"),
        "corrected_samples": str(one["config"]["samples_per_step"]),
        "corrected_steps": str(one["data"]["steps"] // one["config"]["samples_per_step"]),
        "headline_parameters": f"{trained_network.count_parameters(one):,}",
        "corrected_low": f"{means.min():.1f}",
        "corrected_high": f"{means.max():.1f}",
        "corrected_gain": number((means - before).mean()),
    }


def _people(shared: set[int] | None) -> str:
    """Whether the people of the test windows were seen in training."""
    if shared is None:
        return "The data set does not say who wore the sensor."
    if shared:
        return f"Of the people in the test windows {len(shared)} were seen in training."
    return "Nobody in the test windows was seen in training."


def _selected(book: Book, selection: dict) -> None:
    """How the corrected protocol was chosen: the record ``selection``, which is always there."""
    explored = [entry["top1"] for entry in selection.get("explored", [])]
    more = (
        f" Before that, {len(explored)} settings were explored the same way, on windows of which "
        "seven were there twice, with a program that is not part of this project (mean Top-1 from "
        f"{min(explored):.1f} to {max(explored):.1f} %); the record names them."
        if explored
        else ""
    )
    where = tables.data_title({"data": {"name": selection["data"]}})
    book.table(
        "settings-tried", cross_validation.table(selection),
        title=f"Settings that were compared on held-out training subjects, {where}, in the order "
        "of trying; percent.",
        note=f"{selection['folds']} groups of training subjects, each left out once; mean "
        "over the groups ± half of the 95 % confidence interval. No test window took part. "
        f"Measured on {selection['date']}.{more}",
    )  # fmt: skip
