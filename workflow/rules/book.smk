# The book: what its pages show, gathered from result files, then HTML and PDF.

STAGE = (
    "{PYTHON:q} -m book.generate --data={params.data:q} --protocol={params.protocol:q} "
    "--results-dir={params.results_dir:q} --diagnosed-run={DIAGNOSED} --bases={params.bases} ")
SPHINX = (
    "{PYTHON:q} -m sphinx -b {params.builder} -W --keep-going -q "
    "-d {BUILD:q}/doctrees-{params.builder} {params.source:q} {BUILD:q}/{params.builder}.new 2>&1 "
    "| tee {log:q} || "
    "{{ echo 'error: Sphinx could not build the book: see its words above' >&2; exit 1; }}; ")


localrules:
    book, pdf, render, html, latex


rule book:
    input:
        f"{HTML}/index.html"


rule pdf:
    input:
        PDF


rule render:
    """Everything that the book shows, from result files."""
    input:
        expand(f"{RESULTS}/run-{{run}}.json", run=RUNS),
        expand(f"{RESULTS}/notebooks/run-{{run}}.ipynb", run=RUNS),
        option_c_runs,
        expand(f"{BASE}/corrected/run-{{run}}.json", run=RUNS),
        rules.diagnosis.output, rules.improvements.output, rules.people.output,
        f"{RESULTS}/notebooks/heatmaps-08.ipynb",
        f"{BASE}/corrected/notebooks/learned-{protocol.HEADLINE:02d}.ipynb",
        PAGES, "requirements.txt", "pyproject.toml"
    output:
        f"{BUILD}/source/generated/build.json"
    params:
        **SHOWN, bases=",".join(BASES)
    shell:
        STAGE + "--output={BUILD:q}/source"


rule html:
    """The book; any warning is an error."""
    input:
        f"{BUILD}/source/generated/build.json"
    output:
        f"{HTML}/index.html"
    log:
        f"{BUILD}/html.log"
    params:
        builder="html", source=f"{BUILD}/source"
    shell:
        # Built beside the old one, which it replaces when it is whole.
        "rm -rf {BUILD:q}/html.new {BUILD:q}/doctrees-html; " + SPHINX +
        "rm -rf {HTML:q}; mv {BUILD:q}/html.new {HTML:q}; echo 'The book: '{HTML:q}/index.html"


rule latex:
    """The same book as a PDF, with figures drawn for print."""
    input:
        f"{BUILD}/source/generated/build.json"
    output:
        PDF
    log:
        f"{BUILD}/pdf.log"
    params:
        builder="latex", source=f"{BUILD}/source-printed", **SHOWN, bases=",".join(BASES)
    shell:
        STAGE + "--printed --output={params.source:q}; rm -rf {BUILD:q}/latex.new; " + SPHINX +
        "make -C {BUILD:q}/latex.new LATEXMKOPTS='-silent' >> {log:q} 2>&1 || "
        "{{ tail -n 20 {log:q}; exit 1; }}; "
        "mv {BUILD:q}/latex.new/harlib.pdf {output:q}; echo 'The book: '{output:q}"
