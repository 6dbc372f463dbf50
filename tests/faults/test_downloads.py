"""A server on loopback that misbehaves, and what is taken from it."""

import contextlib

import pytest

from harlib.errors import UserError
from tests.data import test_download
from tests.data.data_helpers import recordings, write_zip
from workflow import make_data, motionsense_archive

FILES = recordings(subjects=(1,), rows=150)
server = test_download.server


def answer(rng, body):
    """Status, announced length, where it leads to, and what is sent: all right, or not."""
    somewhere = int(rng.integers(len(body)))
    flipped = body[:somewhere] + bytes([body[somewhere] ^ 1]) + body[somewhere + 1 :]
    place = rng.choice(["/again", "ftp://127.0.0.1/x.zip", "file:///etc/passwd", "//[", ""])
    status = int(rng.choice([204, 206, 400, 403, 404, 429, 500, 502, 503]))
    length = len(body) + int(rng.choice([-100, -1, 1, 100, 2**40]))
    answers = [
        {"body": body},
        {"body": body, "status": status},
        {"body": b"", "status": 302, "Location": str(place)},
        {"body": body[:somewhere], "length": len(body)},
        {"body": body, "length": length},
        {"body": flipped},
    ]
    # Now and then it says no more, nor that this is all.
    return test_download.send(**answers[rng.integers(len(answers))], stall=rng.random() < 0.1)


@pytest.mark.attack("downloads", few=10, many=300)
def test_whatever_a_server_does_the_cache_holds_the_good_file_or_none(server, attempts, tmp_path):
    """What came whole is the good file, or is told from it by the digest of its recordings."""
    body = write_zip(tmp_path / "good.zip", FILES).read_bytes()
    good, digest = motionsense_archive.read_recordings(tmp_path / "good.zip")
    for number, rng in enumerate(attempts):
        server.answers = [lambda handler, rng=rng: answer(rng, body)(handler)]
        folder = tmp_path / str(number)
        # Now and then nobody listens.
        address = "http://127.0.0.1:1/data.zip" if rng.random() < 0.1 else server.address
        try:
            file = make_data.download(address, folder, stall_seconds=0.5, retries=1)
        except UserError as error:
            assert str(error).isprintable() and len(str(error)) < 1000
            assert not any(folder.iterdir())
            continue
        with contextlib.suppress(UserError):  # no zip
            found, its_digest = motionsense_archive.read_recordings(file)
            assert found == good or its_digest != digest
