"""Whatever a user's shell and home folder say, the literal command gives the same bytes."""

import json
import os
import subprocess
import sysconfig

import pytest

from harlib import paths
from tests.data.data_helpers import four_keys, write_hdf5
from tests.started import contents

NOWHERE = "/dev/null/nowhere"
# Without TeX the first line of it would be an error, the last is noise in any case.
LOOKS = (
    "text.usetex: True\nfont.size: 20\nfigure.figsize: 2, 2\nsavefig.transparent: True\nfoo: 1\n"
)
ENDS = "import os; os._exit(3)"
KERNEL = '{"argv": ["false"], "display_name": "Python 3", "language": "python"}'
PROFILE = ".ipython/profile_default"
FORMATS = "c.InlineBackend.figure_formats = {'pdf'}\nc.InlineBackend.rc = {'font.size': 20}\n"
SHELL = "c.InteractiveShell.autocall = 2\nc.InteractiveShellApp.exec_lines = ['raise ValueError']\n"

#: Variables, and files by their path in the home folder; ``work`` there is the working folder.
EACH: dict[str, tuple[dict, dict]] = {
    "MPLBACKEND": ({"MPLBACKEND": "Agg"}, {}),
    "no MPLBACKEND": ({"MPLBACKEND": "nonsense"}, {}),
    "MATPLOTLIBRC": ({"MATPLOTLIBRC": "{home}/rc"}, {"rc": LOOKS}),
    "MPLCONFIGDIR": ({"MPLCONFIGDIR": NOWHERE}, {}),
    "matplotlibrc at home": ({}, {".config/matplotlib/matplotlibrc": LOOKS}),
    "matplotlibrc here": ({}, {"work/matplotlibrc": LOOKS}),
    "numpy here": ({}, {"work/numpy.py": ENDS, "work/harlib/__init__.py": ""}),
    "PYTHONPATH": ({"PYTHONPATH": "{home}/mine"}, {"mine/numpy.py": ENDS, "mine/harlib/x.txt": ""}),
    "PYTHONSTARTUP": ({"PYTHONSTARTUP": "{home}/start.py"}, {"start.py": ENDS}),
    "PYTHONWARNINGS": ({"PYTHONWARNINGS": "error"}, {}),
    "PYTHONOPTIMIZE": ({"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"}, {}),
    "PYTHONHASHSEED": ({"PYTHONHASHSEED": "7"}, {}),
    "PYTHONUTF8": ({"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}, {}),
    "PYTHONIOENCODING": ({"PYTHONIOENCODING": "ascii"}, {}),
    "threads": ({"OMP_NUM_THREADS": "8", "OPENBLAS_NUM_THREADS": "8"}, {}),
    "IPYTHONDIR": ({"IPYTHONDIR": "{home}/i"}, {"i/profile_default/startup/0.py": ENDS}),
    "no IPYTHONDIR": ({"IPYTHONDIR": NOWHERE}, {}),
    "IPython's figures": ({}, {f"{PROFILE}/ipython_config.py": FORMATS}),
    "IPython's shell": ({}, {f"{PROFILE}/ipython_kernel_config.py": SHELL}),
    "JUPYTER_PATH": ({"JUPYTER_PATH": "{home}/j"}, {"j/kernels/python3/kernel.json": KERNEL}),
    "JUPYTER_CONFIG_DIR": ({"JUPYTER_CONFIG_DIR": "{home}/c"}, {"c/jupyter_config.json": "{"}),
    "JUPYTER_RUNTIME_DIR": ({"JUPYTER_RUNTIME_DIR": NOWHERE, "JUPYTER_PLATFORM_DIRS": "1"}, {}),
    "nbconvert": ({}, {".jupyter/jupyter_nbconvert_config.py": "c.NotebookClient.timeout = 1"}),
    "locale": ({"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "de", "TZ": "Asia/Kathmandu"}, {}),
    "terminal": ({"COLUMNS": "20", "TERM": "dumb", "FORCE_COLOR": "1"}, {}),
    "proxy": ({"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}, {}),
    "compiler": ({"CC": "cc -pipe", "CFLAGS": "-Werror -std=c89"}, {}),
    "TMPDIR of spaces": ({"TMPDIR": "{home}/t mp ü"}, {"t mp ü/x": ""}),
    "long TMPDIR": ({"TMPDIR": "{home}/" + 120 * "l"}, {120 * "l" + "/x": ""}),
    "no TMPDIR": ({"TMPDIR": NOWHERE}, {}),
    "no HOME": ({"HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE}, {}),
    "umask 077": ({"umask": "077"}, {}),
    "umask 000": ({"umask": "000"}, {}),
}
#: One after the other in one: of a variable that has several values here, the last.
TOGETHER = tuple({k: v for case in EACH.values() for k, v in case[n].items()} for n in (0, 1))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The command in an environment: what the notebook shows, and each result file's bytes."""
    base = tmp_path_factory.mktemp("base")
    write_hdf5(base / "small.h5", four_keys(66, 18))
    given = {"epochs": "1", "seeds": "42", "data": str(base / "small.h5")}

    def call(variables: dict, files: dict) -> tuple[list[dict], dict[str, bytes]]:
        home = tmp_path_factory.mktemp("home")
        for name, content in {"work/x": "", **files}.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(content)
        variables = {name: value.replace("{home}", str(home)) for name, value in variables.items()}
        search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
        environment = {"PATH": search, "HOME": str(home), "XDG_CACHE_HOME": str(base)} | variables
        command = ["papermill", str(paths.ROOT / "notebooks" / "run.ipynb")]
        for name, value in {**given, "results_dir": str(home / "results")}.items():
            command += ["-p", name, value]
        done = subprocess.run(
            command, cwd=home / "work", env=environment, stdin=subprocess.DEVNULL,
            umask=int(variables.get("umask", "-1"), 8), capture_output=True, timeout=300,
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
    shown, numbers = run({}, {})
    kinds = [kind for output in shown for kind in output]
    assert kinds.count("image/png") == kinds.count("text/html") == 1 and len(numbers) == 2
    return shown, numbers


def test_all_at_once_changes_nothing(run, plain):
    assert run(*TOGETHER) == plain


@pytest.mark.long
@pytest.mark.parametrize("name", EACH)
def test_each_alone_changes_nothing(run, plain, name):
    assert run(*EACH[name]) == plain
