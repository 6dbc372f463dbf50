# %% [markdown]
# # What the trained network has learned
#
# Takes the networks that one run has trained, one from each seed, and looks at what they do with
# the test windows: whose windows they tell, how much of a window they need, what their hidden units
# hold before and after training, and which activities they confuse, and why.
#
# Nothing is trained here. The networks are those that `notebooks/run.ipynb` has written for the
# same run, data and protocol.

# %% tags=["parameters"]
run_no = 4  # 1 to 8: a line of Table I
data = "motionsense"  # motionsense, synthetic, or the path of an HDF5 file
protocol = "corrected"  # the decisions of training that Table I does not name
seed = 42  # the network whose hidden units and class scores are drawn
results_dir = "results"  # a relative path counts from the project's root

# %%
from harlib.analysis import confusions, hidden_units, networks, recognition
from harlib.data import load
from harlib.figures import networks as figures
from harlib.figures import style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.paper import tables
from harlib.runs import trained_network
from harlib.storage import results

given = parameters.check(globals(), "run_no", "data", "protocol", "seed", "results_dir")
style.use()

# %% [markdown]
# ## The networks

# %%
dataset = load(given["data"])
folder = results.Folder(given["results_dir"], given["data"], given["protocol"])
trained = networks.read(folder, run_no, dataset)
trained_network.check_seed(trained.result, seed)
data_title = tables.data_title(trained.result)
print(f"Run {run_no}, seeds {', '.join(map(str, trained.seeds))}, {data_title}")
print(trained.about_subjects())

# %% [markdown]
# ## Whose windows they tell
#
# The share of each activity's windows that is told, by the person who wore the sensor where the
# data says who that was.

# %%
Table(
    recognition.accuracy_by_subject(trained),
    f"Run {run_no}, {data_title}: test windows told, in %, mean over the seeds",
)

# %%
figures.plot_confusion_by_subject(trained, data_title=data_title)

# %% [markdown]
# ## How early they can tell
#
# The network gives an output at every step. Suppose that the window ended after `t` steps: the
# class would be read from the latest output, or from the outputs so far as the protocol takes its
# class scores.

# %%
figures.plot_accuracy_by_step(trained, data_title=data_title)

# %%
Table(
    recognition.how_early(trained),
    f"Run {run_no}, {data_title}: test windows told, in %, if only so much of them is "
    f"seen. {recognition.SETTLED_NOTE}",
)

# %% [markdown]
# ## Hidden units before and after training
#
# Above, the states of all units during one window, in the same order at both ends. Below, a point
# is the mean state of one test window.

# %%
wrong = confusions.examples(trained)
window = int(wrong.index[0]) if len(wrong) else 0
figures.plot_hidden(trained, seed, window, data_title=data_title)

# %%
Table(
    hidden_units.before_and_after(trained),
    f"Run {run_no}, {data_title}. {hidden_units.STATES_NOTE}",
)

# %% [markdown]
# ## What they confuse, and why
#
# The distance of two activities is measured on the signals alone, on the training windows; the
# network has no part in it. Where confusion is common and the distance small, the windows
# themselves are alike.

# %%
classes = confusions.describe(dataset)
pairs = confusions.pairs(trained, classes)
figures.plot_pairs(pairs, data_title=data_title)

# %%
Table(
    confusions.reasons(trained, classes),
    f"Run {run_no}, {data_title}: the most frequent mistakes. {confusions.NOTE}",
)

# %% [markdown]
# ## Windows that they get wrong
#
# At most one of each kind of mistake, those first on which most seeds agree.

# %%
figures.plot_examples(trained, wrong, seed, data_title=data_title)
