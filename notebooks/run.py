# %% [markdown]
# # One run of Table I
#
# Trains the network of one of the eight runs, once from each seed, and shows what it gives
# beside the published numbers.
#
# Change a value in the next cell and run the notebook again, or give it from a terminal:
# `papermill notebooks/run.ipynb -p run_no 3 -p epochs 10`.

# %% tags=["parameters"]
run_no = 7  # 1 to 8: a line of Table I
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
protocol = "published"  # the decisions of training that Table I does not name
seeds = [42, 263, 682]  # of the initial values
epochs = 50  # passes over the training windows; 0: initial evaluation only
dtype = "float32"  # or float64
loops = "auto"  # over the steps: numpy, compiled (needs a C compiler), or auto: which there is
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.figures import curves, style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables
from harlib.runs import experiment

given = parameters.check(
    globals(), "run_no", "data", "protocol", "seeds", "epochs", "dtype", "loops", "results_dir"
)
style.use()

# %% [markdown]
# ## Training
#
# Every epoch goes through the training windows once; after it, and once before the first, all
# training and test windows are evaluated.

# %%
result = experiment.run(**given)
data_title = tables.data_title(result)

# %% [markdown]
# ## Loss and accuracy
#
# The dotted upright line is the epoch whose figures are reported: the one with the best test
# Top-1 accuracy. That is selection on the test set, as in the published study.

# %%
curves.plot_run(result, given["seeds"][0], data_title=data_title)
# %% [markdown]
# ## This run's rows of Tables II to V
#
# Mean and population standard deviation over the seeds, in percent. The published figures come
# from the course's data set; what is re-computed comes from the data named in the caption.

# %%
Table(tables.run_rows(result), f"Run {run_no}, {data_title}, accuracy in %")
