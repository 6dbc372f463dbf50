"""Every cell of every notebook, on a small study and without a kernel each.

``bench``, which measures for minutes, is given what was measured.
"""

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest

from benchmarks import study
from harlib import paths
from harlib.storage import results
from tests.data.data_helpers import four_keys, write_hdf5

#: In the order in which they need each other.
GIVEN = {
    "run": {"run_no": 4, "protocol": "corrected", "epochs": 1, "seeds": [42, 1]},
    "early_stopping": {"run_no": 8, "max_epochs": 1, "patience": 1},
    "heatmaps": {"run_no": 4, "protocol": "corrected"},
    "learned": {"run_no": 4, "protocol": "corrected"},
    "recognise": {"results_dir": "data/networks"},
    "people": {"run_no": 4, "epochs": 1},
    "diagnosis": {"run_no": 6, "epochs": 1, "seeds": [1, 2]},
    "improvements": {"run_no": 6, "epochs": 1, "seeds": [1, 2], "bases": ["published"]},
    "bench": {"run_no": 8},
}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """What all of them are given: a small data set, and one results folder."""
    folder = tmp_path_factory.mktemp("notebooks")
    file = folder / "small.h5"
    people = {"trS": np.arange(66) % 7, "tstS": np.arange(18) % 3 + 7}
    write_hdf5(file, {**four_keys(66, 18), **people})
    return {"data": str(file), "results_dir": str(folder / "results")}


@pytest.mark.parametrize("name", GIVEN)
def test_all_cells_run(name, everywhere, monkeypatch):
    """So the check of the parameters, too, which knows all of them and only those."""
    measured = results.read_json(paths.RECORDS / "bench.json")
    monkeypatch.setattr(study, "content", lambda *_, **__: measured)
    cells = jupytext.read(paths.NOTEBOOKS / f"{name}.py").cells
    namespace: dict = {"In": [""]}
    with plt.ioff():
        for cell in cells:
            if cell.cell_type != "code":
                continue
            namespace["In"].append(cell.source)
            exec(compile(cell.source, f"{name}.py", "exec"), namespace)
            if "parameters" in cell.metadata.get("tags", []):
                wanted = {**everywhere, **GIVEN[name]}
                namespace |= {k: v for k, v in wanted.items() if k in namespace}
                assert GIVEN[name].keys() <= namespace.keys()
    plt.close("all")


def test_none_is_missing():
    assert {path.stem for path in paths.NOTEBOOKS.glob("*.py")} == set(GIVEN)
