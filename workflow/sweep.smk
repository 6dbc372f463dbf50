# A sweep: its jobs, then one table. `make sweep` calls it through workflow/run_sweep.py, which
# expands the sweep file into the plan that is read here. One BLAS thread a job.

import json
import sys
from pathlib import Path

from harlib import paths

PYTHON = sys.executable
PLAN = Path(config["plan"])
ROOT = PLAN.parent
JOBS = json.loads(PLAN.read_text(encoding="utf-8"))["jobs"]
# Each data set by its label, and where it lies.
DATA = {
    paths.data_label(one["data"]): (one["data"], one["data_dir"])
    for configurations in JOBS.values() for one in configurations
}

shell.prefix(
    "set -euo pipefail; export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1; ")


localrules:
    table, data


wildcard_constraints:
    job="[0-9a-f]{16}"


rule table:
    """All configurations in one table."""
    input:
        expand(f"{ROOT}/jobs/{{job}}.json", job=JOBS)
    output:
        f"{ROOT}/table.csv"
    params:
        sweep=config["sweep"], results_dir=config["results_dir"]
    shell:
        "{PYTHON} -m workflow.sweep_table {params.sweep:q} {params.results_dir:q} {output:q}"


rule data:
    """Read and check a data set once, before the jobs do."""
    output:
        f"{ROOT}/data/{{label}}.json"
    params:
        data=lambda w: DATA[w.label][0], data_dir=lambda w: DATA[w.label][1]
    shell:
        "{PYTHON} -m harlib.data.describe --data={params.data:q} --data-dir={params.data_dir:q} "
        "--output={output:q}"


rule job:
    """Some configurations, one after the other."""
    input:
        lambda w: sorted({f"{ROOT}/data/{paths.data_label(one['data'])}.json"
            for one in JOBS[w.job]})
    output:
        f"{ROOT}/jobs/{{job}}.json"
    log:
        f"{ROOT}/logs/{{job}}.log"
    shell:
        "{PYTHON} -m workflow.sweep_job {PLAN:q} {wildcards.job} {output:q} > {log:q} 2>&1 || "
        "{{ tail -n 1 {log:q} >&2; exit 1; }}"
