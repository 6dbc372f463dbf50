"""The book says what its numbers come from, and when that is not one thing."""

import pytest

from book.generate.pages import reproduce
from harlib.storage import provenance


@pytest.fixture
def found():
    made = {
        "data_sha256": "d" * 64, "code_sha256": provenance.code_digest(), "revision": "abc",
        "versions": {"python": "3.11", "numpy": "2.0"}, "blas": "openblas",
    }  # fmt: skip
    return {name: dict(made) for name in ("run-01", "run-02", "run-03")}


def test_what_comes_from_the_same_is_one_row_and_no_banner(found):
    table = reproduce.table(found)
    assert table.index.tolist() == ["run-01, run-02, run-03"]
    assert "Python 3.11, NumPy 2.0, openblas" in table.iloc[0].tolist()
    assert reproduce.warning(found) == ""


OTHER_CODE, OTHER_PYTHON = {"code_sha256": "0" * 64}, {"versions": {"python": "3.12", "numpy": "2"}}


@pytest.mark.parametrize(
    ("change", "which", "said"),
    [
        (OTHER_CODE, ["run-02"], "more than one version of the code"),
        (OTHER_CODE, ["run-01", "run-02", "run-03"], "another version of the code"),
        (OTHER_PYTHON, ["run-03"], "more than one version of Python"),
    ],
)
def test_other_code_or_versions_are_said(found, change, which, said):
    for name in which:
        found[name].update(change)
    assert said in reproduce.warning(found)
    assert len(reproduce.table(found)) == (2 if len(which) == 1 else 1)


def test_the_blas_of_other_libraries_does_not_count():
    """SciPy's own is loaded with scikit-learn, so for some results and not for others."""
    before = provenance.machine()["blas"]
    import scipy.linalg  # noqa: F401

    assert provenance.machine()["blas"] == before
