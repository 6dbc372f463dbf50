"""The tables and figures on causes and suspicions, recomputed from the raw files by a few lines."""

import itertools
import json
import statistics

import numpy as np
import pytest

from book.generate import gathered
from book.generate.pages import diagnosis
from harlib import data
from harlib.experiments import inside_training, protocol_steps, suspicions
from harlib.protocol import PROTOCOLS, PUBLISHED, variant
from harlib.seed_statistics import difference, shared_among
from harlib.storage import results
from tests.book.recomputed import assert_mean_half, body, numbers_of
from tests.data.data_helpers import four_keys, write_hdf5
from tests.faults import numbers

RUN, SEEDS, EPOCHS = 2, (42, 263, 682), 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tried")
    file = write_hdf5(folder / "tiny.h5", four_keys(36, 18))
    given = {"run_no": RUN, "data": str(file), "seeds": SEEDS, "epochs": EPOCHS,
             "dtype": "float32", "loops": "numpy", "results_dir": str(folder / "out")}  # fmt: skip
    for where, tried in (
        (protocol_steps.folder, [*protocol_steps.protocols(), *protocol_steps.DIVISIONS.values()]),
        (suspicions.folder, suspicions.protocols()),
    ):
        protocol_steps.trained(tried, **given | {"results_dir": where(given["results_dir"])})
    inside_training.measure(**given)
    study = gathered.Study(
        folder=results.Folder(given["results_dir"], str(file), "published"),
        dataset=data.load(str(file)), runs={1: {"data": {"name": "tiny"}}}, option_c={}, timings={},
        tried_run=RUN,
    )  # fmt: skip
    shown = numbers.Shown(folder / "shown")
    shown.values = diagnosis.fill(shown, study)
    return shown, folder / "out" / "experiments" / "tiny", folder / "out" / "suspicions" / "tiny"


def curves(folder, protocol):
    """Test Top-1 over the epochs, of every seed."""
    content = json.loads((folder / protocol.name / f"run-{RUN:02d}.json").read_text())
    assert list(content["seeds"]) == [str(seed) for seed in SEEDS]
    return [entry["test"]["top1"] for entry in content["seeds"].values()]


def last(folder, protocol):
    return [top1[-1] for top1 in curves(folder, protocol)]


def assert_changes(rows, folder, pairs):
    """A row each protocol and the one before it; changes of the mean, and the verdicts.

    The intervals of all changes hold together.
    """
    changes, verdicts = [], []
    for (top1, shown, verdict), (before, after) in zip(rows, pairs, strict=True):
        assert_mean_half(top1, last(folder, after))
        found = difference(last(folder, before), last(folder, after), shared_among(len(pairs)))
        assert numbers_of(shown) == pytest.approx([found.mean, found.half], abs=0.051)
        if abs(found.mean) > found.half:
            wanted = "better" if found.mean > 0 else "worse"
        else:
            small = abs(found.mean) + found.half < 2
            wanted = "no difference larger than 2 points" if small else "not decided"
        assert verdict == wanted
        changes.append(found.mean)
        verdicts.append(verdict)
    return np.array(changes), verdicts


def test_the_ladder_and_its_picture(made):
    shown, folder, _ = made
    chain = protocol_steps.forwards()
    pairs = list(itertools.pairwise(chain))
    pairs += [(chain[-1], protocol) for protocol in protocol_steps.backwards()]
    first, *rows = body(shown.tables["ladder"])
    assert_mean_half(first[0], last(folder, chain[0]))
    assert first[1:] == ["", ""]
    changes, verdicts = assert_changes(rows, folder, pairs)
    means = [statistics.fmean(last(folder, protocol)) for protocol in chain]
    taken_out = changes[len(chain) - 1 :]
    for axes, wanted in zip(shown.figures["ladder-picture"], (means, taken_out), strict=False):
        drawn = next(x for _, x, _ in axes["lines"] if len(x) == len(wanted))
        np.testing.assert_allclose(drawn, wanted, atol=1e-9)
    assert shown.values["ladder_rows"] == str(len(rows))
    assert shown.values["ladder_decided"] == str(len(rows) - verdicts.count("not decided"))


def test_the_divisions(made):
    shown, folder, _ = made
    drawn = {label: y for label, _, y in shown.figures["divisions"][0]["lines"]}
    for label, protocol in protocol_steps.DIVISIONS.items():
        np.testing.assert_allclose(drawn[label], np.mean(curves(folder, protocol), axis=0))
    for quoted, divisions in (("divided_twice", 2), ("divided_once", 1)):
        protocol = variant(PUBLISHED, selection="last", steps_divisions=divisions)
        assert shown.values[quoted] == f"{np.mean(last(folder, protocol)):.1f}"


def test_the_inside_of_a_training(made):
    shown, folder, _ = made
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
    shown, _, folder = made
    trials = suspicions.trials()
    tables = {base: iter(body(shown.tables[f"suspicions-{base}"])) for base in suspicions.BASES}
    rows = [next(tables[base]) for _, base, _ in trials]
    assert not any(list(left) for left in tables.values())
    pairs = [(suspicions.BASES[base], protocol) for (_, base, _), protocol in trials.items()]
    means, verdicts = assert_changes(rows, folder, pairs)
    assert shown.values["trials"] == str(len(trials))
    for name, word in (("better", "better"), ("worse", "worse"), ("open", "not decided")):
        assert shown.values[f"trials_{name}"] == str(verdicts.count(word))
    # Every dot has two caps, which are lines of one point, too.
    drawn = [x for axes in shown.figures["suspicions-picture"] for _, x, _ in axes["lines"]]
    drawn = np.array([x[0] for x in drawn if len(x) == 1])
    assert len(drawn) == 3 * len(means)
    assert (np.abs(drawn[:, None] - means).min(axis=0) < 1e-9).all()
