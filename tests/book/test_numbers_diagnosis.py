"""The tables and figures on causes and suspicions, recomputed from the raw files by a few lines."""

import json
import math
import statistics

import numpy as np
import pytest

from book.generate import gathered
from book.generate.pages import diagnosis
from harlib import data
from harlib.experiments import inside_training, protocol_steps, suspicions
from harlib.protocol import PROTOCOLS
from harlib.storage import results
from tests.book.recomputed import T, assert_mean_half, body, mean_half, numbers_of
from tests.data.data_helpers import four_keys, write_hdf5
from tests.faults import numbers

RUN, SEEDS, EPOCHS = 6, (42, 263, 682), 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tried")
    file = write_hdf5(folder / "tiny.h5", four_keys(36, 18))
    given = {"run_no": RUN, "data": str(file), "seeds": SEEDS, "epochs": EPOCHS,
             "dtype": "float32", "loops": "numpy", "results_dir": str(folder / "out")}  # fmt: skip
    protocol_steps.trained([*protocol_steps.protocols(), *suspicions.protocols()], **given)
    inside_training.measure(**given)
    study = gathered.Study(
        folder=results.Folder(given["results_dir"], str(file), "published"),
        dataset=data.load(str(file)), runs={1: {"data": {"name": "tiny"}}}, option_c={}, timings={},
        tried_run=RUN,
    )  # fmt: skip
    shown = numbers.Shown(folder / "shown")
    shown.values = diagnosis.fill(shown, study)
    return shown, folder / "out" / "experiments" / "tiny"


def curves(folder, protocol):
    """Test Top-1 over the epochs, of every seed."""
    content = json.loads((folder / protocol.name / f"run-{RUN:02d}.json").read_text())
    assert list(content["seeds"]) == [str(seed) for seed in SEEDS]
    return [entry["test"]["top1"] for entry in content["seeds"].values()]


def last(folder, protocol):
    return [top1[-1] for top1 in curves(folder, protocol)]


def swings(folder, protocol):
    """Mean distance of a value from the middle of its neighbours."""
    return [
        statistics.fmean(abs(y[i] - (y[i - 1] + y[i + 1]) / 2) for i in range(1, EPOCHS))
        for y in curves(folder, protocol)
    ]


def minus(after, before):
    return [a - b for a, b in zip(after, before, strict=True)]


def p_value(differences):
    """Of the paired test: with two degrees of freedom t's distribution has a closed form."""
    mean, half = mean_half(differences)
    if half < 1e-6:
        return float(abs(mean) < 1e-9)
    t = abs(mean) / (half / T)
    return 1 - t / math.sqrt(t * t + 2)


def holm(p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    running, adjusted = 0.0, [0.0] * len(p)
    for rank, i in enumerate(order):
        running = max(running, min(1, (len(p) - rank) * p[i]))
        adjusted[i] = running
    return adjusted


def assert_p(text, p):
    assert text == "<0.001" if p < 0.0005 else float(text.strip("<")) == pytest.approx(p, abs=6e-4)


def test_the_ladder_and_its_picture(made):
    shown, folder = made
    chain = protocol_steps.forwards()
    pairs = [(chain[k], chain[k - 1] if k else None) for k in range(len(chain))]
    pairs += [(protocol, chain[-1]) for protocol in protocol_steps.backwards()]
    rows = body(shown.tables["ladder"])
    assert len(rows) == len(pairs)
    changes = [minus(last(folder, p), last(folder, b)) for p, b in pairs if b]
    adjusted = holm([p_value(change) for change in changes])
    assert rows[0][1:] == ["", ""]
    for row, (protocol, _) in zip(rows, pairs, strict=True):
        assert_mean_half(row[0], last(folder, protocol))
    for row, change, p in zip(rows[1:], changes, adjusted, strict=True):
        assert_mean_half(row[1], change)
        assert_p(row[2], p)
    means = [statistics.fmean(last(folder, protocol)) for protocol in chain]
    taken_out = [statistics.fmean(change) for change in changes[len(chain) - 1 :]]
    for axes, wanted in zip(shown.figures["ladder-picture"], (means, taken_out), strict=False):
        drawn = next(x for _, x, _ in axes["lines"] if len(x) == len(wanted))
        np.testing.assert_allclose(drawn, wanted, atol=1e-9)
    for i, mean in enumerate(means):
        assert shown.values[f"ladder_{i}"] == f"{mean:.1f}"


def test_the_divisions(made):
    shown, folder = made
    drawn = {label: y for label, _, y in shown.figures["divisions"][0]["lines"]}
    for label, protocol in protocol_steps.DIVISIONS.items():
        np.testing.assert_allclose(drawn[label], np.mean(curves(folder, protocol), axis=0))


def test_the_inside_of_a_training(made):
    shown, folder = made
    seen = json.loads((folder / f"inside-{RUN:02d}.json").read_text())
    *panels, reach = [axes for axes in shown.figures["gradients"] if axes["lines"]]
    for axes, norms in zip(panels, seen["gradient_norms"].values(), strict=True):
        for (_, _, y), (layer, values) in zip(axes["lines"], norms.items(), strict=True):
            np.testing.assert_allclose(y, [v for v in values if v > 0], err_msg=layer)
    drawn = {label: (x, y) for label, x, y in reach["lines"]}
    samples = {p.name: p.samples_per_step for p in PROTOCOLS.values()}
    for title, values in seen["reach"].items():
        x, y = drawn[title]
        np.testing.assert_allclose(y, [v for v in values if v > 0])
        np.testing.assert_allclose(np.diff(x), samples[title.partition(",")[0]])
    back = len(seen["reach"]["published, untrained"]) // 3
    assert shown.values["reach_samples"] == str(back)
    for name, each in samples.items():
        share = 100 * seen["reach"][f"{name}, untrained"][back // each]
        assert float(shown.values[f"reach_{name}"]) == pytest.approx(share, rel=0.06)


def test_what_the_report_suspects(made):
    shown, folder = made
    trials = list(suspicions.trials())
    changes = [
        minus(last(folder, t.protocol), last(folder, suspicions.BASES[t.base])) for t in trials
    ]
    adjusted = holm([p_value(change) for change in changes])
    rows = {base: iter(body(shown.tables[f"suspicions-{base}"])) for base in suspicions.BASES}
    verdicts = []
    for trial, change, p in zip(trials, changes, adjusted, strict=True):
        top1, by, effect, zigzag, shown_p, verdict = next(rows[trial.base])
        assert_mean_half(top1, last(folder, trial.protocol))
        assert_mean_half(by, change)
        mean, half = mean_half(change)
        if half > 1e-6:
            deviation = statistics.stdev(change)
            assert numbers_of(effect)[0] == pytest.approx(mean / deviation, abs=0.051)
        base = suspicions.BASES[trial.base]
        assert_mean_half(zigzag, minus(swings(folder, trial.protocol), swings(folder, base)))
        assert_p(shown_p, p)
        wanted = "helps" if mean > 0 else "harms"
        if p >= 0.05:
            within = mean - half > -1 and mean + half < 1
            wanted = "no difference that matters" if within else "not decided"
        assert verdict == wanted
        verdicts.append(wanted)
    assert all(next(left, None) is None for left in rows.values())
    assert shown.values["trials"] == str(len(trials))
    for name, word in (("help", "helps"), ("harm", "harms"), ("open", "not decided")):
        assert shown.values[f"trials_{name}"] == str(verdicts.count(word))
    # Every dot has two caps, which are lines of one point, too.
    drawn = [x for axes in shown.figures["suspicions-picture"] for _, x, _ in axes["lines"]]
    drawn = np.array([x[0] for x in drawn if len(x) == 1])
    means = np.array([statistics.fmean(change) for change in changes])
    assert len(drawn) == 3 * len(means)
    assert (np.abs(drawn[:, None] - means).min(axis=0) < 1e-9).all()
