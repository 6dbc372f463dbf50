"""The claims: what is measured on a curve, every verdict both ways, and any valid results."""

import math
import re
from functools import partial

import numpy as np
import pytest

from book.generate import claims
from book.generate.claims import claim, curves
from book.generate.claims.claim import FAILS, HOLDS, OPEN, Evidence
from tests.book import made_up_results as made

spikes = partial(curves.spikes, rise=5, near=3, within=5)
LEVEL = [10] * 5


@pytest.mark.parametrize(
    ("measure", "given", "expected"),
    [
        # Epoch 0 does not count.
        (curves.first_above, ([50, 20, 20.1, 50], 20), 2),
        (curves.turns, ([0, 1, 0, 1, 0], 1), 3),
        (curves.turns, ([0, 0.9, 0, 0.9, 0], 1), 0),
        (curves.turns, ([0, 5, 4.4, 3.9, 6], 1), 2),
        (curves.largest_rise, ([1] * 5,), -math.inf),
        (curves.turning_epoch, ([5, 4, 6, 5, 4, 6, 8, 7, 6, 5],), 6),
        (spikes, ([*LEVEL, 16, 10, 10, 10, 10, 10],), [True]),
        (spikes, ([*LEVEL, 15, 10, 10, 10, 10, 10],), []),
        (spikes, ([*LEVEL, 16, 17, 18, 13, 10, 10],), [True]),
        (spikes, ([*LEVEL, 16, 17, 18, 13.1, 14, 14],), [False]),
        (spikes, ([*LEVEL, 16, 10, 20, 10, 10, 10],), [True, True]),
    ],
)
def test_what_is_measured_on_a_curve(measure, given, expected):
    assert measure(*given) == expected


def decide(identifier, **given):
    """Figures and verdict of one claim on made-up results."""
    row = next(row for row in claims.ROWS if row.id == identifier)
    nothing = {"early_stopping": {}, "timings": {}, "units": None, "experiments": {}}
    return row.decided(Evidence(**nothing | made.eight() | given))


@pytest.mark.parametrize(("given", "hold", "fail"), made.VERDICTS)
def test_verdicts(given, hold, fail):
    wanted = dict.fromkeys(hold.split(), HOLDS) | dict.fromkeys(fail.split(), FAILS)
    found = {identifier: decide(identifier, **given) for identifier in wanted}
    assert {identifier: verdict for identifier, (_, verdict) in found.items()} == wanted, found


def test_every_claim_is_decided_both_ways_or_never():
    _, hold, fail = zip(*made.VERDICTS, strict=True)
    never = {"time_series_vary", "local_minimum", "small_batch_returns", "stratified"}
    decided = {row.id for row in claims.ROWS} - never
    assert {*" ".join(fail).split()} == decided
    assert {*" ".join(hold).split()} == decided - {"sixths"}  # whose figures are the report's


def test_a_claim_on_every_seed_fails_by_one():
    found = made.losses(made.FALL, made.LATE)["early_stopping"]
    found[8]["seeds"]["263"] = found[7]["seeds"]["42"]
    found[7]["seeds"]["263"] = found[8]["seeds"]["42"]
    text = "Epochs, runs 8 and 7: 0 and 10, 10 and 0; 1 of 2 seeds."
    assert decide("turns_earlier", early_stopping=found) == (text, FAILS)


@pytest.mark.parametrize(("identifier", "given", "says"), made.UNDECIDED)
def test_what_is_missing_is_said(identifier, given, says):
    measured, verdict = decide(identifier, **given)
    assert verdict == OPEN and says in measured


def test_how_lists_and_ranges_are_written():
    assert claim.spread([1.01, 1.04]) == "1.0 %" and claim.spread([3, 1]) == "1.0 to 3.0 %"
    assert claim.span(iter([3, 3])) == "3" and claim.span([5, 1]) == "1 to 5"
    said = [claim.listing("run", numbers) for numbers in ([], [1], [1, 2], [1, 2, 3])]
    assert said == ["no run", "run 1", "runs 1 and 2", "runs 1, 2 and 3"]


@pytest.mark.parametrize("draw", range(40))
def test_any_results_give_a_table(draw):
    rng = np.random.default_rng(draw)
    seeds, epochs = range(rng.integers(1, 4)), rng.choice([0, 1, 2, 4, 5, 9, 10, 25])

    def drawn(epochs, *, stops=False):
        """An entry of anything that a result file may hold, flat curves too."""
        test, train, other = rng.uniform(0, rng.choice([0, 100]), (3, epochs + 1)).tolist()
        loss = (rng.choice([0.0, 1.0, 100.0, 1e6]) * rng.random(epochs + 1)).tolist()
        right = rng.integers(0, 101, 6).tolist()
        return made.entry(test, train, validation=other if stops else None, loss=loss, right=right)

    runs = made.eight(lambda run_no, seed: drawn(epochs), seeds)["runs"]
    stopped = {
        n: made.result(n, {"0": drawn(rng.integers(41), stops=True)}, epochs=300)
        for n in {7, 8, rng.integers(1, 9)}
    }
    units = made.measured_units(*rng.uniform(0, 100, 3))
    timings = made.timed(lambda b, n: rng.uniform(0, 9))
    table = claims.table(Evidence(runs, stopped, **timings, **units, experiments={}))
    assert list(table.columns) == ["Section", "Claim", "Test", "Measured", "Verdict"]
    assert set(table["Verdict"]) <= {HOLDS, FAILS, OPEN}
    for text in table.to_numpy().ravel():
        assert text and not re.search(r"nan|None|[\\$\n]|\d\d\.\d{4}", text), text
    decided = table[table["Verdict"] != OPEN]
    assert decided["Measured"].str.contains(r"\d").all()
