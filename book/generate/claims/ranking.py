"""Claims of section II-C: which runs are best, without early stopping and with it (option C)."""

import math
from functools import partial
from statistics import fmean

import numpy as np
import pandas as pd

from book.generate.claims import claim
from book.generate.claims.claim import Decision, Evidence, Undecided, listing, percent, span
from harlib.job import EarlyStopping
from harlib.notebook.table import number
from harlib.paper import printed, tables
from harlib.protocol import CLASSES

row = partial(claim.row, "II-C")

#: The runs that the report prefers, best first.
PREFERRED = [8, 7]
#: The rule of early stopping as the report states it.
STOPPING = EarlyStopping(patience=30, min_delta=1e-5, validation_fraction=0.1)


def _means(evidence: Evidence, split: str = "test") -> pd.Series:
    """Mean over the seeds of Top-1 at the reported epoch, by run."""
    return tables.by_run(evidence.runs, split, 1)["mean"]


@row(
    "Runs 7 and 8 have the highest test accuracy.",
    "No other run has a higher mean test Top-1 than either of them.",
)
def highest_accuracy(evidence: Evidence) -> Decision:
    means = _means(evidence)
    # Equal means share the better place.
    place = means.rank(ascending=False, method="min").astype(int)
    text = "; ".join(
        f"run {n}: {percent(means[n])}, place {place[n]} of {len(means)}" for n in sorted(PREFERRED)
    )
    return means[PREFERRED].min() >= means.drop(PREFERRED).max(), f"{text}."


@row(
    "Runs 7 and 8 have a lower standard deviation.",
    "The deviation of test Top-1 over the seeds is below the median of all runs for both.",
)
def lower_std(evidence: Evidence) -> Decision:
    if any(len(result["seeds"]) < 2 for result in evidence.runs.values()):
        raise Undecided("A run has a single seed.")
    stds = tables.by_run(evidence.runs, "test", 1)["std"]
    middle = stds.median()
    text = ", ".join(f"run {n} {stds[n]:.2f}" for n in sorted(PREFERRED))
    return stds[PREFERRED].max() < middle, f"{text}; median {middle:.2f} points."


@row(
    "Runs 7 and 8 generalise better than the others.",
    "No other run has a smaller difference between mean training and mean test Top-1, whatever "
    "its sign, than either of them.",
)
def generalise(evidence: Evidence) -> Decision:
    gaps = _means(evidence, "train") - _means(evidence)
    least = gaps.drop(PREFERRED).abs().idxmin()
    text = ", ".join(f"run {n} {number(gaps[n])}" for n in sorted(PREFERRED))
    text += f" points, training minus test; smallest of the others: run {least} "
    return gaps[PREFERRED].abs().max() <= abs(gaps[least]), f"{text}{number(gaps[least])}."


@row(
    "Other runs have higher test accuracies than runs 7 and 8.",
    "At least two other runs have a higher mean test Top-1 than the better of the two.",
)
def others_higher(evidence: Evidence) -> Decision:
    means = _means(evidence)
    level = means[PREFERRED].max()
    higher, best = means.index[means > level], means.idxmax()
    text = f"Higher than {percent(level)}: {listing('run', higher)} ({len(higher)}); "
    return len(higher) >= 2, f"{text}highest: run {best} with {percent(means[best])}."


@row(
    "Run 8 performs best, run 7 second best.",
    "First and second by mean test Top-1, of equal means the smaller deviation first.",
)
def best_then_second(evidence: Evidence) -> Decision:
    means, order = _means(evidence), tables.ranking(evidence.runs)
    text = ", then ".join(f"run {n} with {percent(means[n])}" for n in order[:2])
    places = ", ".join(f"run {n} is number {order.index(n) + 1}" for n in PREFERRED)
    return order[:2] == PREFERRED, f"First {text}; {places} of {len(order)}."


def _trainings(evidence: Evidence) -> list[tuple[int, int, dict]]:
    """Run, upper bound of epochs and entry of every training with early stopping."""
    return [
        (run_no, result["config"]["epochs"], entry)
        for run_no, result in evidence.early_stopping.items()
        for entry in result["seeds"].values()
    ]


@row(
    "A tenth of the training windows validates.",
    "Every validation accuracy of option C is a whole number of windows out of a tenth of the "
    "training windows, rounded up.",
)
def tenth_validates(evidence: Evidence) -> Decision:
    trainings = _trainings(evidence)
    data = next(iter(evidence.early_stopping.values()))["data"]
    windows = math.ceil(STOPPING.validation_fraction * data["train_windows"])
    counts = [
        value * windows / 100
        for _, _, entry in trainings
        for metric in ("top1", "top2", "top3")
        for value in entry["validation"][metric]
    ]
    whole = sum(abs(count - round(count)) < 1e-6 for count in counts)
    return whole == len(counts), f"{whole} of {len(counts)} accuracies fit {windows} windows."


@row(
    "The validation set has the classes in the proportions of the training set.",
    "Windows of each class in both sets.",
)
def stratified(evidence: Evidence) -> Decision:
    raise Undecided("Result files count the classes before the split only.")


@row(
    f"Training halts after {STOPPING.patience} epochs without a gain above 1e-5.",
    f"Each option C training ends at the first epoch with {STOPPING.patience} epochs behind it in "
    "which validation Top-1 did not gain more than 1e-5 points, or before it at its upper bound.",
)
def stopping_rule(evidence: Evidence) -> Decision:
    trainings = _trainings(evidence)
    if all(entry["stopped_epoch"] == bound for _, bound, entry in trainings):
        raise Undecided("No option C training ended before its upper bound of epochs.")
    kept, epochs = 0, []
    for _, bound, entry in trainings:
        accuracy, stopped = entry["validation"]["top1"], entry["stopped_epoch"]
        now, before = STOPPING.stops_after(accuracy), STOPPING.stops_after(accuracy[:-1])
        kept += (now or stopped == bound) and not before
        epochs.append(stopped - entry["best_epoch"])
    text = f"{kept} of {len(trainings)} trainings; {span(epochs)} epochs from the best to the last."
    return kept == len(trainings), text


@row(
    "Early stopping ends the training.",
    "Every option C training stops before its upper bound of epochs.",
)
def stops_before_bound(evidence: Evidence) -> Decision:
    trainings = _trainings(evidence)
    text = ", ".join(
        f"run {run_no} after {entry['stopped_epoch']} of at most {bound} epochs"
        for run_no, bound, entry in trainings
    )
    early = all(entry["stopped_epoch"] < bound for _, bound, entry in trainings)
    return early, f"R{text[1:]}."


@row(
    "Option C: run 8 performs better than run 7.",
    "Test Top-1 at the reported epoch is higher for run 8 for every seed that both have.",
)
def option_c_best(evidence: Evidence) -> Decision:
    pairs = [
        [entry["test"]["top1"][entry["best_epoch"]] for entry in pair]
        for pair in evidence.option_c_pairs()
    ]
    above = sum(eight > seven for eight, seven in pairs)
    eight, seven = (percent(fmean(values)) for values in zip(*pairs, strict=True))
    text = f"Run 8 {eight}, run 7 {seven}; higher for {above} of {len(pairs)} seeds."
    return above == len(pairs), text


def _highest_first(accuracies: dict[str, float]) -> list[str]:
    """Names of the sets, highest accuracy first; of equal ones as given."""
    return sorted(accuracies, key=accuracies.get, reverse=True)


@row(
    "Tables VI and VII: the order of training, validation and test accuracy.",
    "Top-1 at the reported epoch, mean over the seeds, puts the three sets in the printed "
    "order, for runs 7 and 8.",
)
def order_of_option_c(evidence: Evidence) -> Decision:
    same, texts = [], []
    for run_no in sorted(PREFERRED):
        result = evidence.early_stopping[run_no]
        ours = {
            label.lower(): tables.accuracy(result, split, 1)[0]
            for split, label in tables.LABELS.items()
        }
        published = _highest_first(printed.early_stopping(run_no).loc["top1"].to_dict())
        same.append(_highest_first(ours) == published)
        found = " > ".join(f"{name} {percent(ours[name])}" for name in _highest_first(ours))
        texts.append(f"run {run_no}: {found}")
    return all(same), f"{'; '.join(texts)} (printed: {' > '.join(published)})."


@row(
    "Table VIII: which class is recognised best, and which worst.",
    "Of the test windows of run 8 in option C at the reported epoch, summed over the seeds, the "
    "printed best and worst class have the largest and the smallest share of right answers.",
)
def classes_of_table_8(evidence: Evidence) -> Decision:
    entries = evidence.early_stopping[8]["seeds"].values()
    ours = _recalls(np.sum([entry["confusion"] for entry in entries], axis=0))
    published = _recalls(printed.table(8).to_numpy())
    holds, texts = [], []
    for word, pick in (("best", max), ("worst", min)):
        here, there = (one.index[one == pick(one)] for one in (ours, published))
        holds.append(set(there) <= set(here))
        text = f"{word}: {', '.join(here)} with {percent(pick(ours))}"
        texts.append(f"{text} (printed: {', '.join(there)})")
    return all(holds), f"{'; '.join(texts).capitalize()}."


def _recalls(confusion: np.ndarray) -> pd.Series:
    """Share of right answers in each class of a confusion matrix, in percent."""
    return pd.Series(100 * np.diag(confusion) / confusion.sum(axis=1), CLASSES)
