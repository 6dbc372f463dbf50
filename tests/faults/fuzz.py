"""Broken files for every reader: refused with one clear line, or taken as something whole."""

import multiprocessing
import os
import resource
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from harlib.errors import UserError
from tests.faults.guard import watched
from tests.faults.targets import TARGETS, File, Target

#: Seconds of processor time that one small file may take, and bytes that a reader may add.
MAX_SECONDS, MAX_MEMORY = 5.0, 3 * 2**30
#: Characters of a message that is still one line for a reader; a path and what was found twice.
MAX_MESSAGE = 2000
#: Seconds without an answer after which a process hangs.
HANGS = 300


def attempt(target: Target, path: Path) -> str:
    """Read one file; says what is wrong with how the reader took it, empty if nothing."""
    start = time.process_time()
    try:
        with watched(path.parent) as acts, warnings.catch_warnings():
            warnings.simplefilter("error")
            target.read(path)
    except UserError as error:
        message = str(error).replace(str(path.parent), "")
        if not message.isprintable() or not 10 < len(message) < MAX_MESSAGE:
            return f"a message that is not one clear line: {message[:200]!r}"
    except AssertionError as error:
        return f"taken, but not whole: {error!r} {_where(error)}"
    except BaseException as error:  # whatever it is, it is what is looked for
        return f"{type(error).__name__}: {str(error)[:120]!r} {_where(error)}"
    if acts:
        return f"did what reading does not need: {acts[0]}"
    if (seconds := time.process_time() - start) > MAX_SECONDS:
        return f"took {seconds:.1f} s"
    return ""


def _where(error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "harlib" in f.filename]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))


def changed(target: Target, files: list[File], seed: int, number: int) -> File:
    """The file of this number; the same for the same seed."""
    rng = np.random.default_rng([seed, number])
    name, content = files[rng.integers(len(files))]
    return name, target.change(rng, content, [content for _, content in files])


def put(folder: Path, file: str, content: bytes) -> Path:
    """Write a file where its reader looks for it."""
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def child(name: str, seed: int, start: int, stop: int, tell: Connection) -> None:
    """Try the files of these numbers; sends for each what was lost, empty if nothing."""
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as place:
        with Path(os.devnull).open("w") as quiet, redirect_stdout(quiet), redirect_stderr(quiet):
            files = target.prepare(Path(work))
        for file, content in files:  # the valid ones first, so that everything needed is loaded
            target.read(put(Path(place), file, content))
        memory = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (memory + MAX_MEMORY,) * 2)
        for number in range(start, stop):
            file, content = changed(target, files, seed, number)
            lost = attempt(target, put(Path(place), file, content))
            tell.send(f"{name}, file {number} of seed {seed}: {lost}" if lost else "")


def attack(name: str, rng: np.random.Generator, times: int) -> Iterator[str]:
    """Broken files for one reader, in processes of their own: a crash of one is a loss too."""
    seed, number = int(rng.integers(2**32)), 0
    fork = multiprocessing.get_context("fork")  # everything is loaded already
    while number < times:
        hear, tell = fork.Pipe(duplex=False)
        process = fork.Process(target=child, args=(name, seed, number, times, tell), daemon=True)
        process.start()
        tell.close()
        try:
            while number < times:
                # The first answer waits for the valid files to be made.
                said = hear.recv() if hear.poll(HANGS) else "nothing is heard of it any more"
                number += 1
                yield said and f"{said}"
                if said.startswith("nothing"):
                    break
        except EOFError:
            process.join()
            yield f"{name}, file {number} of seed {seed}: the process ended ({process.exitcode})"
            number += 1
        finally:
            process.kill()
            process.join()
            hear.close()
