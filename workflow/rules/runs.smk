# The data, the eight runs under both protocols, option C, and what is looked at in trained networks.

# Short, or in need of what a cluster's node may not have: never sent to one.
localrules:
    data, runs, ranking

# Asked for the runs of the corrected protocol alone, they are made as asked.
ruleorder: run > corrected


rule data:
    """Read and check the data once, before the runs do."""
    input:
        sorted(files("harlib/data", ".py")), files("data", ".h5"),
        GIVEN["data"] if paths.is_path(GIVEN["data"]) else []
    output:
        DATA
    params:
        data=GIVEN["data"]
    shell:
        DESCRIBE


rule runs:
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS)


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
    priority: 2
    log:
        f"{RESULTS}/logs/run-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **GIVEN})
    shell:
        NOTEBOOK


use rule run as corrected with:
    output:
        result=update(f"{BASE}/corrected/run-{{run}}.json"),
        timing=update(f"{BASE}/corrected/run-{{run}}.timing.json"),
        notebook=f"{BASE}/corrected/notebooks/run-{{run}}.ipynb",
        # Of every run at least these; the run of the headline has more seeds.
        weights=[update(f"{BASE}/corrected/run-{{run}}-seed-{s}.npz") for s in GIVEN["seeds"]],
    priority: 1
    log:
        f"{BASE}/corrected/logs/run-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **CORRECTED, "seeds":
            with_more(protocol.HEADLINE_SEEDS) if FULL or int(w.run) == protocol.HEADLINE
            else GIVEN["seeds"]})


use rule run as early_stopping with:
    input:
        "notebooks/early_stopping.ipynb", NUMBERS, DATA
    output:
        result=update(f"{RESULTS}/early-stopping-{{run}}.json"),
        timing=update(f"{RESULTS}/early-stopping-{{run}}.timing.json"),
        notebook=f"{RESULTS}/notebooks/early-stopping-{{run}}.ipynb",
    log:
        f"{RESULTS}/logs/early-stopping-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **STOPPING})


rule heatmaps:
    """Figure 5 for one run."""
    input:
        "notebooks/heatmaps.ipynb", f"{RESULTS}/run-{{run}}.json",
        f"{RESULTS}/run-{{run}}-seed-{SEED}.npz"
    output:
        notebook=f"{RESULTS}/notebooks/heatmaps-{{run}}.ipynb"
    log:
        f"{RESULTS}/logs/heatmaps-{{run}}.log"
    params:
        given=lambda w: json.dumps({"run_no": int(w.run), **SHOWN})
    shell:
        NOTEBOOK


use rule heatmaps as learned with:
    input:
        "notebooks/learned.ipynb", f"{BASE}/corrected/run-{{run}}.json",
        [f"{BASE}/corrected/run-{{run}}-seed-{seed}.npz" for seed in GIVEN["seeds"]]
    output:
        notebook=f"{BASE}/corrected/notebooks/learned-{{run}}.ipynb"
    log:
        f"{BASE}/corrected/logs/learned-{{run}}.log"
    params:
        given=lambda w: json.dumps({**SHOWN, "run_no": int(w.run), "protocol": "corrected"})


checkpoint ranking:
    """Which runs are best by our numbers: option C takes them besides the report's."""
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS), "harlib/paper/tables.py"
    output:
        f"{RESULTS}/ranking.json"
    priority: 5
    params:
        **SHOWN
    shell:
        "{PYTHON:q} -m workflow.ranking {params.results_dir:q} {params.data:q} {params.protocol:q} {output:q}"


def option_c_runs(wildcards):
    """Result files and notebooks of option C: runs 8 and 7, and the best two of ours."""
    runs = json.loads(Path(checkpoints.ranking.get().output[0]).read_text())["option_c"]
    return [f"{RESULTS}/{name}" for run_no in runs for name in (
        f"early-stopping-{run_no:02d}.json", f"notebooks/early-stopping-{run_no:02d}.ipynb")]
