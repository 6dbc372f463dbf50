"""Every reader of the project as a target: those of data, of results, and of what a user types."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np

from book.generate import gathered
from book.generate.staging import read_notebook
from harlib import paths, protocol
from harlib.notebook import parameters
from harlib.paper import printed, tables
from harlib.runs import experiment, trained_network
from harlib.storage import checkpoint, records, results
from harlib.train import Progress
from tests.faults import mutate
from tests.faults.target import TARGETS, File, Target, files, target
from tests.faults.targets_data import write_windows

__all__ = ["TARGETS", "File", "Target", "write_windows"]

# Results


def tiny_study(folder: Path, runs: tuple[int, ...] = (1,)) -> Path:
    """The results of short runs, and of option C, on small random data."""
    given = {"data": str(write_windows(folder / "tiny.h5")), "results_dir": str(folder / "out")}
    for run_no in runs:
        experiment.run(run_no, seeds=(1, 2), epochs=2, loops="numpy", **given)
        experiment.early_stopping(
            run_no, seeds=(1,), max_epochs=3, patience=2, validation_fraction=1 / 3, loops="numpy",
            **given,
        )  # fmt: skip
    return folder / "out" / "tiny" / "published"


def _study_files(pattern: str) -> Callable[[Path], list[File]]:
    def prepare(folder: Path) -> list[File]:
        made = tiny_study(folder)
        return [(path.name, path.read_bytes()) for path in sorted(made.glob(pattern))]

    return prepare


@target("result files", 15_000, _study_files("*-01.json"), mutate.json_text)
def result_json(path: Path) -> object:
    found = results.read(path)
    assert results.to_json(found)
    for seed in found["seeds"]:
        trained_network.initial_values(found, int(seed))
    if "patience" in found["config"]:
        return tables.option_c(found, int(next(iter(found["seeds"]))))
    return tables.run_rows(found)


@target("timing files", 6_000, _study_files("run-*.timing.json"), mutate.json_text)
def timing_json(path: Path) -> object:
    found = gathered.read_timing(path, ["1", "2"])
    seconds = [s["training_seconds"] + s["evaluation_seconds"] for s in found["seeds"].values()]
    assert 0 <= sum(seconds) < float("inf")
    return json.dumps(found["versions"])


@target("weights files", 10_000, _study_files("run-*.npz"), mutate.zipped)
def weights_npz(path: Path) -> object:
    found = results.read_weights(path)
    assert all(np.isfinite(value).all() for value in found.values())
    return found["W_aa"] @ found["W_ax"]


def _checkpoint_files(folder: Path) -> list[File]:
    params = {"W_aa": np.ones((4, 4)), "W_ax": np.ones((4, 3)), "W_ya": np.ones((6, 4)),
              "b_a": np.ones((4, 1)), "b_y": np.ones((6, 1))}  # fmt: skip
    curves = {"loss": [1.0, 0.5], "top1": [20.0, 30.0], "top2": [40.0, 40.0], "top3": [60.0, 60.0]}
    memory = {"t": np.zeros((), np.int64), "m.W_aa": np.ones((4, 4))}
    progress = Progress(params, {"train": curves, "test": curves}, memory, params, 1, [[1, 2]])
    checkpoint.write(folder / "c.npz", progress, "same")
    return files(folder)


def _checkpoint_change(rng: np.random.Generator, content: bytes, others: list[bytes]) -> bytes:
    """As any other zip, or with its JSON part changed."""
    if rng.random() < 0.6:
        return mutate.zipped(rng, content, others)
    with np.load(io.BytesIO(content)) as file:
        arrays = dict(file)
    state = mutate.json_text(rng, arrays["state"].tobytes(), [b"{}"])
    made = io.BytesIO()
    np.savez(made, **{**arrays, "state": np.frombuffer(state, np.uint8)})
    return made.getvalue()


@target("checkpoints", 8_000, _checkpoint_files, _checkpoint_change)
def checkpoint_npz(path: Path) -> object:
    found = checkpoint.read(path, "same")
    if found is not None:
        assert -1 <= found.best_epoch <= max(found.epochs_done, 0)
        assert found.params["W_aa"].shape == found.best_params["W_aa"].shape
        assert all(max(curve) < 1e300 for s in found.history.values() for curve in s.values())
    return found


def _record_files(folder: Path) -> list[File]:
    path = records.write("x", {"rows": [{"id": "a", "times": 3}]}, str(folder))
    return [("records/x.json", path.read_bytes())]


@target("records", 5_000, _record_files, mutate.json_text)
def record_json(path: Path) -> object:
    return results.to_json(records.read("x", str(path.parents[1])).content)


def _notebook_files(folder: Path) -> list[File]:
    output = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    code = nbformat.v4.new_code_cell("1 + 1", outputs=[output])
    cells = [nbformat.v4.new_markdown_cell("# Run 1\ntext", id="a"), code]
    made = nbformat.v4.new_notebook(cells=cells)
    files = [("5.ipynb", nbformat.writes(made).encode())]
    # Of each version, whose schema is then loaded; cells have had an id since 4.5.
    for minor in range(5):
        old = {**made, "nbformat_minor": minor}
        old["cells"] = [{k: v for k, v in cell.items() if k != "id"} for cell in cells]
        files.append((f"{minor}.ipynb", json.dumps(old).encode()))
    return files


@target("executed notebooks", 3_000, _notebook_files, mutate.json_text)
def notebook_json(path: Path) -> object:
    found = read_notebook(path, "Title")
    return nbformat.writes(found)


# The report's own numbers, and what a user types


def _published_files(folder: Path) -> list[File]:
    return [(path.name, path.read_bytes()) for path in sorted(paths.PUBLISHED.glob("*.csv"))]


@target("published tables", 12_000, _published_files, mutate.csv_text)
def published_csv(path: Path) -> object:
    kept, paths.PUBLISHED = paths.PUBLISHED, path.parent
    try:
        if path.stem == "text":
            return printed.text_facts()
        found = printed.table(int(path.stem.removeprefix("table-")))
        assert all(kind in "if" for kind in (d.kind for d in found.dtypes)), found.dtypes
        assert np.isfinite(found.to_numpy(float)).all()
        return found
    finally:
        paths.PUBLISHED = kept


_PROTOCOLS = (b"published", b"corrected+shuffle=False", b"published+clip=1.0+optimiser=adam",
              b"published+steps_divisions=1+initial_range=0.5")  # fmt: skip


@target(
    "names of protocols", 15_000,
    lambda folder: [("name", name) for name in _PROTOCOLS], mutate.damage,
)  # fmt: skip
def protocol_name(path: Path) -> object:
    found = protocol.named(path.read_bytes().decode("utf-8", "surrogateescape"))
    assert protocol.named(found.name) == found, "a name that reads back as another protocol"
    assert "/" not in found.name and found.name.isprintable()
    return found


_GIVEN = {
    "run_no": 7, "data": "synthetic", "data_dir": "", "protocol": "published", "seed": 42,
    "seeds": [42, 263], "epochs": 50, "dtype": "float32", "loops": "auto", "results_dir": "results",
    "patience": 30, "min_delta": 1e-5, "validation_fraction": 0.1, "kind": "run", "window": 0,
}  # fmt: skip


@target(
    "parameters of notebooks", 10_000,
    lambda folder: [("given.json", json.dumps(_GIVEN).encode())], mutate.json_text,
)  # fmt: skip
def parameters_json(path: Path) -> object:
    try:
        given = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None  # Python itself or papermill says so
    if not isinstance(given, dict):
        return None
    parameters.check_names(given, tuple(_GIVEN))
    found = parameters.check_values(given)
    assert 1 <= found.get("run_no", 1) <= 8 and found.get("epochs", 0) >= 0
    return results.Folder(found.get("results_dir", "r"), found.get("data", "d"), "published")
