"""The two loops over steps, compiled: ``loops.c``, built by the machine's own C compiler.

An extra that nothing depends on: where there is no compiler, or with
``loops = "numpy"``, :mod:`harlib.rnn` walks the steps itself. Both give the
same numbers to rounding; each gives the same bytes every time.
"""

import contextlib
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from harlib.errors import UserError, one_line

SOURCE = Path(__file__).with_name("loops.c")

# Without traps the compiler may work on several numbers at once where one of two values is
# chosen; no option that changes a result (-ffast-math) is among them.
_OPTIONS = ["-O3", "-fno-trapping-math", "-shared", "-fPIC"]
#: For this very processor; the name of the option differs between processors.
_TUNING = (["-march=native"], ["-mcpu=native"], [])
#: Columns that the widest registers may round a matrix up to.
_PADDING = 32

_LONG, _POINTER = ctypes.c_long, ctypes.c_void_p


class NoCompiler(UserError):
    """The loops cannot be compiled on this machine."""


def resolve(choice: str) -> str:
    """``numpy`` or ``compiled`` for one of these or ``auto``: compiled where that is possible.

    Raises
    ------
    NoCompiler
        ``compiled`` is asked for and not possible.
    """
    if choice == "numpy":
        return choice
    try:
        library()
    except NoCompiler:
        if choice == "compiled":
            raise
        return "numpy"
    return "compiled"


@cache
def library() -> ctypes.CDLL:
    """The compiled loops: built at the first use on a machine, then loaded from a cache.

    Raises
    ------
    NoCompiler
        Says what is missing, or what the compiler said.
    """
    if ctypes.sizeof(_LONG) != np.dtype(np.intp).itemsize:
        raise NoCompiler("loops = 'compiled': not on this system; allowed is numpy")
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if not compiler:
        raise NoCompiler(
            "loops = 'compiled': no C compiler (cc) was found; install one, or use loops = 'numpy'"
        )
    name = f"loops-{_digest(compiler)}.so"
    for folder in _folders():
        path = folder / name
        try:
            if not path.exists():
                _compile(compiler, path)
            return _declare(ctypes.CDLL(str(path)))
        except OSError:  # cannot be written, or not be loaded from there
            continue
    raise NoCompiler("loops = 'compiled': no folder was found that a library can be loaded from")


def _folders():
    """Where to keep the library: beside the code; else in a folder of this process only."""
    # Never in a folder that others can write to: a library found there would be their code.
    yield SOURCE.with_name("__pycache__")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _digest(compiler: str) -> str:
    """Changes with the source, the compiler, its options and the processor."""
    version = subprocess.run([compiler, "--version"], capture_output=True, check=False).stdout
    processor = platform.processor().encode()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
        processor = b"".join(
            sorted({line for line in lines if line.startswith((b"flags", b"model"))})
        )
    parts = [SOURCE.read_bytes(), version, repr((_OPTIONS, _TUNING)).encode(),
             platform.machine().encode(), processor]  # fmt: skip
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _compile(compiler: str, path: Path) -> None:
    """Build the library under a temporary name, then rename it: several workers may be at it."""
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    said = ""
    try:
        for tuning in _TUNING:
            done = subprocess.run(
                [compiler, *_OPTIONS, *tuning, "-o", str(temporary), str(SOURCE), "-lm"],
                capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
            if done.returncode == 0:
                temporary.replace(path)
                return
            said = said or done.stderr
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(path.parent)
        raise NoCompiler(f"loops = 'compiled': {compiler} failed: {one_line(said)[:200]}")
    finally:
        temporary.unlink(missing_ok=True)


def _declare(loaded: ctypes.CDLL) -> ctypes.CDLL:
    for kind in ("float", "double"):
        forward = getattr(loaded, f"forward_{kind}")
        forward.argtypes = [_LONG] * 5 + [_POINTER, _LONG, _LONG, _POINTER, _LONG] + [_POINTER] * 4
        forward.restype = None
        backward = getattr(loaded, f"backward_{kind}")
        backward.argtypes = [_LONG] * 5 + [_POINTER] * 5
        backward.restype = None
    return loaded


class Loops:
    """The loops for one size of batch.

    Parameters
    ----------
    sizes : (B, N, K, C)
        As in :mod:`harlib.rnn`; the number of steps comes with the arrays.
    dtype : float32 or float64
    """

    def __init__(self, sizes: tuple[int, int, int, int], dtype: np.dtype) -> None:
        B, N, K, C = sizes
        kind = {"float32": "float", "float64": "double"}[np.dtype(dtype).name]
        self._forward = getattr(library(), f"forward_{kind}")
        self._backward = getattr(library(), f"backward_{kind}")
        self._sizes = sizes
        self._panels = np.empty((N + C + 1 + K) * (N + C + _PADDING), dtype)
        self._sums = np.empty(B * (N + C + _PADDING), dtype)
        self._room = (self._panels.ctypes.data, self._sums.ctypes.data)

    def forward(self, x: np.ndarray, states: np.ndarray, W: np.ndarray, z: np.ndarray) -> None:
        """Fill ``states`` (T + 1, B, N + 1 + K), or (1, B, ...) to keep none, and ``z`` (T, B, C).

        ``x`` is (T, B, K), each row of K contiguous; ``W`` (N + 1 + K, N + C) is the
        workspace's ``W_in``.
        """
        if x.strides[2] != x.itemsize:
            x = np.ascontiguousarray(x)
        step = 0 if len(states) == 1 else states.strides[0] // x.itemsize
        self._forward(
            len(x), *self._sizes,
            x.ctypes.data, x.strides[0] // x.itemsize, x.strides[1] // x.itemsize,
            states.ctypes.data, step, W.ctypes.data, z.ctypes.data, *self._room,
        )  # fmt: skip

    def backward(self, states: np.ndarray, errors: np.ndarray, W: np.ndarray) -> None:
        """Fill the deltas of ``errors`` (T + 1, B, N + C); ``W`` (N + C, N) is ``W_back``."""
        self._backward(
            len(states) - 1,
            *self._sizes,
            states.ctypes.data,
            errors.ctypes.data,
            W.ctypes.data,
            *self._room,
        )
