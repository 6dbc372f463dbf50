"""Sphinx configuration of the book.

The book computes nothing. It is built from a staged copy of this folder, in
which ``generated/`` holds what the study has written (see ``_ext/harlib_book.py``
for tables and figures); every path below counts from this file.
"""

import html
import json
import sys
from importlib.resources import files
from pathlib import Path

from sphinx.errors import ConfigError

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))


def generated(name: str) -> dict:
    """A JSON object that the study has written for the book."""
    try:
        return json.loads((HERE / "generated" / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"no generated/{name} beside conf.py: the book is built by `make report`, "
            f"which stages this folder with the results of the study"
        ) from None


build = generated("build.json")
data_title, protocol = (html.escape(build[key]) for key in ("data_title", "protocol"))
warning = html.escape(build.get("warning", ""))
values = generated("values.json")

project = "harlib"
today = f"Made from {build['data_title']}"  # on the PDF's title page, in place of a date
author = "the harlib contributors"
extensions = ["myst_nb", "sphinx_design", "harlib_book", "harlib_numbers", "harlib_print"]

exclude_patterns = ["_build", "parts", "**/.ipynb_checkpoints"]

# Pages and notebooks. Notebooks come executed; the book never runs one.
nb_execution_mode = "off"
nb_merge_streams = True  # the lines of a progress bar are one output
nb_ipywidgets_js = {}  # would be loaded from elsewhere
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath", "substitution"]
myst_substitutions = values
# Section titles can be linked to by their own words: [](#early-stopping).
myst_heading_anchors = 3

# TABLE II, Fig. 1, Section 3.2; see _ext/harlib_numbers.py.
numfig = True
numfig_secnum_depth = 0
numfig_format = {"table": "TABLE %s", "figure": "Fig. %s", "section": "Section %s"}
math_numfig = True
math_eqref_format = "({number})"

# Mathematics from the book's own files: nothing is loaded from elsewhere. The package
# django-static-mathjax holds the unmodified files of MathJax 3.2.2 without code. The book takes one
# of them, and the licence: it has the TeX reader, all its extensions and the outlines of every
# glyph, so that no page asks for a second file or a font, as with MathJax 4, the default of Sphinx.
MATHJAX = files("mathjax") / "static" / "mathjax"
mathjax_path = "tex-svg-full.js"
mathjax3_config = {
    "svg": {"fontCache": "local"},
    # The menu loads speech on demand; screen readers get the MathML beside each formula.
    "options": {"enableMenu": False, "enableAssistiveMml": True},
}

# HTML
html_theme = "sphinx_book_theme"
html_title = "harlib"
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_static_path = ["_static", str(MATHJAX / "es5/tex-svg-full.js"), str(MATHJAX / "LICENSE")]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
html_show_sphinx = False
html_use_index = False  # the glossary is the index
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is, until switched
html_last_updated_fmt = None  # the same results give the same bytes, whatever the day
html_theme_options = {
    "logo": {"text": "harlib", "alt_text": "harlib"},
    "announcement": f"Every number and figure here is made from {data_title}."
    + (f" <strong>{warning}</strong>" if warning else ""),
    "navbar_persistent": [],  # the sidebar has the search field already
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "toc_title": "On this page",
    "extra_footer": f"<p>Made from {data_title}, protocol <q>{protocol}</q>.</p>",
}

# PDF
latex_engine = "xelatex"
latex_use_xindy = False  # makeindex comes with every LaTeX
latex_documents = [
    (
        "index",
        "harlib.tex",
        "A published recurrent network for activity recognition, run again",
        "The harlib contributors",
        "manual",
    )
]
latex_show_urls = "footnote"
latex_table_style = ["booktabs"]
latex_elements = {
    "papersize": "a4paper",
    "pointsize": "10pt",
    "figure_align": "htbp",
    "extraclassoptions": "openany,oneside",
    "fncychap": "",
    "printindex": "",  # the glossary is the index
    "preamble": r"\usepackage{adjustbox}",
}
