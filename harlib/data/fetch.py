"""Downloads MotionSense: ``python -m harlib.data.fetch``.

A download becomes ``A_DeviceMotion_data.zip`` only after every recording was found in it, byte
for byte. Until then it lies in a temporary folder beside that name.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from harlib import paths
from harlib.data import archive, motionsense
from harlib.errors import UserError, command, one_line

URL = "https://github.com/mmalekzadeh/motion-sense/raw/master/data/A_DeviceMotion_data.zip"
FILE = f"{archive.NAME}.zip"
#: Seconds without a byte before the server counts as stalled.
STALL_SECONDS = 30.0
#: Attempts after the first.
RETRIES = 2
NOTICE = """MotionSense, folder A (DeviceMotion)

M. Malekzadeh, R. G. Clegg, A. Cavallaro, H. Haddadi: Mobile Sensor Data Anonymization.
International Conference on Internet of Things Design and Implementation (IoTDI), 2019.
https://github.com/mmalekzadeh/motion-sense

Copyright (c) 2018 Mohammad Malekzadeh. MIT licence, whose text lies at the address above.
Whoever uses the data is asked to cite the paper.
"""


def fetch(
    data_dir: Path,
    url: str = URL,
    checksums: Path = paths.MOTIONSENSE_CHECKSUMS,
    *,
    stall_seconds: float = STALL_SECONDS,
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            received = _download(url, Path(temporary), stall_seconds, retries)
            try:
                archive.verify(archive.Zip(received), digests)
            except UserError as error:
                what = str(error).replace(str(received), "the file received")
                raise UserError(f"download of {url} failed: {what}") from None
            received.chmod(0o644)
            (folder / "LICENCE-NOTE.txt").write_text(NOTICE, encoding="utf-8")
            received.replace(target)
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror}") from None
    print(f"{target}: {len(digests)} recordings, each with the published checksum")
    return target


def _download(url: str, folder: Path, stall_seconds: float, retries: int) -> Path:
    """The file at ``url``, whatever it holds; OSError if it cannot be written into ``folder``."""
    pooch.get_logger().setLevel("WARNING")
    keeper = pooch.create(
        path=folder,
        base_url="",
        # The owner publishes no checksum of the zip; every recording in it has one.
        registry={FILE: None},
        urls={FILE: url},
        retry_if_failed=retries,
    )
    answers: list[requests.Response] = []
    http = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(),  # in a log a bar that moves would be one long line
        timeout=stall_seconds,
        hooks={"response": lambda answer, **_: answers.append(answer)},
    )
    print(f"downloading {url}", file=sys.stderr)
    try:
        return Path(keeper.fetch(FILE, downloader=http))
    except (requests.RequestException, ValueError) as error:
        raise UserError(
            f"download of {url} failed {retries + 1} times, the last time: {one_line(error)}"
        ) from None
    finally:
        for answer in answers:  # pooch leaves the connection of a failed attempt open
            answer.close()


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
