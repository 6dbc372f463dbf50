"""A batch of training, compiled: ``loops.c``, built by the machine's own C compiler.

An extra that nothing depends on: where there is no compiler, or with ``loops = "numpy"``,
:mod:`harlib.rnn` walks the steps itself. Both give the same numbers to rounding, which every
process that takes the compiled ones sees for itself; each gives the same bytes every time.
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

from harlib import rnn
from harlib.buffers import OUTPUTS, Buffers, Parameters, aligned
from harlib.errors import UserError, one_line

SOURCE = Path(__file__).with_name("loops.c")

# Without traps the compiler may work on several numbers at once where one of two values is
# chosen; no option that changes a result (-ffast-math) is among them.
_OPTIONS = ["-O3", "-fno-trapping-math", "-shared", "-fPIC"]
#: For this very processor; the name of the option differs between processors.
_TUNING = (["-march=native"], ["-mcpu=native"], [])
_LONG, _POINTER = ctypes.c_long, ctypes.c_void_p
#: What each function of ``loops.c`` is given, for ctypes.
_ARGUMENTS = {
    "forward": [_LONG] * 5 + [_POINTER, _LONG, _LONG] + [_POINTER] * 6 + [_LONG] + [_POINTER] * 3,
    "backward": [_LONG] * 5 + [_POINTER] * 7,
    "outputs": [_LONG] * 2 + [_POINTER, ctypes.c_int],
    "losses": [_LONG] * 3 + [_POINTER] * 2 + [ctypes.c_int] + [_POINTER] * 2,
}


class NoCompiler(UserError):
    """The loops cannot be compiled on this machine."""


@cache
def resolve(choice: str) -> str:
    """``numpy`` or ``compiled`` for one of these or ``auto``: compiled where that is possible.

    Where ``harlib/rnn.py`` or ``harlib/buffers.py`` was changed and ``loops.c`` was not, ``auto``
    says so, once a process, and is ``numpy``.

    Raises
    ------
    UserError
        ``compiled`` is asked for and not possible, or does not compute the same.
    """
    if choice == "numpy":
        return choice
    try:
        library()
    except NoCompiler:
        if choice == "compiled":
            raise
        return "numpy"
    if not differs():
        return "compiled"
    said = "the compiled loops compute something else than harlib/rnn.py"
    if choice == "compiled":
        raise UserError(f"loops = 'compiled': {said}; change loops.c too, or use loops = 'numpy'")
    print(f"{said}: NumPy is taken")
    return "numpy"


def differs() -> bool:
    """True if a small random case gives other numbers compiled than it gives with NumPy."""
    for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-12)):
        numpy, compiled = (_small_case(kind, dtype) for kind in BUFFERS.values())
        for one, other in zip(numpy, compiled, strict=True):
            if not np.allclose(other, one, rtol=tolerance, atol=tolerance * np.abs(one).max()):
                return True
    return False


def _small_case(buffers: type[Buffers], dtype: str) -> list[np.ndarray]:
    """Gradients, states, class scores and losses of every kind of output and of loss."""
    params = rnn.initial_values(0, 9, initial_range=0.5, dtype=dtype)
    rng = np.random.RandomState(0)
    x, label = 3 * rng.standard_normal((5, 7, 3)).astype(dtype), rng.randint(0, 6, 7)
    found, target = [], np.eye(6, dtype=dtype)[label]
    for output in OUTPUTS:
        for loss_from in ("each", "mean"):
            how = {"output": output, "loss_from": loss_from}
            gradient = rnn.bptt(params, x, target, buffers(params, 5, 7), **how)
            found += [value.copy() for value in gradient.values()]
            found += rnn.predict(params, x, label, buffers=buffers, **how)
        found += rnn.forward(params, x, buffers(params, 5, 7), output)
    return found


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
    compiler = (os.environ.get("CC") or "cc").split()  # also "ccache gcc"
    if not compiler or not shutil.which(compiler[0]):
        raise NoCompiler("loops = 'compiled': no C compiler (cc) found; allowed is numpy")
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


def _digest(compiler: list[str]) -> str:
    """Changes with the source, the compiler, its options and the processor."""
    version = subprocess.run([*compiler, "--version"], capture_output=True, check=False).stdout
    processor = platform.processor().encode()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_bytes().splitlines()
        processor = b"".join(
            sorted({line for line in lines if line.startswith((b"flags", b"model"))})
        )
    parts = [SOURCE.read_bytes(), version, repr((_OPTIONS, _TUNING)).encode(),
             platform.machine().encode(), processor]  # fmt: skip
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _compile(compiler: list[str], path: Path) -> None:
    """Build the library under a temporary name, then rename it: several workers may be at it."""
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    said = ""
    try:
        for tuning in _TUNING:
            done = subprocess.run(
                [*compiler, *_OPTIONS, *tuning, "-o", str(temporary), str(SOURCE), "-lm"],
                capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
            if done.returncode == 0:
                temporary.replace(path)
                return
            said = said or done.stderr
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(path.parent)
        raise NoCompiler(f"loops = 'compiled': {compiler[0]} failed: {one_line(said)[:200]}")
    finally:
        temporary.unlink(missing_ok=True)


def _declare(loaded: ctypes.CDLL) -> ctypes.CDLL:
    """Tell ctypes what the functions of ``loops.c`` are given."""
    loaded.register_bytes.argtypes, loaded.register_bytes.restype = [], _LONG
    for kind in ("float", "double"):
        for name, types in _ARGUMENTS.items():
            function = getattr(loaded, f"{name}_{kind}")
            function.argtypes, function.restype = types, None
    return loaded


def _filled(length: int, dtype: np.dtype) -> int:
    """The next multiple of the numbers that fit into the widest register that ``loops.c`` uses."""
    lanes = library().register_bytes() // np.dtype(dtype).itemsize
    return -(-length // lanes) * lanes


class CompiledBuffers(Buffers):
    """Buffers whose walks along the steps are compiled.

    ``states`` and ``errors`` are the part that means something of arrays whose rows are filled up
    to whole registers; ``slopes`` is never stored.
    """

    def __init__(self, params: Parameters, steps: int, batch: int, *, keep: bool = True) -> None:
        N, K = params["W_ax"].shape
        C = len(params["W_ya"])
        dtype = self._dtype = params["W_aa"].dtype
        kind = {"float32": "float", "float64": "double"}[dtype.name]
        self._call = {name: getattr(library(), f"{name}_{kind}") for name in _ARGUMENTS}
        self._sizes = batch, N, K, C
        self.outputs = np.empty((steps, batch, C), dtype)
        row = _filled(N + 1 + K, dtype)
        # Without BPTT two rows: the latest states and the ones before.
        self._whole_states = aligned((steps + 1 if keep else 2, batch, row), dtype)
        self.states = self._whole_states[:, :, : N + 1 + K]
        self.states[:, :, N] = 1
        if keep:
            self._whole_errors = aligned((steps + 1, batch, _filled(N + C, dtype)), dtype)
            self.errors = self._whole_errors[:, :, : N + C]
            self._gradient = aligned((N + C, row), dtype)
        self._panels = aligned((max(N + 1 + K, N + C) * _filled(N + C, dtype),), dtype)
        self._spare = aligned((batch * (_filled(N + C, dtype) - N + _filled(1, dtype)),), dtype)
        self._sums = aligned((2 * (batch + 4),), "float64")
        self._at = {k: of.ctypes.data for k, of in vars(self).items() if isinstance(of, np.ndarray)}

    def forward(self, params: Parameters, x: np.ndarray) -> None:
        """As :meth:`harlib.buffers.Buffers.forward`."""
        if x.strides[2] != x.itemsize:
            x = np.ascontiguousarray(x)
        names = ("W_aa", "W_ax", "W_ya", "b_a", "b_y")
        W = [np.ascontiguousarray(params[name], self._dtype) for name in names]
        self._call["forward"](
            len(x), *self._sizes,
            x.ctypes.data, x.strides[0] // x.itemsize, x.strides[1] // x.itemsize,
            *(part.ctypes.data for part in W),
            self._at["_whole_states"], len(self._whole_states), self._at["outputs"],
            self._at["_panels"], self._at["_spare"],
        )  # fmt: skip

    def backward(self, params: Parameters) -> np.ndarray:
        """As :meth:`harlib.buffers.Buffers.backward`; the same array at every call."""
        W = [np.ascontiguousarray(params[name], self._dtype) for name in ("W_aa", "W_ya")]
        self._call["backward"](
            len(self.outputs), *self._sizes, *(part.ctypes.data for part in W),
            *(self._at[name] for name in ("_whole_states", "_whole_errors", "outputs")),
            self._at["_gradient"], self._at["_panels"],
        )  # fmt: skip
        return self._gradient

    def output(self, z: np.ndarray, output: str) -> np.ndarray:
        """As :meth:`harlib.buffers.Buffers.output`; ``z`` is contiguous."""
        self._call["outputs"](
            z.size // z.shape[-1], z.shape[-1], z.ctypes.data, output == "softmax"
        )
        return z

    def losses(self, z: np.ndarray, label: np.ndarray, output: str) -> np.ndarray:
        """As :meth:`harlib.buffers.Buffers.losses`."""
        T, B, C = z.shape
        label = np.ascontiguousarray(label, np.int64)
        losses = np.empty(B)
        self._call["losses"](
            T, B, C, z.ctypes.data, label.ctypes.data, output == "softmax",
            losses.ctypes.data, self._at["_sums"],
        )  # fmt: skip
        return losses


#: The buffers in which the chosen loops walk the steps.
BUFFERS = {"numpy": Buffers, "compiled": CompiledBuffers}
