"""The consistency audit: its arithmetic against brute force, its tables against known cells."""

import itertools
from fractions import Fraction

import pytest

from book.generate.audit import findings, grim, sentences
from harlib.paper import printed


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


#: By statement: whether it fits, and part of what is computed. Changed files are refused, so the
#: published ones are all that it is ever decided on.
STATEMENTS = {
    "learning_rates": (False, "Table I has 0.05, 0.1."),
    "epochs_caption": (False, "Table I has 50."),
    "highest_accuracy": (False, "runs 3, 2 (34.667, 33.389 %)"),
    "lower_std": (False, "run 7 is number 6 (2.858), run 8 is number 4 (0.981)"),
    "others_higher": (False, "above run 7: runs 1, 2, 3, 4; above run 8: runs 2, 3"),
    "generalisation": (True, "runs 8, 7 (0.111, 0.533 points)"),
    "best_then_second": (False, "Top-1 runs 3, 2; Top-2 runs 3, 8; Top-3 runs 8, 4"),
    "best_option_c": (True, "top3 68.667 and 69.334 %"),
    "sixths": (False, "3/6 = 50.00 %"),
    "first_update": (False, "multiples of 16"),
    "small_batch": (False, "batches of 30"),
    "only_learning_rate": (True, "learning_rate (0.05, 0.1)"),
    "confusion_set": (True, "closest to the test set"),
    "caption_sets": (False, "columns: test."),
    "equal_samples": (False, "600 test windows"),
}


def test_every_statement_is_decided_by_code_or_by_a_reading():
    facts, table = printed.text_facts(), findings.text_against_tables()
    assert set(sentences.CHECKS) == set(facts.index[facts["reading"] == ""]) == set(STATEMENTS)
    for identifier, (fits, computed) in STATEMENTS.items():
        assert table.loc[identifier, "fits"] == fits
        assert computed in table.loc[identifier, "computed"]


def test_findings_hold_every_misfit_and_nothing_else():
    found = findings.findings()
    checked = (findings.grim, findings.option_c, findings.confusion,
               findings.table_2_against_3_to_5, findings.text_against_tables)  # fmt: skip
    assert len(found) == sum((~table()["fits"]).sum() for table in checked)
    assert not found.isna().any(axis=None)
    assert (found != "").all(axis=None)
