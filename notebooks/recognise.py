# %% [markdown]
# # What was somebody doing?
#
# A trained network reads the recording of a phone. It knows six activities, and one place: a phone
# in a trouser pocket. Of anything else it says one of the six.
#
# The recording that comes with the project is of one person whom the network has never seen: 16 s
# of each activity, cut from six recordings and **joined**, for in MotionSense each recording is of
# one activity. Your own is a file of phyphox (*Acceleration with g*), of Sensor Logger
# (`TotalAcceleration.csv`), or any table with the columns `t`, `x`, `y`, `z`.

# %% tags=["parameters"]
recording = "data/recordings/six-activities.csv"  # a relative path counts from the project's root
unit = "auto"  # auto, g, m/s2
sampling_rate = 0  # rows a second, where the file has no times; 0: from the times
run_no = 4  # 1 to 8: a line of Table I
protocol = "corrected"  # the decisions of training that Table I does not name
seed = 42  # the network of this seed
results_dir = "data/networks"  # where networks are; results: those that were trained here

# %%
from harlib import Network
from harlib.figures import recognised, style
from harlib.notebook import parameters
from harlib.notebook.table import Table
from harlib.use import NONE, SURE, told_right

given = parameters.check(
    globals(), "recording", "unit", "sampling_rate", "run_no", "protocol", "seed", "results_dir"
)  # fmt: skip
style.use()

# %% [markdown]
# ## The network and the recording

# %%
network = Network.load(
    given["results_dir"], run_no=given["run_no"], seed=given["seed"], protocol=given["protocol"]
)
print(network)
read = network.read(given["recording"], unit=given["unit"], sampling_rate=given["sampling_rate"])
print(read)

# %% [markdown]
# ## What it recognised
#
# The recording is cut into windows of 3 s, as the network was trained on. It gives an answer at
# every step of a window: the scores below begin anew with each one, and settle.

# %%
told = network.recognise(read)
recognised.plot_recording(read, told, network)

# %%
seconds = (told["to (s)"] - told["from (s)"]).groupby(told["activity"]).sum()
Table(seconds.to_frame("Seconds"), "How long each activity was recognised.")

# %% [markdown]
# ## When it says "none of these"
#
# Where no score reaches the limit below the answer is *none of these*. It was chosen on the
# training windows, of which nearly all that are told right score more; the test windows had no part
# in it.
#
# It catches some of the mistakes, and windows in which the activity changes. It does **not** catch
# what the network has never met: a phone that lies on a table scores nearly 1 for *sitting*.

# %%
sure = told.loc[told["activity"] != NONE]
f"{len(told) - len(sure)} of {len(told)} windows have no score of {SURE} or more"

# %% [markdown]
# ## How much of it is right
#
# If the recording has a column `activity`, that is the truth; of a window in which it changes, what
# takes most of it.

# %%
right = told_right(told)
Table(
    right,
    f"{right['Right'].sum()} of {right['Windows'].sum()} windows of known activity are right. "
    "Rows: the truth; columns: what they were taken for.",
)
