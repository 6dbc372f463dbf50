"""One number of a result file is changed: the book refuses the file, or shows another number.

Beside every result lie the digests of its files, so that any change after the run is refused. And
where somebody makes those anew, the numbers still have to agree with one another, or to show.
"""

import functools
import json
import operator

import pytest

from book.generate import gathered
from harlib.errors import UserError
from harlib.storage import results
from tests.faults import numbers

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return numbers.make(tmp_path_factory.mktemp("study"))


def places(content, at=()):
    """Where the numbers of a result file are: the keys that lead to each."""
    if isinstance(content, (dict, list)):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        return [place for key, inner in items for place in places(inner, (*at, key))]
    return [at] if type(content) in (int, float) else []


def change(content, place, rng):
    """Put another number there: a likely one where it is an accuracy."""
    *way, last = place
    inner = functools.reduce(operator.getitem, way, content)
    step = int(rng.choice([-1, 1, 2]))
    if isinstance(inner[last], int):
        inner[last] += step
    elif str(way[-1]).startswith("top"):
        windows = "test_windows" if "test" in place else "train_windows"
        inner[last] += step * 100 / content["data"][windows]
    else:
        inner[last] = inner[last] * float(rng.choice([0.5, 1.01, 2])) + float(inner[last] == 0)


@pytest.mark.attack("changed-number", few=3, many=150)
def test_a_changed_number_is_refused_and_a_forged_one_shows(attempts, given, tmp_path):
    study = gathered.read(**given)
    before = numbers.Shown(tmp_path / "before").show(study).all()
    originals = {path: path.read_bytes() for path in sorted(study.folder.path.glob("*.json"))}
    paths = [path for path in originals if path.match("*-0?.json")]
    for rng in attempts:
        path = paths[rng.integers(len(paths))]
        content = json.loads(originals[path])
        there = places(content)
        place = there[rng.integers(len(there))]
        change(content, place, rng)
        try:
            results.write_json(path, content)
            with pytest.raises(UserError):
                gathered.read(**given)
            numbers.forge(path, content)
            try:
                forged = gathered.read(**given)
            except UserError:
                continue
            # No page shows the curves of seeds that are not drawn.
            if place[0] != "seeds" or place[1] == str(study.seed) or place[2] not in SPLITS:
                after = numbers.Shown(tmp_path / "after").show(forged).all()
                assert after != before, f"{path.name}, {place}: forged, and nothing shows it"
        finally:
            for original, old in originals.items():
                original.write_bytes(old)
