"""Every path of the project, and the one rule for relative ones.

A relative path that a user gives (``results_dir``, ``data``) counts from the project's root,
wherever the notebook runs: papermill starts kernels in the shell's folder, Lab in ``notebooks/``.
"""

import os
from pathlib import Path

from harlib.errors import UserError, one_line

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
PUBLISHED = ROOT / "data" / "published"
RECORDS = ROOT / "data" / "records"
HDF5_ENDINGS = (".h5", ".hdf5", ".hdf")


def resolve(path: str | os.PathLike) -> Path:
    """Absolute form of ``path``; a relative one counts from the project's root."""
    try:
        return (ROOT / Path(path).expanduser()).resolve()
    except (RuntimeError, OSError, ValueError) as error:  # no such user, a loop of links, a NUL
        raise UserError(f"path {str(path)!r} leads nowhere: {one_line(error)}") from None


def shown(path: Path) -> str:
    """``path`` as messages and executed notebooks show it: from the project's root, if inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def data_label(data: str) -> str:
    """Name of a data set in file names: itself, or the stem of a path."""
    return Path(data).stem if is_path(data) else data


def is_path(data: str) -> bool:
    """True if ``data`` names a file rather than one of the known data sets."""
    return "/" in data or "\\" in data or Path(data).suffix.lower() in HDF5_ENDINGS
