"""The house stands: which room may import which, read from the imports of every file.

``pytest -s tests/test_arrows.py`` draws the arrows.
"""

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


def room(module: str) -> str:
    """The room of a module or of a name in it: ``harlib.runs``, ``harlib`` for the network."""
    first, _, rest = module.partition(".")
    inner = rest.split(".")[0]
    folder = paths.ROOT / first / inner
    return f"{first}.{inner}" if first == "harlib" and inner and folder.is_dir() else first


def imports(file: Path) -> set[str]:
    """Dotted names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(name: str) -> list[Path]:
    """The Python files of a room; of ``harlib`` those that lie directly in it."""
    folder = paths.ROOT.joinpath(*name.split("."))
    return sorted(folder.glob("*.py") if name == "harlib" else folder.rglob("*.py"))


def arrows(name: str) -> dict[str, set[str]]:
    """The rooms that a room imports, and the files that do."""
    found: dict[str, set[str]] = {}
    for file in files(name):
        for imported in imports(file):
            if imported.split(".")[0] in ("harlib", "book", "benchmarks", "workflow", "tests"):
                found.setdefault(room(imported), set()).add(str(file.relative_to(paths.ROOT)))
    found.pop(name, None)
    return found


@pytest.mark.parametrize("name", ALLOWED)
def test_a_room_imports_only_what_it_may(name):
    assert files(name), f"there is no room {name}"
    found = arrows(name)
    print(f"{name:20} -> {', '.join(sorted(found)) or '(nothing)'}")
    wrong = {to: sorted(by) for to, by in found.items() if to not in ALLOWED[name]}
    assert not wrong


def test_every_folder_of_harlib_is_a_room_that_says_what_it_is_for():
    rooms = {p.name for p in (paths.ROOT / "harlib").iterdir() if any(p.glob("*.py"))}
    assert {f"harlib.{name}" for name in rooms} == HOUSE - {"harlib"}
    for name in HOUSE:
        text = paths.ROOT.joinpath(*name.split("."), "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)), name


@pytest.mark.parametrize("file", files("harlib"), ids=lambda file: file.name)
def test_the_network_needs_numpy_and_scipy_alone(file):
    tops = {name.split(".")[0] for name in imports(file)}
    assert tops <= NETWORK | {"harlib"} | sys.stdlib_module_names
