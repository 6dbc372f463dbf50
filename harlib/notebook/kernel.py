"""How papermill starts the kernel of one of this project's notebooks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def options() -> Iterator[dict]:
    """Keyword arguments for ``papermill.execute_notebook``, valid inside this block.

    Kernel and papermill talk over sockets in a private folder: no ports that two
    runs at once could fight over, nothing that others on the machine could read.
    """
    from traitlets.config import Config

    # A short path: the name of a socket can have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="harlib-", ignore_cleanup_errors=True) as folder:
        file = str(Path(folder) / "kernel.json")
        yield {
            "config": Config(KernelManager={"transport": "ipc", "connection_file": file}),
            # The kernel's own chatter; errors in cells do not go that way.
            "extra_arguments": ["--IPKernelApp.log_level=CRITICAL"],
        }


class Tee:
    """Writes to several streams."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams

    def write(self, text: str) -> None:
        for stream in self.streams:
            stream.write(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


class AboveBars:
    """Writes to a stream without tearing the progress bar that papermill draws there."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        from tqdm import tqdm

        tqdm.write(text, file=self.stream, end="")

    def flush(self) -> None:
        self.stream.flush()
