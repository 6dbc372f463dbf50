# What each notebook is given, where everything lies, and what it depends on: worked out here, once.

import json
import sys
from pathlib import Path

from harlib import paths, protocol
from harlib.runs import parameters
from harlib.storage import provenance
from workflow import study

# An empty value on the command line arrives as None.
config = {name: default if config.get(name) is None else config[name]
    for name, default in study.DEFAULTS.items()}

FULL = str(config["full"]) == "1"
GIVEN = {name: config[name]
    for name in ("data", "protocol", "dtype", "loops", "results_dir")}
GIVEN["epochs"] = int(config["epochs"])
GIVEN["seeds"] = [int(seed) for seed in str(config["seeds"]).split(",")]
SEED = GIVEN["seeds"][0]


def with_more(seeds):
    """The seeds that are asked for, and then these."""
    return list(dict.fromkeys([*GIVEN["seeds"], *seeds]))


# The corrected protocol: the same eight runs.
CORRECTED = {**GIVEN, "protocol": "corrected"}
# Option C: one seed, and at most six times the epochs of a run.
STOPPING = {**GIVEN, "seeds": [SEED], "max_epochs": 6 * GIVEN["epochs"]}
del STOPPING["epochs"]
# What trains nothing: pictures of trained networks, and the book.
SHOWN = {name: GIVEN[name] for name in ("data", "protocol", "results_dir")}
SHOWN["seed"] = SEED
# The experiments on single switches: one small run, or with FULL run 8 as in the report.
SWITCHED = {
    **GIVEN,
    "run_no": 8 if FULL else protocol.EXPERIMENT_RUN,
    "seeds": with_more(protocol.EXPERIMENT_SEEDS),
}
del SWITCHED["protocol"]
LADDER, TRIALS = ({**SWITCHED, "epochs": min(GIVEN["epochs"], GIVEN["epochs"] if FULL else fewer)}
    for fewer in (protocol.LADDER_EPOCHS, protocol.TRIAL_EPOCHS))
BASES = parameters.BASES if FULL else parameters.FEWER_BASES

# Where it lies.
LABEL = paths.data_label(GIVEN["data"])
BASE = f"{GIVEN['results_dir']}/{LABEL}"
RESULTS = f"{BASE}/{GIVEN['protocol']}"
TRIED = f"{GIVEN['results_dir']}/experiments/{LABEL}"
SUSPECTED = f"{GIVEN['results_dir']}/suspicions/{LABEL}"
DATA = f"{BASE}/data.json"
BOOK = paths.shown(study.book_dir(GIVEN["results_dir"]))
BUILD = f"{BOOK}/{LABEL}"
HTML = f"{BOOK}/html" if LABEL == study.DEFAULTS["data"] else f"{BUILD}/html"
PDF = f"{BOOK}/harlib.pdf" if LABEL == study.DEFAULTS["data"] else f"{BUILD}/harlib.pdf"
RUNS = [f"{run_no:02d}" for run_no in protocol.RUNS]
DIAGNOSED = f"{SWITCHED['run_no']:02d}"


def files(folder, *endings):
    """Files below a folder whose names end so; no caches, no books."""
    left_out = {"_build", "__pycache__", "cache"}
    return {str(path) for path in Path(folder).rglob("*") if path.is_file()
        and path.name.endswith(endings) and not left_out & set(path.relative_to(folder).parts)}


# What the numbers depend on; a change here trains again.
NUMBERS = [paths.shown(path) for path in provenance.sources()]
# What only the pages depend on.
PAGES = sorted(set.union(
    files("harlib", ".py", ".mplstyle"), files("benchmarks", ".py"), files("book", ""),
    files("data", ".csv"), files("data/records", ".json"), files("data/networks", ".json"),
    files(f"{GIVEN['results_dir']}/records", ".json")) - set(NUMBERS))

PYTHON = sys.executable
NOTEBOOK = "{PYTHON:q} -m harlib.notebook.run_notebook {input[0]:q} {output.notebook:q} {log:q} {params.given:q}"
DESCRIBE = "{PYTHON:q} -m workflow.describe_data {params.data:q} {output:q}"

# One BLAS thread a job: the jobs share the machine's cores.
shell.prefix(
    "set -euo pipefail; export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1; ")


wildcard_constraints:
    run="|".join(RUNS)
