"""A full or read-only disk, no memory: one line, an exit code, and the old results as they were."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from harlib import paths
from tests.faults import shortages


@pytest.fixture
def tried(small_file, tmp_path):
    return shortages.Subject(small_file, tmp_path)


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_a_full_disk_is_one_line_and_leaves_the_old_result(tried, part):
    folder = tried.folder / "out"
    tried.lay(folder)
    limit = shortages.File(int(part * len(tried.new["run-05-seed-42.npz"])))
    code, said = shortages.run(tried.data, folder, limit)
    assert code != 0
    assert "cannot be written (File too large): what was there before is as it was" in said
    assert tried.judge(folder, code, said) == ""
    kept = {name: content for name, content in shortages._bytes(folder).items()
            if "checkpoint" not in name}  # fmt: skip
    assert kept == tried.old
    assert tried.attempt(folder, None) == ""


def test_no_memory_is_no_result(tried):
    folder = tried.folder / "out"
    tried.lay(folder)
    code, said = shortages.run(tried.data, folder, shortages.Memory(0))
    assert code != 0
    assert said == "died" or "out of memory" in said
    assert tried.judge(folder, code, said, dies=True) == ""


def test_what_the_judge_would_find(tried):
    """Each kind of loss is noticed: the attempts can fail."""
    folder = tried.folder / "out"
    tried.lay(folder)
    assert "other bytes" in tried.judge(folder, 0, "")
    assert "without a word" in tried.judge(folder, 1, "died")
    assert "more than one line" in tried.judge(folder, 1, "a\nb")
    path = next(folder.rglob("run-05.json"))
    (path.parent / ".run-05.json.1.tmp").write_text("{")
    assert "left over" in tried.judge(folder, 1, "error")
    path.write_bytes(path.read_bytes()[:100])
    assert "neither the old file nor the new one" in tried.judge(folder, 1, "error")


def notebook(tmp_path, source):
    """A notebook of one cell."""
    path = tmp_path / "made.ipynb"
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec}), path)
    return path


def execute(path, tmp_path, **options):
    command = [sys.executable, "-m", "harlib.notebook.run_notebook", str(path), str(tmp_path / "out.ipynb"),
               str(tmp_path / "out.log"), "{}"]  # fmt: skip
    return subprocess.run(
        command, cwd=paths.ROOT, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import numpy as np\nnp.empty(1 << 50)", "error: out of memory (Unable to allocate"),
        ("import os\nos.kill(os.getpid(), 9)", "error: the notebook's process was ended"),
        ("raise OSError(28, 'No space left on device')", "error: [Errno 28] No space left"),
    ],
)
def test_a_worker_without_memory_or_life_ends_in_one_line(tmp_path, source, said):
    done = execute(notebook(tmp_path, source), tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(said)
    assert "Traceback" not in done.stderr
    assert said in (tmp_path / "out.log").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["made.ipynb", "out.log"]


def test_a_notebook_that_cannot_be_written_ends_in_one_line(tmp_path):
    path = notebook(tmp_path, "1 + 1")
    done = execute(path, tmp_path, preexec_fn=shortages.File(400))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ") and "File too large" in last
    assert not (tmp_path / "out.ipynb").exists()


def test_a_defect_keeps_its_traceback(tmp_path):
    done = execute(notebook(tmp_path, "1 / 0"), tmp_path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "Traceback" in done.stderr


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_results_folder_where_nothing_can_be_written():
    done = subprocess.run(
        ["make", "--no-print-directory", "runs", "RESULTS=/proc/harlib"], cwd=paths.ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith("error: /proc/harlib cannot be written (No such file")


@pytest.mark.parametrize("kept", [0, 2000])
def test_a_full_disk_is_one_line_in_every_command(kept, tmp_path):
    """Whatever command writes: an error of the disk is one line, not a traceback."""
    code = (
        "import pathlib, sys\n"
        "from harlib import errors\n"
        "@errors.command\n"
        "def main():\n"
        f"    pathlib.Path({str(tmp_path / 'page.json')!r}).write_text('x' * 10_000)\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=False,
        preexec_fn=shortages.File(kept),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "error: -c: File too large\n"


def test_another_error_of_a_command_keeps_its_traceback():
    code = (
        "import sys\n"
        "from harlib import errors\n"
        "@errors.command\n"
        "def main():\n"
        "    open('/nowhere/at/all')\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "Traceback" in done.stderr
