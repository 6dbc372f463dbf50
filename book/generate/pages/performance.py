"""What the chapter "Performance" shows, from the record ``bench``."""

from functools import partial

from benchmarks import figures, report
from book.generate.gathered import Study
from book.generate.staging import Book


def fill(book: Book, study: Study) -> dict[str, str]:
    """Tables and charts of the benchmark; returns what the text quotes."""
    record = study.record("bench")
    content = record.content
    at = f"T = {content['steps']} steps, float32, one thread"
    targets = report.targets(content)
    book.table(
        "bench-targets", targets, text=report.number,
        bold=report.bold_if_reached(targets),
        title=f"What was aimed at, and what was measured, by (batch size, hidden units); {at}.",
        note="Bold: the aim is reached.",
    )  # fmt: skip
    for name, make, title, note in (
        ("batches", report.milliseconds,
         "One batch of training, gradient and update, by (batch size, hidden units): median "
         f"milliseconds of processor time and, in brackets, the quartiles; {at}.",
         f"{content['rounds']} rounds in turns. The plain loop is in float64, as the report's."),
        ("parts", report.parts,
         "The parts of a batch (ms, median), by (batch size, hidden units).",
         "Evaluation: that of 3,600 windows of MotionSense, shared out to its batches."),
        ("study", report.study,
         "The eight runs on MotionSense through the flow, and the time that their products "
         "alone take at the measured product rate.",
         "On two cores that nothing else uses, half of the processor time is the time on the "
         "wall, and half of the limit its limit."),
    ):  # fmt: skip
        book.table(f"bench-{name}", make(content), text=report.number, title=title, note=note)
    book.figure(
        "bench-rates", partial(figures.plot_rates, content),
        title="Operations a second of one batch of training: what its products need, divided by "
        "its time. The dashed line is the ceiling: the product of large matrices, measured in the "
        "same rounds.",
        alt="Line chart of operations a second against the size of batch and network.",
    )  # fmt: skip
    book.figure(
        "bench-scaling", partial(figures.plot_scaling, content),
        title=f"Cost over each size by itself, all else as in run {content['run_no']}; both axes "
        "logarithmic, grey the fitted line and, above, its slope.",
        alt="Five log-log panels: steps, batch size, hidden units, windows, workers.",
    )  # fmt: skip
    return report.values(record)
