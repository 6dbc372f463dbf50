"""Numbers of tables and figures: those of the report, exactly; S1, S2, ... for all others.

Sphinx numbers tables and figures 1, 2, 3 in order of appearance. The report's
tables are numbered I to VIII and its figures 1 to 5, wherever this book shows
them; what the book adds must not shift them. So the numbers that Sphinx has
given out are replaced before anything is written. HTML reads them from the
environment; LaTeX counts for itself, and ``harlib_print`` tells it.
"""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FIGTYPES = ("table", "figure")


def assign_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Replace the numbers in ``env.toc_fignumbers``; no page needs to be read again for it.

    A table or figure node with the attribute ``report_number`` gets that number
    (text, such as ``"II"``), any other the next of S1, S2, ...
    """
    for figtype in FIGTYPES:
        in_order = sorted(
            (number, docname, node_id)
            for docname, numbers in env.toc_fignumbers.items()
            for node_id, number in numbers.get(figtype, {}).items()
        )
        supplementary = 0
        for _, docname, node_id in in_order:
            number = env.get_doctree(docname).ids[node_id].get("report_number")
            if number is None:
                supplementary += 1
                number = f"S{supplementary}"
            env.toc_fignumbers[docname][figtype][node_id] = (number,)
    return []


def setup(app: Sphinx) -> dict:
    # Sphinx gives its numbers out at the default priority of this event, 500.
    app.connect("env-get-updated", assign_numbers, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
