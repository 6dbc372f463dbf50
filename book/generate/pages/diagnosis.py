"""Fills diagnosis.md: the steps to the corrected protocol, inside a training, suspicions tried."""

from functools import partial

from book.generate.cells import counted, small, verdicts_of
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import paths, seed_statistics
from harlib.experiments import inside_training, protocol_steps, suspicions
from harlib.figures import training as figures

_VERDICTS = (protocol_steps.BETTER, protocol_steps.WORSE, protocol_steps.SAME, protocol_steps.OPEN)
_NOTE = (
    "Mean over the seeds at the last epoch ± half of the 95 % confidence interval (Student's t). "
    "The intervals of the changes (Welch's) hold all together with 95 % (Bonferroni); the verdict "
    "is what an interval excludes."
)


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables, figures and notebooks; returns the numbers that the text quotes."""
    book.notebook(study.inside_file.parent, study.tried_run, "diagnosis", "Diagnosis")
    trials = paths.resolve(suspicions.folder(study.results_dir)) / study.label
    book.notebook(trials, study.tried_run, "improvements", "Suspicions, tried")
    return _steps(book, study) | _inside(book, study) | _suspicions(book, study)


def _about(study: Study, results: dict[str, dict]) -> str:
    """Run, epochs, seeds and data of some experiments, for captions."""
    one = results[protocol_steps.START.name]
    epochs = counted(one["config"]["epochs"], "epoch")
    return f"run {study.tried_run}, {epochs}, {counted(len(one['seeds']), 'seed')}, {study.title}"


def _steps(book: Book, study: Study) -> dict[str, str]:
    """The ladder, as a table and a picture, and what the divisions do."""
    about = _about(study, study.ladder)
    ladder = protocol_steps.table(study.ladder)
    book.table(
        "ladder", ladder, note=_NOTE,
        title=f"From the published protocol to the corrected one: {about}. *Added*: each step to "
        "all above it; the change is from the row above. *Taken out*: each step alone out of the "
        "corrected protocol; the change is from that.",
    )  # fmt: skip
    book.figure(
        "ladder-picture",
        partial(figures.plot_ladder, ladder, data_title=about),
        title=f"The same as a picture: {about}. Bars are the intervals of the table.",
        alt="Dots with intervals: accuracy as steps are added, and change as each is taken out.",
    )
    divided = _about(study, study.divisions)
    book.figure(
        "divisions",
        partial(figures.plot_divisions, study.divisions, data_title=divided),
        title=f"What the divisions by the number of steps do: {divided}. Lines are means over the "
        "seeds, bands reach from the lowest seed to the highest.",
        alt="Accuracy against the epoch for five ways to divide the gradient and to order windows.",
    )
    counts = verdicts_of(ladder, *_VERDICTS)
    ends = {
        name: seed_statistics.interval(protocol_steps.last_epoch(study.divisions[protocol.name]))
        for name, protocol in protocol_steps.DIVISIONS.items()
    }
    return {
        "ladder_rows": str(sum(counts)),
        "ladder_decided": str(sum(counts[:-1])),
        "matters": f"{protocol_steps.MATTERS:g}",
        "divided_twice": f"{ends['divided twice, unshuffled (published)'].mean:.1f}",
        "divided_once": f"{ends['divided once, unshuffled'].mean:.1f}",
    }


def _inside(book: Book, study: Study) -> dict[str, str]:
    """What the network says within an epoch, and how far the error reaches back."""
    file = study.inside_file
    book.copy([file])
    watched = f"run {study.tried_run}, seed {study.inside['seed']}, {study.title}"
    looks = inside_training.looks(study.inside)
    book.figure(
        "within-epochs",
        partial(figures.plot_within_epochs, looks, data_title=watched),
        title=f"What the network says of the test windows while it goes through the training "
        f"windows: {watched}. Strip above each panel: the class that it was just shown most.",
        alt="Stacked shares of predicted classes over the batches of two epochs, three protocols.",
        files=[file.name],
    )
    norms, reach = inside_training.gradients(study.inside)
    book.figure(
        "gradients",
        partial(figures.plot_gradients, norms, reach, data_title=watched),
        title=f"Above: length of what each step adds to the gradient of each weight matrix. Below: "
        f"how much of the error of the last step reaches the steps before it. {watched}.",
        alt="Four panels of gradient norms by step, and curves that fade with the steps back.",
        files=[file.name],
    )
    back = study.dataset.X_train.shape[1] // 3
    return {
        "reach_samples": str(back),
        "reach_published": small(100 * reach["published, untrained"].loc[:back].iloc[-1]),
        "reach_corrected": f"{100 * reach['corrected, untrained'].loc[:back].iloc[-1]:.0f}",
    }


def _suspicions(book: Book, study: Study) -> dict[str, str]:
    """The report's own suspicions, each tried."""
    about = _about(study, study.suspected)
    table = suspicions.table(study.suspected, study.bases)
    for base in suspicions.BASES:
        if base not in study.bases:
            (book.folder / "parts/suspicions-corrected.md").write_text("")
            continue
        book.table(
            f"suspicions-{base}", table.xs(base, level="Protocol"),
            title=f"What the report suspects, tried on the {base} protocol: {about}.",
            note=_NOTE,
        )  # fmt: skip
    book.figure(
        "suspicions-picture",
        partial(figures.plot_changes, table, data_title=about),
        title=f"The changes of test Top-1 in one picture: {about}. Green: better; red: worse; "
        f"blue: {protocol_steps.SAME}; grey: {protocol_steps.OPEN}.",
        alt="Dots with intervals, a row a trial, a panel a base protocol.",
    )
    better, worse, same, undecided = verdicts_of(table, *_VERDICTS)
    return {
        "trials": str(len(table)), "trials_better": str(better), "trials_worse": str(worse),
        "trials_same": str(same), "trials_open": str(undecided),
        "trials_about": about,
    }  # fmt: skip
