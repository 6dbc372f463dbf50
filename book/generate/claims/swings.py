"""Claims of section III, option b, on swings of the accuracy, and on what causes them."""

from book.generate.claims import curves
from book.generate.claims.claim import Decision, Study, Undecided, mean, needs, percent, row
from book.generate.claims.learning import LEARNED, NEAR, SECTION

#: A turn goes back by this many points; a curve that turns once in so many epochs oscillates.
TURN, TURN_EVERY = 1, 5
#: A spike rises so many points above the level before it, and is back within so many epochs.
RISE, BACK_WITHIN = 5, 5
#: Epochs that a curve needs before its swings can be judged.
ENOUGH = 10


def _since_learned(study: Study) -> list[list[float]]:
    """Test Top-1 of every training from the first epoch above LEARNED on, where long enough."""
    found = []
    for entry in study.trainings():
        curve = entry["test"]["top1"]
        start = curves.first_above(curve, LEARNED)
        if start is not None and len(curve) - start > ENOUGH:
            found.append(curve[start:])
    if not found:
        raise Undecided(
            f"No training goes on for {ENOUGH} epochs after it has passed {LEARNED} %; "
            f"highest test Top-1 {percent(max(max(e['test']['top1']) for e in study.trainings()))}."
        )
    return found


@row(
    SECTION,
    "After that the models oscillate.",
    f"From the epoch that passes {LEARNED} % on, test Top-1 turns round by at least {TURN} point "
    f"at least once in {TURN_EVERY} epochs, in more than half of the trainings that go on for "
    f"{ENOUGH} epochs.",
)
def oscillates(study: Study) -> Decision:
    since = _since_learned(study)
    rates = [curves.turns(curve, TURN) / (len(curve) - 1) for curve in since]
    count = sum(rate >= 1 / TURN_EVERY for rate in rates)
    text = f"{count} of {len(since)} trainings; "
    return 2 * count > len(since), f"{text}{10 * mean(rates):.1f} turns in 10 epochs on average."


@row(
    SECTION,
    "Accuracy suddenly spikes upwards and returns to where it was.",
    f"A spike is a test Top-1 more than {RISE} points above the median of the {curves.BEFORE} "
    f"epochs before; it returns if within {BACK_WITHIN} epochs Top-1 is at most {NEAR} points "
    "above that median. Holds if more than half of the trainings have a spike and more than half "
    "of the spikes return.",
)
def spikes_return(study: Study) -> Decision:
    study.need_epochs(ENOUGH)
    found = [
        curves.spikes(entry["test"]["top1"], rise=RISE, near=NEAR, within=BACK_WITHIN)
        for entry in study.trainings()
    ]
    with_spike = sum(bool(spikes) for spikes in found)
    total, back = sum(map(len, found)), sum(map(sum, found))
    text = f"{total} spikes in {with_spike} of {len(found)} trainings; {back} of them return."
    return 2 * with_spike > len(found) and 2 * back > total, text


def swings_more(study: Study, key: str, larger: bool) -> Decision:
    """Whether the test Top-1 of one value of ``key`` zigzags more, in all pairs of runs.

    ``larger`` tells which value is expected to: the larger one or the smaller one.
    """
    study.need_epochs(ENOUGH)
    amplitude = {
        run_no: mean(curves.zigzag(entry["test"]["top1"]) for entry in result["seeds"].values())
        for run_no, result in study.runs.items()
    }
    pairs = [pair if larger else pair[::-1] for pair in study.pairs(key)]
    more = sum(amplitude[second] > amplitude[first] for first, second in pairs)
    text = "; ".join(
        f"run {second} {amplitude[second]:.2f}, run {first} {amplitude[first]:.2f}"
        for first, second in pairs
    )
    return more == len(pairs), f"{more} of {len(pairs)} pairs: {text} points."


_ZIGZAG = (
    "Mean distance of test Top-1 from the middle of the epochs before and after it, mean over the "
    "seeds, is"
)


@row(
    SECTION,
    "Large learning rates overshoot: curves swing more.",
    f"{_ZIGZAG} larger for the larger rate in every pair of runs that differ only in the rate.",
)
def learning_rate_swings(study: Study) -> Decision:
    return swings_more(study, "learning_rate", larger=True)


@row(
    SECTION,
    "Small batches make curves zigzag.",
    f"{_ZIGZAG} larger for the smaller batch in every pair of runs that differ only in batch "
    "size. Small batches also mean more updates an epoch.",
)
def small_batches_zigzag(study: Study) -> Decision:
    return swings_more(study, "batch_size", larger=False)


@row(
    SECTION,
    "Small batches make learning stochastic.",
    "Every run draws its batches at random (shuffle). Consecutive slices of a fixed order are "
    "the same in every epoch, whatever their size.",
)
def stochastic(study: Study) -> Decision:
    shuffled = study.config("shuffle")
    return all(shuffled), f"{sum(shuffled)} of {len(shuffled)} runs draw their batches."


time_series_vary = needs(
    "time_series_vary",
    SECTION,
    "Time series vary extremely from one time to another.",
    "The deviation over the steps of a window beside that between windows.",
    "Result files hold no windows.",
)


ROWS = (
    oscillates,
    spikes_return,
    learning_rate_swings,
    time_series_vary,
    small_batches_zigzag,
    stochastic,
)
