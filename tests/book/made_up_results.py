"""Results made up for the claims: curves of one run, of eight, of option C, of experiments."""

import pandas as pd

from book.generate import claims
from harlib.experiments.protocol_steps import START
from harlib.protocol import PUBLISHED, RUNS, variant

SEEDS = (42, 263, 682)
CHANCE = 100 / 6
FLAT = [CHANCE] * 51


def entry(test=FLAT, train=None, *, validation=None, loss=None, right=(17,) * 6):
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
        "best_epoch": chosen.index(max(chosen)),
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


def by(key, *curve_of):
    """Runs whose curve depends on one parameter of Table I, the smaller value first."""
    values = sorted({getattr(run, key) for run in RUNS.values()})
    curve = dict(zip(values, curve_of, strict=True))
    return eight(lambda run_no, seed: entry(curve[getattr(RUNS[run_no], key)]))


def option_c(eight_entry, seven_entry=None, **config):
    made = {8: result(8, {"42": eight_entry}, **{"epochs": 300, **config})}
    if seven_entry:
        made[7] = result(7, {"42": seven_entry}, epochs=300)
    return {"early_stopping": made}


def stopped(curve, **more):
    """An entry with early stopping whose accuracies are the same on all windows."""
    return entry(curve, validation=curve, **more)


def losses(*of_runs):
    """Option C with these training losses of run 8 and, if given, run 7."""
    return option_c(*[stopped([20.0] * len(loss), loss=list(loss)) for loss in of_runs])


def measured_units(over, less, hardly):
    columns = pd.MultiIndex.from_tuples(
        [(name, "after") for name in ("Saturated (%)", "Near zero (%)", "Hardly contributing (%)")]
    )
    rows = [[over, less, hardly] for _ in RUNS]
    return {"units": pd.DataFrame(rows, index=list(RUNS), columns=columns)}


def timed(seconds):
    """Timing files from a function of batch size and hidden units."""
    made = {}
    for run in RUNS.values():
        one = {"training_seconds": seconds(run.batch_size, run.hidden_units)}
        seeds = {str(seed): {**one, "evaluation_seconds": 1.0} for seed in SEEDS}
        made[run.run_no] = {"seeds": seeds}
    return {"timings": made}


def experiments(results=None, reach=None, hardly=None):
    return {"experiments": claims.Experiments(results or {}, reach or {}, hardly or {})}


def tried(switches, first, second):
    """Curves a seed of the published protocol and of one with switches turned."""
    made = {
        protocol.name: result(6, {str(s): entry(c) for s, c in zip(SEEDS, found, strict=True)})
        for protocol, found in ((START, first), (variant(START, **switches), second))
    }
    return experiments(made)


def loss_with_one_division(*loss):
    made = result(6, {"1": entry([20.0] * len(loss), loss=list(loss))})
    return experiments({variant(START, steps_divisions=1).name: made})


def reaching(untrained, trained):
    found = {"published, untrained": [1.0] + [untrained] * 5, "published, trained": [trained] * 6}
    return experiments(reach=found)


def contributing(switches, before, after):
    return experiments(hardly={START.name: before, variant(START, **switches).name: after})
