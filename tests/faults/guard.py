"""Watches what reading a file does: no code from it, no other process, no other file.

Python itself reports these acts to an audit hook (PEP 578), whoever causes them. What C libraries
do by themselves it does not see.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harlib import paths

#: Acts that reading never needs; an event that begins like one of these is one.
_FORBIDDEN = (
    "pickle.find_class", "os.exec", "os.fork", "os.posix_spawn", "os.system", "subprocess.", "pty.",
    "socket.", "ctypes.", "urllib.", "http.", "ftplib.", "os.remove", "os.rename", "os.rmdir",
    "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.putenv",
    "shutil.", "sys.settrace", "builtins.input",
)  # fmt: skip
#: Where Python and its packages lie: they may load more of themselves. The printed tables
#: are read beside any result, and libraries ask how many processors they may use.
_LIBRARIES = (
    *{os.path.realpath(folder) for folder in (*sysconfig.get_paths().values(), sys.base_prefix)},
    str(paths.ROOT / "harlib"), str(paths.ROOT / "data" / "published"), "/sys/fs/cgroup",
)  # fmt: skip
#: What each block that is watched now has done.
_watched: dict[str, list[str]] = {}


def _hook(event: str, arguments: tuple) -> None:
    for folder, acts in _watched.items():
        if not _needed(event, arguments, folder):
            acts.append(f"{event} {arguments!r}")


def _needed(event: str, arguments: tuple, folder: str) -> bool:
    """Whether reading files of ``folder`` may do this."""
    if event == "exec":
        return _inside(getattr(arguments[0], "co_filename", ""), *_LIBRARIES)
    opens = event in ("open", "os.listdir", "os.scandir")
    if not opens or not isinstance(arguments[0], (str, bytes)):
        return not event.startswith(_FORBIDDEN)
    path = os.fsdecode(arguments[0])
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return _inside(path, folder)
    where_modules_are = event == "os.listdir" and path in sys.path
    return where_modules_are or _inside(path, folder, *_LIBRARIES)


def _inside(path: str, *folders: str) -> bool:
    return any(Path(os.path.realpath(path)).is_relative_to(folder) for folder in folders)


sys.addaudithook(_hook)  # for the life of the process


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """Collect what is done inside that reading files of ``folder`` does not need, in words."""
    place = os.path.realpath(folder)
    _watched[place] = []
    try:
        yield _watched[place]
    finally:
        del _watched[place]
