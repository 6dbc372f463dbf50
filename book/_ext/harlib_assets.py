"""What the pages load: mathematics from the book's own files, and nothing from elsewhere.

MathJax comes from the package ``django-static-mathjax``: the unmodified static
files of MathJax 3.2.2 and their licence, without code. Of its files the book
takes one: ``tex-svg-full.js`` holds the TeX reader, all its extensions and the
outlines of every glyph, so that no page ever asks for a second file or a font.
Sphinx's default is MathJax 4 from a content delivery network, whose font and
speech parts are fetched one by one.
"""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

FOLDER = "mathjax"
SCRIPT = "tex-svg-full.js"


def configure(app: Sphinx, config: Config) -> None:
    """Point Sphinx at the local script; leave out every part that would load another."""
    config.mathjax_path = f"{FOLDER}/{SCRIPT}"
    config.mathjax3_config = {
        "svg": {"fontCache": "local"},
        # The context menu loads speech components on demand. Screen readers
        # still get MathML, which the script adds beside each formula.
        "options": {"enableMenu": False, "enableAssistiveMml": True},
    }


def copy_mathjax(app: Sphinx) -> None:
    """Copy the script and its licence to the book's static files."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", FOLDER)
    target.mkdir(parents=True, exist_ok=True)
    package = files("mathjax") / "static" / "mathjax"
    for source in (package / "es5" / SCRIPT, package / "LICENSE"):
        with as_file(source) as path:
            shutil.copyfile(path, target / path.name)


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
