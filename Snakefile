# The flow: data -> eight runs -> early stopping, heat maps -> what the book shows -> the book.
# `make report` calls it through workflow/study.py; with PROFILE=profiles/slurm the runs go to a
# cluster, and the short rules stay here. One BLAS thread a job: the jobs share the machine's cores.

import json
import sys
from pathlib import Path

from harlib import parameters, paths, protocol

DEFAULTS = {
    "data": "synthetic",
    "data_dir": "",
    "protocol": "published",
    "seeds": ",".join(map(str, protocol.SEEDS)),
    "epochs": protocol.EPOCHS,
    "dtype": "float32",
    "loops": "auto",
    "results_dir": "results",
    "full": 0,
}
# An empty value on the command line arrives as None.
config = {name: default if config.get(name) is None else config[name]
    for name, default in DEFAULTS.items()}

PYTHON = sys.executable
FULL = config.pop("full") in (1, "1")
GIVEN = dict(config)
GIVEN["epochs"] = int(GIVEN["epochs"])
GIVEN["seeds"] = [int(seed) for seed in str(GIVEN["seeds"]).split(",")]
# Where the report is built from the data that comes with the project, it has to be quick.
SMALL = config["data"] == "synthetic" and not FULL
# Option C: one seed, and at most six times the epochs of a run; twice, where it has to be quick.
STOPPING = {**GIVEN, "seeds": GIVEN["seeds"][:1], "max_epochs": (2 if SMALL else 6) * GIVEN["epochs"]}
del STOPPING["epochs"]
SHOWN = {name: GIVEN[name] for name in ("data", "data_dir", "protocol", "results_dir")}
SHOWN["seed"] = GIVEN["seeds"][0]

# The corrected protocol: the same eight runs. On the built-in data fewer epochs, unless FULL.
CORRECTED = {**GIVEN, "protocol": "corrected"}
MORE_SEEDS = GIVEN["seeds"] + [s for s in protocol.MORE_SEEDS if s not in GIVEN["seeds"]]
if SMALL:
    CORRECTED["epochs"] = min(GIVEN["epochs"], protocol.FEWEST_EPOCHS)


def corrected_seeds(run):
    """More seeds for the run of the headline; for all of them only where that is asked for."""
    return MORE_SEEDS if FULL or int(run) == protocol.HEADLINE else CORRECTED["seeds"]


# The experiments on single switches: one small run, or with FULL run 8 as in the report.
SWITCHED = {
    "run_no": 8 if FULL else 6,
    "seeds": GIVEN["seeds"] if SMALL else MORE_SEEDS,
    "epochs": GIVEN["epochs"] if FULL else min(
        GIVEN["epochs"], protocol.FEWEST_EPOCHS if SMALL else protocol.FEWER_EPOCHS),
    **{name: GIVEN[name] for name in ("data", "data_dir", "dtype", "loops", "results_dir")},
}
DIAGNOSED = f"{SWITCHED['run_no']:02d}"
BASES = parameters.BASES if FULL else parameters.FEWER_BASES

LABEL = paths.data_label(config["data"])
BASE = f"{config['results_dir']}/{LABEL}"
TRIED = f"{config['results_dir']}/experiments/{LABEL}"
RESULTS = f"{BASE}/{config['protocol']}"
DATA = f"{BASE}/data.json"
BOOK = paths.shown(paths.book_dir(config["results_dir"]))
BUILD = f"{BOOK}/{LABEL}"
HTML = f"{BOOK}/html" if LABEL == "synthetic" else f"{BUILD}/html"
PDF = f"{BOOK}/harlib.pdf" if LABEL == "synthetic" else f"{BUILD}/harlib.pdf"
RUNS = [f"{run_no:02d}" for run_no in protocol.RUNS]

# What the numbers depend on; a change here trains again. tests/test_flow.py compares this list
# with what harlib.runs.experiment really imports (less what only speaks: errors and progress).
NUMBERS = [f"harlib/{name}.py" for name in (
    "asked", "atomic", "augment", "checkpoint", "experiment", "inputs", "loops", "manifest",
    "metrics", "optim", "parameters", "paths", "protocol", "provenance", "results", "rnn", "splits",
    "strict", "train", "validity", "workspace")]
NUMBERS.append("harlib/loops.c")
EXPERIMENTS = [f"harlib/{name}.py" for name in (
    "ablation", "comparison", "diagnosis", "hypotheses", "inside")]
DATA_CODE = sorted(str(path) for path in Path("harlib/data").glob("*.py"))
# What only the pages depend on.
PICTURES = sorted({str(path) for path in Path("harlib").glob("*.py")} - set(NUMBERS)) + sorted(
    str(path) for folder in ("claims", "figures", "torture") for path in Path("harlib", folder).glob("*.*"))
PAGES = sorted(str(path) for path in Path("book").rglob("*")
    if path.is_file() and "_build" not in path.parts and "__pycache__" not in path.parts)
TABLES = sorted(str(path) for path in Path("data").glob("**/*.csv") if "cache" not in path.parts)
RECORDS = sorted(str(path) for folder in ("data", config["results_dir"])
    for path in Path(folder, "records").glob("*.json"))

NOTEBOOK = "{PYTHON} -m harlib.notebook.run_notebook {input[0]:q} {output.notebook:q} {log:q} {params.given:q}"

SPHINX_FAILED = "{ echo 'error: Sphinx could not build the book: see its words above' >&2; exit 1; }"

shell.prefix(
    "set -euo pipefail; export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1; ")


wildcard_constraints:
    run="0[1-8]"

# Short, or in need of what a cluster's node may not have: never sent to one.
localrules:
    book, pdf, runs, data, ranking, render, html, latex

# Asked for the runs of the corrected protocol alone, they are made as asked.
ruleorder: run > corrected


rule book:
    input:
        f"{HTML}/index.html"


rule pdf:
    input:
        PDF


rule runs:
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS)


rule data:
    """Read and check the data once, before the runs do."""
    input:
        DATA_CODE, config["data"] if paths.is_path(config["data"]) else []
    output:
        DATA
    params:
        data=config["data"], data_dir=config["data_dir"]
    shell:
        "{PYTHON} -m harlib.data.describe --data={params.data:q} --data-dir={params.data_dir:q} "
        "--output={output:q}"


rule run:
    """One run of Table I."""
    input:
        "notebooks/run.ipynb", NUMBERS, DATA
    output:
        # `update`: what is there is left for the notebook, which trains only if that does not
        # come from these very inputs and this very code (harlib/runs/experiment.py).
        result=update(f"{RESULTS}/run-{{run}}.json"),
        timing=update(f"{RESULTS}/run-{{run}}.timing.json"),
        notebook=f"{RESULTS}/notebooks/run-{{run}}.ipynb",
        weights=[update(f"{RESULTS}/run-{{run}}-seed-{seed}.npz") for seed in GIVEN["seeds"]],
    # All of these and then option C come one after the other; what nothing waits for fills in.
    priority: 1
    log:
        f"{RESULTS}/logs/run-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **GIVEN})
    shell:
        NOTEBOOK


rule corrected:
    """One run of Table I under the corrected protocol."""
    input:
        "notebooks/run.ipynb", NUMBERS, DATA
    output:
        result=update(f"{BASE}/corrected/run-{{run}}.json"),
        timing=update(f"{BASE}/corrected/run-{{run}}.timing.json"),
        notebook=f"{BASE}/corrected/notebooks/run-{{run}}.ipynb",
        # Of every run at least these; the run of the headline has more seeds.
        weights=[update(f"{BASE}/corrected/run-{{run}}-seed-{s}.npz") for s in CORRECTED["seeds"]],
    log:
        f"{BASE}/corrected/logs/run-{{run}}.log"
    params:
        given=lambda w: json.dumps(
            {"run_no": int(w.run), **CORRECTED, "seeds": corrected_seeds(w.run)})
    shell:
        NOTEBOOK


rule early_stopping:
    """Option C for one run."""
    input:
        "notebooks/early_stopping.ipynb", NUMBERS, DATA
    output:
        result=update(f"{RESULTS}/early-stopping-{{run}}.json"),
        timing=update(f"{RESULTS}/early-stopping-{{run}}.timing.json"),
        notebook=f"{RESULTS}/notebooks/early-stopping-{{run}}.ipynb",
    priority: 1
    log:
        f"{RESULTS}/logs/early-stopping-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **STOPPING})
    shell:
        NOTEBOOK


rule diagnosis:
    """From the published protocol to the corrected one, a step at a time."""
    input:
        "notebooks/diagnosis.ipynb", NUMBERS, EXPERIMENTS, DATA
    output:
        notebook=f"{TRIED}/notebooks/diagnosis-{DIAGNOSED}.ipynb",
        inside=f"{TRIED}/inside-{DIAGNOSED}.json",
    # The longest chain of jobs: begun first, it does not leave a core idle at the end.
    priority: 3
    log:
        f"{TRIED}/logs/diagnosis-{DIAGNOSED}.log"
    params:
        given=json.dumps(SWITCHED)
    shell:
        NOTEBOOK


rule improvements:
    """What the report suspects, tried."""
    input:
        "notebooks/improvements.ipynb", NUMBERS, EXPERIMENTS, DATA,
        # Both train the two protocols that everything is compared with: one after the other.
        rules.diagnosis.output.notebook
    output:
        notebook=f"{TRIED}/notebooks/improvements-{DIAGNOSED}.ipynb"
    priority: 2
    log:
        f"{TRIED}/logs/improvements-{DIAGNOSED}.log"
    params:
        given=json.dumps({**SWITCHED, "bases": list(BASES)})
    shell:
        NOTEBOOK


rule heatmaps:
    """Figure 5 for one run."""
    input:
        "notebooks/heatmaps.ipynb", f"{RESULTS}/run-{{run}}.json",
        f"{RESULTS}/run-{{run}}-seed-{SHOWN['seed']}.npz"
    output:
        notebook=f"{RESULTS}/notebooks/heatmaps-{{run}}.ipynb"
    log:
        f"{RESULTS}/logs/heatmaps-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **SHOWN})
    shell:
        NOTEBOOK


rule learned:
    """What the networks of one run have learned."""
    input:
        "notebooks/learned.ipynb", f"{BASE}/corrected/run-{{run}}.json",
        [f"{BASE}/corrected/run-{{run}}-seed-{seed}.npz" for seed in CORRECTED["seeds"]]
    output:
        notebook=f"{BASE}/corrected/notebooks/learned-{{run}}.ipynb"
    log:
        f"{BASE}/corrected/logs/learned-{{run}}.log"
    params:
        given=lambda w: json.dumps({**SHOWN, "run_no": int(w.run), "protocol": "corrected"})
    shell:
        NOTEBOOK


checkpoint ranking:
    """Which runs are best by our numbers: option C takes them besides the report's."""
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS), "harlib/paper/tables.py"
    output:
        f"{RESULTS}/ranking.json"
    params:
        **{name: SHOWN[name] for name in ("data", "protocol", "results_dir")}
    shell:
        "{PYTHON} -m workflow.ranking --data={params.data:q} --protocol={params.protocol:q} "
        "--results-dir={params.results_dir:q} --output={output:q}"


def option_c_runs(wildcards):
    """Result files and notebooks of option C: runs 8 and 7, and the best two of ours."""
    runs = json.loads(Path(checkpoints.ranking.get().output[0]).read_text())["option_c"]
    return [f"{RESULTS}/{name}" for run_no in runs for name in (
        f"early-stopping-{run_no:02d}.json", f"notebooks/early-stopping-{run_no:02d}.ipynb")]


rule render:
    """Everything that the book shows, from result files."""
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS),
        expand(f"{RESULTS}/notebooks/run-{{run}}.ipynb", run=RUNS),
        option_c_runs,
        expand(f"{BASE}/corrected/run-{{run}}.json", run=RUNS),
        rules.diagnosis.output, rules.improvements.output,
        f"{RESULTS}/notebooks/heatmaps-08.ipynb",
        f"{BASE}/corrected/notebooks/learned-{protocol.HEADLINE:02d}.ipynb",
        PICTURES, PAGES, TABLES, RECORDS, "requirements.txt", "pyproject.toml"
    output:
        f"{BUILD}/source/generated/build.json"
    params:
        **SHOWN, bases=",".join(BASES)
    shell:
        "{PYTHON} -m book.generate.render --data={params.data:q} --data-dir={params.data_dir:q} "
        "--protocol={params.protocol:q} --results-dir={params.results_dir:q} "
        "--diagnosed-run={DIAGNOSED} --bases={params.bases} --output={BUILD:q}/source"


rule html:
    """The book; any warning is an error."""
    input:
        f"{BUILD}/source/generated/build.json"
    output:
        f"{HTML}/index.html"
    log:
        f"{BUILD}/html.log"
    shell:
        # Built beside the old one, which it replaces when it is whole.
        "rm -rf {BUILD:q}/html.new {BUILD:q}/doctrees; "
        "{PYTHON} -m sphinx -b html -W --keep-going -q -d {BUILD:q}/doctrees "
        "{BUILD:q}/source {BUILD:q}/html.new 2>&1 | tee {log:q} || {SPHINX_FAILED}; "
        "rm -rf {HTML:q}; mv {BUILD:q}/html.new {HTML:q}; echo 'The book: {HTML}/index.html'"


rule latex:
    """The same book as a PDF."""
    input:
        f"{BUILD}/source/generated/build.json"
    output:
        PDF
    log:
        f"{BUILD}/pdf.log"
    shell:
        "rm -rf {BUILD:q}/latex; "
        "{PYTHON} -m sphinx -b latex -W --keep-going -q -d {BUILD:q}/doctrees-latex "
        "{BUILD:q}/source {BUILD:q}/latex 2>&1 | tee {log:q} || {SPHINX_FAILED}; "
        "make -C {BUILD:q}/latex LATEXMKOPTS='-silent' >> {log:q} 2>&1 || "
        "{{ tail -n 20 {log:q}; exit 1; }}; "
        "mv {BUILD:q}/latex/harlib.pdf {output:q}; echo 'The book: {output}'"
