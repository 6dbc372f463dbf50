# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Benchmark
#
# Times one batch of training by this project, by a plain loop, and by two other libraries, in
# turns; then how the cost grows, memory, and the whole study. What comes out is the record `bench`,
# which the book's chapter "Performance" shows. `make bench` runs this notebook, and installs the
# other libraries in an environment of their own.

# %% tags=["parameters"]
run_no = 8  # 1 to 8: the run of Table I around which sizes are varied
rounds = 20  # measurements of each, in turns
epochs = 50  # of the whole study that is timed; 0: none is
jobs = 2  # runs that train at once in it
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib import bench_study, paths, performance
from harlib.figures import performance as figures
from harlib.figures import style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.storage import records

given = parameters.check(globals(), "run_no", "rounds", "epochs", "jobs", "results_dir")
style.use()

# %% [markdown]
# ## Measuring

# %%
python = paths.ROOT / ".venv-bench" / "bin" / "python"
content = bench_study.content(run_no, rounds=rounds, epochs=epochs, jobs=jobs, python=python)
records.write("bench", content, given["results_dir"])
record = records.read("bench", given["results_dir"])

# %% [markdown]
# ## One batch

# %%
Table(performance.targets(record.content), "Aims by (batch, units)", performance.number)

# %%
Table(performance.milliseconds(record.content), "Median (quartiles)", performance.number)

# %%
figures.plot_rates(record.content)
# %% [markdown]
# ## The parts of a batch

# %%
Table(performance.parts(record.content), "Milliseconds, median", performance.number)

# %% [markdown]
# ## How the cost grows

# %%
figures.plot_scaling(record.content)
# %%
Table(performance.slopes(record.content), "Exponents of the cost", performance.number)

# %% [markdown]
# ## Memory, and the whole study

# %%
Table(performance.memory(record.content), "Buffers of a training", performance.number)

# %%
Table(performance.study(record.content), "The study and its limit", performance.number)
