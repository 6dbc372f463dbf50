"""The page "Try it" by itself, without a built book, and with untrained networks."""

import base64
import json
import re
import shutil
from pathlib import Path

import numpy as np

from book.generate.pages import try_it
from harlib import paths, rnn
from harlib.inputs import prepare
from harlib.protocol import RUNS
from harlib.runs import experiment

SCRIPTS = ("network.js", "recording.js", "try_it.js", "try_it.css")


def make(folder: Path, dataset) -> dict:
    """Write ``folder/try_it.html`` and what belongs to it; returns the script's data."""
    for protocol in try_it.PROTOCOLS:
        experiment.run(
            try_it.RUN,
            protocol=protocol,
            seeds=(42,),
            epochs=0,
            results_dir=str(folder / "results"),
        )
    networks = try_it.read(dataset, str(folder / "results"), dataset.name, 42)
    content = try_it.data(dataset, networks)
    static = folder / "_static"
    static.mkdir()
    for name in SCRIPTS:
        shutil.copy(paths.ROOT / "book" / "_static" / name, static)
    (static / "try_it_data.js").write_text(f"const TRY_IT = {json.dumps(content)};")
    text = (paths.ROOT / "book" / "try_it.md").read_text("utf-8")
    parts = re.findall(r"```\{raw\} html\n(.*?)```", text, re.DOTALL)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">'
    (folder / "try_it.html").write_text(head + "<title>Try it</title>" + "\n".join(parts))
    return content


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float64)


def parameters(network: dict) -> rnn.Parameters:
    """The weights that the script has, in float64, in which it computes."""
    shapes = rnn.shapes(RUNS[try_it.RUN].hidden_units, 3, 6)
    return {name: decoded(network[name]).reshape(shape) for name, shape in shapes.items()}


def scores(network: dict, window: dict, off: list[int] = ()) -> list[float]:
    """The class scores of a window by NumPy; units ``off`` give nothing to anything."""
    params = parameters(network)
    params["W_aa"][:, off] = params["W_ya"][:, off] = 0
    raw = decoded(window["x"]).reshape(-1, 1, 3)
    x = prepare(raw, {**network, "input_average": 1})
    rules = {"output": network["output"], "scores_from": network["scores_from"]}
    return rnn.predict(params, x, np.zeros(1, int), **rules)[0][0].tolist()
