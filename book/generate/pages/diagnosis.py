"""What the pages on causes and suspicions show: the ladder, the inside of a training, trials."""

from collections.abc import Sequence

from book.generate import gathered
from book.generate.claims import Experiments
from book.generate.claims.causes import MEASURED
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import paths, seed_statistics
from harlib.analysis import hidden_units
from harlib.experiments import inside_training, protocol_steps
from harlib.experiments import suspicions as suspected
from harlib.figures import training as figures
from harlib.notebook.table import cell_text, counted, small
from harlib.storage import results


def _about(found: dict[str, dict], run_no: int, study: Study) -> str:
    """Run, epochs, seeds and data of the experiments, for captions."""
    one = found[protocol_steps.START.name]
    epochs = counted(one["config"]["epochs"], "epoch")
    seeds = counted(len(one["seeds"]), "seed")
    return f"run {run_no}, {epochs}, {seeds}, {study.title}"


_NOTE = (
    "Mean over the seeds at the last epoch ± half of the 95 % confidence interval (Student's t). "
    "p: paired test over the seeds, adjusted for the number of tests by Holm's method."
)


def experiments(study: Study, run_no: int, bases: Sequence[str]) -> Experiments:
    """What claims about causes are decided on."""
    found = gathered.experiments(
        study, [*protocol_steps.protocols(), *suspected.protocols(bases)], run_no
    )
    seen = inside_training.read(
        inside_training.path(run_no, study.label, study.results_dir), study.dataset
    )
    where = protocol_steps.folder(study.results_dir)
    hardly = {}
    for protocol in MEASURED:
        folder = results.Folder(where, study.label, protocol.name)
        table = hidden_units.by_seed(folder, found[protocol.name], study.dataset)
        hardly[protocol.name] = table["Hardly contributing (%)", "after"].tolist()
    return Experiments(found, seen["reach"], hardly)


def causes(book: Book, study: Study, run_no: int) -> dict[str, str]:
    """The chapter on causes; returns the numbers that its text quotes."""
    found = gathered.experiments(study, protocol_steps.protocols(), run_no)
    seen = inside_training.read(
        inside_training.path(run_no, study.label, study.results_dir), study.dataset
    )
    about = _about(found, run_no, study)
    ladder = protocol_steps.table(found)
    book.table(
        "ladder", ladder, text=cell_text, note=_NOTE,
        title=f"From the published protocol to the corrected one: {about}. *Added*: each step to "
        "all above it; the change is from the row above. *Taken out*: each step alone out of the "
        "corrected protocol; the change is from that.",
    )  # fmt: skip
    book.figure(
        "ladder-picture",
        lambda: figures.plot_ladder(ladder, data_title=about),
        title=f"The same as a picture: {about}. Bars are 95 % confidence intervals.",
        alt="Dots with intervals: accuracy as steps are added, and change as each is taken out.",
    )
    book.figure(
        "divisions",
        lambda: figures.plot_divisions(protocol_steps.division_curves(found), data_title=about),
        title=f"What the divisions by the number of steps do: {about}. Lines are means over the "
        "seeds, bands reach from the lowest seed to the highest.",
        alt="Accuracy against the epoch for five ways to divide the gradient and to order windows.",
    )
    file = inside_training.path(run_no, study.label, study.results_dir)
    book.copy("results", [file])
    watched = f"run {run_no}, seed {seen['seed']}, {study.title}"
    book.figure(
        "within-epochs",
        lambda: figures.plot_within_epochs(inside_training.looks(seen), data_title=watched),
        title=f"What the network says of the test windows while it goes through the training "
        f"windows: {watched}. The strip above each panel shows the class that it is being shown.",
        alt="Stacked shares of predicted classes over the batches of two epochs, three protocols.",
        files=[file.name],
    )
    book.figure(
        "gradients",
        lambda: figures.plot_gradients(*inside_training.gradients(seen), data_title=watched),
        title=f"Above: length of what each step adds to the gradient of each weight matrix. Below: "
        f"how much of the error of the last step reaches the steps before it. {watched}.",
        alt="Four panels of gradient norms by step, and curves that fade with the steps back.",
        files=[file.name],
    )
    reach = inside_training.gradients(seen)[1]
    back = study.dataset.X_train.shape[1] // 3
    return {
        "ladder_about": about,
        "ladder_tried": str(len(protocol_steps.protocols())),
        "reach_samples": str(back),
        "reach_published": small(
            100 * reach["published, untrained"].loc[:back].iloc[-1]
        ),
        "reach_corrected": f"{100 * reach['corrected, untrained'].loc[:back].iloc[-1]:.0f}",
        **{f"ladder_{i}": f"{seed_statistics.interval(protocol_steps.last_epoch(found[p.name])).mean:.1f}"
           for i, p in enumerate(protocol_steps.forwards())},
    }  # fmt: skip


def suspicions(book: Book, study: Study, run_no: int, bases: Sequence[str]) -> dict[str, str]:
    """The part on the report's own suspicions; returns the numbers that its text quotes."""
    found = gathered.experiments(study, suspected.protocols(bases), run_no)
    about = _about(found, run_no, study)
    table = suspected.table(found, bases)
    for base in suspected.BASES:
        if base not in bases:
            book.drop("parts/suspicions-corrected.md")
            continue
        book.table(
            f"suspicions-{base}", table.xs(base, level="Protocol"), text=cell_text,
            title=f"What the report suspects, tried on the {base} protocol: {about}.",
            note=f"{_NOTE} Effect: mean change over its deviation between seeds. Zigzag: change of "
            "the mean distance of the accuracy from the middle of its neighbours.",
        )  # fmt: skip
    book.figure(
        "suspicions-picture",
        lambda: figures.plot_changes(table, data_title=about),
        title=f"The changes of test Top-1 in one picture: {about}. Green: helps; red: harms; grey: "
        "neither is shown.",
        alt="Dots with intervals, a row a trial, a panel a base protocol.",
    )
    count = table["Verdict"].value_counts()
    return {
        "trials": str(len(table)),
        "trials_help": str(count.get(suspected.HELPS, 0)),
        "trials_harm": str(count.get(suspected.HARMS, 0)),
        "trials_nothing": str(count.get(suspected.NOTHING, 0)),
        "trials_open": str(count.get(suspected.OPEN, 0)),
    }


def notebooks(study: Study, run_no: int) -> list[tuple]:
    """Executed notebooks of these pages: file and title."""
    folder = paths.resolve(protocol_steps.folder(study.results_dir)) / study.label
    return [
        (folder / "notebooks" / f"{name}-{run_no:02d}.ipynb", title)
        for name, title in (("diagnosis", "Diagnosis"), ("improvements", "Suspicions, tried"))
    ]
