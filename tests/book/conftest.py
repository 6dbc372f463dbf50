"""A browser, and the page "Try it" by itself: without a built book, with untrained networks."""

import json
import re
import shutil

import pytest

from book.generate.pages import try_it
from harlib import data, paths
from harlib.runs import experiment

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """Chromium; who asks for it is skipped where there is none."""
    reason = "the package playwright is missing"
    sync_api = pytest.importorskip("playwright.sync_api", reason=reason)
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the path")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable)
        yield running
        running.close()


@pytest.fixture(scope="module")
def try_it_page(tmp_path_factory):
    """The folder of ``try_it.html`` and what belongs to it, and the data of its script."""
    folder, dataset = tmp_path_factory.mktemp("page"), data.load("motionsense")
    results = str(folder / "results")
    for protocol in try_it.PROTOCOLS:
        experiment.run(try_it.RUN, protocol=protocol, seeds=(42,), epochs=0, results_dir=results)
    networks = try_it.read(dataset, results, dataset.name, 42)
    content = try_it.data(dataset, networks)
    static = shutil.copytree(paths.ROOT / "book" / "_static", folder / "_static")
    (static / "try_it_data.js").write_text(f"const TRY_IT = {json.dumps(content)};")
    text = (paths.ROOT / "book" / "try_it.md").read_text("utf-8")
    parts = re.findall(r"```\{raw\} html\n(.*?)```", text, re.DOTALL)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">'
    (folder / "try_it.html").write_text(head + "<title>Try it</title>" + "\n".join(parts))
    return folder, content
