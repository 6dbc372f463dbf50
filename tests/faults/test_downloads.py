"""A server on loopback that misbehaves, and what of it gets into the cache."""

import contextlib
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harlib.data import archive, fetch
from harlib.errors import UserError
from tests.data.data_helpers import recordings, write_checksums, write_zip

FILES = recordings(subjects=(1,), rows=150)


def answer(rng, body):
    """Status, place that it leads to, length announced, and what is sent: all right, or not."""
    somewhere, length = int(rng.integers(len(body))), len(body)
    flipped = body[:somewhere] + bytes([body[somewhere] ^ 1]) + body[somewhere + 1 :]
    place = rng.choice(["/again", "ftp://127.0.0.1/x.zip", "file:///etc/passwd", "//[", ""])
    answers = [
        (200, None, length, body),
        (int(rng.choice([204, 206, 400, 403, 404, 429, 500, 502, 503])), None, length, body),
        (302, str(place), 0, b""),
        (200, None, length, body[:somewhere]),
        (200, None, length + int(rng.choice([-100, -1, 1, 100, 2**40])), body),
        (200, None, length, flipped),
    ]
    return answers[rng.integers(len(answers))]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, place, length, sent = answer(self.server.rng, self.server.body)
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if place is not None:
            self.send_header("Location", place)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the other side may hang up
            self.wfile.write(sent)
            if self.server.rng.random() < 0.1:  # and say no more, nor that this is all
                self.server.over.wait(2)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch, tmp_path):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)  # between attempts
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that its end waits for the answers under way
    server.body = write_zip(tmp_path / "good.zip", FILES).read_bytes()
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.attack("downloads", few=10, many=300)
def test_whatever_a_server_does_the_cache_holds_the_good_file_or_none(server, attempts, tmp_path):
    listing = write_checksums(tmp_path, FILES)
    for number, rng in enumerate(attempts):
        server.rng, cache = rng, tmp_path / str(number)
        # Now and then nobody listens.
        port = 1 if rng.random() < 0.1 else server.server_port
        address = f"http://127.0.0.1:{port}/data.zip"
        try:
            file = fetch.fetch(cache, address, listing, stall_seconds=0.5, retries=1)
        except UserError as error:
            assert str(error).isprintable() and len(str(error)) < 1000
            assert not list(cache.rglob("*.zip*"))
        else:
            # Of the zip some bits mean nothing; of the recordings in it every bit counts.
            with zipfile.ZipFile(file) as taken:
                assert {name: taken.read(f"{archive.NAME}/{name}") for name in FILES} == FILES
        assert not list(cache.rglob(".download-*"))
