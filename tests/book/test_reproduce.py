"""The book says what its numbers come from, and when that is not one thing."""

import re

import pytest

from book.generate.pages import reproduce
from harlib.storage import provenance

MADE = {
    "data_sha256": "d" * 64, "code_sha256": provenance.code_digest(), "revision": "abc",
    "versions": {"python": "3.11", "numpy": "2.0"}, "blas": "openblas",
}  # fmt: skip
OTHER_CODE = {"code_sha256": "0" * 64}
OTHER_PYTHON = {"versions": {"python": "3.12", "numpy": "2"}}


@pytest.mark.parametrize(
    ("changes", "said", "rows"),
    [
        ([{}, {}, {}], "^$", ["run-1, run-2, run-3"]),
        ([{}, OTHER_CODE, {}], "more than one version of the code", ["run-1, run-3", "run-2"]),
        ([OTHER_CODE] * 3, "another version of the code", ["run-1, run-2, run-3"]),
        ([{}, {}, OTHER_PYTHON], "more than one version of Python", ["run-1, run-2", "run-3"]),
    ],
)
def test_what_comes_from_the_same_is_one_row_and_what_does_not_is_said(changes, said, rows):
    found = {f"run-{n}": MADE | change for n, change in enumerate(changes, start=1)}
    table = reproduce.table(found)
    assert re.search(said, reproduce.warning(found)) and table.index.tolist() == rows
    assert table["Made with"].iloc[0] == "Python 3.11, NumPy 2.0, openblas"


def test_the_blas_of_other_libraries_does_not_count():
    """SciPy's own is loaded with scikit-learn, so for some results and not for others."""
    before = provenance.machine()["blas"]
    import scipy.linalg  # noqa: F401

    assert provenance.machine()["blas"] == before
