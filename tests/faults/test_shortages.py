"""A full disk, no memory: one line, an exit code, and the old results as they were."""

import contextlib
import io
import re
import resource
import shutil

import nbformat
import pytest

from harlib import errors
from harlib.errors import UserError
from harlib.runs import experiment
from tests import started
from tests.started import contents


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


@pytest.mark.attack("full-disk", few=3, many=50)
def test_a_full_disk_is_one_line_and_leaves_the_old_result(attempts, small_file, tmp_path):
    """Run 5 is to take the place of what its folder has of one epoch."""
    tried = tmp_path / "tried"
    said = r".* cannot be written \(File too large\): what was there before is as it was"

    def run(folder, epochs=3):
        given = {"data": str(small_file), "seeds": (42,), "loops": "numpy"}
        experiment.run(5, epochs=epochs, results_dir=str(folder), **given)
        return results(folder)

    def results(folder):
        assert not any(folder.rglob(".*.tmp*"))
        return contents(folder, "*/*/run-05.json", "*/*/run-05-seed-42.npz")

    old, new = run(tmp_path / "old", epochs=1), run(tmp_path / "new")
    longest = max(map(len, new.values()))
    for rng in attempts:
        shutil.rmtree(tried, ignore_errors=True)
        shutil.copytree(tmp_path / "old", tried)
        with no_file_beyond(int(rng.integers(2 * longest))):
            try:
                run(tried)
            except UserError as error:
                assert re.fullmatch(said, str(error))
        for name, content in results(tried).items():
            assert content in (old[name], new[name]), name
        assert run(tried) == new


@pytest.mark.long
@pytest.mark.attack("full-disk-book", few=1, many=5)
def test_a_full_disk_leaves_the_old_book(attempts, small_file, tmp_path):
    """Writing fails after a random number of bytes while the book is built again."""
    html = tmp_path / "book" / "small" / "html"

    def study():
        asked = {"data": small_file, "epochs": 1, "seeds": 42, "jobs": 2}
        return started.run(*started.study("book", **asked, results_dir=tmp_path))

    assert study().returncode == 0
    pages = contents(html)
    for rng in attempts:
        # Without the page Snakemake would not miss what it is made of.
        for path in (html / "index.html", *tmp_path.glob("book/**/build.json")):
            path.unlink()
        before = contents(html)
        with no_file_beyond(int(rng.integers(max(map(len, pages.values()))))):
            done = study()
        assert done.returncode != 0 and "\nerror: " in done.stderr
        assert contents(html) == before
        assert study().returncode == 0
        assert contents(html).keys() == pages.keys()


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
