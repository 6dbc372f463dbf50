"""The lock file, reasons and licences, and what is said of known vulnerabilities."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from book.generate.pages import dependencies
from harlib.errors import UserError

LINE = "numpy==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via x\n"


@pytest.fixture
def database(monkeypatch):
    """A database on loopback that answers with ``server.answer`` and keeps the question."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = self.server.answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{server.server_port}/v1/querybatch"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def answer(*vulnerabilities):
    entries = [{"vulns": [{"id": name} for name in names]} if names else {}
               for names in vulnerabilities]  # fmt: skip
    return 200, json.dumps({"results": entries}).encode()


def audit(tmp_path, address, text=LINE):
    lock = tmp_path / "requirements.txt"
    lock.write_text(text)
    return dependencies.main(["--database", address, "--lock", str(lock)])


def test_every_pin_of_this_project_has_hashes_and_every_wish_a_reason():
    pins = dependencies.pins()
    assert len(pins) > 100 and all(pin.hashes for pin in pins)
    assert set(dependencies.reasons()) <= {pin.name for pin in pins}


def test_no_known_vulnerability(tmp_path, database, capsys):
    database.answer = answer([])
    assert audit(tmp_path, database.address) == 0
    assert "known vulnerabilities: none in 1 packages" in capsys.readouterr().out
    (question,) = database.question["queries"]
    assert question == {"package": {"name": "numpy", "ecosystem": "PyPI"}, "version": "1.0"}


def test_a_known_vulnerability_is_a_fault_and_named(tmp_path, database, capsys):
    database.answer = answer(["GHSA-1", "PYSEC-2"])
    assert audit(tmp_path, database.address) == 1
    assert "known vulnerabilities: numpy 1.0: GHSA-1, PYSEC-2" in capsys.readouterr().err


BAD = {
    "an error": (500, b""),
    "no JSON": (200, b"<html>"),
    "too few answers": (200, b'{"results": []}'),
    "another form": (200, b'{"results": [3]}'),
    "no names": (200, b'{"results": [{"vulns": [{"id": 3}]}]}'),
}


@pytest.mark.parametrize("case", BAD)
def test_no_answer_is_said_in_one_line_and_no_fault(tmp_path, database, capsys, case):
    database.answer = BAD[case]
    assert audit(tmp_path, database.address) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("known vulnerabilities: not checked")]


def test_nobody_listens(tmp_path, database, capsys):
    database.server_close()
    assert audit(tmp_path, database.address) == 0
    assert "not checked, no answer from the database (ConnectionError)" in capsys.readouterr().out


def test_a_pin_without_a_hash_is_a_fault(tmp_path, database, capsys):
    assert audit(tmp_path, database.address, LINE + "pandas==2.0\n") == 1
    assert "no hash for pandas" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["numpy>=1.0", "-r other.txt", "https://x/y.whl", "--hash=md5:0"])
def test_a_line_that_pins_nothing_is_refused(tmp_path, line):
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"{LINE}{line}\n")
    with pytest.raises(UserError, match=r"line 4: .* is no pin and no hash of one"):
        dependencies.pins(lock)


def test_a_wish_without_a_reason_is_refused(tmp_path):
    project = tmp_path / "pyproject.toml"
    project.write_text(
        dependencies.PROJECT.read_text().replace('"pandas",           # tables', '"pandas",')
    )
    with pytest.raises(UserError, match="pandas stands there without a reason"):
        dependencies.reasons(project)


def test_tables_have_a_licence_or_say_that_there_is_none():
    direct, others = dependencies.table(True), dependencies.table(False)
    assert direct.loc["numpy", "Why"] == "the network itself"
    assert "BSD" in direct.loc["numpy", "Licence"]
    assert set(direct.index) == set(dependencies.reasons())
    assert (direct["Licence"] != dependencies.NOT_HERE).all()
    assert {*direct.index, *others.index} == {pin.name for pin in dependencies.pins()}
    assert not set(direct.index) & set(others.index)
    several = [pin.version for pin in dependencies.pins() if pin.name == "numpy"]
    assert direct.loc["numpy", "Version"] == ", ".join(several)
    assert all(len(text) < 120 for text in [*direct["Licence"], *others["Licence"]])
    assert dependencies.licence("no-such-package") == dependencies.NOT_HERE
