"""Takes the disk or the memory away from a run, at a random point of it."""

import contextlib
import multiprocessing
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import manifest, results
from tests.faults import NotRun, torture
from tests.faults.studies import Study, small_data, timed

TIMES = 50
#: Of the book, which takes longer.
BOOKS = 10
_RUN_NO, _OLD, _NEW = 5, {"epochs": 1}, {"epochs": 3}
# Forked from a server that has loaded everything: a run costs its training only.
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload([__name__])


def _child(data: str, results_dir: str, shorten: Callable[[], None] | None, said) -> None:
    """A run in a process of its own; sends the one line, or what else it ended with."""
    with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
        try:
            if shorten:
                shorten()
            experiment.run(
                _RUN_NO, data=data, seeds=(42,), results_dir=results_dir, loops="numpy", **_NEW
            )
            said.send("")
        except UserError as error:
            said.send(str(error))


def run(data: Path, results_dir: Path, shorten: Callable[[], None] | None) -> tuple[int, str]:
    """Exit code of a run, and the line that it ended with."""
    receive, send = _START.Pipe(duplex=False)
    process = _START.Process(target=_child, args=(str(data), str(results_dir), shorten, send))
    process.start()
    send.close()
    said = "died"
    with contextlib.suppress(EOFError):
        said = receive.recv()
    process.join()
    code = process.exitcode
    process.close()
    return code or int(bool(said)), said


class File:
    """No file longer than ``limit`` bytes: what a full disk is to whoever writes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))


class Memory:
    """No more than ``extra`` bytes of memory beyond what the process has already."""

    def __init__(self, extra: int) -> None:
        self.extra = extra

    def __call__(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + self.extra
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _bytes(folder: Path) -> dict[str, bytes]:
    """The result files; seconds are left out, which differ from run to run."""
    files = sorted(p for p in folder.rglob("run-*") if "timing" not in p.name)
    return {path.name: path.read_bytes() for path in files}


class Subject:
    """A folder with an old result, on which a longer run is tried, and what both should hold."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.data, self.folder = data, folder
        given = {"data": str(data), "seeds": (42,), "loops": "numpy"}
        with Path(os.devnull).open("w") as nothing, contextlib.redirect_stdout(nothing):
            experiment.run(_RUN_NO, results_dir=str(folder / "old"), **given, **_OLD)
            experiment.run(_RUN_NO, results_dir=str(folder / "new"), **given, **_NEW)
        self.old, self.new = _bytes(folder / "old"), _bytes(folder / "new")

    def lay(self, results_dir: Path) -> None:
        """Put the old result into a results folder."""
        for name in self.old:
            target = results_dir / self.data.stem / "published" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.old[name])

    def judge(self, results_dir: Path, code: int, said: str, *, dies: bool = False) -> str:
        """What is wrong after a run under a shortage; empty if nothing is.

        A result file is the old one or the new one, whole; a run that did not succeed says why in
        one line (or, with ``dies``, was ended by the system); no temporary file is left.
        """
        found = _bytes(results_dir)
        if code == 0:
            return "" if found == self.new else "it succeeded, with other bytes"
        if said == "died" and not dies:
            return "it ended without a word"
        if "\n" in said:
            return f"more than one line: {said!r}"
        for name, content in found.items():
            if "checkpoint" in name:
                continue
            if content not in (self.old[name], self.new[name]):
                return f"{name} is neither the old file nor the new one"
            if name.endswith(".json"):
                results.read(next(results_dir.rglob(name)))
        left = [p.name for p in results_dir.rglob(".*.tmp*")]
        # A process that the system ends cannot tidy up; the next one on the same file does.
        return f"left over: {', '.join(left)}" if left and said != "died" else ""

    def attempt(self, results_dir: Path, shorten, *, dies: bool = False) -> str:
        """One run under a shortage and one without; what was lost."""
        self.lay(results_dir)
        wrong = self.judge(results_dir, *run(self.data, results_dir, shorten), dies=dies)
        if wrong:
            return wrong
        code, said = run(self.data, results_dir, None)
        if code or _bytes(results_dir) != self.new:
            return f"the same run without the shortage does not give the new result: {said}"
        return ""


@contextmanager
def subject() -> Iterator[Subject]:
    """A subject in a temporary folder."""
    with small_data() as folder:
        yield Subject(folder / "windows.h5", folder)


@torture(
    "full-disk",
    what="No file may grow beyond a random size while a run replaces an older result: one clear "
    "line, every result file is the old one or the new one, and the same run succeeds later",
    times=TIMES,
    test="tests/test_shortages.py::test_a_full_disk_is_one_line_and_leaves_the_old_result",
)
def full_disk(rng: np.random.Generator) -> Iterator[str]:
    with subject() as tried:
        longest = max(map(len, tried.new.values()))
        for number in range(TIMES):
            limit = File(int(rng.integers(2 * longest)))
            yield tried.attempt(tried.folder / f"full-{number}", limit)


@torture(
    "no-memory",
    what="A random small amount of memory is left to a worker while it replaces an older result",
    times=TIMES,
    test="tests/test_shortages.py::test_no_memory_is_no_result",
)
def no_memory(rng: np.random.Generator) -> Iterator[str]:
    with subject() as tried:
        for number in range(TIMES):
            extra = Memory(int(rng.integers(24 * 2**20)))
            yield tried.attempt(tried.folder / f"memory-{number}", extra, dies=True)


@contextmanager
def tmpfs(size: int) -> Iterator[Path]:
    """A file system of ``size`` bytes in memory.

    Raises
    ------
    NotRun
        It cannot be mounted here.
    """
    with TemporaryDirectory(prefix="harlib-tmpfs-") as folder:
        done = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        if done.returncode != 0:
            raise NotRun(f"a file system cannot be mounted here ({done.stderr.strip()})")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def _mount(*arguments: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(arguments, 1, "", "there is no mount command")


@torture(
    "small-disk",
    what="The results lie on a disk of their own that is full after a random number of bytes, "
    "or is made read-only: as above",
    times=TIMES,
    test="make torture NAMES=small-disk",
)
def small_disk(rng: np.random.Generator) -> Iterator[str]:
    with subject() as tried:
        need = sum(map(len, tried.old.values()))
        for number in range(TIMES):
            # Pages are given out whole: the old files take at most one page each more.
            size = need + 2**14 * len(tried.old) + int(rng.integers(2**17))
            with tmpfs(size) as disk:
                tried.lay(disk)
                if number % 5 == 0:
                    _mount("-o", "remount,ro", str(disk)).check_returncode()
                wrong = tried.judge(disk, *run(tried.data, disk, None))
                _mount("-o", "remount,rw,size=64m", str(disk)).check_returncode()
                if not wrong and run(tried.data, disk, None)[0] != 0:
                    wrong = "with room on the disk it does not succeed"
                if not wrong and _bytes(disk) != tried.new:
                    wrong = "with room on the disk the bytes are other ones"
            yield wrong


class Shelf:
    """A study with a built book, on a small disk of its own, and what the book should hold."""

    def __init__(self, study: Study) -> None:
        self.study = study
        timed(study)
        self.book = self._digests()
        self.size = shutil.disk_usage(study.results_dir).used
        self.full = 0

    def _digests(self) -> dict[str, str]:
        """Every page and figure of the built book."""
        html = self.study.results_dir / "book" / self.study.folder.name / "html"
        return {
            str(path.relative_to(html)): manifest.sha256(path)
            for path in sorted(html.rglob("*"))
            if path.is_file()
        }

    def _stale(self) -> None:
        """Have the book built again; what is built, less one page, stands until then."""
        # Without the page Snakemake would not miss what it is made of.
        for name in ("build.json", "html/index.html"):
            for path in self.study.results_dir.glob(f"book/**/{name}"):
                path.unlink()

    def attempt(self, room: int) -> str:
        """Build the book again with ``room`` bytes left on the disk, then with enough."""
        disk, log = self.study.results_dir, self.study.log
        self._stale()
        before = self._digests()
        log.write_bytes(b"")
        _mount("-o", f"remount,size={self.size + room}", str(disk)).check_returncode()
        code = self.study.run()
        self.full += bool(code)
        words, found = log.read_text(errors="replace"), self._digests()
        _mount("-o", "remount,size=1g", str(disk)).check_returncode()
        if code and "\nerror: " not in words:
            return f"no clear line: {self.study.said()}"
        if code and found != before:
            return "the book that was there before is not as it was"
        again = self.study.run()
        if again or self._digests().keys() != self.book.keys():
            return f"with room on the disk the book is not built: {self.study.said()}"
        self.book = self._digests()
        return ""


@torture(
    "full-disk-book",
    what="The disk is full after a random number of bytes while the book is built again: a clear "
    "line, the old book stays as it was, and with room the same command builds the new one",
    times=BOOKS,
    test="make torture NAMES=full-disk-book",
)
def full_disk_book(rng: np.random.Generator) -> Iterator[str]:
    with small_data() as folder, tmpfs(2**30) as disk:
        shelf = Shelf(Study(folder / "windows.h5", disk, epochs=1))
        try:
            # A new book and its source take about as much as the old ones.
            spare = sum(f.stat().st_size for f in (disk / "book").rglob("*") if f.is_file())
            for _ in range(5 * BOOKS):
                full, lost = shelf.full, shelf.attempt(int(rng.integers(spare)))
                if lost or shelf.full > full:  # where all of it found room nothing was tried
                    yield lost
                if shelf.full == BOOKS:
                    return
            raise RuntimeError(f"the disk was full {shelf.full} times only, of {BOOKS} asked")
        finally:
            shelf.study.log.unlink(missing_ok=True)
