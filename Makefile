# Needs Python 3.11 or newer with venv and pip; everything else goes into .venv.
PYTHON ?= python3
DATA ?= motionsense
EPOCHS ?= 50
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
RESULTS ?= results
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := .venv-bench
INSTALL := -m pip install --quiet
# The option OPTION for the variable NAME, where it is given; the commands know what holds where not.
option = $(if $(filter-out undefined,$(origin $(2))),--$(1) "$($(2))")
STUDY = $(BIN)/python -m workflow.study --data "$(DATA)" --epochs "$(EPOCHS)" --results-dir "$(RESULTS)" \
	--jobs "$(JOBS)" $(call option,loops,LOOPS) $(call option,full,FULL) $(call option,profile,PROFILE)
PIN = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet --custom-compile-command "make lock"
# What a shell may hold that would have Python or pip take things from elsewhere, or put them there.
unexport PYTHONPATH PYTHONHOME PYTHONINSPECT PYTHONWARNINGS PIP_TARGET PIP_PREFIX PIP_ROOT PIP_DRY_RUN
export PIP_USER = 0
LATEX := texlive-xetex texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended latexmk tex-gyre fonts-freefont-otf

# What a command takes besides; anything else would be ignored, and the whole study might run.
STUDIES := DATA EPOCHS RESULTS JOBS LOOPS FULL PROFILE
TAKES_report := $(STUDIES)
TAKES_pdf := $(STUDIES)
TAKES_runs := $(STUDIES)
TAKES_sweep := CONFIG RESULTS JOBS PROFILE
TAKES_data := ARCHIVE
TAKES_bench := EPOCHS RESULTS JOBS ROUNDS
TAKES_peers := DATA RESULTS
TAKES_torture := NAMES SEED RESULTS
TAKES_verify := RUN KIND PROTOCOL DATA RESULTS
GOALS := $(or $(MAKECMDGOALS),help)
TAKEN := $(sort $(foreach goal,$(GOALS),$(TAKES_$(goal))))
# In a make that this one calls, the variables are not of its own command line.
ifeq ($(MAKELEVEL),0)
$(foreach name,$(filter-out PYTHON VENV BIN READY,$(.VARIABLES)),$(if $(filter command,$(origin $(name))),\
	$(if $(filter $(name),$(TAKEN)),,$(error make $(GOALS) takes no $(name): allowed are $(or $(TAKEN),none)))\
	$(if $(strip $($(name))),,$(error $(name) is empty: give it a value, or leave it out))))
endif

.PHONY: help setup report pdf runs sweep cluster test lint data bench peers torture verify audit lab lock clean

help:  ## list the commands
	@awk -F ':.*## *' '/^[a-z]+:.*##/ { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  %s\n' "DATA=motionsense|synthetic|FILE.h5  EPOCHS=50  JOBS=2  RESULTS=results  LOOPS=auto|numpy|compiled  FULL=1"
	@echo "  CONFIG=workflow/sweeps/example.yml  PROFILE=workflow/profiles/slurm"

setup: $(READY)  ## make .venv with the pinned requirements

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V); set PYTHON=..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(INSTALL) --require-hashes --requirement requirements.txt
	$(BIN)/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

report: setup  ## run the whole study and build the book
	@$(STUDY) book

pdf: setup  ## build the same book as a PDF, where LaTeX is installed
	@for tool in xelatex latexmk; do command -v $$tool >/dev/null || { \
		echo "error: $$tool is missing: make pdf needs LaTeX, on Debian: apt-get install $(LATEX)"; exit 2; }; done
	@$(STUDY) pdf

runs: setup  ## run the eight runs, without the book
	@$(STUDY) runs

sweep: setup  ## run every configuration of a sweep file; one table
	@$(STUDY) --sweep "$(or $(CONFIG),workflow/sweeps/example.yml)" sweep

cluster: setup  ## install what submits jobs to Slurm
	$(BIN)/python $(INSTALL) --require-hashes --requirement workflow/requirements-slurm.txt

test: setup  ## run the tests
	@$(BIN)/python -m pytest -n auto

lint: setup  ## check the style of code and notebooks
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

data: setup  ## make data/motionsense.h5 anew from the original archive: ARCHIVE=its.zip, or else its download (72 MB)
	@$(BIN)/python -m workflow.make_data $(call option,archive,ARCHIVE)

bench: setup  ## time the network against a plain loop, PyTorch and JAX
	@$(MAKE) --no-print-directory $(BENCH)/.bench-ready || echo "PyTorch and JAX could not be installed: their rows stay empty"
	@python=$(BENCH)/bin/python; test -e $(BENCH)/.bench-ready || python=$(BIN)/python; \
		$$python -m harlib.notebook.run_notebook notebooks/bench.ipynb "$(RESULTS)/notebooks/bench.ipynb" "$(RESULTS)/logs/bench.log" \
		'{"epochs": $(EPOCHS), "jobs": $(JOBS), "rounds": $(or $(ROUNDS),20), "results_dir": "$(RESULTS)"}'

# An environment of its own, so that .venv stays as it is.
$(BENCH)/.bench-ready: requirements.txt workflow/requirements-bench.txt
	@$(MAKE) --no-print-directory VENV=$(BENCH) setup
	$(BENCH)/bin/python $(INSTALL) --requirement workflow/requirements-bench.txt
	@touch $@

torture: setup  ## try to break it, at length: NAMES="one or another" for some of the attacks
	@$(BIN)/python -m pytest tests/faults -m "long or not long" -k "$(NAMES)" --hypothesis-profile=many \
		--hypothesis-seed="$(or $(SEED),$(shell date +%s))" --record="$(RESULTS)"

audit: setup  ## check the pinned packages: hashes, licences, known vulnerabilities
	@$(BIN)/python -c 'import requests; requests.get("https://api.osv.dev", timeout=30)' 2>/dev/null || \
		{ echo "known vulnerabilities: not checked, api.osv.dev cannot be reached"; exit 0; }; \
	$(BIN)/python $(INSTALL) pip-audit pip-licenses && $(BIN)/pip-licenses --summary && \
	$(BIN)/pip-audit --vulnerability-service osv --require-hashes --disable-pip --requirement requirements.txt

verify: setup  ## compute RUN=7 anew and compare all bytes with its result files
	@$(BIN)/python -m workflow.verify --data "$(DATA)" --results-dir "$(RESULTS)" \
		$(call option,run,RUN) $(call option,kind,KIND) $(call option,protocol,PROTOCOL)

peers: $(BENCH)/.bench-ready  ## train a CNN and an LSTM of PyTorch on the same windows (about an hour); goes on where it was
	@$(BENCH)/bin/python -m benchmarks.peers.train --data "$(DATA)" --results-dir "$(RESULTS)"

lab: setup  ## open Jupyter Lab on the notebooks
	@# The plugin that asks whether to fetch news, and looks for updates.
	@$(BIN)/jupyter labextension disable --level sys_prefix "@jupyterlab/apputils-extension:announcements" 2>/dev/null || true
	@$(BIN)/jupyter lab notebooks

lock: setup  ## pin the requirements anew from pyproject.toml
	@$(BIN)/python $(INSTALL) uv
	@$(PIN) pyproject.toml --extra study --extra test --no-strip-extras --output-file requirements.txt
	@$(PIN) --group pyproject.toml:slurm --constraint requirements.txt --output-file workflow/requirements-slurm.txt

clean:  ## remove results, the built book and caches; .venv and data stay
	rm -rf results book/_build .snakemake .pytest_cache .ruff_cache
