"""The consistency audit: its arithmetic against brute force, its tables against known cells."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest

from book.generate.audit import findings, grim, sentences
from harlib.errors import UserError
from harlib.paper import printed
from harlib.storage import files


@pytest.fixture
def edit(monkeypatch):
    """Change what is read of a published file."""

    def change(name: str, old: str, new: str) -> None:
        shipped = files.shipped

        def changed(path: Path, sha256: str) -> bytes:
            content = shipped(path, sha256)
            assert path.name != name or old.encode() in content
            return content.replace(old.encode(), new.encode(), path.name == name)

        monkeypatch.setattr(files, "shipped", changed)

    return change


@pytest.mark.parametrize(
    "printed", ["0.0", "33.3", "33.4", "66.7", "66.6", "12.5", "50.1", "100.0", "133.3"]
)
@pytest.mark.parametrize("windows", range(1, 13))
def test_counts_against_brute_force(printed, windows):
    distance = [abs(Fraction(printed) - Fraction(100 * k, windows)) for k in range(windows + 1)]
    assert grim.count_fits(printed, windows) == (min(distance) <= Fraction(1, 20))
    assert distance[grim.nearest_count(printed, windows)] == min(distance)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("printed", ["0.0", "3.9", "10.2", "27.0", "47.1", "57.7"])
def test_three_counts_against_brute_force(printed, ddof):
    windows, half = 12, Fraction(1, 20)
    low, high = Fraction(printed) - half, Fraction(printed) + half
    expected = {}
    for counts in itertools.combinations_with_replacement(range(windows + 1), 3):
        mean = Fraction(sum(counts), 3)
        variance = sum((Fraction(100, windows) * (k - mean)) ** 2 for k in counts) / (3 - ddof)
        if max(low, 0) ** 2 <= variance <= high**2:
            expected.setdefault(sum(counts), []).append(counts)
    for total in range(3 * windows + 1):
        assert grim.three_counts(total, windows, printed, ddof) == expected.get(total, [])


def test_known_cells():
    means, deviations = (t().set_index("place") for t in (findings.grim, findings.deviations))
    assert means.loc["Table III, run 3, test", "count"] == 624
    assert deviations["ddof_0"].all() and not deviations.query("split == 'test'")["ddof_1"].any()
    assert deviations.loc["Table III, run 4, test", "counts"] == "197, 199, 200"
    assert means["fits"].all() and len(findings.table_2_against_3_to_5().query("fits")) == 48
    expected = ["48.334", "36.834", "60.112", "79.334", "40.334", "58.334", "70.073", "69.334"]
    assert sorted(findings.option_c().query("not fits")["printed"]) == sorted(expected)
    misfit = findings.confusion().query("not fits")
    assert misfit["computed"].tolist() == ["221/600 = 36.833 %"]


ALTERED = [
    ("table-3", "31.500", "31.505", "Table III, run 4, training", "no number of correct windows"),
    ("table-3", "0.208", "0.209", "Table III, run 4, test", "no three counts"),
    ("table-3", "0.208", "0.209", "Table II, run 4, Top-1 std", "same number in Table III"),
    ("table-2", "47.444", "47.445", "Table II, run 2, Top-2 mean", "same number in Table IV"),
    ("table-8", "4,13,14,0,46,1,26", "4,14,14,0,46,1,26", "Table VIII, row 4 (upstairs)", "class"),
]


@pytest.mark.parametrize(("name", "old", "new", "place", "problem"), ALTERED)
def test_a_cell_that_is_altered_does_not_fit(edit, name, old, new, place, problem):
    before = set(findings.findings()["place"])
    edit(f"{name}.csv", old, new)
    found = findings.findings().set_index("place")
    assert place not in before and problem in found.loc[place, "problem"]


#: Table II with runs 8 and 7 on top.
HIGHER = [
    ("table-2", "7,32.500,2.858", "7,52.500,0.300"),
    ("table-2", "8,33.167,0.981", "8,53.167,0.400"),
]
#: By statement: whether it fits, part of what is computed, and edits that turn the verdict.
STATEMENTS = {
    "learning_rates": (False, "Table I has 0.05, 0.1.", [("text", ",0.05 0.01,", ",0.05 0.1,")]),
    "epochs_caption": (False, "Table I has 50.", [("text", ",100,Table I", ",50,Table I")]),
    "highest_accuracy": (False, "runs 3, 2 (34.667, 33.389 %)", HIGHER),
    "lower_std": (False, "run 7 is number 6 (2.858), run 8 is number 4 (0.981)", HIGHER),
    "others_higher": (False, "above run 7: runs 1, 2, 3, 4; above run 8: runs 2, 3", HIGHER),
    "generalisation": (True, "runs 8, 7 (0.111, 0.533 points)", [("table-3", "8,33.2", "8,43.2")]),
    "best_then_second": (False, "Top-1 runs 3, 2; Top-2 runs 3, 8; Top-3 runs 8, 4", HIGHER),
    "best_option_c": (True, "top3 68.667 and 69.334 %", [("table-6", "36.834", "34.334")]),
    "sixths": (False, "3/6 = 50.00 %", [("text", ",16 33 48,", ",16 33 50,")]),
    "first_update": (False, "multiples of 16", [("text", ",16 32 48,", ",17 33 50,")]),
    "small_batch": (False, "batches of 30", [("text", ",8,Table I,", ",1,Table I,")]),
    "only_learning_rate": (True, "learning_rate (0.05, 0.1)", [("table-1", "7,30,", "7,10,")]),
    "confusion_set": (True, "closest to the test set", [("table-6", "48.334", "36.833")]),
    "caption_sets": (False, "columns: test.", [("text", ",train validation test,", ",test,")]),
    "equal_samples": (False, "600 test windows", [("text", ",10,Section", ",50,Section")]),
}


@pytest.mark.parametrize("identifier", STATEMENTS)
def test_the_verdict_on_a_statement_follows_the_files(edit, identifier):
    fits, computed, edits = STATEMENTS[identifier]
    row = findings.text_against_tables().loc[identifier]
    assert row["fits"] == fits and computed in row["computed"]
    for name, old, new in edits:
        edit(f"{name}.csv", old, new)
    assert findings.text_against_tables().loc[identifier, "fits"] != fits


def test_every_statement_is_decided_by_code_or_by_a_reading():
    facts = printed.text_facts()
    assert set(sentences.CHECKS) == set(facts.index[facts["reading"] == ""]) == set(STATEMENTS)


def test_a_statement_that_nothing_decides(edit):
    edit("text.csv", "epochs_caption", "epochs_in_caption")
    with pytest.raises(UserError, match="id epochs_in_caption: the reading is empty"):
        findings.text_against_tables()


def test_findings_hold_every_misfit_and_nothing_else():
    found = findings.findings()
    checked = (findings.grim, findings.option_c, findings.confusion,
               findings.table_2_against_3_to_5, findings.text_against_tables)  # fmt: skip
    assert len(found) == sum((~table()["fits"]).sum() for table in checked)
    assert not found.isna().any(axis=None)
    assert (found != "").all(axis=None)
