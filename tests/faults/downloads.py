"""A server on loopback that misbehaves in every way, and what of it gets into the cache."""

import contextlib
import hashlib
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from harlib.data import archive, fetch, motionsense
from harlib.errors import UserError
from tests.faults import mutate, torture

_NAMES = [f"{activity}_1/sub_1.csv" for activity in motionsense.ACTIVITIES]
_FILES = {name: name.encode() * 200 for name in _NAMES}


def good() -> bytes:
    """A zip of six files, called like recordings."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in _FILES.items():
            made.writestr(f"{archive.NAME}/{name}", content)
    return file.getvalue()


class _Server(ThreadingHTTPServer):
    def __init__(self, body: bytes, rng: np.random.Generator) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body, self.rng, self.over = body, rng, threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._answer()

    def _answer(self) -> None:
        rng, body = self.server.rng, self.server.body
        kind = int(rng.integers(10))
        status, length, headers = 200, len(body), {}
        if kind == 0:
            status = int(rng.choice([204, 206, 400, 403, 404, 429, 500, 502, 503]))
        elif kind == 1:  # cut off
            body = body[: int(rng.integers(len(body)))]
        elif kind == 2:  # a length that is not so
            length += int(rng.choice([-1, 1, -100, 100, 2**40]))
        elif kind == 3:  # wrong bytes, of the length announced
            body = mutate.damage(rng, body, [body])
            length = len(body)
        elif kind == 4:
            place = ["/again", "ftp://127.0.0.1/x.zip", "file:///etc/passwd", "//[", ""]
            status, body, length = 302, b"", 0
            headers["Location"] = str(rng.choice(place))
        elif kind == 5:
            headers["Content-Encoding"] = "gzip"
        elif kind == 6:
            length = None
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if kind == 7:  # stalls
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.over.wait(2)
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@torture(
    "downloads",
    what="Downloads from a server that stalls, cuts off, lies or redirects: refused or "
    "tried again, and never a bad file in the cache",
    times=300,
    test="tests/data/test_fetch.py::test_a_fault_for_ever",
)
def downloads(rng: np.random.Generator) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield from attempts(Path(folder), rng, 300)


def attempts(folder: Path, rng: np.random.Generator, times: int) -> Iterator[str]:
    """Download again and again into an empty cache; yields what was wrong with what is in it."""
    body = good()
    listing = folder / "checksums"
    listing.write_text(
        "".join(
            f"{hashlib.sha256(content).hexdigest()}  {archive.NAME}/{name}\n"
            for name, content in _FILES.items()
        )
    )
    os.environ["NO_PROXY"] = "127.0.0.1"
    server = _Server(body, rng)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        for number in range(times):
            yield _once(folder / str(number), server, listing, body, int(rng.integers(2)))
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _once(cache: Path, server: _Server, listing: Path, body: bytes, retries: int) -> str:
    address = f"http://127.0.0.1:{server.server_port}/data.zip"
    said = None
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            fetch.fetch(cache, address, listing, stall_seconds=0.5, retries=retries)
        except UserError as error:
            said = str(error)
        except Exception as error:  # whatever it is, it is what is looked for
            return f"{type(error).__name__}: {error}"
    there = [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".txt"]
    if said is not None:
        if there:
            return f"refused, but {there[0].name} is there"
        return "" if said.isprintable() and len(said) < 1000 else f"not one line: {said[:100]!r}"
    if [path.name for path in there] != [fetch.FILE] or not _is_good(there[0]):
        return "taken, but not the good file"
    return ""


def _is_good(path: Path) -> bool:
    with zipfile.ZipFile(path) as file:
        return all(file.read(f"{archive.NAME}/{name}") == _FILES[name] for name in _NAMES)
