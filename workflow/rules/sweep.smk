# A sweep: each configuration of its file, then one table.

from workflow import sweep as sweep_files

SWEPT = sweep_files.read(paths.resolve(config["sweep"]), config["results_dir"])
SWEEP = paths.shown(SWEPT.root)
# Every configuration by its result file, whose path says which it is.
ASKED = {paths.shown(one.result): one for one in SWEPT.configurations}
SWEPT_DATA = {paths.data_label(one.data): one for one in SWEPT.configurations}
RESULT = f"{SWEEP}/epochs={{epochs}}/dtype={{dtype}}/{{label}}/{{protocol}}/run-{{run}}.json"

# In a job of several configurations, `--group-components configuration=8`, one at a time.
resource_scopes:
    turn="local"


localrules:
    sweep, table, swept_data


wildcard_constraints:
    epochs="[0-9]+",
    dtype="[a-z0-9]+",
    label="[^/]+",
    protocol="[^/]+"


rule sweep:
    """All of it: a result that is gone is made anew, although the table is there."""
    input:
        f"{SWEEP}/table.csv", list(ASKED)


rule table:
    """All configurations in one table."""
    input:
        config["sweep"], list(ASKED), "workflow/sweep_table.py"
    output:
        f"{SWEEP}/table.csv"
    shell:
        "{PYTHON:q} -m workflow.sweep_table {config[sweep]:q} {config[results_dir]:q} {output:q}"


rule swept_data:
    """Read and check a data set once, before it is trained on."""
    input:
        lambda w: [SWEPT_DATA[w.label].data] if paths.is_path(SWEPT_DATA[w.label].data) else []
    output:
        f"{SWEEP}/data/{{label}}.json"
    params:
        data=lambda w: SWEPT_DATA[w.label].data
    shell:
        DESCRIBE


rule configuration:
    """One run from every seed; one whose training diverges says so in its result file."""
    input:
        NUMBERS, f"{SWEEP}/data/{{label}}.json"
    output:
        update(RESULT)
    log:
        RESULT.replace(".json", ".log")
    params:
        given=lambda w: json.dumps(vars(ASKED[RESULT.format(**w)]))
    group:
        "configuration"
    resources:
        turn=1
    shell:
        "{PYTHON:q} -m workflow.configuration {params.given:q} > {log:q} 2>&1 || "
        "{{ tail -n 1 {log:q} >&2; exit 1; }}"
