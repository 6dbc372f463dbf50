# %% [markdown]
# # Option C: a validation set and early stopping
#
# A tenth of the training windows, class by class, becomes a validation set. Training stops when
# the validation accuracy has not grown for `patience` epochs in a row; the epoch with the best
# validation accuracy is reported. The test windows decide nothing here.
#
# The split returns the training windows in a random order, so that the network never sees one
# class after the other, in whatever order the data has them.

# %% tags=["parameters"]
run_no = 8  # 1 to 8: a line of Table I; the report takes 8 and 7
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
protocol = "published"  # the decisions of training that Table I does not name
seeds = [42]  # of the initial values and of the split
max_epochs = 300  # upper bound, six times as many as a run of Table I has
patience = 30  # epochs in a row without improvement that end the training
min_delta = 1e-5  # percentage points that the accuracy must grow by to count
validation_fraction = 0.1  # part of the training windows that validates
dtype = "float32"  # or float64
loops = "auto"  # over the steps: numpy, compiled (needs a C compiler), or auto: which there is
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.figures import curves, networks, style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables
from harlib.runs import experiment

given = parameters.check(
    globals(), "run_no", "data", "protocol", "seeds", "max_epochs", "patience",
    "min_delta", "validation_fraction", "dtype", "loops", "results_dir",
)  # fmt: skip
style.use()

# %% [markdown]
# ## Training

# %%
result = experiment.early_stopping(**given)
data_title = tables.data_title(result)
seed = given["seeds"][0]

# %% [markdown]
# ## Loss and accuracy
#
# Dotted upright line: the epoch that is reported, with the best validation accuracy. Solid upright
# line: where training stopped.

# %%
curves.plot_run(result, seed, data_title=data_title)
# %% [markdown]
# ## Accuracy at the reported epoch
#
# The report prints such a table for run 8 (Table VI) and run 7 (Table VII).

# %%
Table(
    tables.option_c(result, seed),
    f"Run {run_no} with early stopping, seed {seed}, {data_title}, accuracy in %",
)

# %% [markdown]
# ## Confusion matrix of the test windows

# %%
networks.plot_confusion(result, seed, data_title=data_title)
