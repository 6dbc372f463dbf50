# %% [markdown]
# # Diagnosis
#
# Walks from the published protocol to the corrected one, one step at a time, and looks inside the
# training on the way. All accuracies are those of the last epoch, so nothing is chosen by looking
# at test windows.

# %% tags=["parameters"]
run_no = 2  # 1 to 8: a line of Table I
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
seeds = [42, 263, 682, 1, 2, 3, 4, 5, 6, 7, 8, 9]  # of the initial values; more decide more
epochs = 20  # passes over the training windows
dtype = "float32"  # or float64
loops = "auto"  # over the steps: numpy, compiled (needs a C compiler), or auto: which there is
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.experiments import inside_training, protocol_steps
from harlib.figures import style
from harlib.figures import training as figures
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables

given = parameters.check(
    globals(), "run_no", "data", "seeds", "epochs", "dtype", "loops", "results_dir"
)
style.use()

# %% [markdown]
# ## Training under every protocol
#
# Forwards, each step is added to those before it. Backwards, each alone is taken out of the
# corrected protocol. Results that are there already are read.

# %%
where = {"results_dir": protocol_steps.folder(results_dir)}
trained = protocol_steps.trained(protocol_steps.protocols(), **given | where)
data_title = tables.data_title(trained[protocol_steps.START.name])

# %% [markdown]
# ## The ladder
#
# Mean test Top-1 over the seeds, with its 95 % confidence interval, and the change. The intervals
# of the changes hold all together with 95 % (Welch's, each at the level that Bonferroni asks for),
# and the verdict is what an interval excludes: no change, or any that matters (`MATTERS`).

# %%
ladder = protocol_steps.table(trained)
caption = f"Run {run_no}, {epochs} epochs, {len(given['seeds'])} seeds, {data_title}"
Table(ladder, caption)

# %%
figures.plot_ladder(ladder, data_title=caption)

# %% [markdown]
# ## What the second division does
#
# The step that is taken is the learning rate over the steps, squared. Dividing once and making the
# learning rate as much smaller is the same thing. For a picture three seeds are enough.

# %%
few = {"seeds": given["seeds"][:3]}
divided = protocol_steps.trained(protocol_steps.DIVISIONS.values(), **given | where | few)
figures.plot_divisions(divided, data_title=data_title)

# %% [markdown]
# ## Inside the first epochs
#
# After every few batches the test windows are predicted. Where the windows lie in class order, with
# one division and without shuffling, the network says what it was shown last.

# %%
seen = inside_training.measure(**given)
figures.plot_within_epochs(inside_training.looks(seen), data_title=data_title)

# %% [markdown]
# ## The gradient, by step and layer
#
# Above: how long the term is that each step adds to the gradient of each weight matrix. Below: how
# much of the error of the last step is left at the steps before it.

# %%
figures.plot_gradients(*inside_training.gradients(seen), data_title=data_title)
