"""Claims of section II-C on option C: the validation set, the stopping rule, the accuracies."""

import math

from book.generate.claims.claim import Decision, Study, Undecided, mean, needs, percent, row, span
from book.generate.claims.ranking import PREFERRED
from harlib.job import EarlyStopping
from harlib.paper import printed
from harlib.protocol import CLASSES

#: The rule as the report states it.
STOPPING = EarlyStopping(patience=30, min_delta=1e-5, validation_fraction=0.1)


def _all(study: Study) -> list[tuple[int, dict, dict]]:
    """Run number, configuration and entry of every training with early stopping."""
    if not study.early_stopping:
        raise Undecided("There is no option C result.")
    return [
        (run_no, result["config"], entry)
        for run_no, result in study.early_stopping.items()
        for entry in result["seeds"].values()
    ]


@row(
    "II-C",
    "A tenth of the training windows validates.",
    "Every validation accuracy of option C is a whole number of windows out of a tenth of the "
    "training windows, rounded up.",
)
def tenth_validates(study: Study) -> Decision:
    trainings = _all(study)
    data = next(iter(study.early_stopping.values()))["data"]
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
    "II-C",
    f"Training halts after {STOPPING.patience} epochs without a gain above 1e-5.",
    f"Each option C training ends at the first epoch with {STOPPING.patience} epochs behind it in "
    "which validation Top-1 did not gain more than 1e-5 points, or before it at its upper bound.",
)
def stopping_rule(study: Study) -> Decision:
    trainings = _all(study)
    kept, epochs = 0, []
    for _, config, entry in trainings:
        accuracy = entry["validation"]["top1"]
        at_bound = entry["stopped_epoch"] == config["epochs"]
        now, before = STOPPING.stops_after(accuracy), STOPPING.stops_after(accuracy[:-1])
        kept += (now or at_bound) and not before
        epochs.append(entry["stopped_epoch"] - entry["best_epoch"])
    if all(entry["stopped_epoch"] == config["epochs"] for _, config, entry in trainings):
        raise Undecided("No option C training ended before its upper bound of epochs.")
    text = f"{kept} of {len(trainings)} trainings; {span(epochs)} epochs from the best to the last."
    return kept == len(trainings), text


@row(
    "II-C",
    "Early stopping ends the training.",
    "Every option C training stops before its upper bound of epochs.",
)
def stops_before_bound(study: Study) -> Decision:
    trainings = _all(study)
    early = [entry["stopped_epoch"] < config["epochs"] for _, config, entry in trainings]
    ends = ", ".join(
        f"run {run_no} after {entry['stopped_epoch']} of at most {config['epochs']} epochs"
        for run_no, config, entry in trainings
    )
    return all(early), f"{ends[0].upper()}{ends[1:]}."


@row(
    "II-C",
    "Option C: run 8 performs better than run 7.",
    "Test Top-1 at the reported epoch is higher for run 8 for every seed that both have.",
)
def option_c_best(study: Study) -> Decision:
    pairs = [
        tuple(entry["test"]["top1"][entry["best_epoch"]] for entry in entries)
        for entries in study.option_c_seeds(*PREFERRED)
    ]
    above = sum(first > second for first, second in pairs)
    eight, seven = (mean(values) for values in zip(*pairs, strict=True))
    text = f"Run 8 {percent(eight)}, run 7 {percent(seven)}; "
    return above == len(pairs), f"{text}higher for {above} of {len(pairs)} seeds."


def order_of_sets(accuracies: dict[str, float]) -> list[str]:
    """Names of the sets, highest accuracy first; of equal ones as given."""
    return sorted(accuracies, key=accuracies.get, reverse=True)


@row(
    "II-C",
    "Tables VI and VII: the order of training, validation and test accuracy.",
    "Top-1 at the reported epoch, mean over the seeds, puts the three sets in the printed "
    "order, for runs 7 and 8.",
)
def order_of_option_c(study: Study) -> Decision:
    labels = {"train": "training", "validation": "validation", "test": "test"}
    same, texts = [], []
    for run_no in sorted(PREFERRED):
        entries = study.option_c(run_no)["seeds"].values()
        ours = {
            label: mean(entry[split]["top1"][entry["best_epoch"]] for entry in entries)
            for split, label in labels.items()
        }
        published = printed.early_stopping(run_no).loc["top1"].to_dict()
        same.append(order_of_sets(ours) == order_of_sets(published))
        found = " > ".join(f"{name} {percent(ours[name])}" for name in order_of_sets(ours))
        texts.append(f"run {run_no}: {found}")
    order = " > ".join(order_of_sets(published))
    return all(same), f"{'; '.join(texts)} (printed: {order})."


def _at_extreme(values: list[float], extreme: float) -> list[str]:
    """Names of the classes that have this value."""
    return [name for name, value in zip(CLASSES, values, strict=True) if value == extreme]


@row(
    "II-C",
    "Table VIII: which class is recognised best, and which worst.",
    "Of the test windows of run 8 in option C at the reported epoch, summed over the seeds, the "
    "printed best and worst class have the largest and the smallest share of right answers.",
)
def classes_of_table_8(study: Study) -> Decision:
    confusions = [entry["confusion"] for entry in study.option_c(8)["seeds"].values()]
    ours = [
        100 * sum(c[k][k] for c in confusions) / sum(sum(c[k]) for c in confusions)
        for k in range(len(CLASSES))
    ]
    table = printed.table(8)
    published = [float(table.loc[k, k] / table.loc[k].sum()) for k in range(len(CLASSES))]
    holds, texts = [], []
    for word, pick in (("best", max), ("worst", min)):
        here, there = (_at_extreme(values, pick(values)) for values in (ours, published))
        holds.append(set(there) <= set(here))
        text = f"{word}: {', '.join(here)} with {percent(pick(ours))}"
        texts.append(f"{text} (printed: {', '.join(there)})")
    return all(holds), f"{'; '.join(texts).capitalize()}."


stratified = needs(
    "stratified",
    "II-C",
    "The validation set has the classes in the proportions of the training set.",
    "Windows of each class in both sets.",
    "Result files count the classes before the split only.",
)

ROWS = (
    tenth_validates,
    stratified,
    stopping_rule,
    stops_before_bound,
    option_c_best,
    order_of_option_c,
    classes_of_table_8,
)
