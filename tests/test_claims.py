"""The claims: what is measured on a curve, every verdict both ways, and any valid results."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book.generate import claims
from book.generate.claims import FAILS, HOLDS, OPEN, claim, curves
from harlib.experiments.protocol_steps import START
from harlib.protocol import PUBLISHED, RUNS, variant
from harlib.storage import results

SEEDS = (42, 263, 682)
CHANCE = 100 / 6
FLAT = [CHANCE] * 51


# --- curves ---------------------------------------------------------------------------------


def test_count_within_includes_both_ends():
    assert curves.count_within([9.9, 10, 20, 30, 30.1], 10, 30) == 3


def test_first_above_looks_after_epoch_0_only():
    assert curves.first_above([50, 20, 20.1, 50], 20) == 2
    assert curves.first_above([50, 20, 10], 20) is None


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ([5], 0),
        ([1, 2, 3, 9], 0),
        ([9, 3, 2, 1], 0),
        ([0, 2, 0], 1),
        ([0, 2, 0, 2, 0], 3),
        ([2, 0, 2], 1),
        ([0, 0.9, 0, 0.9, 0], 0),
        ([0, 5, 4.5, 5, 4.5, 5, 6], 0),
        ([0, 5, 4.4, 3.9, 6], 2),
    ],
)
def test_turns(values, count):
    assert curves.turns(values, 1) == count


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_turns_upside_down_and_bounds(values):
    turns = curves.turns(values, 1)
    assert turns == curves.turns([-v for v in values], 1)
    # With steps of whole points every change of direction is a turn of at least one point.
    steps = [d for d in np.sign(np.diff(values)) if d]
    assert turns == sum(a != b for a, b in itertools.pairwise(steps))


def test_zigzag_is_zero_on_a_line_and_grows_with_the_swing():
    assert curves.zigzag([3, 5, 7, 9]) == 0
    assert curves.zigzag([0, 2, 0, 2]) == 2
    with pytest.raises(ValueError, match="three values"):
        curves.zigzag([1, 2])


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ([10, 10, 10, 10, 10, 10], []),
        ([16, 10, 10, 10, 10, 10], [True]),
        ([15, 10, 10, 10, 10, 10], []),
        ([16, 17, 18, 13, 10, 10], [True]),
        ([16, 17, 18, 13.1, 14, 14], [False]),
        ([10, 10, 16, 16, 16, 16], []),
        ([10, 10, 16, 16, 13], [True]),
        ([16, 10, 20, 10, 10, 10], [True, True]),
    ],
)
def test_spikes(after, found):
    assert curves.spikes([10] * 5 + after, rise=5, near=3, within=5) == found


def test_largest_rise_and_short_curves():
    assert curves.largest_rise([1, 2, 3, 4, 5, 10, 4]) == 7
    assert curves.largest_rise([9, 8, 7, 6, 5, 4]) == -3
    assert curves.largest_rise([1] * 5) is None


def test_turning_epoch_and_fall():
    loss = [5, 4, 6, 8, 7, 6, 5, 4, 3]
    assert curves.turning_epoch(loss, 3) == 3
    assert curves.turning_epoch([1, 2, 3], 3) is None
    assert curves.turning_epoch([3, 2, 1], 3) is None
    assert curves.fall_per_epoch(loss, 3, 2) == 1
    assert curves.fall_per_epoch(loss, 3, 100) == 1
    with pytest.raises(ValueError, match="no value follows"):
        curves.fall_per_epoch(loss, 8, 2)


# --- made-up results ------------------------------------------------------------------------


def entry(test=FLAT, train=None, *, validation=None, loss=None, best=None, right=(17,) * 6):
    """The entry of a seed; Top-2 and Top-3 lie one and two sixths above Top-1."""

    def split(top1):
        return {
            "loss": loss or [104.0] * len(test),
            "top1": top1,
            "top2": [min(100, v + CHANCE) for v in top1],
            "top3": [min(100, v + 2 * CHANCE) for v in top1],
        }

    chosen = validation or test
    made = {
        "train": split(train or test),
        "validation": split(validation) if validation else None,
        "test": split(test),
        "best_epoch": chosen.index(max(chosen)) if best is None else best,
        "confusion": [
            [k if i == j else (100 - k) / 5 for j in range(6)] for i, k in enumerate(right)
        ],
    }
    return made | ({"stopped_epoch": len(test) - 1} if validation else {})


def result(run_no, entries, **config):
    epochs = len(next(iter(entries.values()))["test"]["top1"]) - 1
    values = {**PUBLISHED.switches(), **vars(RUNS[run_no]), "epochs": epochs, **config}
    del values["run_no"]
    data = {"steps": 150, "train_windows": 3000, "test_per_class": [100] * 6}
    return {"run_no": run_no, "config": values, "data": data, "seeds": entries}


def eight(make=lambda run_no, seed: entry(), *, seeds=SEEDS, **config):
    """All runs; ``make(run_no, seed)`` gives the entries. Initial losses differ by seed."""
    made = {}
    for run_no in RUNS:
        entries = {str(seed): make(run_no, seed) for seed in seeds}
        for number, one in enumerate(entries.values()):
            first = one["train"]["loss"]
            one["train"]["loss"] = [first[0] + number / 1000, *first[1:]]
        made[run_no] = result(run_no, entries, **config)
    return {"runs": made}


def top1(run_no_to_top1, train=None):
    """Runs whose test (and training) Top-1 at the reported epoch is given, the rest at 30 %."""

    def make(run_no, seed):
        test = run_no_to_top1.get(run_no, 30)
        shift = {42: -1, 263: 0, 682: 1}[seed] * (0.1 if run_no in (7, 8) else 1)
        return entry([CHANCE, test + shift], [CHANCE, (train or {}).get(run_no, test) + shift])

    return eight(make)


def same(test, **more):
    return eight(lambda run_no, seed: entry(list(test), **more))


def by(key, curve_of):
    """Runs whose curve depends on one parameter of Table I."""
    return eight(lambda run_no, seed: entry(curve_of[getattr(RUNS[run_no], key)]))


def option_c(eight_entry, seven_entry=None, **config):
    made = {8: result(8, {"42": eight_entry}, **{"epochs": 300, **config})}
    if seven_entry:
        made[7] = result(7, {"42": seven_entry}, epochs=300)
    return {"early_stopping": made}


def losses(first, second=None):
    """Option C with these training losses of run 8 and, if given, run 7."""

    def of(loss):
        return entry([20.0] * len(loss), validation=[20.0] * len(loss), loss=list(loss))

    return option_c(of(first), of(second) if second else None)


def measured_units(over, less, hardly):
    columns = pd.MultiIndex.from_tuples(
        [(name, "after") for name in ("Saturated (%)", "Near zero (%)", "Hardly contributing (%)")]
    )
    rows = [[over, less, hardly] for _ in RUNS]
    return {"units": pd.DataFrame(rows, index=list(RUNS), columns=columns)}


def timed(seconds):
    """Timing files from a function of batch size and hidden units."""
    return {
        "timings": {
            r.run_no: {
                "seeds": {
                    str(seed): {
                        "training_seconds": seconds(r.batch_size, r.hidden_units),
                        "evaluation_seconds": 1.0,
                    }
                    for seed in SEEDS
                }
            }
            for r in RUNS.values()
        }
    }


def tried(switches, first, second, **more):
    """Experiments: curves a seed of the published protocol and of one with switches turned."""
    names = START, variant(START, **switches)
    made = {
        protocol.name: result(6, {str(s): entry(c) for s, c in zip(SEEDS, found, strict=True)})
        for protocol, found in zip(names, (first, second), strict=True)
    }
    return {"experiments": claims.Experiments(made, more.get("reach", {}), more.get("hardly", {}))}


def loss_with_one_division(loss):
    made = result(6, {"1": entry([20.0] * len(loss), loss=loss)})
    name = variant(START, steps_divisions=1).name
    return {"experiments": claims.Experiments({name: made}, {}, {})}


def reaching(untrained, trained):
    found = {"published, untrained": [1.0] + [untrained] * 5, "published, trained": [trained] * 6}
    return {"experiments": claims.Experiments({}, found, {})}


def contributing(switches, before, after):
    hardly = {START.name: before, variant(START, **switches).name: after}
    return {"experiments": claims.Experiments({}, {}, hardly)}


def decide(
    identifier, *, runs=None, early_stopping=None, units=None, timings=None, experiments=None
):
    """One claim on made-up results."""
    made = claims.claims(
        runs or eight()["runs"], early_stopping or {}, units=units, timings=timings,
        experiments=experiments,
    )  # fmt: skip
    return next(claim for claim in made if claim.id == identifier)


UP = [CHANCE] * 3 + [25.0] * 48
ZIGZAG, SMOOTH = [20.0, 26.0] * 25 + [20.0], [20.0 + 0.1 * i for i in range(51)]
SPIKE = [20.0] * 10 + [30.0, 29.0] + [20.0] * 39
STEP = [20.0] * 10 + [30.0] * 41
FALL = [100.0 - i for i in range(40)]
#: A loss that falls, jumps for two epochs, and goes on falling; or stays up.
JUMP = [v + 20 * (20 <= i < 22) for i, v in enumerate(FALL)]
STAYS = [v + 20 * (i >= 20) for i, v in enumerate(FALL)]
LATE = [100.0] * 10 + FALL
SLOW = [100.0 - i / 3 for i in range(40)]
STOP = [20.0, 30.0] + [25.0] * 30
QUICK, TARDY = [10.0, 30.0] + [30.0] * 9, [10.0] * 10 + [30.0]

ORTHOGONAL = {"initial": "orthogonal", "initial_range": 0.5}

#: By claim: results on which it holds, results on which it does not.
CASES = {
    "loss_of_every_step": (eight(), same(FLAT, loss=[0.69] * 51)),
    "sigmoid_output": (eight(), same(FLAT, loss=[268.8] * 51)),
    "one_division": (eight(steps_divisions=1), eight()),
    "no_explosion": (eight(), same(FLAT, loss=[104.0] * 50 + [1045.0])),
    "sufficient": (same([CHANCE, 51.0]), same([CHANCE, 49.0])),
    "three_initialisations": (eight(), eight(seeds=(1, 2))),
    "seeds": (eight(), eight(seeds=(42, 263, 683))),
    "initial_range": (eight(), eight(initial_range=0.5)),
    "learning_rates": (
        {"runs": {1: result(1, {"1": entry()}), 2: result(2, {"1": entry()}, learning_rate=0.01)}},
        eight(),
    ),
    "parameters_of_table_1": (eight(), eight(epochs=100)),
    "hundred_epochs": (eight(epochs=100), eight()),
    "last_epoch": (same(SMOOTH), same(STEP)),
    "training_times": (timed(lambda b, n: n / b), timed(lambda b, n: b * n)),
    "over_and_less_active": (measured_units(10, 5, 0), measured_units(0, 30, 20)),
    "hardly_contributing": (measured_units(0, 0, 2), measured_units(10, 5, 0)),
    "highest_accuracy": (top1({7: 40, 8: 45}), top1({7: 40, 8: 45, 3: 41})),
    "lower_std": (top1({}), eight()),
    "generalise": (
        top1({}, {r: 34 for r in (1, 2, 3, 4, 5, 6)} | {7: 31, 8: 29}),
        top1({}, {7: 36, 8: 30}),
    ),
    "others_higher": (top1({2: 40, 3: 41}), top1({3: 41})),
    "best_then_second": (top1({7: 40, 8: 45}), top1({7: 45, 8: 40})),
    "option_c_best": (
        option_c(entry([30.0], validation=[1.0]), entry([29.0], validation=[1.0])),
        option_c(entry([30.0], validation=[1.0]), entry([30.0], validation=[1.0])),
    ),
    "order_of_option_c": (
        option_c(*[entry([36.0], [42.0], validation=[48.0]) for _ in range(2)]),
        option_c(
            entry([36.0], [42.0], validation=[48.0]), entry([43.0], [42.0], validation=[48.0])
        ),
    ),
    "classes_of_table_8": (
        option_c(entry([30.0], validation=[30.0], right=(11, 33, 97, 45, 1, 34))),
        option_c(entry([30.0], validation=[30.0], right=(11, 98, 97, 45, 1, 34))),
    ),
    "tenth_validates": (
        option_c(entry([30.0], validation=[100 * 145 / 300])),
        option_c(entry([30.0], validation=[100 * 72.5 / 300])),
    ),
    "stopping_rule": (
        option_c(entry(STOP, validation=STOP)),
        option_c(entry([*STOP, 25.0], validation=[*STOP, 25.0])),
    ),
    "stops_before_bound": (
        option_c(entry(STOP, validation=STOP)),
        option_c(entry(STOP, validation=STOP), epochs=len(STOP) - 1),
    ),
    "initial_accuracy": (eight(), same([9.0, 20.0])),
    "first_epoch": (eight(), same([CHANCE, 30.0])),
    "untrained_is_chance": (eight(), same([30.0, CHANCE])),
    "initialisation_is_the_reason": (eight(), same([30.0, CHANCE])),
    "passes_20": (same(UP), same([CHANCE] * 6 + [25.0] * 45)),
    "oscillates": (same(ZIGZAG), same(SMOOTH)),
    "spikes_return": (same(SPIKE), same(STEP)),
    "learning_rate_swings": (
        by("learning_rate", {0.05: SMOOTH, 0.1: ZIGZAG}),
        by("learning_rate", {0.05: ZIGZAG, 0.1: SMOOTH}),
    ),
    "small_batches_zigzag": (
        by("batch_size", {10: ZIGZAG, 30: SMOOTH}),
        by("batch_size", {10: SMOOTH, 30: ZIGZAG}),
    ),
    "stochastic": (eight(shuffle=True), eight()),
    "only_learning_rate": (
        option_c(entry([1.0], validation=[1.0]), entry([1.0], validation=[1.0])),
        option_c(entry([1.0], validation=[1.0]), entry([1.0], validation=[1.0]), patience=3),
    ),
    "turns_earlier": (losses(FALL, LATE), losses(LATE, FALL)),
    "falls_faster": (losses(FALL, SLOW), losses(SLOW, FALL)),
    "learns_faster": (
        option_c(entry(QUICK, validation=QUICK), entry(TARDY, validation=TARDY)),
        option_c(entry(TARDY, validation=TARDY), entry(QUICK, validation=QUICK)),
    ),
    "loss_spikes": (losses(JUMP), losses(FALL)),
    "accuracy_spikes": (
        option_c(entry(SPIKE[:40], validation=SPIKE[:40], loss=FALL)),
        option_c(entry(SMOOTH[:40], validation=SMOOTH[:40], loss=FALL)),
    ),
    "rate_makes_spike": (losses(JUMP, FALL), losses(JUMP, JUMP)),
    "loss_returns": (losses(JUMP), losses(STAYS)),
    "no_vanishing": (reaching(0.5, 0.5), reaching(0.5, 1e-5)),
    "scaling_is_the_reason": (
        loss_with_one_division([100.0, 1001.0]), loss_with_one_division([100.0, 999.0])
    ),
    "momentum": (
        tried({"optimiser": "momentum"}, [ZIGZAG] * 3, [SMOOTH] * 3),
        tried({"optimiser": "momentum"}, [SMOOTH] * 3, [SMOOTH] * 3),
    ),
    "running_average": (
        tried({"input_average": 5}, [ZIGZAG] * 3, [SMOOTH] * 3),
        tried({"input_average": 5}, [SMOOTH] * 3, [ZIGZAG] * 3),
    ),
    "initialisation_cures": (
        contributing(ORTHOGONAL, [20.0, 21, 22], [5.0, 6, 5]),
        contributing(ORTHOGONAL, [5.0, 6, 5], [5.0, 5, 6]),
    ),
    "regularisation_cures": (
        contributing({"weight_decay": 0.1}, [20.0, 21, 22], [5.0, 6, 5]),
        contributing({"weight_decay": 0.1}, [5.0, 6, 5], [15.0, 14, 16]),
    ),
}  # fmt: skip
#: Rows that no result file can decide.
NEVER = {
    "time_series_vary",
    "local_minimum",
    "small_batch_returns",
    "stratified",
}


# --- verdicts -------------------------------------------------------------------------------


def test_every_claim_has_a_case():
    assert set(CASES) | NEVER | {"sixths"} == {row.id for row in claims.ROWS}
    assert len({row.id for row in claims.ROWS}) == len(claims.ROWS)


@pytest.mark.parametrize("identifier", CASES)
def test_both_verdicts(identifier):
    first, second = (decide(identifier, **case) for case in CASES[identifier])
    assert (first.verdict, second.verdict) == (HOLDS, FAILS), (first, second)
    assert first.measured != second.measured
    assert re.search(r"\d", first.measured) and re.search(r"\d", second.measured)


@pytest.mark.parametrize("identifier", sorted(NEVER))
def test_causes_say_what_would_decide_them(identifier):
    claim = decide(identifier)
    assert claim.verdict == OPEN and claim.measured.endswith(".") and claim.test


def test_a_cause_without_its_experiment_is_not_decided():
    claim = decide("momentum")
    assert claim.verdict == OPEN and claim.measured.startswith("There is no experiment published")


def test_an_interval_that_spans_both_sides_decides_nothing():
    wild = [[20.0, 20.0 + 8 * k] * 25 + [20.0] for k in (0, 1, 3)]
    claim = decide("momentum", **tried({"optimiser": "momentum"}, [ZIGZAG] * 3, wild))
    assert claim.verdict == OPEN and claim.measured.endswith("More seeds would decide.")


def test_arithmetic_of_sixths():
    claim = decide("sixths")
    assert claim.verdict == FAILS and "3/6 = 50.0 %" in claim.measured


def test_figures_of_a_pair_comparison():
    curves_of = {10: ZIGZAG, 30: SMOOTH}
    made = by("batch_size", curves_of)
    for one in made["runs"][5]["seeds"].values():
        one["test"]["top1"] = [v * 2 for v in ZIGZAG]
    claim = decide("small_batches_zigzag", **made)
    assert claim.verdict == FAILS
    assert claim.measured.startswith("3 of 4 pairs: run 1 6.00, run 5 12.00;")


def test_a_claim_on_every_seed_fails_by_one():
    made = losses(FALL, LATE)["early_stopping"]
    made[8]["seeds"]["263"] = made[7]["seeds"]["42"]
    made[7]["seeds"]["263"] = made[8]["seeds"]["42"]
    claim = decide("turns_earlier", early_stopping=made)
    assert (claim.verdict, claim.measured) == (
        FAILS,
        "Epochs, runs 8 and 7: 0 and 10, 10 and 0; 1 of 2 seeds.",
    )


def test_an_infinite_loss_is_an_explosion():
    made = same(FLAT, loss=[104.0] * 50 + [math.inf])
    assert decide("no_explosion", **made).verdict == FAILS


@pytest.mark.parametrize(
    ("identifier", "given", "says"),
    [
        ("highest_accuracy", {"runs": {1: result(1, {"1": entry()})}}, "no result of runs 7 and 8"),
        ("lower_std", eight(seeds=(1,)), "single seed"),
        ("first_epoch", same([CHANCE]), "0 of the 1 epochs"),
        ("learning_rate_swings", {"runs": {1: result(1, {"1": entry()})}}, "No two runs differ"),
        ("oscillates", eight(), "highest test Top-1 16.7 %"),
        ("initialisation_is_the_reason", same([CHANCE, 40.0]), "are not there: 23.3 points"),
        ("training_times", {}, "timing files were not read"),
        ("hardly_contributing", {}, "were not measured"),
        ("stops_before_bound", {}, "no option C result"),
        (
            "stopping_rule",
            option_c(entry(STOP, validation=STOP), epochs=len(STOP) - 1),
            "before its upper bound",
        ),
        ("turns_earlier", losses(FALL), "no option C result of run 7"),
        ("loss_spikes", losses([1.0] * 9), "never turns"),
        ("loss_returns", losses(FALL), "largest rise −3.0 %"),
    ],
)
def test_what_is_missing_is_said(identifier, given, says):
    claim = decide(identifier, **given)
    assert claim.verdict == OPEN and says in claim.measured


def test_no_runs_at_all_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at least one run"):
        claims.claims({}, {})


# --- the table ------------------------------------------------------------------------------


def test_sections_come_in_order_and_counts_add_up():
    decided = claims.claims(eight()["runs"], losses(JUMP, FALL)["early_stopping"])
    places = [claim.SECTIONS.index(claim.section) for claim in decided]
    assert places == sorted(places) and set(places) == set(range(len(claim.SECTIONS)))
    counts = claims.summary(decided)
    assert list(counts) == [HOLDS, FAILS, OPEN] and sum(counts.values()) == len(decided)
    assert counts[HOLDS] == sum(claim.verdict == HOLDS for claim in decided)
    assert claims.summary([]) == {HOLDS: 0, FAILS: 0, OPEN: 0}


def test_how_numbers_are_written():
    assert claim.percent(-0.04) == "0.0 %" and claim.percent(-1.26) == "−1.3 %"
    assert claim.spread([1.01, 1.04]) == "1.0 %" and claim.spread([3, 1]) == "1.0 to 3.0 %"
    assert claim.span(iter([3, 3])) == "3" and claim.span([5, 1]) == "1 to 5"
    assert [claim.listing("run", n) for n in ([], [1], [1, 2], [1, 2, 3])] == [
        "no run",
        "run 1",
        "runs 1 and 2",
        "runs 1, 2 and 3",
    ]


@st.composite
def valid_result(draw, run_no, seeds, epochs, early=False):
    """A result file with random numbers that :func:`harlib.storage.results.read` accepts."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    flat = draw(st.booleans())
    entries = {}
    for seed in seeds:
        length = epochs + 1

        def split(windows, length=length):
            low = np.sort(rng.integers(0, windows + 1, (3, 1 if flat else length)), axis=0)
            tops = np.broadcast_to(100.0 * low / windows, (3, length)).tolist()
            scale = rng.choice([0.0, 1.0, 100.0, 1e6])
            loss = (scale * rng.random(length)).tolist()
            return {"loss": loss, **dict(zip(("top1", "top2", "top3"), tops, strict=True))}

        one = {"train": split(60), "validation": split(6) if early else None, "test": split(18)}
        selection = one["validation" if early else "test"]["top1"]
        best = selection.index(max(selection))
        right = round(one["test"]["top1"][best] * 18 / 100)
        confusion = np.zeros((6, 6), int)
        for k in range(6):
            own = min(3, max(0, right - 3 * k))
            confusion[k, k], confusion[k, (k + 1) % 6] = own, 3 - own
        one |= {"best_epoch": best, "confusion": confusion.tolist()}
        entries[str(seed)] = one | ({"stopped_epoch": epochs} if early else {})
    made = result(run_no, entries, epochs=300 if early else epochs,
                  selection="validation" if early else "test")  # fmt: skip
    made["data"] = {
        "name": "made", "source": "made by a test", "sha256": 64 * "0", "steps": 12, "channels": 3,
        "train_windows": 60, "test_windows": 18, "train_per_class": [10] * 6,
        "test_per_class": [3] * 6, "sampling_rate_hz": None,
    }  # fmt: skip
    config = made["config"]
    config |= {"protocol": config.pop("name"), "dtype": "float32", "loops": "numpy"}
    asked = {"run_no": run_no, "protocol": "published", "seeds": list(seeds), "dtype": "float32"}
    made["asked"] = {
        **asked,
        "loops": "auto",
        "max_epochs" if early else "epochs": config["epochs"],
    }
    if early:
        stopping = {"patience": 30, "min_delta": 1e-5, "validation_fraction": 0.1}
        config |= stopping
        made["asked"] |= stopping
    return made


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_valid_results_give_a_table(data, tmp_path_factory):
    seeds = data.draw(st.lists(st.integers(0, 999), min_size=1, max_size=3, unique=True))
    epochs = data.draw(st.sampled_from([0, 1, 2, 4, 5, 9, 10, 25]))
    runs = {n: data.draw(valid_result(n, seeds, epochs)) for n in RUNS}
    which = data.draw(st.lists(st.sampled_from(sorted(RUNS)), unique=True, max_size=3))
    early = {
        n: data.draw(valid_result(n, seeds[:1], data.draw(st.integers(0, 40)), early=True))
        for n in sorted({*which, *data.draw(st.sampled_from([(), (8,), (7, 8)]))})
    }
    share = st.floats(0, 100)
    units = measured_units(*(data.draw(share) for _ in range(3)))["units"]
    timings = timed(lambda b, n: data.draw(st.floats(0, 9)))["timings"]
    path = tmp_path_factory.getbasetemp() / "valid.json"
    for made in (*runs.values(), *early.values()):
        results.write_json(path, made)
        assert results.read(path) == made

    for extra in ({}, {"units": units, "timings": timings}):
        table = claims.table(runs, early, **extra)
        assert list(table.columns) == ["Section", "Claim", "Test", "Measured", "Verdict"]
        assert list(table.index) == list(range(1, len(claims.ROWS) + 1))
        assert set(table["Verdict"]) <= set(claims.VERDICTS)
        for text in table.to_numpy().ravel():
            assert text and not re.search(r"nan|None|[\\$\n]|\d\d\.\d{4}", text), text
        decided = table[table["Verdict"] != OPEN]
        assert decided["Measured"].str.contains(r"\d").all()
        pd.testing.assert_frame_equal(table, claims.table(runs, early, **extra))
