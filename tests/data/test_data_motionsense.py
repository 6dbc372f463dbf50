"""MotionSense: the rule that makes windows, and everything that may be wrong with the files."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from harlib import data, paths
from harlib.data import archive, motionsense
from harlib.protocol import CLASSES
from tests.data.data_helpers import (
    real_data_dir,
    recordings,
    refusal,
    write_checksums,
    write_tree,
    write_zip,
)

FILES = recordings()
ZIP = f"{archive.NAME}.zip"
NAME = "sit_3/sub_2.csv"


@pytest.fixture
def load(tmp_path):
    """Load ``tmp_path/data`` against the checksums of ``FILES``."""

    def load(train_per_class=2):
        listing = write_checksums(tmp_path / "checksums", FILES)
        return motionsense.load(
            tmp_path / "data", listing, train_per_class, 1, fallback=tmp_path / "fallback"
        )

    return load


@pytest.fixture
def folder(tmp_path):
    """Where the user puts the data."""
    return tmp_path / "data" / "motionsense"


@pytest.fixture
def zipped(folder):
    """The zip of all recordings, there."""
    return write_zip(folder / ZIP, FILES)


def test_zip_and_tree_give_the_same_in_any_order(folder, load):
    write_tree(folder / archive.NAME, FILES)
    from_tree = load()
    write_zip(folder / ZIP, dict(reversed(FILES.items())))
    assert load().sha256() == from_tree.sha256()
    np.testing.assert_array_equal(from_tree.y_train, np.repeat(np.arange(6), 2))
    np.testing.assert_array_equal(from_tree.y_test, np.arange(6))
    assert set(from_tree.subject_train) == {1, 2} and set(from_tree.subject_test) == {21}


def test_total_acceleration_and_windows_by_hand(zipped, load):
    dataset = load()
    # Of four training windows of jogging, numbers 0 and 2: each subject's first.
    for k, subject in enumerate((1, 2)):
        lines = FILES[f"jog_2/sub_{subject}.csv"].decode().splitlines()[1:151]
        rows = [[float(value) for value in line.split(",")] for line in lines]
        expected = [[row[2 + axis] + row[5 + axis] for axis in range(3)] for row in rows]
        jogging = dataset.X_train[dataset.y_train == CLASSES.index("jogging")]
        np.testing.assert_array_equal(jogging[k], expected)


@pytest.mark.parametrize("prefix", ["motion-sense-master/data/A_DeviceMotion_data/", "", "x\\"])
def test_other_folders_in_the_zip(folder, load, prefix):
    write_zip(folder / ZIP, FILES, prefix)
    assert len(load().y_train) == 12


def test_other_paths_in_the_zip(folder, zipped, load, tmp_path):
    with zipfile.ZipFile(zipped, "a") as file:
        for name in FILES:
            file.writestr(f"__MACOSX/{archive.NAME}/{name}".replace("sub", "._sub"), b"shadow")
            file.writestr(f"B_Accelerometer_data/{name}", b"other sensor")
        for name in ("readme.txt", "../x.csv", "/etc/x.csv", "..\\x.csv", "C:/x.csv"):
            file.writestr(name, b"never looked at")
    assert len(load().y_train) == 12
    # Nothing is extracted, so that no path in a zip leads anywhere.
    assert {file.name for file in folder.iterdir()} == {ZIP, "windows.npz"}
    assert not list(tmp_path.rglob("x.csv"))


def test_pick_is_even_and_in_order():
    for n, k in ((703, 500), (1906, 500), (137, 100), (100, 100), (7, 3)):
        picked = motionsense.pick(n, k)
        assert len(picked) == k == len(set(picked)) and picked[0] == 0 and picked[-1] < n
        assert set(np.diff(picked)) <= {n // k, n // k + 1}


def test_too_few_windows(zipped, load):
    with refusal("class downstairs has 4 windows for train, 5 are needed"):
        load(train_per_class=5)


# What is missing, damaged or changed


@pytest.mark.parametrize("make", [".", "data/motionsense", f"data/motionsense/{archive.NAME}"])
def test_no_data(tmp_path, monkeypatch, load, make):
    (tmp_path / make).mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "data" / "motionsense" / archive.NAME
    with refusal(f"no MotionSense data: neither {folder}.zip nor", "make data", "HARLIB_DATA"):
        load()
    monkeypatch.setenv("HARLIB_DATA", str(tmp_path / "data"))
    with refusal(str(folder)):
        data.load("motionsense")


@pytest.mark.parametrize("call", ["open", "glob", "is_dir"])
def test_unreadable(folder, monkeypatch, load, call):
    write_tree(folder / archive.NAME, FILES)
    real = getattr(Path, call)

    def deny(path, *arguments, **options):
        if path.is_relative_to(folder):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    # Root may read everything, so the operating system's answer is played.
    monkeypatch.setattr(Path, call, deny)
    with refusal("cannot read", "Permission denied", str(folder)):
        load()


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_part_of_a_zip(zipped, load, share):
    whole = zipped.read_bytes()
    zipped.write_bytes(whole[: int(len(whole) * share)])
    with refusal(f"cannot read {zipped}: File is not a zip file"):
        load()


def test_a_bomb(folder, load):
    write_zip(folder / ZIP, {**FILES, NAME: b"\0" * (archive.MAX_CSV + 1)})
    with refusal(f"{NAME}: it is larger than"):
        load()


@pytest.mark.parametrize("write", [write_zip, write_tree])
@pytest.mark.parametrize("old, new", [(b"1", b"2"), (b"gravity.y", b"gravity.Y"), (b"\n", b"")])
def test_a_changed_recording_is_named(folder, load, write, old, new):
    where = folder / (ZIP if write is write_zip else archive.NAME)
    write(where, {**FILES, NAME: FILES[NAME].replace(old, new, 1)})
    with refusal(f"{NAME} is damaged or changed", "SHA-256"):
        load()


def test_missing_recordings(folder, load):
    write_zip(folder / ZIP, {name: FILES[name] for name in FILES if "sub_2." not in name})
    with refusal("6 of 18 recordings are missing, the first is dws_1/sub_2.csv"):
        load()


@pytest.mark.parametrize("line", ["", "abc  x/dws_1/sub_1.csv", "0" * 64 + "  ../etc/passwd"])
def test_checksum_list_is_checked_too(tmp_path, line):
    listing = write_checksums(tmp_path, FILES)
    listing.write_text(listing.read_text() + line + "\n")
    with refusal(f"line {len(FILES) + 1}: allowed is a SHA-256"):
        archive.read_checksums(listing)


# Stored windows


@pytest.fixture
def reads(monkeypatch):
    """Call it for the number of recordings parsed since the last call."""
    parsed, parse = [], motionsense.total_acceleration
    monkeypatch.setattr(
        motionsense, "total_acceleration", lambda content: parsed.append(1) or parse(content)
    )

    def reads():
        number = len(parsed)
        parsed.clear()
        return number

    return reads


def test_second_load_reads_no_csv_until_the_rule_changes(zipped, load, reads, monkeypatch):
    first = load()
    assert reads() == len(FILES)
    second = load()
    assert reads() == 0 and second.sha256() == first.sha256()
    np.testing.assert_array_equal(second.subject_train, first.subject_train)
    monkeypatch.setattr(motionsense, "RULE_VERSION", motionsense.RULE_VERSION + 1)
    load()
    assert reads() == len(FILES)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "folder"])
def test_damaged_store_is_made_anew(folder, zipped, load, reads, damage):
    first, stored = load().sha256(), folder / "windows.npz"
    whole = stored.read_bytes()
    stored.unlink()
    if damage == "folder":
        stored.mkdir()
    else:
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        stored.write_bytes({"truncated": whole[:-500], "flipped": flipped}[damage])
    reads()
    assert load().sha256() == first and reads() == len(FILES)
    assert load().sha256() == first and reads() == 0


def test_stored_windows_do_not_hide_a_changed_source(folder, load):
    tree = write_tree(folder / archive.NAME, FILES)
    load()
    (tree / NAME).write_bytes(b"gone")
    with refusal(NAME):
        load()


def test_folder_marked_read_only_is_left_alone(folder, zipped, load, reads, tmp_path):
    folder.chmod(0o555)
    first = load()
    folder.chmod(0o755)
    assert [file.name for file in folder.iterdir()] == [ZIP]
    assert (tmp_path / "fallback" / "motionsense" / "windows.npz").is_file()
    reads()
    assert load().sha256() == first.sha256() and reads() == 0


# The real thing


def test_published_checksums():
    digests = archive.read_checksums(paths.MOTIONSENSE_CHECKSUMS)
    assert len(digests) == 360
    entries = [archive.RECORDING.fullmatch(name) for name in digests]
    assert {entry["activity"] for entry in entries} == set(motionsense.ACTIVITIES)
    assert {int(entry["subject"]) for entry in entries} == set(range(1, 25))


def test_real_windows():
    source = archive.find(real_data_dir() / motionsense.FOLDER)
    windows = motionsense.read_windows(source, archive.read_checksums(paths.MOTIONSENSE_CHECKSUMS))
    training = windows.subject <= 20
    assert np.bincount(windows.y[training]).tolist() == [703, 724, 1906, 1680, 839, 1886]
    assert np.bincount(windows.y[~training]).tolist() == [137, 149, 327, 341, 175, 375]
    chosen = motionsense.select(windows, 500, 100)
    assert np.bincount(chosen["y_train"]).tolist() == [500] * 6
    assert set(chosen["subject_train"]) == set(range(1, 21))
    assert set(chosen["subject_test"]) == {21, 22, 23, 24}
    for part in ("train", "test"):
        assert (np.diff(chosen[f"y_{part}"]) >= 0).all()
    # At rest the sensor feels 1 g.
    resting = chosen["X_train"][np.isin(chosen["y_train"], (2, 3))]
    assert abs(np.median(np.linalg.norm(resting, axis=2)) - 1) < 0.02
