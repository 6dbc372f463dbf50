# %% [markdown]
# # Benchmark
#
# Times one batch of training by this project, by a plain loop, and by two other libraries, in
# turns; then how the cost grows, and the whole study. What comes out is the record `bench`,
# which the book's chapter "Performance" shows. `make bench` runs this notebook in an environment of
# its own, into which it installs the other libraries.

# %% tags=["parameters"]
run_no = 8  # 1 to 8: the run of Table I around which sizes are varied
rounds = 20  # measurements of each, in turns
epochs = 50  # of the whole study that is timed; 0: none is
jobs = 2  # runs that train at once in it
results_dir = "results"  # a relative path counts from the project's root

# %%
from benchmarks import figures, report, study
from harlib.figures import style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.storage import records

given = parameters.check(globals(), "run_no", "rounds", "epochs", "jobs", "results_dir")
style.use()

# %% [markdown]
# ## Measuring

# %%
content = study.content(run_no, rounds=rounds, epochs=epochs, jobs=jobs)
records.write("bench", content, given["results_dir"])
record = records.read("bench", given["results_dir"])

# %% [markdown]
# ## One batch

# %%
Table(report.targets(record.content), "Aims by (batch, units)", report.number)

# %%
Table(report.milliseconds(record.content), "Median (quartiles)", report.number)

# %%
figures.plot_rates(record.content)
# %% [markdown]
# ## The parts of a batch

# %%
Table(report.parts(record.content), "Milliseconds, median", report.number)

# %% [markdown]
# ## How the cost grows

# %%
figures.plot_scaling(record.content)

# %% [markdown]
# ## The whole study

# %%
Table(report.study(record.content), "The study and its limit", report.number)
