"""What can be measured on one curve: plain lists of one value an epoch, from epoch 0 on."""

import math
from collections.abc import Sequence
from statistics import median

#: Epochs before a value whose median is the level that it is compared with.
BEFORE = 5
#: A curve turns downwards where it starts to fall so many times in a row.
FALLS = 3

Curve = Sequence[float]


def first_above(values: Curve, level: float) -> int | None:
    """First epoch after training began (1 or later) with a value above ``level``."""
    return next((epoch for epoch, v in enumerate(values) if epoch > 0 and v > level), None)


def turns(values: Curve, least: float) -> int:
    """Number of times that a curve turns round and goes back by ``least`` or more.

    Smaller wiggles are not turns, so a curve that only creeps has none.
    """
    count, direction = 0, 0
    low = high = values[0]
    for value in values[1:]:
        low, high = min(low, value), max(high, value)
        fell, rose = high - value >= least, value - low >= least
        if (direction >= 0 and fell) or (direction <= 0 and rose):
            count += direction != 0
            direction = -1 if direction > 0 or (direction == 0 and fell) else 1
            low = high = value
    return count


def spikes(values: Curve, *, rise: float, near: float, within: int) -> list[bool]:
    """Every sudden rise of a curve; True where the curve came back.

    A spike starts where a value lies more than ``rise`` above the median of the ``BEFORE``
    values before it. It returns if one of the next ``within`` values is at most ``near`` above
    that median. A rise without a return so close to the end that nobody can tell is left out.
    """
    found = []
    epoch = BEFORE
    while epoch < len(values):
        level = median(values[epoch - BEFORE : epoch])
        if values[epoch] <= level + rise:
            epoch += 1
            continue
        after = values[epoch + 1 : epoch + 1 + within]
        back = next((i for i, value in enumerate(after, start=1) if value <= level + near), None)
        if back is not None or len(after) == within:
            found.append(back is not None)
        epoch += (back or within) + 1
    return found


def largest_rise(values: Curve) -> float:
    """Most that a value lies above the median of the ``BEFORE`` before it; -inf if too short."""
    rises = (values[i] - median(values[i - BEFORE : i]) for i in range(BEFORE, len(values)))
    return max(rises, default=-math.inf)


def turning_epoch(values: Curve) -> int:
    """First epoch from which a curve falls ``FALLS`` times in a row; its end if it never does."""
    run = 0
    for epoch in range(1, len(values)):
        run = run + 1 if values[epoch] < values[epoch - 1] else 0
        if run == FALLS:
            return epoch - FALLS
    return len(values)


def zigzag(values: Curve) -> float:
    """Mean distance of a value from the middle of its two neighbours; NaN below three values.

    It is 0 on any straight line, so steady progress, slow or fast, does not count.
    """
    if len(values) < 3:
        return math.nan
    triples = list(zip(values, values[1:], values[2:], strict=False))
    return sum(abs(middle - (left + right) / 2) for left, middle, right in triples) / len(triples)
