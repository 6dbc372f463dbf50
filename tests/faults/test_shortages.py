"""A full or read-only disk, no memory: one line, an exit code, and the old results as they were."""

import contextlib
import io
import multiprocessing
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

from harlib import errors, paths
from harlib.errors import UserError
from harlib.runs import experiment
from harlib.storage import results
from tests.data.data_helpers import write_tree
from tests.faults.study import Study

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


def found(folder):
    """The result files; seconds are left out, which differ from run to run."""
    files = sorted(path for path in folder.rglob("run-*") if "timing" not in path.name)
    return {path.name: path.read_bytes() for path in files}


class Replaced:
    """An old result, the one that a longer run puts in its place, and a folder to try it in."""

    def __init__(self, data, folder):
        self.data, self.folder = data, folder / "tried"
        run(data, folder / "old", epochs=1)
        run(data, folder / "new")
        self.old, self.new = found(folder / "old"), found(folder / "new")

    @contextlib.contextmanager
    def by_a_run(self, said=".* cannot be written .*", died=False):
        """Lay the old result; in the block a run takes its place, or says in one line why not.

        Afterwards every result file is the old or the new one, and no temporary file is left.
        ``died``: the system ended the process, which could not tidy up; the next one does.
        """
        place = self.folder / self.data.stem / "published"
        shutil.rmtree(place, ignore_errors=True)
        write_tree(place, self.old)
        try:
            yield
        except UserError as error:
            assert re.fullmatch(said, str(error))
        else:
            assert died or found(self.folder) == self.new
        for name, content in found(self.folder).items():
            if "checkpoint" not in name:
                assert content in (self.old[name], self.new[name]), name
        for path in self.folder.rglob("run-05.json"):
            results.read(path)
        assert died or not list(self.folder.rglob(".*.tmp*"))

    def finish(self):
        """Without a shortage the same run succeeds."""
        run(self.data, self.folder)
        assert found(self.folder) == self.new
        assert not list(self.folder.rglob(".*.tmp*"))


@pytest.fixture
def replaced(small_file, tmp_path):
    return Replaced(small_file, tmp_path)


@pytest.mark.attack("full-disk", few=3, many=50)
def test_a_full_disk_is_one_line_and_leaves_the_old_result(replaced, attempts):
    said = r".* cannot be written \(File too large\): what was there before is as it was"
    longest = max(map(len, replaced.new.values()))
    for rng in attempts:
        with replaced.by_a_run(said), no_file_beyond(int(rng.integers(2 * longest))):
            run(replaced.data, replaced.folder)
        replaced.finish()


@pytest.mark.attack("no-memory", few=2, many=50)
def test_no_memory_is_no_result(replaced, attempts):
    FORKS.set_forkserver_preload([__name__])
    for rng in attempts:
        memory = int(rng.integers(24 * 2**20))
        process = FORKS.Process(target=run, args=(replaced.data, replaced.folder, 3, memory))
        with replaced.by_a_run(died=True):
            process.start()
            process.join()
        assert process.exitcode != 0 or found(replaced.folder) == replaced.new
        replaced.finish()


@contextlib.contextmanager
def tmpfs(folder, size):
    """A file system of ``size`` bytes in memory at ``folder``; yields how to mount it anew."""

    def mount(options, *what):
        command = ["mount", "-o", options, *what, str(folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    folder.mkdir(exist_ok=True)
    if not shutil.which("mount") or mount(f"size={size}", "-t", "tmpfs", "tmpfs").returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield lambda options: mount(f"remount,{options}").check_returncode()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.long
@pytest.mark.attack("small-disk", few=5, many=50)
def test_a_small_or_read_only_disk_is_one_line_and_leaves_the_old_result(replaced, attempts):
    for number, rng in enumerate(attempts):
        # Pages are given out whole: the old files take at most one page each more.
        size = sum(map(len, replaced.old.values())) + 2**14 * len(replaced.old)
        with tmpfs(replaced.folder, size + int(rng.integers(2**17))) as remount:
            with replaced.by_a_run():
                if number % 5 == 0:
                    remount("ro")
                run(replaced.data, replaced.folder)
            remount("rw,size=64m")
            replaced.finish()


@pytest.mark.long
@pytest.mark.attack("full-disk-book", few=1, many=10)
def test_a_full_disk_leaves_the_old_book(attempts, small_file, tmp_path):
    """The disk is full after a random number of bytes while the book is built again."""
    with tmpfs(tmp_path / "disk", 2**30) as remount:
        study = Study(small_file, tmp_path / "disk", epochs=1)
        assert study.run() == 0, study.said()
        size = shutil.disk_usage(study.results_dir).used
        # Until all of it is there, new pages stand beside the old ones.
        spare = sum(map(len, study.html().values()))
        pages = study.html().keys()
        for rng in attempts:
            # Without the page Snakemake would not miss what it is made of.
            for name in ("build.json", "html/index.html"):
                for path in study.results_dir.glob(f"book/**/{name}"):
                    path.unlink()
            before = study.html()
            remount(f"size={size + int(rng.integers(spare))}")
            assert study.run() != 0
            assert "\nerror: " in study.said()
            assert study.html() == before
            remount("size=1g")
            assert study.run() == 0, study.said()
            assert study.html().keys() == pages


def execute(folder, source):
    """Run a notebook of one cell as the study does; what it says."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec})
    nbformat.write(made, folder / "made.ipynb")
    files = [str(folder / name) for name in ("made.ipynb", "out.ipynb", "out.log")]
    command = [sys.executable, "-m", "harlib.notebook.run_notebook", *files, "{}"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and not (folder / "out.ipynb").exists()
    return done.stderr


@pytest.mark.parametrize(("source", "said"), [
    ("import os\nos.kill(os.getpid(), 9)", "error: the notebook's process was ended"),
    *(pytest.param(*case, marks=pytest.mark.long) for case in (
        ("import numpy as np\nnp.empty(1 << 50)", "error: out of memory (Unable to allocate"),
        ("raise OSError(28, 'No space left on device')", "error: [Errno 28] No space left"),
    )),
])  # fmt: skip
def test_a_worker_without_memory_or_life_ends_in_one_line(tmp_path, source, said):
    stderr = execute(tmp_path, source)
    assert stderr.splitlines()[-1].startswith(said) and "Traceback" not in stderr
    assert said in (tmp_path / "out.log").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["made.ipynb", "out.log"]


@pytest.mark.long
def test_a_defect_keeps_its_traceback(tmp_path):
    stderr = execute(tmp_path, "1 / 0")
    assert "ZeroDivisionError" in stderr and "Traceback" in stderr


def test_a_notebook_that_cannot_be_written_ends_in_one_line(tmp_path):
    with no_file_beyond(400):  # also for the processes that are started here
        last = execute(tmp_path, "1").splitlines()[-1]
    assert last.startswith("error: ") and "File too large" in last


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_results_folder_where_nothing_can_be_written():
    command = ["make", "--no-print-directory", "runs", "RESULTS=/proc/harlib"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
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
