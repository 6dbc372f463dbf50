"""Claims of section II-C on the eight runs: which are best, how steady, how general."""

from statistics import median

from book.generate.claims.claim import Decision, Study, Undecided, listing, percent, row, signed
from harlib.paper import tables

#: The runs that the report prefers, best first.
PREFERRED = (8, 7)


def _figures(study: Study, part: int) -> dict[int, float]:
    """Mean (0) or deviation (1) over the seeds of test Top-1 at the reported epoch, by run."""
    study.need_runs(*PREFERRED)
    return {
        run_no: tables.accuracy(result, "test", 1)[part] for run_no, result in study.runs.items()
    }


def rank(values: dict[int, float], run_no: int) -> int:
    """Place of a run when the highest value comes first; equal values share the better place."""
    return 1 + sum(value > values[run_no] for value in values.values())


@row(
    "II-C",
    "Runs 7 and 8 have the highest test accuracy.",
    "No other run has a higher mean test Top-1 than either of them.",
)
def highest_accuracy(study: Study) -> Decision:
    means = _figures(study, 0)
    rest = [value for run_no, value in means.items() if run_no not in PREFERRED]
    text = "; ".join(
        f"run {r}: {percent(means[r])}, place {rank(means, r)} of {len(means)}"
        for r in sorted(PREFERRED)
    )
    return min(means[r] for r in PREFERRED) >= max(rest, default=0), f"{text}."


@row(
    "II-C",
    "Runs 7 and 8 have a lower standard deviation.",
    "The deviation of test Top-1 over the seeds is below the median of all runs for both.",
)
def lower_std(study: Study) -> Decision:
    if any(len(result["seeds"]) < 2 for result in study.runs.values()):
        raise Undecided("A run has a single seed.")
    stds = _figures(study, 1)
    middle = median(stds.values())
    text = ", ".join(f"run {r} {stds[r]:.2f}" for r in sorted(PREFERRED))
    return all(stds[r] < middle for r in PREFERRED), f"{text}; median {middle:.2f} points."


@row(
    "II-C",
    "Runs 7 and 8 generalise better than the others.",
    "No other run has a smaller difference between mean training and mean test Top-1, whatever "
    "its sign, than either of them.",
)
def generalise(study: Study) -> Decision:
    test = _figures(study, 0)
    gaps = {r: tables.accuracy(study.runs[r], "train", 1)[0] - test[r] for r in test}
    rest = {r: abs(gap) for r, gap in gaps.items() if r not in PREFERRED}
    if not rest:
        raise Undecided("There is no other run.")
    least = min(rest, key=rest.get)
    text = ", ".join(f"run {r} {signed(gaps[r])}" for r in sorted(PREFERRED))
    text += f" points, training minus test; smallest of the others: run {least} "
    holds = max(abs(gaps[r]) for r in PREFERRED) <= rest[least]
    return holds, f"{text}{signed(gaps[least])}."


@row(
    "II-C",
    "Other runs have higher test accuracies than runs 7 and 8.",
    "At least two other runs have a higher mean test Top-1 than the better of the two.",
)
def others_higher(study: Study) -> Decision:
    means = _figures(study, 0)
    level = max(means[r] for r in PREFERRED)
    higher = [r for r, value in means.items() if value > level]
    best = max(means, key=means.get)
    text = f"Higher than {percent(level)}: {listing('run', higher)} ({len(higher)}); "
    return len(higher) >= 2, f"{text}highest: run {best} with {percent(means[best])}."


@row(
    "II-C",
    "Run 8 performs best, run 7 second best.",
    "First and second by mean test Top-1, of equal means the smaller deviation first.",
)
def best_then_second(study: Study) -> Decision:
    means = _figures(study, 0)
    order = tables.ranking(study.runs)
    text = ", then ".join(f"run {r} with {percent(means[r])}" for r in order[:2])
    places = ", ".join(f"run {r} is number {order.index(r) + 1}" for r in PREFERRED)
    return tuple(order[:2]) == PREFERRED, f"First {text}; {places} of {len(order)}."


ROWS = (
    highest_accuracy,
    lower_std,
    generalise,
    others_higher,
    best_then_second,
)
