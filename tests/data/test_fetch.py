"""Downloads from a server on loopback that behaves, and from ones that do not."""

import contextlib
import io
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harlib.data import archive, fetch
from tests.data.data_helpers import recordings, refusal, write_checksums, write_zip

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
        handler.wfile.flush()
        if stall:
            handler.server.over.wait(30)

    return answer


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)  # between attempts
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # server_close waits for the answers under way
    server.answers, server.requests, server.over = [], [], threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}/data.zip"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def good(tmp_path):
    return write_zip(tmp_path / "good.zip", FILES).read_bytes()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / "motionsense" / f"{archive.NAME}.zip"


@pytest.fixture
def download(server, tmp_path):
    """Fetch into ``tmp_path/data`` against the checksums of ``FILES``."""

    def download(*answers, **options):
        server.answers = list(answers)
        listing = write_checksums(tmp_path / "checksums", FILES)
        return fetch.fetch(tmp_path / "data", server.address, listing, **options)

    return download


@pytest.fixture
def refused(download, tmp_path):
    def refused(*answers, words, **options):
        with refusal(words):
            download(*answers, **options)
        assert not [file for file in tmp_path.glob("data/*/*") if file.suffix != ".txt"]

    return refused


def test_download(download, server, good, target, capsys):
    assert download(send(good)) == target
    assert target.read_bytes() == good and len(server.requests) == 1
    assert {file.name for file in target.parent.iterdir()} == {target.name, "LICENCE-NOTE.txt"}
    assert "MIT" in (target.parent / "LICENCE-NOTE.txt").read_text()
    output = capsys.readouterr()
    assert "12 recordings" in output.out and server.address in output.err
    assert "\r" not in output.err  # a bar that moves is for a terminal
    download(send(b"other"))
    assert len(server.requests) == 1, "a good file was downloaded again"


def test_a_bar_on_a_terminal(download, good, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    download(send(good))
    assert "100%" in capsys.readouterr().err


def test_a_bad_file_is_replaced_once_a_good_one_is_there(download, server, good, target):
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half of it")
    with refusal("404"):
        download(send(b"", status=404))
    assert target.read_bytes() == b"half of it"
    server.requests.clear()
    download(send(good))
    assert target.read_bytes() == good


CUT_OFF = {"length": 10**6}
MOVED = {"status": 302, "Location": "/moved.zip"}


@pytest.mark.parametrize("first", [{"status": 503}, CUT_OFF, {**CUT_OFF, "stall": True}, MOVED])
def test_a_fault_then_the_file(download, server, good, first):
    answers = send(good[:-100], **first), send(good)
    assert download(*answers, stall_seconds=1).read_bytes() == good
    assert len(server.requests) >= 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 404}, "404"),
        ({"status": 500}, "500"),
        (CUT_OFF, "failed 3 times"),
        ({**CUT_OFF, "stall": True}, "timed out"),
        ({"length": "many"}, "many"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "No connection adapters"),
        ({"status": 302, "Location": "/again"}, "Exceeded 30 redirects"),
    ],
)
def test_a_fault_for_ever(refused, good, answer, words):
    refused(send(good[:-100], **answer), words=words, stall_seconds=1)


CHANGED = {**FILES, "jog_2/sub_1.csv": b"other"}


def test_another_file(refused, server, tmp_path):
    """It came whole, so that no further attempt is made."""
    changed = write_zip(tmp_path / "other.zip", CHANGED).read_bytes()
    refused(send(b"<html></html>"), words="cannot read the file received: File is not a zip file")
    refused(send(changed), words="the file received: jog_2/sub_1.csv is damaged or changed")
    assert len(server.requests) == 2


def test_kill_9_in_the_middle_leaves_no_bad_file(server, good, target, tmp_path):
    server.answers = [send(good[:-100], length=len(good), stall=True), send(good)]
    code = (
        "import sys, pathlib; from harlib.data import fetch;"
        "fetch.fetch(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))"
    )
    listing = write_checksums(tmp_path / "checksums", FILES)
    asked = [sys.executable, "-c", code, str(tmp_path / "data"), server.address, str(listing)]
    with subprocess.Popen(asked) as process:
        while not server.requests:
            time.sleep(0.05)
            assert process.poll() is None
        process.kill()
    assert not target.exists()
    assert fetch.fetch(tmp_path / "data", server.address, listing).read_bytes() == good


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y.zip", "data.zip", ""])
def test_address_of_another_kind(tmp_path, url):
    with refusal("allowed is an address"):
        fetch.fetch(tmp_path, url)


def test_nobody_listens(tmp_path, server, capsys):
    address = server.address
    server.server_close()
    assert fetch.main(["--url", address, "--data-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()[1:]
    assert len(error) == 1 and error[0].startswith(f"error: download of {address} failed 3 times")


def test_folder_that_is_a_file(download, tmp_path, good):
    (tmp_path / "data").write_text("in the way")
    with refusal("cannot write into"):
        download(send(good))


def test_a_full_disk(refused, good, monkeypatch):
    def full(*_):
        return io.FileIO("/dev/full", "w")

    monkeypatch.setattr("pooch.downloaders.open", full, raising=False)
    refused(send(good), words="No space left on device")
