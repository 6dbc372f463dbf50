"""harlib: a many-to-many tanh RNN for human activity recognition, and the report about it.

The network is what lies directly in this folder, with nothing but NumPy and SciPy:

- :mod:`harlib.plain_rnn`: the network straight from the equations, 40 lines; begin here;
- :mod:`harlib.rnn`: the same, fast: ``initial_values``, ``forward``, ``bptt``, ``predict``; the
  loops over the steps are in :mod:`harlib.buffers`;
- :mod:`harlib.protocol`, :mod:`harlib.job`: Table I, the switches of a training, the six classes;
- :mod:`harlib.inputs`, :mod:`harlib.augment`: what happens to a window before the network sees it;
- :mod:`harlib.train`, :mod:`harlib.optimisers`: the epoch loop and its steps;
- :mod:`harlib.metrics`, :mod:`harlib.seed_statistics`: accuracies, and what seeds say about them;
- :mod:`harlib.gradcheck`: checks a gradient; :mod:`harlib.errors`, :mod:`harlib.paths`.

Beneath it a room each, all of which may import the network:

- ``data`` reads data sets; ``storage`` is what lies on disk; ``compiled`` the loops in C;
- ``runs`` leads from data to result files (:func:`harlib.runs.experiment.run`);
- ``use`` loads a trained network and reads recordings for it;
- ``experiments`` compares protocols, ``analysis`` looks into trained networks, ``paper`` holds the
  printed numbers, ``figures`` draws, ``notebook`` gives notebooks their parameters.

Without looking for where things are, ``import harlib`` offers ``Network``, ``load_data``, ``RUNS``,
``PUBLISHED``, ``CORRECTED``, ``top_n_accuracy`` and ``confusion_matrix``; each is imported when it
is asked for. Not ``train``: that name is the module :mod:`harlib.train`, and whoever imports that
would have the module in place of the function. ``from harlib.train import train`` always holds.
"""

import importlib

_OFFERED = {
    "Network": "harlib.use.network.Network",
    "load_data": "harlib.data.load",
    "RUNS": "harlib.protocol.RUNS",
    "PUBLISHED": "harlib.protocol.PUBLISHED",
    "CORRECTED": "harlib.protocol.CORRECTED",
    "top_n_accuracy": "harlib.metrics.top_n_accuracy",
    "confusion_matrix": "harlib.metrics.confusion_matrix",
}


def __getattr__(name: str) -> object:
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, what = _OFFERED[name].rpartition(".")
    return getattr(importlib.import_module(module), what)


def __dir__() -> list[str]:
    return sorted({*globals(), *_OFFERED})
