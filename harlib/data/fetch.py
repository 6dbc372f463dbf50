"""Downloads MotionSense: ``python -m harlib.data.fetch``.

The owner publishes no checksum of the zip, but every recording in it has one:
a download becomes ``A_DeviceMotion_data.zip`` only after all of them were found
in it, byte for byte. Until then it has a temporary name.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO
from urllib.parse import urljoin, urlsplit

import pooch
import requests
from tqdm import tqdm

from harlib import paths
from harlib.data import archive, motionsense
from harlib.errors import UserError, command, one_line

URL = "https://github.com/mmalekzadeh/motion-sense/raw/master/data/A_DeviceMotion_data.zip"
FILE = f"{archive.NAME}.zip"
#: Most that is taken from a server, in bytes; the zip has 72 MB.
MAX_BYTES = 2**28
#: Seconds without a byte before the server counts as stalled, and for the whole download.
STALL_SECONDS, MAX_SECONDS = 30.0, 3600.0
#: Attempts after the first.
RETRIES = 2
NOTICE = """MotionSense, folder A (DeviceMotion)

M. Malekzadeh, R. G. Clegg, A. Cavallaro, H. Haddadi: Mobile Sensor Data Anonymization.
International Conference on Internet of Things Design and Implementation (IoTDI), 2019.
https://github.com/mmalekzadeh/motion-sense

Copyright (c) 2018 Mohammad Malekzadeh. MIT licence, whose text lies at the address above.
Whoever uses the data is asked to cite the paper.
"""


class Progress:
    """What pooch calls while bytes arrive; also stops a download that goes on too long.

    On a terminal a moving bar, elsewhere (a log) one line for every tenth.
    """

    def __init__(self, max_bytes: int, max_seconds: float, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.max_bytes, self.deadline = max_bytes, time.monotonic() + max_seconds
        self.bar = tqdm(
            desc=FILE, unit="B", unit_scale=True, ncols=79, file=self.stream,
            disable=not self.stream.isatty(),
        )  # fmt: skip
        self.total = self.done = self.tenths = 0

    def update(self, n: int) -> None:
        """Count ``n`` more bytes."""
        self.done += n
        if self.done > self.max_bytes:
            raise UserError(f"the server sends more than {self.max_bytes} bytes; not taken")
        if time.monotonic() > self.deadline:
            raise UserError("the download takes too long; given up")
        self.bar.total = self.total or None
        self.bar.update(min(n, max(self.total - self.bar.n, 0)) if self.total else n)
        if self.bar.disable and self.total and self.done * 10 // self.total > self.tenths:
            self.tenths = min(self.done * 10 // self.total, 10)
            megabytes = f"{min(self.done, self.total) / 1e6:.1f} of {self.total / 1e6:.1f} MB"
            print(f"{FILE}: {10 * self.tenths} % ({megabytes})", file=self.stream, flush=True)

    def reset(self) -> None:
        """Begin to count anew; pooch does so before it fills the bar at the end."""
        self.done = 0
        self.bar.reset()

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.bar.close()


def _check_response(response: requests.Response, max_bytes: int) -> None:
    """Refuse, before any of it is read, an answer that more attempts would not make better."""
    if response.is_redirect:
        scheme = urlsplit(response.url).scheme
        target = urljoin(response.url, response.headers["location"])
        if urlsplit(target).scheme != scheme:
            raise UserError(
                f"{response.url} leads to {target}, which is not {scheme}; not followed"
            )
    elif 400 <= response.status_code < 500:
        raise UserError(f"{response.url}: the server says {response.status_code} {response.reason}")
    length = response.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > max_bytes:
        raise UserError(
            f"{response.url}: the server announces {length} bytes; at most {max_bytes} are taken"
        )


class _TooLong(UserError):
    """The time for a download is over, and it is not."""


def _within(seconds: float, download: Callable[[], None]) -> None:
    """Call ``download`` in a thread of its own and wait for it no longer than ``seconds``.

    A server that sends a byte now and then is neither stalled nor ever done, and while a part is
    waited for nobody looks at a clock. A thread that is given up ends with the process.
    """
    failed: list[BaseException] = []

    def call() -> None:
        try:
            download()
        except BaseException as error:  # whatever it is belongs to who waits
            failed.append(error)

    thread = threading.Thread(target=call, name=FILE, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise _TooLong("the download takes too long; given up")
    if failed:
        raise failed[0]


def fetch(
    data_dir: Path,
    url: str = URL,
    checksums: Path = paths.MOTIONSENSE_CHECKSUMS,
    *,
    max_bytes: int = MAX_BYTES,
    stall_seconds: float = STALL_SECONDS,
    max_seconds: float = MAX_SECONDS,
    retries: int = RETRIES,
) -> Path:
    """Download the zip into ``<data_dir>/motionsense/``, unless a good one is there.

    Returns
    -------
    Path
        The zip; every recording in it is the published one.

    Raises
    ------
    UserError
        No good file could be had; what was in the folder before is untouched.
    """
    digests = archive.read_checksums(checksums)
    folder = data_dir / motionsense.FOLDER
    target = folder / FILE
    if target.exists():
        try:
            archive.verify(archive.Zip(target), digests)
            print(f"{target} is there and whole: nothing to download")
            return target
        except UserError as error:
            print(f"{error}; downloading it anew", file=sys.stderr)
    if urlsplit(url).scheme not in ("http", "https"):
        raise UserError(f"url {url!r}: allowed is an address that begins with https:// or http://")

    def download(url: str, output_file: str, _: pooch.Pooch) -> None:
        progress = Progress(max_bytes, max_seconds)
        responses: list[requests.Response] = []
        given_up = threading.Event()

        def look(response: requests.Response, **_: object) -> None:
            responses.append(response)
            if given_up.is_set():
                raise UserError("the download was given up")
            _check_response(response, max_bytes)

        http = pooch.HTTPDownloader(
            progressbar=progress, chunk_size=2**14, timeout=stall_seconds,
            hooks={"response": look},
        )  # fmt: skip

        def receive() -> None:
            try:
                http(url, output_file, None)
            finally:  # here, as to close from another thread waits for the read under way
                for response in responses:
                    response.close()

        try:
            _within(max_seconds, receive)
        except _TooLong:
            given_up.set()
            for response in tuple(responses):
                with contextlib.suppress(Exception):
                    response.raw.shutdown()  # wakes the read under way
            raise
        except OSError as error:  # also what requests raises
            if isinstance(error, requests.RequestException):
                raise
            raise UserError(f"cannot write {output_file}: {error.strerror}") from None
        finally:
            progress.close()
        try:
            archive.verify(archive.Zip(Path(output_file)), digests)
        except UserError as error:
            # pooch tries again after a ValueError.
            raise ValueError(str(error).replace(output_file, "the file received")) from None

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            pooch.get_logger().setLevel("WARNING")
            keeper = pooch.create(
                path=temporary, base_url="", registry={FILE: None}, urls={FILE: url},
                retry_if_failed=retries,
            )  # fmt: skip
            received = Path(keeper.fetch(FILE, downloader=download))
            received.chmod(0o644)
            (folder / "LICENCE-NOTE.txt").write_text(NOTICE, encoding="utf-8")
            received.replace(target)
    except (requests.RequestException, ValueError) as error:
        raise UserError(
            f"download of {url} failed {retries + 1} times, the last time: {one_line(error)}"
        ) from None
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror}") from None
    print(f"{target}: {len(digests)} recordings, each with the published checksum")
    return target


@command
def main(arguments: list[str] | None = None) -> None:
    """Command line; the exit code says whether it worked."""
    parser = argparse.ArgumentParser(
        prog="python -m harlib.data.fetch", description="Download MotionSense (72 MB) and check it."
    )
    parser.add_argument("--url", default=URL, help="address of the zip (default: the owner's)")
    parser.add_argument("--data-dir", default="", help="default: $HARLIB_DATA, else data/")
    options = parser.parse_args(arguments)
    fetch(paths.data_dir(options.data_dir), options.url)


if __name__ == "__main__":
    sys.exit(main())
