"""Downloads from a server on loopback that behaves, and from ones that do not."""

import contextlib
import gc
import gzip
import io
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harlib import paths
from harlib.data import archive, fetch, motionsense
from harlib.errors import UserError
from tests.data_helpers import real_data_dir, recordings, write_checksums, write_zip

FILES = recordings(subjects=(1, 21), rows=150)


class Server(ThreadingHTTPServer):
    """Answers each request with the next of ``answers``, and from then on with the last."""

    daemon_threads = False  # server_close waits for the answers under way

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests, self.over = [], [], threading.Event()

    def address(self, path="/data.zip"):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answers = self.server.answers
        answer = answers[min(len(self.server.requests), len(answers) - 1)]
        self.server.requests.append(self.path)
        with contextlib.suppress(ConnectionError):  # the other side may hang up
            answer(self)

    def log_message(self, *_):
        """Say nothing."""


def send(body, status=200, length=None, **headers):
    """An answer with ``body``; ``length`` is what it announces."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def stall(body):
    """Half of ``body``, then nothing, until the test is over."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.wfile.flush()
        handler.server.over.wait(30)

    return answer


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """pooch waits between attempts, longer each time."""
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)


@pytest.fixture
def good(tmp_path):
    return write_zip(tmp_path / "good.zip", FILES).read_bytes()


@pytest.fixture
def download(server, tmp_path):
    """Fetch into ``tmp_path/data`` against the checksums of ``FILES``."""

    def download(*answers, path="/data.zip", **options):
        server.answers = list(answers)
        listing = write_checksums(tmp_path / "checksums", FILES)
        return fetch.fetch(tmp_path / "data", server.address(path), listing, **options)

    return download


@pytest.fixture
def refused(download, tmp_path):
    def refused(*answers, words, **options):
        with pytest.raises(UserError) as caught:
            download(*answers, **options)
        message = str(caught.value)
        assert words in message, message
        assert "\n" not in message and ".download-" not in message
        assert not list((tmp_path / "data").rglob("*.zip*"))
        assert not list((tmp_path / "data").rglob(".download-*"))

    return refused


def test_download(download, server, good, tmp_path, capsys):
    target = download(send(good))
    assert target == tmp_path / "data" / "motionsense" / f"{archive.NAME}.zip"
    assert target.read_bytes() == good and len(server.requests) == 1
    assert {file.name for file in target.parent.iterdir()} == {target.name, "LICENCE-NOTE.txt"}
    assert "MIT" in (target.parent / "LICENCE-NOTE.txt").read_text()
    output = capsys.readouterr()
    assert "12 recordings" in output.out and "100 %" in output.err and "\r" not in output.err


def test_a_good_file_is_not_downloaded_again(download, server, good):
    download(send(good))
    download(send(b"other"))
    assert len(server.requests) == 1


def test_a_bad_file_is_replaced_once_a_good_one_is_there(download, server, good, tmp_path):
    target = tmp_path / "data" / "motionsense" / f"{archive.NAME}.zip"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"half of it")
    with pytest.raises(UserError, match="404"):
        download(send(b"", status=404))
    assert target.read_bytes() == b"half of it"
    server.requests.clear()
    download(send(good))
    assert target.read_bytes() == good


@pytest.mark.parametrize("status", [500, 503])
def test_server_error_then_success(download, server, good, status):
    assert download(send(b"sorry", status=status), send(good)).read_bytes() == good
    assert len(server.requests) == 2


def test_server_error_for_ever(refused, server):
    refused(send(b"sorry", status=500), words="failed 3 times, the last time: 500")
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [403, 404])
def test_not_there(refused, server, status):
    refused(send(b"", status=status), words=f"the server says {status}")
    assert len(server.requests) == 1


def test_stalled_then_success(download, good):
    assert download(stall(good), send(good), stall_seconds=0.3).read_bytes() == good


def test_stalled_for_ever(refused, server, good):
    refused(stall(good), words="timed out", stall_seconds=0.3, retries=1)
    assert len(server.requests) == 2


def test_too_slow_altogether(refused, good):
    refused(send(good), words="takes too long", max_seconds=0)
    for thread in threading.enumerate():
        if thread.name == fetch.FILE:
            thread.join(30)
    gc.collect()  # a connection that the thread left open is a warning, and so an error


def drip(body, headers=False):
    """An answer that comes byte by byte, so that it never stalls; or its headers do."""

    def answer(handler):
        if headers:
            handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        else:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
        for byte in body:
            handler.wfile.write(b"x" if headers else bytes([byte]))
            handler.wfile.flush()
            if handler.server.over.wait(0.05):
                return

    return answer


@pytest.mark.parametrize("headers", [False, True])
def test_a_byte_now_and_then_is_not_waited_for_without_end(refused, good, headers):
    start = time.monotonic()
    refused(drip(good, headers), words="takes too long", stall_seconds=5, max_seconds=0.5)
    assert time.monotonic() - start < 60


def test_cut_off(refused, server, good):
    refused(send(good[:-100], length=len(good)), words="failed 3 times")
    assert len(server.requests) == 3


def test_cut_off_then_success(download, good):
    assert download(send(good[:-100], length=len(good)), send(good)).read_bytes() == good


@pytest.mark.parametrize("off", [-1, -1000])
def test_announces_less_than_it_sends(refused, good, off):
    refused(send(good, length=len(good) + off), words="not a whole zip")


@pytest.mark.parametrize("length", ["many", "-5"])
def test_announces_nonsense(refused, good, length):
    refused(send(good, length=length), words=f"announces {length} bytes")


def test_announces_too_much(refused, server, good):
    refused(send(good, length=2**40), words=f"announces {2**40} bytes")
    assert len(server.requests) == 1


def test_sends_too_much_unannounced(refused, good):
    def answer(handler):  # HTTP/1.0: no length, the end of the connection is the end
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(good + b"\0" * 2**17)

    refused(answer, words="sends more than 65536 bytes", max_bytes=2**16)


def test_a_packed_answer_that_unpacks_to_too_much(refused):
    body = gzip.compress(b"\0" * 2**24)
    bomb = send(body, **{"Content-Encoding": "gzip"})
    refused(bomb, words="sends more than 65536 bytes", max_bytes=2**16)


def test_parts_that_end_too_early(refused, good):
    def answer(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n" % len(good) + good[:-50])
        handler.close_connection = True

    refused(answer, words="failed 3 times")


def test_a_part_of_the_file_in_place_of_all(refused, good):
    refused(send(good[: len(good) // 2], status=206), words="not a whole zip")


def test_an_empty_answer(refused):
    refused(send(b""), words="not a whole zip")
    refused(send(b"", status=204), words="not a whole zip")


def test_kill_9_in_the_middle_leaves_no_bad_file(server, good, tmp_path):
    server.answers = [stall(good)]
    code = (
        "import sys, pathlib; from harlib.data import fetch;"
        "fetch.fetch(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))"
    )
    listing = write_checksums(tmp_path / "checksums", FILES)
    asked = [sys.executable, "-c", code, str(tmp_path / "data"), server.address(), str(listing)]
    with subprocess.Popen(asked) as process:
        while not server.requests:
            time.sleep(0.05)
            assert process.poll() is None
        process.kill()
    assert not list((tmp_path / "data").glob("*/*.zip"))
    server.answers.append(send(good))
    target = fetch.fetch(tmp_path / "data", server.address(), listing)
    assert target.read_bytes() == good


def test_not_a_zip(refused, server):
    refused(send(b"<html>welcome</html>"), words="the file received is not a whole zip")
    assert len(server.requests) == 3


def test_wrong_bytes(refused, tmp_path):
    name = "jog_2/sub_1.csv"
    other = {**FILES, name: FILES[name].replace(b"1", b"2", 1)}
    body = write_zip(tmp_path / "other.zip", other).read_bytes()
    refused(send(body), words=f"the file received: {name} is damaged or changed")


def test_recordings_missing(refused, tmp_path):
    some = {name: content for name, content in FILES.items() if not name.startswith("wlk")}
    body = write_zip(tmp_path / "some.zip", some).read_bytes()
    refused(send(body), words="2 of 12 recordings are missing")


def test_one_flipped_bit(refused, good):
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    refused(send(bytes(flipped)), words="the file received")


def test_paths_that_climb_out(refused, tmp_path):
    body = write_zip(tmp_path / "evil.zip", {**FILES, "../evil.csv": b"x"}).read_bytes()
    refused(send(body), words="leads out of the folder")


def test_redirect_on_the_same_server(download, good):
    assert download(send(b"", status=302, Location="/moved.zip"), send(good)).read_bytes() == good


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x.zip", "file:///etc/passwd", "https://x/y"])
def test_redirect_to_another_scheme(refused, server, target):
    refused(send(b"", status=302, Location=target), words="which is not http; not followed")
    assert len(server.requests) == 1


def test_redirects_without_end(refused):
    refused(send(b"", status=302, Location="/again"), words="Exceeded 30 redirects", retries=0)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y.zip", "data.zip", ""])
def test_address_of_another_kind(tmp_path, url):
    with pytest.raises(UserError, match="allowed is an address"):
        fetch.fetch(tmp_path, url)


def test_nobody_listens(tmp_path, server, capsys):
    address = server.address()
    server.server_close()
    assert fetch.main(["--url", address, "--data-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and error[0].startswith(f"error: download of {address} failed 3 times")


def test_folder_that_is_a_file(server, tmp_path, good):
    (tmp_path / "data").write_text("in the way")
    server.answers = [send(good)]
    with pytest.raises(UserError, match="cannot write into"):
        fetch.fetch(tmp_path / "data", server.address())


def test_bar_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    progress = fetch.Progress(10**6, 60, stream)
    progress.total = 1000
    for _ in range(10):
        progress.update(100)
    progress.reset()
    progress.update(1000)
    progress.close()
    assert "100%" in stream.getvalue() and "1.00k/1.00k" in stream.getvalue()


def test_the_real_zip(server, tmp_path):
    body = (real_data_dir() / motionsense.FOLDER / f"{archive.NAME}.zip").read_bytes()
    server.answers = [send(body)]
    target = fetch.fetch(tmp_path, server.address())
    assert target.stat().st_size == len(body)
    archive.verify(archive.Zip(target), archive.read_checksums(paths.MOTIONSENSE_CHECKSUMS))
