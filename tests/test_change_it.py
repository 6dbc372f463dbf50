"""README's "Change it": each way is gone in a copy of the project, up to the numbers it changes."""

import json
from pathlib import Path

import pytest

from harlib.runs import experiment
from harlib.storage import results
from tests.book import recomputed
from tests.started import copied, python, run, study

BUFFERS, PROTOCOL = "harlib/buffers.py", "harlib/protocol.py"
SAID = "the compiled loops compute something else than harlib/rnn.py"
#: Every update counts: the parameters of the last epoch are kept.
LAST = "published+selection=last"
SLOPE = (BUFFERS, "np.subtract(1, self.slopes, out=self.slopes)", "self.slopes[:] = 0.5")
OURS = 'OURS = Protocol("ours", shuffle=True, selection="last")\n'
LINE = "    8: Run(8, 30, 100, 0.1),\n"
NINTH = (PROTOCOL, LINE, LINE + "    9: Run(9, 11, 20, 0.2),\n")

#: What is changed, the protocol that is asked for, and the loops that ``auto`` then takes.
CHANGES = {
    "switches of one run": ([], f"{LAST}+shuffle=True", "compiled"),
    "a protocol": (
        [(PROTOCOL, "PROTOCOLS = {", f"{OURS}PROTOCOLS = {{"),
         (PROTOCOL, "in (PUBLISHED, CORRECTED)", "in (PUBLISHED, CORRECTED, OURS)")],
        "ours", "compiled",
    ),
    "tanh to sin": ([(BUFFERS, "np.dot, np.tanh,", "np.dot, np.sin,"), SLOPE], LAST, "numpy"),
    "the way back": ([SLOPE], LAST, "numpy"),
    "sigmoid": ([(BUFFERS, "np.multiply(z, 0.5", "np.multiply(z, 0.6")], LAST, "numpy"),
    "bptt": ([("harlib/rnn.py", "gradient /= B", "gradient /= 2 * B")], LAST, "compiled"),
    "an optimiser": (
        [("harlib/optimisers.py", "change *= step", "change *= 2 * step")], LAST, "compiled",
    ),
    "a line of Table I": ([(PROTOCOL, "Run(5, 30, 50", "Run(5, 11, 50")], LAST, "compiled"),
}  # fmt: skip


@pytest.fixture
def change(tmp_path):
    """``change(edits)``: a copy of the project with texts replaced in its files."""

    def made(edits) -> Path:
        copy = copied(tmp_path / "copy")
        for name, old, new in edits:
            text = (copy / name).read_text(encoding="utf-8")
            assert old in text
            (copy / name).write_text(text.replace(old, new), encoding="utf-8")
        return copy

    return made


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reaches_the_weights(name, change, small_file, tmp_path):
    edits, protocol, loops = CHANGES[name]
    before, after = (results.Folder(tmp_path / n, str(small_file), LAST) for n in ("a", "b"))
    given = {"data": str(small_file), "epochs": 1, "seeds": (1,)}
    experiment.run(5, **given, protocol=LAST, results_dir=str(tmp_path / "a"))
    given |= {"protocol": protocol, "results_dir": str(tmp_path / "b")}
    code = f"from harlib.runs import experiment\nexperiment.run(5, **{given})"
    copy = change(edits)
    done = python("-c", code, folder=copy, PYTHONPATH=str(copy))
    assert done.stdout.count(f"{SAID}: NumPy is taken\n") == (loops == "numpy"), done.stderr
    assert f"run 5, seed 1 ({loops}): 100 %" in done.stdout
    (after,) = (tmp_path / "b").rglob("run-05-seed-1.npz")
    assert after.read_bytes() != before.weights(5, 1).read_bytes()
    if loops == "numpy":
        code = code.replace("(5, ", "(5, loops='compiled', ")
        refused = python("-c", code, folder=copy, PYTHONPATH=str(copy))
        assert SAID in refused.stderr.splitlines()[-1] and not refused.stdout


def test_a_ninth_run_and_a_class_reach_the_tables_of_the_book(change):
    copy = change([NINTH, (PROTOCOL, '"downstairs"', '"down"')])
    code = (
        "import json, pathlib\n"
        "from book.generate import gathered\n"
        "from tests.faults import numbers\n"
        "here = pathlib.Path.cwd()\n"
        "shown = numbers.Shown(here).show(gathered.read(**numbers.make(here, (42, 263), 1)))\n"
        "print(json.dumps([shown.tables, shown.figures]))"
    )
    done = python("-c", code, folder=copy, PYTHONPATH=str(copy))
    assert not done.returncode, done.stderr
    tables, figures = json.loads(done.stdout)
    texts = {name: recomputed.body(table) for name, table in tables.items()}
    assert texts["table-1"][-1][:5] == ["11", "20", "0.2", "1", "–"]
    for number in (2, 3, 4, 5):
        published, ours, difference = texts[f"table-{number}"][-3:]
        assert set(published) == set(difference) == {"–"}
        assert all(float(text) >= 0 for text in ours)
    assert any("Run 9" in panel["title"] for panel in figures["figure-1"])
    assert tables["table-8"]["rows"][0][0]["text"] == "0 down"


@pytest.mark.long
def test_the_study_includes_a_ninth_run(change, small_file):
    copy = change([NINTH])
    command = study("runs", data=small_file, epochs=1, seeds=42, jobs=2)
    done = run(*command, folder=copy, PYTHONPATH=str(copy))
    assert not done.returncode, done.stdout + done.stderr
    folder = copy / "results" / "small" / "published"
    assert len(list(folder.glob("run-0?.json"))) == 9
    assert "–" in (folder / "notebooks" / "run-09.ipynb").read_text(encoding="utf-8")
