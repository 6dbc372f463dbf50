"""The house stands: which room may import which, read from the imports of every file."""

import ast
import sys
from pathlib import Path

import pytest

from harlib import paths

#: Libraries of the network; the standard library is allowed everywhere.
NETWORK = {"numpy", "scipy", "threadpoolctl"}
#: The rooms that each room may import besides itself, from the network outwards.
ALLOWED = {
    "harlib": set(),
    "harlib.compiled": {"harlib"},
    "harlib.storage": {"harlib"},
    "harlib.data": {"harlib", "harlib.storage"},
    "harlib.paper": {"harlib", "harlib.storage"},
    "harlib.runs": {"harlib", "harlib.compiled", "harlib.data", "harlib.storage"},
}
ALLOWED["harlib.use"] = {"harlib", "harlib.data", "harlib.runs", "harlib.storage"}
ALLOWED["harlib.analysis"] = {"harlib", "harlib.data", "harlib.runs", "harlib.storage"}
ALLOWED["harlib.experiments"] = ALLOWED["harlib.analysis"]
ALLOWED["harlib.notebook"] = {"harlib", "harlib.runs", "harlib.storage"}
ALLOWED["harlib.figures"] = ALLOWED["harlib.analysis"] | {
    "harlib.analysis", "harlib.experiments", "harlib.paper", "harlib.use",
}  # fmt: skip
HOUSE = set(ALLOWED)
ALLOWED["benchmarks"] = HOUSE
ALLOWED["workflow"] = HOUSE
# The pages know measurements and attacks by their records, and how benchmarks show theirs.
ALLOWED["book"] = HOUSE - {"harlib.compiled"} | {"benchmarks"}

FILES = [
    file.relative_to(paths.ROOT)
    for top in ("harlib", "benchmarks", "workflow", "book")
    for file in sorted((paths.ROOT / top).rglob("*.py"))
]


def room(place: Path) -> str:
    """The room of a file or of what is imported: ``harlib.runs``, ``harlib`` for the network."""
    inner = place.parts[0] == "harlib" and (paths.ROOT / Path(*place.parts[:2])).is_dir()
    return ".".join(place.parts[: 1 + inner])


def imports(file: Path) -> set[Path]:
    """What a file imports, wherever in it: modules and names in them, as places."""
    found = set()
    for node in ast.walk(ast.parse((paths.ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {Path(*name.split(".")) for name in found}


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_imports_only_what_its_room_may(file):
    mine = {"harlib", "book", "benchmarks", "workflow", "tests"}
    own, found = room(file), {room(place) for place in imports(file)}
    others = found & (HOUSE | mine) - {own}
    print(f"{file} -> {', '.join(sorted(others)) or '(nothing)'}")
    assert others <= ALLOWED[own]
    if own == "harlib":
        assert found <= NETWORK | {"harlib"} | sys.stdlib_module_names


def test_every_folder_of_harlib_is_a_room_that_says_what_it_is_for():
    rooms = {room(file) for file in FILES if file.parts[0] == "harlib"}
    assert rooms == HOUSE
    for name in HOUSE:
        text = paths.ROOT.joinpath(*name.split("."), "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)), name
