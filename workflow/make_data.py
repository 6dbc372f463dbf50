"""``make data``: makes the shipped windows and recording anew from MotionSense's own archive."""

import argparse
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from harlib import paths
from harlib.data import motionsense
from harlib.errors import UserError, command, one_line
from harlib.storage import files
from harlib.storage.manifest import sha256
from workflow import motionsense_archive

URL = "https://github.com/mmalekzadeh/motion-sense/raw/master/data/A_DeviceMotion_data.zip"
RECORDING = paths.ROOT / "data" / "recordings" / "six-activities.csv"
#: Seconds without a byte before the server counts as stalled.
STALL_SECONDS = 30.0
#: Attempts after the first.
RETRIES = 2


def download(url: str, folder: Path, stall_seconds: float = STALL_SECONDS) -> Path:
    """The file at ``url``, whatever it holds, in ``folder``.

    Raises
    ------
    UserError
        It could not be had; nothing is left of it.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UserError(f"url {url!r}: allowed is an address that begins with https:// or http://")
    pooch.get_logger().setLevel("WARNING")
    name = "archive.zip"
    keeper = pooch.create(
        path=folder,
        base_url="",
        # The owner publishes no checksum of the zip; its recordings have one.
        registry={name: None},
        urls={name: url},
        retry_if_failed=RETRIES,
    )
    answers: list[requests.Response] = []
    http = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(),  # in a log a bar that moves would be one long line
        timeout=stall_seconds,
        hooks={"response": lambda answer, **_: answers.append(answer)},
    )
    print(f"downloading {url}", file=sys.stderr)
    try:
        return Path(keeper.fetch(name, downloader=http))
    except (requests.RequestException, ValueError) as error:
        raise UserError(
            f"download of {url} failed {RETRIES + 1} times, the last time: {one_line(error)}; "
            f"a copy of the archive that you have is taken by `make data ARCHIVE=its.zip`"
        ) from None
    finally:
        for answer in answers:  # pooch leaves the connection of a failed attempt open
            answer.close()


def make(archive: Path, file: Path = motionsense.FILE) -> list[motionsense_archive.Recording]:
    """Write ``file`` from the archive, if it gets the bytes that belong there; say so.

    Returns
    -------
    list of Recording
        All that is in the archive.

    Raises
    ------
    UserError
        The archive is not the published one, or the bytes are others.
    """
    recordings, digest = motionsense_archive.read_recordings(archive)
    if digest != motionsense_archive.RECORDINGS_SHA256:
        raise UserError(
            f"{archive}: {len(recordings)} recordings that are not the published ones; needed is "
            f"A_DeviceMotion_data.zip of {motionsense_archive.ATTRIBUTES['archive']}"
        )
    different = motionsense_archive.without_twins(recordings)
    print(f"{len(recordings)} recordings, as published; {len(different)} different ones")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".making-") as folder:
        made = Path(folder) / file.name
        motionsense_archive.write(made, motionsense_archive.select(different), digest)
        found = sha256(made)
        if found != motionsense.SHA256:
            raise UserError(
                f"made from {archive}: other bytes (SHA-256 {found}) than those of "
                f"{paths.shown(file)} in the repository ({motionsense.SHA256}); nothing is replaced"
            )
        made.replace(file)
    print(f"{paths.shown(file)}: the same bytes as in the repository (SHA-256 {found})")
    return recordings


@command
def main(arguments: list[str] | None = None) -> None:
    """Command line; the exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="python -m workflow.make_data", description=__doc__)
    parser.add_argument("--archive", default="", help="the zip, if it is here already")
    parser.add_argument("--url", default=URL, help="address of the zip (72 MB)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        archive = given.archive and paths.resolve(given.archive)
        recordings = make(archive or download(given.url, Path(folder)))
    files.write(RECORDING, motionsense_archive.joined(recordings).encode())
    print(f"{paths.shown(RECORDING)}: written; git says whether it is another")


if __name__ == "__main__":
    sys.exit(main())
