"""Whatever papermill is given, every notebook takes it or refuses it in one line, before any work.

Papermill itself only warns about a name that a notebook does not have. The notebooks are found by
their folder, so one that is added is tested too. What runs here is the beginning of the notebook as
papermill parameterises it, up to its check; tests/test_notebooks.py runs it through a kernel.
"""

import ast

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from harlib import paths
from harlib.errors import UserError
from harlib.notebook import parameters

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
SOURCES = {path: load_notebook_node(str(path)) for path in NOTEBOOKS}
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def begin(path, given: dict) -> dict:
    """Run a notebook up to its check of the parameters; returns what the check returned.

    Before it there are only the parameters; nothing is read, written or trained.
    """
    space: dict = {"In": [""], "parameters": parameters}
    for cell in parameterize_notebook(SOURCES[path], given).cells:
        if cell.cell_type != "code":
            continue
        space["In"].append(cell.source)
        statements = ast.parse(cell.source).body
        checks = [s for s in statements if "parameters.check(" in ast.unparse(s)]
        if checks:
            before = statements[: statements.index(checks[0])]
            assert all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in before)
            exec(compile(ast.Module([checks[0]], []), str(path), "exec"), space)
            return space["given"]
        assert {"parameters", "injected-parameters"} & set(cell.metadata.tags)
        exec(compile(cell.source, str(path), "exec"), space)
    raise AssertionError(f"{path} does not check its parameters")


def names(path) -> tuple[str, ...]:
    return tuple(begin(path, {}))


@every_notebook
def test_the_check_knows_all_the_parameters_and_only_those(path):
    (cell,) = [c for c in SOURCES[path].cells if "parameters" in c.metadata.get("tags", [])]
    assigned = [t.id for s in ast.parse(cell.source).body for t in s.targets]
    assert sorted(assigned) == sorted(names(path))


# As a notebook or ``papermill -f file.yaml`` can give them.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner,
                                                                max_size=2),
    max_leaves=4,
)  # fmt: skip


@every_notebook
@settings(max_examples=60, deadline=None)
@drawn(data=st.data())
def test_any_value_of_any_parameter_is_kept_or_refused_in_one_line(path, data):
    name = data.draw(st.sampled_from(names(path)))
    value = data.draw(values)
    try:
        kept = begin(path, {name: value})[name]
    except UserError as error:
        assert str(error).startswith(f"parameter {name} = ")
        assert "\n" not in str(error)
        return
    # Kept: then the same value, or the numbers of a list of seeds.
    assert kept == value or (name == "seeds" and isinstance(kept, tuple)) or _same(kept, value)


def _same(kept, value) -> bool:
    """A list as a tuple."""
    return isinstance(kept, tuple) and list(kept) == list(value)


@every_notebook
@pytest.mark.parametrize("value", [None, {}, {"a": 1}, [None], [[]], float("nan"), 1e400, "\0"])
def test_what_no_parameter_can_be_is_refused_by_each(path, value):
    for name in names(path):
        with pytest.raises(UserError, match=f"^parameter {name} = "):
            begin(path, {name: value})


@every_notebook
@settings(max_examples=40, deadline=None)
@drawn(name=st.from_regex(r"[A-Za-z_][A-Za-z_0-9]{0,15}", fullmatch=True), value=st.integers(0, 9))
def test_a_name_that_the_notebook_does_not_have_is_refused(path, name, value):
    if name in names(path) or name.startswith("PAPERMILL_"):
        return
    try:
        ast.parse(f"{name} = 1")
    except SyntaxError:  # a word of Python's: papermill's own cell does not run
        return
    with pytest.raises(UserError, match=f"^unknown parameter {name}[ :(]"):
        begin(path, {name: value})


@every_notebook
def test_a_slip_of_one_letter_is_named_with_what_was_meant(path):
    for name in names(path):
        if len(name) < 4:
            continue
        slip = name[:-1] + "q"
        with pytest.raises(UserError, match=rf"unknown parameter {slip} \(did you mean {name}\?\)"):
            begin(path, {slip: 1})
