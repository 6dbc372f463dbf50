"""Downloads from a server on loopback that behaves, and from ones that do not."""

import contextlib
import io
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harlib.data import motionsense
from harlib.storage.manifest import sha256
from tests.data.data_helpers import recordings, refusal, write_zip
from workflow import make_data

FILES = recordings(subjects=(1, 21), rows=150)


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next of the server's ``answers``, and then with the last."""

    def do_GET(self):
        answers = self.server.answers
        answer = answers[min(len(self.server.requests), len(answers) - 1)]
        self.server.requests.append(self.path)
        with contextlib.suppress(ConnectionError):  # the other side may hang up
            answer(self)

    def log_message(self, *_):
        """Say nothing."""


def send(body, status=200, length=None, stall=False, **headers):
    """An answer with ``body``; ``length`` is what it announces; ``stall``: it keeps the line."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        if stall:
            handler.rfile.read()  # until the other side hangs up

    return answer


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)  # between attempts
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False  # its end waits for the answers under way
        server.answers, server.requests = [], []
        server.address = f"http://127.0.0.1:{server.server_port}/data.zip"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def good(tmp_path):
    return write_zip(tmp_path / "good.zip", FILES).read_bytes()


@pytest.fixture
def download(server, tmp_path):
    """Download from the server, which gives these answers, into ``tmp_path/data``."""

    def download(*answers):
        server.answers, server.requests = answers, []
        return make_data.download(server.address, tmp_path / "data", stall_seconds=1)

    return download


@pytest.mark.parametrize("terminal", [False, True])
def test_download(download, server, good, monkeypatch, capsys, terminal):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    assert download(send(good)).read_bytes() == good and len(server.requests) == 1
    error = capsys.readouterr().err
    assert server.address in error
    # A bar that moves is for a terminal.
    assert ("\r" in error and "100%" in error) == terminal


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 503}, "503"),
        ({"length": 10**6}, "failed 3 times"),
        ({"length": 10**6, "stall": True}, "timed out"),
        ({"status": 302, "Location": "/moved.zip"}, "redirects"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "No connection adapters"),
    ],
)
def test_after_a_fault_it_is_tried_again_but_not_for_ever(download, good, tmp_path, fault, words):
    answer = send(good[:-100], **fault)
    with refusal(words, "make data ARCHIVE"):
        download(answer)
    assert not list((tmp_path / "data").iterdir())
    assert download(answer, send(good)).read_bytes() == good


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y.zip", "data.zip", ""])
def test_address_of_another_kind(tmp_path, url):
    with refusal("allowed is an address"):
        make_data.download(url, tmp_path)


def test_the_command(server, good, monkeypatch, capsys):
    """What was downloaded is looked at, and nothing else: the shipped file stays as it is."""
    server.answers = [send(good)]
    before = sha256(motionsense.FILE)
    assert make_data.main(["--url", server.address]) == 1
    assert "12 recordings that are not the published ones" in capsys.readouterr().err
    assert make_data.main(["--archive", "nowhere.zip"]) == 1
    assert "nowhere.zip does not exist" in capsys.readouterr().err
    server.server_close()
    assert make_data.main(["--url", server.address]) == 1
    error = capsys.readouterr().err.strip().splitlines()[1:]
    assert len(error) == 1 and error[0].startswith(f"error: download of {server.address} failed 3")
    assert sha256(motionsense.FILE) == before


def test_a_full_disk(download, good, monkeypatch, capsys):
    monkeypatch.setattr(
        "pooch.downloaders.open", lambda *_: io.FileIO("/dev/full", "w"), raising=False
    )
    with pytest.raises(OSError, match="No space left on device"):  # main makes a line of it
        download(send(good))
