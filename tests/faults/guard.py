"""Watches what reading a file does: no code from it, no other process, no other file.

Python itself reports these acts to an audit hook (PEP 578), whoever causes them. What C libraries
do by themselves it does not see.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from harlib import paths

#: Acts that reading never needs; an event that begins like one of these is one.
_FORBIDDEN = (
    "pickle.find_class", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
    "os.system", "subprocess.", "pty.", "socket.", "ctypes.", "urllib.", "http.", "ftplib.",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
    "os.truncate", "os.chmod", "os.chown", "os.putenv", "shutil.", "sys.settrace", "builtins.input",
)  # fmt: skip
#: Where Python and its packages lie: they may load more of themselves. The printed tables
#: are read beside any result, and libraries ask how many processors they may use.
_LIBRARIES = (
    *{os.path.realpath(folder) for folder in (*sysconfig.get_paths().values(), sys.base_prefix)},
    str(paths.ROOT / "harlib"), str(paths.ROOT / "data" / "published"), "/sys/fs/cgroup",
)  # fmt: skip

_watch: dict = {"folder": None, "acts": []}


def _hook(event: str, arguments: tuple) -> None:
    if _watch["folder"] is None:
        return
    own, forbidden = (_watch["folder"],), event.startswith(_FORBIDDEN)
    if event == "exec":
        forbidden = not _inside(getattr(arguments[0], "co_filename", ""), _LIBRARIES)
    elif event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, bytes)):
        path = os.fsdecode(arguments[0])
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        where_modules_are = event == "os.listdir" and path in sys.path
        forbidden = not where_modules_are and not _inside(path, own if writes else own + _LIBRARIES)
    if forbidden:
        _watch["acts"].append(f"{event} {arguments!r}")


def _inside(path: str, folders: tuple[str, ...]) -> bool:
    return any(Path(os.path.realpath(path)).is_relative_to(folder) for folder in folders)


_install = cache(lambda: sys.addaudithook(_hook))  # once: it stays for the life of the process


@contextmanager
def watched(folder: Path) -> Iterator[list[str]]:
    """Collect what is done inside that reading files of ``folder`` does not need, in words."""
    _install()
    acts: list[str] = []
    _watch.update(folder=os.path.realpath(folder), acts=acts)
    try:
        yield acts
    finally:
        _watch["folder"] = None
