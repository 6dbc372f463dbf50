"""Kills a whole study at random moments, and lets the same command finish it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.faults import torture
from tests.faults.studies import Study, small_data, timed

KILLS = 20


def _end(study: Study, wanted: dict[str, bytes], seen: list[dict[str, int]]) -> Iterator[str]:
    """Finish a killed study; yields for each kill what was lost (of all, with the last)."""
    code = study.run()
    inodes, found = study.finished(), study.results()
    for number, before in enumerate(seen):
        repeated = [name for name, inode in before.items() if inodes.get(name) != inode]
        lost = [f"trained again: {', '.join(repeated)}"] if repeated else []
        if number == len(seen) - 1:
            if code != 0:
                lost.append(f"the same command failed: {study.said()}")
            if found != wanted:
                names = {n for n in found.keys() | wanted.keys() if found.get(n) != wanted.get(n)}
                lost.append(f"other bytes: {', '.join(sorted(names))}")
            if study.left_over():
                lost.append(f"left over: {', '.join(study.left_over())}")
        yield "; ".join(lost)


@torture(
    "killed-anywhere",
    what="`kill -9` of the whole process group at a random moment of a study, from reading the "
    "data to building the book: the same command finishes it, no finished run is trained again, "
    "all result files have the bytes of an undisturbed study, nothing is left over",
    times=KILLS,
    test="tests/test_flow.py::test_after_kill_9_the_same_command_goes_on_to_the_same_bytes",
)
def killed_anywhere(rng: np.random.Generator) -> Iterator[str]:
    with small_data() as folder:
        data = folder / "windows.h5"
        calm = Study(data, folder / "undisturbed")
        whole = timed(calm)
        # The same once more finds nothing to do: what a start costs, without any progress.
        start = timed(calm)
        moments = np.sort(rng.uniform(0, whole, KILLS))
        lives = np.diff(moments, prepend=0) + start
        print(f"  a study takes {whole:.0f} s, its start {start:.0f} s", flush=True)
        stages: dict[str, int] = {}
        number, seen = 0, []
        study = Study(data, folder / "killed-0")
        for life in lives:
            while not study.killed_after(life):
                # It came to its end before its time: judge it, and go on with a new one.
                if seen:
                    yield from _end(study, calm.results(), seen)
                study.remove()
                number, seen = number + 1, []
                study = Study(data, Path(folder, f"killed-{number}"))
            stages[study.stage()] = stages.get(study.stage(), 0) + 1
            seen.append(study.finished())
        yield from _end(study, calm.results(), seen)
        print(f"  killed in: {stages}", flush=True)
