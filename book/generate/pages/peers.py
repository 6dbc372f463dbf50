"""Fills parts/peers.md, a part of corrected.md: other networks on the same windows."""

from benchmarks.peers import report
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.experiments import cross_validation
from harlib.paper import tables
from harlib.protocol import CORRECTED, HEADLINE


def fill(book: Book, study: Study) -> dict[str, str]:
    """The tables; returns what the text says of who is ahead."""
    record = study.record("peers")
    ours, others = [], report.of_record(record)
    title = tables.data_title(record.content)
    where = "on this machine" if record.here else "before, on another machine"
    note = (
        f"Measured {where} ({record.content['date']}, PyTorch {record.content['torch']}). Each "
        "network was trained on all training subjects with the setting that did best on training "
        "subjects held out, and the last epoch is reported. ±: half of the 95 % confidence "
        "interval of the mean over the seeds (Student's t)."
    )
    if study.first["data"]["sha256"] == record.content["data"]["sha256"]:
        name = f"tanh RNN, run {HEADLINE}, {CORRECTED.name}"
        tried = cross_validation.tried(study.record(cross_validation.NAME).content)
        ours = [report.of_result(study.corrected[HEADLINE], name, tried=tried)]
    else:
        note += (
            f" The network of this book was trained on other windows than the {title}: it has no "
            "row."
        )
    book.table(
        "peers", report.comparison([*ours, *others]), text=report.text, note=note,
        title=f"Other networks, trained on the windows of the {title}: test accuracy.",
    )  # fmt: skip
    book.table(
        "peers-classes", report.by_class([*ours, *others]), text=report.text,
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
    return {"peers_verdicts": " ".join(verdicts), "peers_data": title}
