# %% [markdown]
# # The report's own suspicions
#
# Sections III and IV of the report name what may hold the network back: learning rate, momentum, a
# running average, batch size, initial weights, regularisation. Each is tried here, on the published
# protocol and on repaired ones. All accuracies are those of the last epoch.

# %% tags=["parameters"]
run_no = 2  # 1 to 8: a line of Table I
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
seeds = [42, 263, 682, 1, 2, 3, 4, 5, 6, 7, 8, 9]  # of the initial values; more decide more
epochs = 6  # passes over the training windows
bases = ["published", "repaired"]  # what is changed; also: corrected
dtype = "float32"  # or float64
loops = "auto"  # over the steps: numpy, compiled (needs a C compiler), or auto: which there is
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.experiments import protocol_steps, suspicions
from harlib.figures import style
from harlib.figures import training as figures
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables

given = parameters.check(
    globals(), "run_no", "data", "seeds", "epochs", "bases", "dtype", "loops",
    "results_dir",
)  # fmt: skip
bases = given.pop("bases")
style.use()

# %% [markdown]
# ## Training
#
# *Repaired* is the published protocol with one division by the steps instead of two, shuffled
# windows and a clipped gradient; nothing else.

# %%
given["results_dir"] = suspicions.folder(results_dir)
trained = protocol_steps.trained(suspicions.protocols(bases), **given)
data_title = tables.data_title(trained[protocol_steps.START.name])

# %% [markdown]
# ## Verdicts
#
# The intervals of the changes hold all together with 95 % (Welch's, each at the level that
# Bonferroni asks for), and the verdict is what an interval excludes: no change, or any that
# matters (`MATTERS`).

# %%
verdicts = suspicions.table(trained, bases)
caption = f"Run {run_no}, {epochs} epochs, {len(given['seeds'])} seeds, {data_title}"
Table(verdicts, caption)

# %%
figures.plot_changes(verdicts, data_title=caption)
