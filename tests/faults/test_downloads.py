"""A server on loopback that misbehaves, and what of it gets into the cache."""

import zipfile

import pytest

from harlib.data import archive, fetch
from harlib.errors import UserError
from tests.data import test_fetch
from tests.data.data_helpers import recordings, write_checksums, write_zip

FILES = recordings(subjects=(1,), rows=150)
server = test_fetch.server


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
    return test_fetch.send(**answers[rng.integers(len(answers))], stall=rng.random() < 0.1)


@pytest.mark.attack("downloads", few=10, many=300)
def test_whatever_a_server_does_the_cache_holds_the_good_file_or_none(server, attempts, tmp_path):
    listing = write_checksums(tmp_path, FILES)
    body = write_zip(tmp_path / "good.zip", FILES).read_bytes()
    for number, rng in enumerate(attempts):
        server.answers = [lambda handler, rng=rng: answer(rng, body)(handler)]
        cache = tmp_path / str(number)
        # Now and then nobody listens.
        address = "http://127.0.0.1:1/data.zip" if rng.random() < 0.1 else server.address
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
