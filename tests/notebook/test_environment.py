"""Whatever a user's shell and home folder say, the literal command gives the same bytes."""

import json
import os
import shlex
import subprocess
import sysconfig

import pytest

from harlib import paths
from tests.data.data_helpers import four_keys, write_hdf5
from tests.started import contents

# Without TeX the first line of it would be an error, the last is noise in any case.
LOOKS = "text.usetex: True\nfont.size: 20\nfigure.figsize: 2, 2\nsavefig.transparent: True\nfoo: 1"
ENDS = "import os; os._exit(3)"
FORMATS = "c.InlineBackend.figure_formats = {'pdf'}\nc.InlineBackend.rc = {'font.size': 20}"
SHELL = "c.InteractiveShell.autocall = 2\nc.InteractiveShellApp.exec_lines = ['raise ValueError']"
LONG = 120 * "l"

#: Variables as a shell sets them, and files by their path in the home folder; ``work`` there is the
#: working folder. What would hide another is in another environment.
ENVIRONMENTS = {
    "variables": (
        """
        MPLBACKEND=Agg MATPLOTLIBRC={home}/rc IPYTHONDIR={home}/i JUPYTER_PATH={home}/j
        JUPYTER_CONFIG_DIR={home}/c PYTHONPATH={home}/mine PYTHONSTARTUP={home}/mine/numpy.py
        PYTHONWARNINGS=error PYTHONOPTIMIZE=2 PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=7
        PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii LC_ALL=C
        OMP_NUM_THREADS=8 OPENBLAS_NUM_THREADS=8 COLUMNS=20 TERM=dumb FORCE_COLOR=1
        http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9
        CC="cc -pipe" CFLAGS="-Werror -std=c89" TMPDIR={home}/LONG umask=077
        """.replace("LONG", LONG),
        {
            "rc": LOOKS,
            "i/profile_default/startup/0.py": ENDS,
            "j/kernels/python3/kernel.json": '{"argv": ["false"], "display_name": "Python 3"}',
            "c/jupyter_config.json": "{",
            "mine/numpy.py": ENDS,
            "mine/harlib/x.txt": "",
            f"{LONG}/x": "",
        },
    ),
    "files": (
        "LC_ALL=tr_TR.UTF-8 LANGUAGE=de TZ=Asia/Kathmandu TMPDIR='{home}/t mp ü' umask=000",
        {
            ".config/matplotlib/matplotlibrc": LOOKS,
            ".ipython/profile_default/ipython_config.py": FORMATS,
            ".ipython/profile_default/ipython_kernel_config.py": SHELL,
            ".jupyter/jupyter_nbconvert_config.py": "c.NotebookClient.timeout = 1",
            "work/matplotlibrc": LOOKS,
            "work/numpy.py": ENDS,
            "work/harlib/__init__.py": "",
            "t mp ü/x": "",
        },
    ),
    "nothing there": (
        """
        HOME=NONE XDG_CACHE_HOME=NONE MPLCONFIGDIR=NONE IPYTHONDIR=NONE TMPDIR=NONE
        JUPYTER_RUNTIME_DIR=NONE JUPYTER_PLATFORM_DIRS=1 MPLBACKEND=nonsense
        """.replace("NONE", "/dev/null/nowhere"),
        {},
    ),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The command in an environment: what the notebook shows, and each result file's bytes."""
    base = tmp_path_factory.mktemp("base")
    write_hdf5(base / "small.h5", four_keys(66, 18))

    def call(variables: str, files: dict) -> tuple[list[dict], dict[str, bytes]]:
        home = tmp_path_factory.mktemp("home")
        for name, content in {"work/x": "", **files}.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(content)
        search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = {"PATH": search, "HOME": str(home), "XDG_CACHE_HOME": str(base)}
        words = shlex.split(variables.replace("{home}", str(home)))
        environment |= dict(word.split("=", 1) for word in words)
        given = f"-p epochs 1 -p seeds 42 -p data {base}/small.h5 -p results_dir {home}/results"
        done = subprocess.run(
            ["papermill", str(paths.NOTEBOOKS / "run.ipynb"), *given.split()],
            cwd=home / "work", env=environment, stdin=subprocess.DEVNULL,
            umask=int(environment.get("umask", "-1"), 8), capture_output=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        results = home / "results"
        cells = json.loads((results / "notebooks" / "run-07.ipynb").read_bytes())["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert not [output for output in outputs if output.get("name") == "stderr"]
        numbers = contents(results / "small" / "published", "run-07*")
        return [output["data"] for output in outputs if "data" in output], numbers

    return call


@pytest.fixture(scope="module")
def plain(run):
    shown, numbers = run("", {})
    kinds = [kind for output in shown for kind in output]
    assert kinds.count("image/png") == kinds.count("text/html") == 1 and len(numbers) == 2
    return shown, numbers


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_changes_nothing(run, plain, name):
    assert run(*ENVIRONMENTS[name]) == plain
