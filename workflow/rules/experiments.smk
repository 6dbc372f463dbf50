# Protocols against each other: single switches turned, and what the report suspects, tried.

EXPERIMENTS = sorted(files("harlib/experiments", ".py"))


rule diagnosis:
    """From the published protocol to the corrected one, a step at a time."""
    input:
        "notebooks/diagnosis.ipynb", NUMBERS, EXPERIMENTS, DATA
    output:
        notebook=f"{TRIED}/notebooks/diagnosis-{DIAGNOSED}.ipynb",
        inside=f"{TRIED}/inside-{DIAGNOSED}.json",
    # The longest chain of jobs: begun first, it does not leave a core idle at the end.
    priority: 4
    log:
        f"{TRIED}/logs/diagnosis-{DIAGNOSED}.log"
    params:
        given=json.dumps(LADDER)
    shell:
        NOTEBOOK


use rule diagnosis as people with:
    input:
        "notebooks/people.ipynb", NUMBERS, EXPERIMENTS, DATA
    output:
        notebook=f"{BASE}/corrected/notebooks/people-{protocol.HEADLINE:02d}.ipynb"
    priority: 2
    log:
        f"{BASE}/corrected/logs/people-{protocol.HEADLINE:02d}.log"
    params:
        given=json.dumps({**CORRECTED, "run_no": protocol.HEADLINE, "seeds": [SEED]})


use rule diagnosis as improvements with:
    input:
        "notebooks/improvements.ipynb", NUMBERS, EXPERIMENTS, DATA
    output:
        notebook=f"{SUSPECTED}/notebooks/improvements-{DIAGNOSED}.ipynb"
    priority: 3
    log:
        f"{SUSPECTED}/logs/improvements-{DIAGNOSED}.log"
    params:
        given=json.dumps({**TRIALS, "bases": list(BASES)})
