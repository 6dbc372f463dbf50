# %% [markdown]
# # Every person unseen once
#
# Deals all people of a data set into six groups and trains one run six times, each time without
# one group. So every person is recognised by a network that has never seen him or her.

# %% tags=["parameters"]
run_no = 4  # 1 to 8: a line of Table I
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file that names its people
protocol = "corrected"  # the decisions of training that Table I does not name
seeds = [42]  # of the initial values
epochs = 50  # passes over the training windows; 0: initial evaluation only
dtype = "float32"  # or float64
loops = "auto"  # over the steps: numpy, compiled (needs a C compiler), or auto: which there is
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.analysis import networks, recognition
from harlib.data import load
from harlib.experiments import unseen_people
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables

given = parameters.check(
    globals(), "run_no", "data", "protocol", "seeds", "epochs", "dtype", "loops", "results_dir"
)  # fmt: skip

# %% [markdown]
# ## Training, once without each group

# %%
trained = unseen_people.train(**given)
groups = [networks.read(folder, run_no, dataset) for folder, dataset in trained]

# %% [markdown]
# ## Whom the network tells, and what
#
# A row a person, none of whose windows the network was trained on.

# %%
data_title = tables.data_title({"data": load(given["data"]).describe()})
Table(
    recognition.accuracy_of_people(groups),
    f"Run {run_no}, {data_title}: windows of unseen people told, in %",
)
