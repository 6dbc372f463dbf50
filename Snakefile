# The flow: data -> eight runs -> what the book shows -> the book.
# `make report` calls it through harlib/study.py; on a cluster, call snakemake itself with one of
# its executor plugins. One BLAS thread a job: the jobs share the machine's cores.

import json
import sys
from pathlib import Path

from harlib import paths, protocol

DEFAULTS = {
    "data": "synthetic",
    "data_dir": "",
    "protocol": "published",
    "seeds": ",".join(map(str, protocol.SEEDS)),
    "epochs": protocol.EPOCHS,
    "dtype": "float32",
    "results_dir": "results",
}
config = {**DEFAULTS, **config}

LABEL = paths.data_label(config["data"])
RESULTS = f"{config['results_dir']}/{LABEL}/{config['protocol']}"
BUILD = f"book/_build/{LABEL}"
HTML = "book/_build/html" if LABEL == "synthetic" else f"{BUILD}/html"
PYTHON = sys.executable
GIVEN = {name: config[name] for name in DEFAULTS}
GIVEN["epochs"] = int(GIVEN["epochs"])
GIVEN["seeds"] = [int(seed) for seed in str(GIVEN["seeds"]).split(",")]
RUNS = [f"{run_no:02d}" for run_no in protocol.RUNS]

# What the numbers depend on; a change here trains again. tests/test_flow.py compares this list
# with what harlib.experiment really imports.
NUMBERS = [f"harlib/{name}.py" for name in (
    "checkpoint", "errors", "experiment", "metrics", "optim", "parameters", "paths", "progress",
    "protocol", "provenance", "results", "rnn", "train")]
DATA_CODE = sorted(str(p) for p in Path("harlib/data").glob("*.py"))
# What only the pages depend on.
PICTURES = ["harlib/cells.py", "harlib/published.py", "harlib/render.py", "harlib/tables.py",
    *sorted(str(p) for p in Path("harlib/figures").glob("*.*"))]
PAGES = sorted(str(p) for p in Path("book").rglob("*")
    if p.is_file() and "_build" not in p.parts and "__pycache__" not in p.parts)
TABLES = sorted(str(p) for p in Path("data/published").glob("*"))

shell.prefix(
    "set -euo pipefail; export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1; ")


rule book:
    input:
        f"{HTML}/index.html"


rule runs:
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS)


rule data:
    """Read and check the data once, before the runs do."""
    input:
        DATA_CODE
    output:
        f"{config['results_dir']}/{LABEL}/data.json"
    params:
        data=config["data"], data_dir=config["data_dir"]
    shell:
        "{PYTHON} -m harlib.describe --data {params.data:q} "
        "--data-dir {params.data_dir:q} --output {output:q}"


rule run:
    input:
        "notebooks/run.ipynb", NUMBERS, f"{config['results_dir']}/{LABEL}/data.json"
    output:
        f"{RESULTS}/run-{{run}}.json",
        f"{RESULTS}/run-{{run}}.timing.json",
        f"{RESULTS}/notebooks/run-{{run}}.ipynb",
        [f"{RESULTS}/run-{{run}}-seed-{seed}.npz" for seed in GIVEN["seeds"]],
    log:
        f"{RESULTS}/logs/run-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **GIVEN})
    shell:
        "{PYTHON} -m harlib.run_notebook {input[0]:q} {output[2]:q} {log:q} {params.given:q}"


rule render:
    """Everything that the book shows, from result files."""
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS),
        expand(f"{RESULTS}/notebooks/run-{{run}}.ipynb", run=RUNS),
        PICTURES, PAGES, TABLES
    output:
        f"{BUILD}/source/generated/build.json"
    params:
        **GIVEN
    shell:
        "{PYTHON} -m harlib.render --data {params.data:q} --data-dir {params.data_dir:q} "
        "--protocol {params.protocol} --results-dir {params.results_dir:q} "
        "--output {BUILD:q}/source"


rule html:
    """The book; any warning is an error."""
    input:
        f"{BUILD}/source/generated/build.json"
    output:
        f"{HTML}/index.html"
    log:
        f"{BUILD}/html.log"
    shell:
        "rm -rf {HTML:q}; "
        "{PYTHON} -m sphinx -b html -W --keep-going -q -d {BUILD:q}/doctrees "
        "{BUILD:q}/source {HTML:q} 2>&1 | tee {log:q}; echo 'The book: {HTML}/index.html'"
