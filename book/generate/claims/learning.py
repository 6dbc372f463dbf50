"""Claims of section III, option b: how accuracy starts and rises in the eight runs."""

from statistics import median

from book.generate.claims import curves
from book.generate.claims.claim import Decision, Study, Undecided, mean, percent, row, spread
from harlib.protocol import CLASSES

SECTION = "III, option b"
TOPS = (1, 2, 3)
#: Percent of windows that guessing gets right, by n of Top-n.
CHANCE = {top: 100 * top / len(CLASSES) for top in TOPS}

#: Initial accuracies lie between these, in percent (report).
INITIAL = (10, 30)
#: What ``almost`` and ``near`` mean, in percentage points.
NEAR = 3
#: The part of all values that must be near.
NEARLY_ALL = 0.9
#: Top-1 in percent that shows learning (report), and how many epochs are ``a few``.
LEARNED, FEW = 20, 5


def _values(study: Study, epoch: int, metric: str) -> list[float]:
    """A metric at one epoch: training and test windows of every training."""
    study.need_epochs(epoch)
    return [
        entry[split][metric][epoch] for entry in study.trainings() for split in ("train", "test")
    ]


@row(
    SECTION,
    f"Untrained networks have accuracies from {INITIAL[0]} to {INITIAL[1]} %.",
    f"Every Top-1 at epoch 0, training and test, lies from {INITIAL[0]} to {INITIAL[1]} %.",
)
def initial_accuracy(study: Study) -> Decision:
    values = _values(study, 0, "top1")
    inside = curves.count_within(values, *INITIAL)
    text = f"{spread(values)}; {inside} of {len(values)} values inside."
    return inside == len(values), text


@row(
    SECTION,
    "After the first updates Top-1, Top-2 and Top-3 are near 1/6, 2/6 and 3/6.",
    f"At epoch 1, for each of the three, at least {100 * NEARLY_ALL:.0f} % of the values (every "
    f"training, training and test windows) are within {NEAR} points. Result files hold epochs, not "
    "single updates.",
)
def first_epoch(study: Study) -> Decision:
    shares, text = [], []
    for top, chance in CHANCE.items():
        values = _values(study, 1, f"top{top}")
        near = curves.count_within(values, chance - NEAR, chance + NEAR)
        shares.append(near / len(values))
        text.append(f"Top-{top} mean {percent(mean(values))}, {near} of {len(values)} near")
    return min(shares) >= NEARLY_ALL, f"{'; '.join(text)}."


@row(
    SECTION,
    "1/6, 2/6 and 3/6 are about 16, 33 and 48 %.",
    "Each is within one percentage point of the fraction.",
)
def sixths(study: Study) -> Decision:
    text = ", ".join(f"{top}/{len(CLASSES)} = {percent(c)}" for top, c in CHANCE.items())
    said = dict(zip(TOPS, (16, 33, 48), strict=True))
    return all(abs(said[top] - c) <= 1 for top, c in CHANCE.items()), f"{text}."


def _initial_by_seed(study: Study, top: int) -> list[float]:
    """Test Top-n at epoch 0, once for each set of initial values, which runs may share."""
    distinct = {}
    for result in study.runs.values():
        for seed, entry in result["seeds"].items():
            distinct[result["config"]["hidden_units"], seed] = entry["test"][f"top{top}"][0]
    return list(distinct.values())


@row(
    SECTION,
    "Random initial values give 1/6, 2/6 and 3/6 on average.",
    f"Test Top-1, Top-2 and Top-3 at epoch 0, mean over the sets of initial values: each within "
    f"{NEAR} points.",
)
def untrained_is_chance(study: Study) -> Decision:
    means = {top: mean(_initial_by_seed(study, top)) for top in TOPS}
    text = ", ".join(f"Top-{top} {percent(value)}" for top, value in means.items())
    count = len(_initial_by_seed(study, 1))
    holds = all(abs(means[top] - CHANCE[top]) <= NEAR for top in TOPS)
    return holds, f"{text}; {count} sets of initial values."


@row(
    SECTION,
    "The random initial values are the reason for the figures after the first updates.",
    "Then they must show before any update already: Top-1 is on average no further from 1/6 at "
    "epoch 0 than at epoch 1 (every training, training and test windows).",
)
def initialisation_is_the_reason(study: Study) -> Decision:
    before, after = (
        mean(abs(value - CHANCE[1]) for value in _values(study, epoch, "top1")) for epoch in (0, 1)
    )
    if after > NEAR:
        raise Undecided(f"The figures are not there: {after:.1f} points from 1/6 on average.")
    text = f"Mean distance from 1/6: {before:.2f} points at epoch 0, {after:.2f} at epoch 1."
    return before <= after, text


@row(
    SECTION,
    f"Most networks learn within a few epochs and pass {LEARNED} %.",
    f"In more than half of the trainings test Top-1 is above {LEARNED} % at one of the epochs "
    f"1 to {FEW}.",
)
def passes_20(study: Study) -> Decision:
    study.need_epochs(FEW)
    firsts = [curves.first_above(entry["test"]["top1"], LEARNED) for entry in study.trainings()]
    passed = [epoch for epoch in firsts if epoch is not None]
    soon = sum(epoch <= FEW for epoch in passed)
    text = f"{soon} of {len(firsts)} within {FEW} epochs, {len(passed)} at any epoch"
    text += f"; median epoch {median(passed):g}." if passed else "."
    return 2 * soon > len(firsts), text


ROWS = (
    initial_accuracy,
    first_epoch,
    sixths,
    untrained_is_chance,
    initialisation_is_the_reason,
    passes_20,
)
