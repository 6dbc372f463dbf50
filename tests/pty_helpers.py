"""Run a command with stdin and stdout each a real terminal, a pipe or /dev/null."""

import os
import pty
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

#: What stdin or stdout may be.
KINDS = ("terminal", "pipe", "/dev/null")


@dataclass(frozen=True)
class Finished:
    """What a command left: its return code and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


class _Terminal:
    """A pseudo-terminal whose screen is read until the last program has left it."""

    def __init__(self):
        self._master, self.slave = pty.openpty()
        self._screen = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        try:
            while part := os.read(self._master, 65536):
                self._screen += part
        except OSError:  # Linux's way to say that nobody is left at the other end
            pass

    def type(self, line: str) -> None:
        os.write(self._master, line.encode() + b"\n")

    def leave(self) -> str:
        os.close(self.slave)
        self._reader.join()
        os.close(self._master)
        return self._screen.decode().replace("\r\n", "\n")


def run(command, *, cwd, env, stdin="/dev/null", stdout="pipe", piped="", typed=None) -> Finished:
    """Run ``command``; stderr goes to a pipe of its own, but with ``typed`` to the screen.

    ``piped`` is written to stdin if that is a pipe; ``typed`` is a line typed at the
    terminal, as a person would, while the command runs.
    """
    terminal = _Terminal() if "terminal" in (stdin, stdout) else None
    with Path(os.devnull).open("r+b") as null:
        ends = {"pipe": subprocess.PIPE, "/dev/null": null}
        if terminal:
            ends["terminal"] = terminal.slave
        with subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=ends[stdin],
            stdout=ends[stdout],
            stderr=ends["terminal"] if typed else subprocess.PIPE,
            start_new_session=True,
        ) as process:
            if typed:
                terminal.type(typed)
            out, err = process.communicate(piped.encode() if stdin == "pipe" else None, timeout=120)
    screen = terminal.leave() if terminal else ""
    text = screen if stdout == "terminal" else (out or b"").decode()
    return Finished(process.returncode, text, (err or b"").decode())
