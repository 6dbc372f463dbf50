"""How numbers look."""

import math

import pytest

from harlib.notebook.table import cell_text
from harlib.seed_statistics import Interval


@pytest.mark.parametrize(
    ("value", "row", "column", "text"),
    [
        (97.25, 8, "Top-1 (%)", "97.2"),
        (-0.04, 8, "Top-1 (%)", "0.0"),
        (1.23456, "Spectral radius", "after", "1.235"),
        (97.25, (8, "re-computed"), ("Test", "μ"), "97.250"),
        (-1.5, (8, "difference"), ("Test", "μ"), "−1.500"),
        (1.8, "walking", "Settled (s)", "1.80"),
        (math.nan, "21", "walking", "–"),
        (-math.inf, 8, "Effect", "−∞"),
        (Interval(1.25, 0.75, 1.75, 3), "Adam", "Change (points)", "+1.2\u00a0±\u00a00.5"),
        (Interval(-1.25, -1.75, -0.75, 3), "Adam", "Change (points)", "−1.2\u00a0±\u00a00.5"),
        (None, "as published", "Change (points)", ""),
        (12, "21", "Windows", "12"),
    ],
)
def test_decimals_and_signs_follow_from_the_name_and_the_kind(value, row, column, text):
    assert cell_text(value, row, column) == text
