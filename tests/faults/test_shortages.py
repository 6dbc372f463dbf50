"""A full or read-only disk, no memory: one line, an exit code, and the old results as they were."""

import contextlib
import io
import multiprocessing
import re
import resource
import shutil
from pathlib import Path

import nbformat
import psutil
import pytest

from harlib import errors
from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import results
from tests import started
from tests.faults.study import Study
from tests.started import contents

FORKS = multiprocessing.get_context("forkserver")


@contextlib.contextmanager
def no_file_beyond(size):
    """No file longer than ``size`` bytes: what a full disk is to whoever writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def run(data, results_dir, epochs=3, memory=None):
    """Run 5, which takes the place of what the folder has of one epoch.

    ``memory``: bytes that it may take beyond what its process has.
    """
    if memory is not None:
        limit = psutil.Process().memory_info().vms + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    given = {"data": str(data), "seeds": (42,), "loops": "numpy", "results_dir": str(results_dir)}
    experiment.run(5, epochs=epochs, **given)


class Replaced:
    """An old result, the one that a longer run puts in its place, and a folder to try it in."""

    def __init__(self, data, folder):
        self.data, self.folder = data, folder / "tried"
        run(data, folder / "old", epochs=1)
        run(data, folder / "new")
        self.old, self.new = self.results(folder / "old"), self.results(folder / "new")

    @staticmethod
    def results(folder):
        """The result files of the run by their place."""
        return contents(folder, "*/*/run-05.json", "*/*/run-05-seed-42.npz")

    def lay_old(self):
        """The old result alone is there."""
        for path in self.folder.glob("*"):
            shutil.rmtree(path)
        for name, content in self.old.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)

    def check(self):
        """Every result file is the old or the new one, and readable."""
        for name, content in self.results(self.folder).items():
            assert content in (self.old[name], self.new[name]), name
        for path in self.folder.rglob("run-05.json"):
            results.read(path)

    def run(self):
        """The run takes the old result's place, and leaves no temporary file."""
        try:
            run(self.data, self.folder)
            assert self.results(self.folder) == self.new
        finally:
            assert not any(self.folder.rglob(".*.tmp*"))

    def run_short(self, said=".* cannot be written .*"):
        """In a shortage it may say in one line why not."""
        try:
            self.run()
        except UserError as error:
            assert re.fullmatch(said, str(error))
        self.check()


@pytest.fixture
def replaced(small_file, tmp_path):
    return Replaced(small_file, tmp_path)


@pytest.mark.attack("full-disk", few=3, many=50)
def test_a_full_disk_is_one_line_and_leaves_the_old_result(replaced, attempts):
    said = r".* cannot be written \(File too large\): what was there before is as it was"
    longest = max(map(len, replaced.new.values()))
    for rng in attempts:
        replaced.lay_old()
        with no_file_beyond(int(rng.integers(2 * longest))):
            replaced.run_short(said)
        replaced.run()


@pytest.mark.attack("no-memory", few=2, many=50)
def test_no_memory_is_no_result(replaced, attempts):
    """The system may end the process, which cannot tidy up then; the next one does."""
    FORKS.set_forkserver_preload([__name__])
    for rng in attempts:
        replaced.lay_old()
        memory = int(rng.integers(24 * 2**20))
        process = FORKS.Process(target=run, args=(replaced.data, replaced.folder, 3, memory))
        process.start()
        process.join()
        replaced.check()
        assert process.exitcode != 0 or replaced.results(replaced.folder) == replaced.new
        replaced.run()


@contextlib.contextmanager
def tmpfs(folder, size):
    """A file system of ``size`` bytes in memory at ``folder``; yields how to mount it anew."""

    def mount(options, *what):
        return started.run("mount", "-o", options, *what, folder)

    folder.mkdir(exist_ok=True)
    if not shutil.which("mount") or mount(f"size={size}", "-t", "tmpfs", "tmpfs").returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield lambda options: mount(f"remount,{options}").check_returncode()
    finally:
        started.run("umount", folder).check_returncode()


@pytest.mark.long
@pytest.mark.attack("small-disk", few=5, many=50)
def test_a_small_or_read_only_disk_is_one_line_and_leaves_the_old_result(replaced, attempts):
    for number, rng in enumerate(attempts):
        # Pages are given out whole: the old files take at most one page each more.
        size = sum(map(len, replaced.old.values())) + 2**14 * len(replaced.old)
        with tmpfs(replaced.folder, size + int(rng.integers(2**17))) as remount:
            replaced.lay_old()
            if number % 5 == 0:
                remount("ro")
            replaced.run_short()
            remount("rw,size=64m")
            replaced.run()


@pytest.mark.long
@pytest.mark.attack("full-disk-book", few=1, many=10)
def test_a_full_disk_leaves_the_old_book(attempts, small_file, tmp_path):
    """The disk is full after a random number of bytes while the book is built again."""
    with tmpfs(tmp_path / "disk", 2**30) as remount:
        study = Study(small_file, tmp_path / "disk", epochs=1)
        assert study.run() == 0, study.said()
        size = shutil.disk_usage(study.results_dir).used
        # Until all of it is there, new pages stand beside the old ones.
        pages = contents(study.html)
        spare = sum(map(len, pages.values()))
        for rng in attempts:
            # Without the page Snakemake would not miss what it is made of.
            for name in ("build.json", "html/index.html"):
                for path in study.results_dir.glob(f"book/**/{name}"):
                    path.unlink()
            before = contents(study.html)
            remount(f"size={size + int(rng.integers(spare))}")
            assert study.run() != 0
            assert "\nerror: " in study.said()
            assert contents(study.html) == before
            remount("size=1g")
            assert study.run() == 0, study.said()
            assert contents(study.html).keys() == pages.keys()


@pytest.mark.parametrize(("source", "said"), [
    ("import os\nos.kill(os.getpid(), 9)", "error: the notebook's process was ended"),
    ("1", "error: .*File too large"),
    *(pytest.param(*case, marks=pytest.mark.long) for case in (
        ("import numpy as np\nnp.empty(1 << 50)", r"error: out of memory \(Unable to allocate"),
        ("raise OSError(28, 'No space left on device')", r"error: \[Errno 28\] No space left"),
        ("1 / 0", "ZeroDivisionError"),
    )),
])  # fmt: skip
def test_a_worker_without_memory_disk_or_life_ends_in_one_line(tmp_path, source, said):
    """A notebook of one cell, run as the study does; a defect keeps its traceback."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec})
    nbformat.write(made, tmp_path / "made.ipynb")
    files = [tmp_path / name for name in ("made.ipynb", "out.ipynb", "out.log")]
    # The limit holds for the processes that are started here, too.
    with no_file_beyond(400) if source == "1" else contextlib.nullcontext():
        done = started.python("-m", "harlib.notebook.run_notebook", *files, "{}")
    assert done.returncode == 1 and not (tmp_path / "out.ipynb").exists()
    assert re.match(said, done.stderr.rstrip().splitlines()[-1])
    assert ("Traceback" in done.stderr) == (source == "1 / 0")
    if source not in ("1", "1 / 0"):
        assert re.search(said, (tmp_path / "out.log").read_text())
        assert sorted(p.name for p in tmp_path.iterdir()) == ["made.ipynb", "out.log"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_results_folder_where_nothing_can_be_written():
    done = started.run("make", "--no-print-directory", "runs", "RESULTS=/proc/harlib")
    assert done.returncode != 0
    assert done.stderr.startswith("error: /proc/harlib cannot be written (No such file")


def test_a_full_disk_is_one_line_in_every_command(tmp_path, capsys):
    """Whatever a command writes; another error of the system keeps its traceback."""

    @errors.command
    def main(file):
        with no_file_beyond(2000):
            file.write_text("x" * 10_000)

    assert main(tmp_path / "page.json") == 1
    assert capsys.readouterr().err.endswith(": File too large\n")
    with pytest.raises(FileNotFoundError):
        main(tmp_path / "nowhere" / "page.json")
