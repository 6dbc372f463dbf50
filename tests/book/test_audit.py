"""The consistency audit: its arithmetic against brute force, its tables against known cells."""

import itertools
import re
import shutil
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from book.generate.audit import findings, grim, sentences
from harlib import paths
from harlib.errors import UserError
from harlib.paper import printed

WINDOWS = st.sampled_from([300, 600, 1800, 2700, 9000])


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """Change a published file, in a copy."""
    folder = tmp_path / "published"
    shutil.copytree(paths.PUBLISHED, folder)
    monkeypatch.setattr(paths, "PUBLISHED", folder)

    def change(name: str, old: str, new: str) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@given(st.data(), WINDOWS, st.integers(1, 4))
def test_every_count_fits(data, windows, decimals):
    count = data.draw(st.integers(0, windows))
    assert grim.count_fits(f"{100 * count / windows:.{decimals}f}", windows)


@given(st.data(), WINDOWS)
def test_a_value_between_two_counts_does_not_fit(data, windows):
    count = data.draw(st.integers(0, windows - 1))
    thousandths = round(Fraction(100_000 * count, windows)) + data.draw(st.integers(2, 9))
    assume(thousandths < 100_000 * (count + 1) / windows - 1)
    printed = f"{thousandths / 1000:.3f}"
    assert not grim.count_fits(printed, windows)


@given(st.data(), WINDOWS)
def test_nearest_count_is_the_count(data, windows):
    count = data.draw(st.integers(0, windows))
    assert grim.nearest_count(f"{100 * count / windows:.3f}", windows) == count


@pytest.mark.parametrize(
    "printed", ["0.0", "100.0", "33.3", "33.4", "66.7", "66.6", "12.5", "49.9", "50.0", "50.1"]
)
@pytest.mark.parametrize("windows", range(1, 13))
def test_rules_against_brute_force(printed, windows):
    value, unit = Fraction(printed), Fraction(1, 10)
    exact = [Fraction(100 * k, windows) for k in range(windows + 1)]
    expected = {
        "nearest": any(abs(value - x) <= unit / 2 for x in exact),
        "up": any(0 <= value - x < unit for x in exact),
        "down": any(0 <= x - value < unit for x in exact),
    }
    assert {rule: grim.count_fits(printed, windows, rule) for rule in expected} == expected


def test_no_count_outside_the_windows():
    assert grim.count_fits("100.0", 3)
    assert not grim.count_fits("133.3", 3)
    assert grim.nearest_count("133.3", 3) == 3


@settings(max_examples=50)
@given(st.lists(st.integers(0, 600), min_size=3, max_size=3), st.sampled_from([0, 1]))
def test_three_counts_finds_the_counts(counts, ddof):
    printed = f"{np.std(np.array(counts) / 6, ddof=ddof):.3f}"
    assert tuple(sorted(counts)) in grim.three_counts(sum(counts), 600, printed, ddof)


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


@settings(max_examples=50)
@given(st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_added_class_shares_fit(counts):
    units = sum(min(grim.share(count, 600, 3)) for count in counts)
    assert grim.sum_of_shares_fits(f"{units / 1000:.3f}", 600, 6)


def test_class_shares_against_brute_force():
    shares = [round(Fraction(1000 * k, 9)) for k in range(4)]
    sums = {sum(parts) for parts in itertools.product(shares, repeat=3)}
    for units in range(1001):
        assert grim.sum_of_shares_fits(f"{units / 10:.1f}", 9, 3) == (units in sums)
    assert grim.share_that_fits(9, 3, 1) == len([s for s in sums if s <= 1000]) / 1001


def test_parts_must_be_equal():
    with pytest.raises(ValueError, match="100 windows do not make 6 equal parts"):
        grim.sum_of_shares_fits("50.000", 100, 6)


def test_all_means_of_tables_3_to_5_fit():
    cells = findings.grim().set_index("place")
    assert cells["fits"].all()
    assert cells.loc["Table III, run 3, test", "count"] == 624
    assert cells.loc["Table III, run 8, training", "windows"] == 9000


def test_an_altered_mean_is_found(edit):
    edit("table-3.csv", "31.500", "31.505")
    (place,) = findings.grim().query("not fits")["place"]
    assert place == "Table III, run 4, training"
    assert place in findings.findings()["place"].tolist()


def test_population_deviation_explains_all_and_sample_deviation_does_not():
    cells = findings.deviations().set_index("place")
    assert cells["ddof_0"].all()
    assert not cells.query("split == 'test'")["ddof_1"].any()
    assert findings.summary()["ddof_that_explains_all"] == [0]
    assert cells.loc["Table III, run 4, test", "counts"] == "197, 199, 200"
    assert round(np.std(np.array([197, 199, 200]) / 6), 3) == 0.208


def test_an_altered_deviation_is_found(edit):
    edit("table-3.csv", "0.208", "0.209")
    (cell,) = findings.deviations().query("verdict == 'neither'").itertuples()
    assert (cell.place, cell.counts) == ("Table III, run 4, test", "")
    problems = findings.findings()["problem"]
    assert problems.str.contains("no three counts").sum() == 1
    assert problems.str.contains("same number in Table III").sum() == 1


def test_option_c():
    misfits = findings.option_c().query("not fits")
    expected = ["48.334", "36.834", "60.112", "79.334", "40.334", "58.334", "70.073", "69.334"]
    assert sorted(misfits["printed"]) == sorted(expected)
    rules = findings.rounding_rules()
    assert rules.loc[findings.OPTION_C_RULES["nearest"], "all"] == 18 - len(misfits)
    up = rules.loc[findings.OPTION_C_RULES["up"]]
    assert (up["training"], up["validation"], up["test"]) == (3, 6, 6)
    assert rules.loc[findings.OPTION_C_RULES["classes"], "all"] == 18
    chance = findings.class_shares_by_chance()
    assert chance.round(3).to_dict() == {"training": 0.154, "validation": 0.013, "test": 0.026}


def test_confusion_matrix():
    classes = findings.per_class()
    assert classes["windows"].tolist() == [100] * 6
    assert classes["predicted"].tolist() == [66, 79, 98, 229, 1, 127]
    assert classes["recall"].tolist() == [11, 33, 97, 45, 1, 34]
    misfit = findings.confusion().query("not fits")
    assert misfit["computed"].tolist() == ["221/600 = 36.833 %"]
    text, same = findings.class_shares()
    assert same
    assert text.endswith("= 36.834 %")


def test_an_altered_matrix_is_found(edit):
    edit("table-8.csv", "4,13,14,0,46,1,26", "4,14,14,0,46,0,26")
    assert not findings.class_shares()[1]
    assert findings.confusion().query("not fits")["computed"].tolist() == ["220/600 = 36.667 %"]
    edit("table-8.csv", "4,14,14,0,46,0,26", "4,14,14,0,46,1,26")
    assert (
        "Table VIII, row 4 (upstairs)" in findings.confusion().query("not fits")["place"].tolist()
    )


def test_table_2_repeats_the_test_columns(edit):
    assert len(findings.table_2_against_3_to_5()) == 48
    assert findings.table_2_against_3_to_5()["fits"].all()
    edit("table-2.csv", "47.444", "47.445")
    (cell,) = findings.table_2_against_3_to_5().query("not fits").itertuples()
    assert (cell.place, cell.there) == ("Table II, run 2, Top-2 mean", "47.444")


def test_every_statement_has_one_verdict():
    facts = printed.text_facts()
    assert set(sentences.CHECKS) == set(facts.index[facts["reading"] == ""])


@pytest.mark.parametrize(
    ("identifier", "fits", "computed"),
    [
        ("learning_rates", False, "Table I has 0.05, 0.1."),
        ("epochs_caption", False, "Table I has 50."),
        ("highest_accuracy", False, "runs 3, 2 (34.667, 33.389 %)"),
        ("lower_std", False, "run 7 is number 6 (2.858), run 8 is number 4 (0.981)"),
        ("others_higher", False, "above run 7: runs 1, 2, 3, 4; above run 8: runs 2, 3"),
        ("generalisation", True, "Top-1 runs 8, 7 (0.111, 0.533 points)"),
        ("best_then_second", False, "Top-1 runs 3, 2; Top-2 runs 3, 8; Top-3 runs 8, 4"),
        ("best_option_c", True, "top3 68.667 and 69.334 %"),
        ("sixths", False, "3/6 = 50.00 %"),
        ("first_update", False, "multiples of 16"),
        ("small_batch", False, "batches of 30"),
        ("only_learning_rate", True, "learning_rate (0.05, 0.1)"),
        ("confusion_set", True, "closest to the test set"),
        ("caption_sets", False, "these columns: test."),
        ("equal_samples", False, "600 test windows"),
    ],
)
def test_verdicts_on_the_text(identifier, fits, computed):
    row = findings.text_against_tables().loc[identifier]
    assert row["fits"] == fits
    assert computed in row["computed"]
    assert row["by"] == "computation"


@pytest.mark.parametrize(
    ("identifier", "old", "new"),
    [
        ("learning_rates", ",0.05 0.01,", ",0.05 0.1,"),
        ("epochs_caption", ",100,Table I", ",50,Table I"),
        ("caption_sets", ",train validation test,", ",test,"),
        ("best_then_second", ",8 7,Table II,", ",3 2,Table II,"),
        ("sixths", ",16 33 48,", ",16 33 50,"),
        ("first_update", ",16 32 48,", ",17 33 50,"),
        ("equal_samples", ",10,Section", ",50,Section"),
        ("small_batch", ",8,Table I,", ",1,Table I,"),
    ],
)
def test_a_statement_that_agrees_passes(edit, identifier, old, new):
    edit("text.csv", old, new)
    assert findings.text_against_tables()["fits"][identifier]


def test_the_ranking_follows_table_2(edit):
    edit("table-2.csv", "7,32.500,2.858", "7,52.500,0.300")
    edit("table-2.csv", "8,33.167,0.981", "8,53.167,0.400")
    fits = findings.text_against_tables()["fits"]
    assert fits[["highest_accuracy", "lower_std", "others_higher", "best_then_second"]].all()


def test_statements_that_hold_can_fail(edit):
    edit("table-1.csv", "7,30,", "7,10,")
    edit("table-3.csv", "8,33.278", "8,43.278")
    edit("table-6.csv", "36.834", "34.334")
    edit("table-6.csv", "48.334", "36.833")
    fits = findings.text_against_tables()["fits"]
    held = ["only_learning_rate", "generalisation", "best_option_c", "confusion_set"]
    assert not fits[held].any()


def test_a_statement_that_nothing_decides(edit):
    edit("text.csv", "epochs_caption", "epochs_in_caption")
    with pytest.raises(UserError, match=re.escape("id epochs_in_caption: the reading is empty")):
        findings.text_against_tables()


def test_findings_hold_every_misfit_and_nothing_else():
    found, counts = findings.findings(), findings.summary()
    misfits = (
        counts["means_checked"]
        - counts["means_fit"]
        + counts["option_c_checked"]
        - counts["option_c_fit"]
        + counts["confusion_checked"]
        - counts["confusion_fit"]
        + counts["table_2_checked"]
        - counts["table_2_equal"]
        + counts["text_checked"]
        - counts["text_fits"]
    )
    assert len(found) == counts["findings"] == misfits
    assert not found.isna().any(axis=None)
    assert (found != "").all(axis=None)
