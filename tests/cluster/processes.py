"""Processes that are told apart by when they started: a number is used again by the system."""

import contextlib
import os
import signal
import time
from pathlib import Path

#: Seconds that a process has to end in before it is killed.
_PATIENCE = 10


def started(pid: int) -> str | None:
    """When a process started, in clock ticks since the machine did; None if it has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that has ended leaves nothing behind
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def end(pid: int, when: str | None, sign: signal.Signals = signal.SIGTERM) -> None:
    """Signal the process that started ``when``, and wait for its end; kill it if it does not.

    A number that belongs to another process by now is left alone.
    """
    for attempt in (sign, signal.SIGKILL):
        if when is None or started(pid) != when:
            return
        os.kill(pid, attempt)
        deadline = time.monotonic() + _PATIENCE
        while started(pid) == when and time.monotonic() < deadline:
            time.sleep(0.05)
