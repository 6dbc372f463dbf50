# %% [markdown]
# # Heat maps of a trained network
#
# Shows what the hidden units of one trained network do during one test window, and its weights
# (Figure 5); then measures what the report only sees in such pictures.
#
# Nothing is trained here. The weights are those that `notebooks/run.ipynb` has written for the
# same run and seed, or, with `kind = "early-stopping"`, `notebooks/early_stopping.ipynb`.

# %% tags=["parameters"]
run_no = 7  # 1 to 8: a line of Table I
kind = "run"  # or early-stopping: which training of that run
seed = 42  # one of the seeds that it was trained from
window = 0  # number of a test window, from 0
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
protocol = "published"  # the decisions of training that Table I does not name
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.analysis import hidden_units, networks
from harlib.data import load
from harlib.figures import heatmaps, style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables
from harlib.runs import trained_network
from harlib.storage import results

given = parameters.check(
    globals(), "run_no", "kind", "seed", "window", "data", "protocol", "results_dir"
)
style.use()

# %% [markdown]
# ## The network and the window

# %%
dataset = load(given["data"])
folder = results.Folder(given["results_dir"], given["data"], given["protocol"])
result = trained_network.result(folder, run_no, dataset, kind)
params = trained_network.weights(folder, result, seed, kind)
x, true_class = trained_network.pick_test_window(dataset, window, result)
data_title = tables.data_title(result)
result["config"]

# %% [markdown]
# ## Heat maps
#
# From top to bottom: the hidden states at every step, then the weights. In the three panels of
# weights a column belongs to one unit: what it sends to the other units, what it gets from the
# three axes of the sensor, and what it sends to the classes. Zero has the colour of the page.

# %%
heatmaps.plot_heatmaps(
    result, params, networks.follow(params, x)[0][0], seed=seed, window=window,
    true_class=true_class, data_title=data_title, kind=kind,
)  # fmt: skip

# %% [markdown]
# ## How many units take part
#
# One window shows little, so the table counts over all test windows, for every seed of this run.
# Each unit is judged before training and at the epoch that is reported; the limits are below the
# table. A spectral radius below 1 means that what a state holds fades from step to step.

# %%
Table(
    hidden_units.by_seed(folder, result, dataset, kind),
    f"Run {run_no}, {data_title}. {hidden_units.UNITS_NOTE}",
)

# %% [markdown]
# ## Files

# %%
sorted(path.name for path in folder.path.glob(f"{kind}-{run_no:02d}*"))
