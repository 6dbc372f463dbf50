"""Claims of section III, option b: how the accuracy of the eight runs starts, rises and swings."""

from functools import partial
from statistics import fmean, median

from book.generate.claims import claim, curves
from book.generate.claims.claim import Decision, Evidence, Undecided, percent, spread
from harlib.protocol import CLASSES

row = partial(claim.row, "III, option b")

#: Percent of windows that guessing gets right, by n of Top-n.
CHANCE = {top: 100 * top / len(CLASSES) for top in (1, 2, 3)}
#: Initial accuracies lie between these, in percent (report).
INITIAL = (10, 30)
#: What ``almost`` and ``near`` mean, in percentage points; the part of all that must be near.
NEAR, NEARLY_ALL = 3, 0.9
#: Top-1 in percent that shows learning (report), and how many epochs are ``a few``.
LEARNED, FEW = 20, 5
#: A turn goes back by this many points; a curve that turns once in so many epochs oscillates.
TURN, TURN_EVERY = 1, 5
#: A spike rises so many points above the level before it, and is back within so many epochs.
RISE, BACK_WITHIN = 5, 5
#: Epochs that a curve needs before its swings can be judged.
ENOUGH = 10


def _values(evidence: Evidence, epoch: int, metric: str) -> list[float]:
    """A metric at one epoch: training and test windows of every training."""
    evidence.need_epochs(epoch)
    return [
        entry[split][metric][epoch] for entry in evidence.trainings() for split in ("train", "test")
    ]


@row(
    f"Untrained networks have accuracies from {INITIAL[0]} to {INITIAL[1]} %.",
    f"Every Top-1 at epoch 0, training and test, lies from {INITIAL[0]} to {INITIAL[1]} %.",
)
def initial_accuracy(evidence: Evidence) -> Decision:
    values = _values(evidence, 0, "top1")
    inside = sum(INITIAL[0] <= value <= INITIAL[1] for value in values)
    text = f"{spread(values)}; {inside} of {len(values)} values inside."
    return inside == len(values), text


@row(
    "After the first updates Top-1, Top-2 and Top-3 are near 1/6, 2/6 and 3/6.",
    f"At epoch 1, for each of the three, at least {100 * NEARLY_ALL:.0f} % of the values (every "
    f"training, training and test windows) are within {NEAR} points. Result files hold epochs, not "
    "single updates.",
)
def first_epoch(evidence: Evidence) -> Decision:
    shares, text = [], []
    for top, chance in CHANCE.items():
        values = _values(evidence, 1, f"top{top}")
        near = sum(chance - NEAR <= value <= chance + NEAR for value in values)
        shares.append(near / len(values))
        text.append(f"Top-{top} mean {percent(fmean(values))}, {near} of {len(values)} near")
    return min(shares) >= NEARLY_ALL, f"{'; '.join(text)}."


@row(
    "1/6, 2/6 and 3/6 are about 16, 33 and 48 %.",
    "Each is within one percentage point of the fraction.",
)
def sixths(evidence: Evidence) -> Decision:
    text = ", ".join(f"{top}/{len(CLASSES)} = {percent(c)}" for top, c in CHANCE.items())
    said = zip((16, 33, 48), CHANCE.values(), strict=True)
    return all(abs(figure - chance) <= 1 for figure, chance in said), f"{text}."


@row(
    "Random initial values give 1/6, 2/6 and 3/6 on average.",
    f"Test Top-1, Top-2 and Top-3 at epoch 0, mean over the sets of initial values: each within "
    f"{NEAR} points.",
)
def untrained_is_chance(evidence: Evidence) -> Decision:
    # Runs of as many units share the initial values of a seed: each set counts once.
    untrained = {
        (result["config"]["hidden_units"], seed): entry["test"]
        for result in evidence.runs.values()
        for seed, entry in result["seeds"].items()
    }
    means = {top: fmean(test[f"top{top}"][0] for test in untrained.values()) for top in CHANCE}
    text = ", ".join(f"Top-{top} {percent(value)}" for top, value in means.items())
    holds = all(abs(means[top] - chance) <= NEAR for top, chance in CHANCE.items())
    return holds, f"{text}; {len(untrained)} sets of initial values."


@row(
    "The random initial values are the reason for the figures after the first updates.",
    "Then they must show before any update already: Top-1 is on average no further from 1/6 at "
    "epoch 0 than at epoch 1 (every training, training and test windows).",
)
def initialisation_is_the_reason(evidence: Evidence) -> Decision:
    before, after = (
        fmean(abs(value - CHANCE[1]) for value in _values(evidence, epoch, "top1"))
        for epoch in (0, 1)
    )
    if after > NEAR:
        raise Undecided(f"The figures are not there: {after:.1f} points from 1/6 on average.")
    text = f"Mean distance from 1/6: {before:.2f} points at epoch 0, {after:.2f} at epoch 1."
    return before <= after, text


@row(
    f"Most networks learn within a few epochs and pass {LEARNED} %.",
    f"In more than half of the trainings test Top-1 is above {LEARNED} % at one of the epochs "
    f"1 to {FEW}.",
)
def passes_20(evidence: Evidence) -> Decision:
    evidence.need_epochs(FEW)
    firsts = [curves.first_above(entry["test"]["top1"], LEARNED) for entry in evidence.trainings()]
    passed = [epoch for epoch in firsts if epoch is not None]
    soon = sum(epoch <= FEW for epoch in passed)
    text = f"{soon} of {len(firsts)} within {FEW} epochs, {len(passed)} at any epoch"
    text += f"; median epoch {median(passed):g}." if passed else "."
    return 2 * soon > len(firsts), text


def _since_learned(evidence: Evidence) -> list[list[float]]:
    """Test Top-1 of every training from the first epoch above LEARNED on, where long enough."""
    all_curves = [entry["test"]["top1"] for entry in evidence.trainings()]
    found = [
        curve[start:]
        for curve in all_curves
        if (start := curves.first_above(curve, LEARNED)) and len(curve) - start > ENOUGH
    ]
    if not found:
        raise Undecided(
            f"No training goes on for {ENOUGH} epochs after it has passed {LEARNED} %; "
            f"highest test Top-1 {percent(max(map(max, all_curves)))}."
        )
    return found


@row(
    "After that the models oscillate.",
    f"From the epoch that passes {LEARNED} % on, test Top-1 turns round by at least {TURN} point "
    f"at least once in {TURN_EVERY} epochs, in more than half of the trainings that go on for "
    f"{ENOUGH} epochs.",
)
def oscillates(evidence: Evidence) -> Decision:
    since = _since_learned(evidence)
    rates = [curves.turns(curve, TURN) / (len(curve) - 1) for curve in since]
    count = sum(rate >= 1 / TURN_EVERY for rate in rates)
    text = f"{count} of {len(since)} trainings; "
    return 2 * count > len(since), f"{text}{10 * fmean(rates):.1f} turns in 10 epochs on average."


@row(
    "Accuracy suddenly spikes upwards and returns to where it was.",
    f"A spike is a test Top-1 more than {RISE} points above the median of the {curves.BEFORE} "
    f"epochs before; it returns if within {BACK_WITHIN} epochs Top-1 is at most {NEAR} points "
    "above that median. Holds if more than half of the trainings have a spike and more than half "
    "of the spikes return.",
)
def spikes_return(evidence: Evidence) -> Decision:
    evidence.need_epochs(ENOUGH)
    found = [
        curves.spikes(entry["test"]["top1"], rise=RISE, near=NEAR, within=BACK_WITHIN)
        for entry in evidence.trainings()
    ]
    with_spike = sum(bool(spikes) for spikes in found)
    total, back = sum(map(len, found)), sum(map(sum, found))
    text = f"{total} spikes in {with_spike} of {len(found)} trainings; {back} of them return."
    return 2 * with_spike > len(found) and 2 * back > total, text


def _swings_more(evidence: Evidence, key: str, larger: bool) -> Decision:
    """Whether the test Top-1 of one value of ``key`` zigzags more, in all pairs of runs.

    ``larger`` tells which value is expected to: the larger one or the smaller one.
    """
    evidence.need_epochs(ENOUGH)
    swings = evidence.mean_by_run(curves.zigzag)
    pairs = [pair if larger else pair[::-1] for pair in evidence.pairs(key)]
    more = sum(swings[second] > swings[first] for first, second in pairs)
    text = "; ".join(
        f"run {second} {swings[second]:.2f}, run {first} {swings[first]:.2f}"
        for first, second in pairs
    )
    return more == len(pairs), f"{more} of {len(pairs)} pairs: {text} points."


_ZIGZAG = (
    "Mean distance of test Top-1 from the middle of the epochs before and after it, mean over the "
    "seeds, is"
)


@row(
    "Large learning rates overshoot: curves swing more.",
    f"{_ZIGZAG} larger for the larger rate in every pair of runs that differ only in the rate.",
)
def learning_rate_swings(evidence: Evidence) -> Decision:
    return _swings_more(evidence, "learning_rate", larger=True)


@row(
    "Time series vary extremely from one time to another.",
    "The deviation over the steps of a window beside that between windows.",
)
def time_series_vary(evidence: Evidence) -> Decision:
    raise Undecided("Result files hold no windows.")


@row(
    "Small batches make curves zigzag.",
    f"{_ZIGZAG} larger for the smaller batch in every pair of runs that differ only in batch "
    "size. Small batches also mean more updates an epoch.",
)
def small_batches_zigzag(evidence: Evidence) -> Decision:
    return _swings_more(evidence, "batch_size", larger=False)
