"""Downloads from a server on loopback that behaves, and from ones that do not."""

import contextlib
import io
import itertools
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
    """Answers each request with the next of the server's ``answers``.

    ``length`` is what an answer announces; with ``stall`` it keeps the line.
    """

    def do_GET(self):
        answer = next(self.server.answers)
        headers = {"Content-Length": answer.get("length", len(answer["body"]))}
        headers["Location"] = answer.get("Location", "")
        with contextlib.suppress(ConnectionError):  # the other side may hang up
            self.send_response(answer.get("status", 200))
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(answer["body"])
            if answer.get("stall"):
                self.rfile.read()  # until the other side hangs up

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)  # between attempts
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = False  # its end waits for the answers under way
        server.address = f"http://127.0.0.1:{server.server_port}/data.zip"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def good(tmp_path):
    return {"body": write_zip(tmp_path / "good.zip", FILES).read_bytes()}


@pytest.fixture
def download(server, tmp_path):
    """Download from the server, which gives these answers, into ``tmp_path/data``."""

    def download(answers):
        server.answers = iter(answers)
        return make_data.download(server.address, tmp_path / "data", stall_seconds=1)

    return download


@pytest.mark.parametrize("terminal", [False, True])
def test_download(download, server, good, monkeypatch, capsys, terminal):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    assert download([good]).read_bytes() == good["body"]
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
    answer = {"body": good["body"][:-100], **fault}
    with refusal(words, "make data ARCHIVE"):
        download(itertools.repeat(answer))
    assert not list((tmp_path / "data").iterdir())
    assert download([answer, good]).read_bytes() == good["body"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y.zip", "data.zip", ""])
def test_address_of_another_kind(tmp_path, url):
    with refusal("allowed is an address"):
        make_data.download(url, tmp_path)


def test_the_command(server, good, monkeypatch, capsys):
    """What was downloaded is looked at, and nothing else: the shipped file stays as it is."""
    server.answers = iter([good])
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
        download([good])
