"""MotionSense: the rule that makes windows, and everything that may be wrong with the files."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.random import RandomState

from harlib import data, paths
from harlib.data import archive, motionsense
from harlib.errors import UserError
from harlib.protocol import CLASSES
from tests.data.data_helpers import (
    real_data_dir,
    recordings,
    write_checksums,
    write_tree,
    write_zip,
)

FILES = recordings()


@pytest.fixture
def load(tmp_path):
    """Load ``tmp_path/data`` against the checksums of ``files``, two and one windows a class."""

    def load(files=FILES, **options):
        listing = write_checksums(tmp_path / "checksums", files)
        options = {"train_per_class": 2, "test_per_class": 1, **options}
        return motionsense.load(
            tmp_path / "data", listing, fallback=tmp_path / "fallback", **options
        )

    return load


@pytest.fixture
def folder(tmp_path):
    """Where the user puts the data."""
    return tmp_path / "data" / "motionsense"


@pytest.fixture
def refused(load):
    def refused(*words, **options):
        with pytest.raises(UserError) as caught:
            load(**options)
        message = str(caught.value)
        assert "\n" not in message
        for word in words:
            assert word in message, message

    return refused


def test_zip_and_tree_give_the_same(folder, load):
    write_tree(folder / archive.NAME, FILES)
    from_tree = load()
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    from_zip = load()
    assert from_tree.sha256() == from_zip.sha256()
    np.testing.assert_array_equal(from_tree.y_train, np.repeat(np.arange(6), 2))
    np.testing.assert_array_equal(from_tree.y_test, np.arange(6))
    assert set(from_tree.subject_train) == {1, 2} and set(from_tree.subject_test) == {21}


def test_total_acceleration_and_windows_by_hand(folder, load):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    dataset = load()
    # Of four training windows of jogging, numbers 0 and 2: each subject's first.
    for k, subject in enumerate((1, 2)):
        lines = FILES[f"jog_2/sub_{subject}.csv"].decode().splitlines()[1:151]
        rows = [[float(value) for value in line.split(",")] for line in lines]
        expected = [[row[2 + axis] + row[5 + axis] for axis in range(3)] for row in rows]
        jogging = dataset.X_train[dataset.y_train == CLASSES.index("jogging")]
        np.testing.assert_array_equal(jogging[k], expected)


def test_order_of_the_files_does_not_matter(folder, load):
    file = write_zip(folder / f"{archive.NAME}.zip", FILES)
    first = load().sha256()
    write_zip(file, dict(reversed(FILES.items())))
    assert load().sha256() == first


@pytest.mark.parametrize("prefix", ["", "motion-sense-master/data/A_DeviceMotion_data/", "x/"])
def test_other_prefix(folder, load, prefix):
    write_zip(folder / f"{archive.NAME}.zip", FILES, prefix)
    assert len(load().y_train) == 12


def test_other_folders_and_paths_in_the_zip(folder, load, tmp_path):
    file = write_zip(folder / f"{archive.NAME}.zip", FILES)
    with zipfile.ZipFile(file, "a") as zipped:
        for name in FILES:
            zipped.writestr(f"__MACOSX/{archive.NAME}/{name}".replace("sub", "._sub"), b"shadow")
            zipped.writestr(f"B_Accelerometer_data/{name}", b"other sensor")
        for name in ("readme.txt", "../x.csv", "/etc/x.csv", "..\\x.csv", "C:/x.csv"):
            zipped.writestr(name, b"never looked at")
    assert len(load().y_train) == 12
    # Nothing is extracted, so that no path in a zip leads anywhere.
    assert {file.name for file in folder.iterdir()} == {f"{archive.NAME}.zip", "windows.npz"}
    assert not list(tmp_path.rglob("x.csv"))


def test_pick_is_even_and_in_order():
    for n, k in ((703, 500), (1906, 500), (137, 100), (100, 100), (7, 3)):
        picked = motionsense.pick(n, k)
        assert len(picked) == k == len(set(picked)) and picked[0] == 0 and picked[-1] < n
        assert set(np.diff(picked)) <= {n // k, n // k + 1}


def test_too_few_windows(folder, refused):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    refused("class downstairs has 4 windows for train, 5 are needed", train_per_class=5)


# What is missing or cannot be opened


@pytest.mark.parametrize(
    "make", [".", "data", "data/motionsense", f"data/motionsense/{archive.NAME}"]
)
def test_no_data(tmp_path, refused, make):
    (tmp_path / make).mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "data" / "motionsense" / archive.NAME
    refused(f"no MotionSense data: neither {folder}.zip nor", "make data", "HARLIB_DATA")


def test_default_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("HARLIB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=str(tmp_path / "nowhere")):
        data.load("motionsense")


@pytest.mark.parametrize("call", ["open", "glob", "is_dir"])
def test_unreadable(folder, monkeypatch, refused, call):
    write_tree(folder / archive.NAME, FILES)
    real = getattr(Path, call)

    def deny(path, *arguments, **options):
        if path.is_relative_to(folder):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    # Root may read everything, so the operating system's answer is played.
    monkeypatch.setattr(Path, call, deny)
    refused("cannot read", "Permission denied", str(folder))


def test_zip_that_is_a_folder(folder, refused):
    (folder / f"{archive.NAME}.zip").mkdir(parents=True)
    refused(f"{archive.NAME}.zip: it is not a file")


# A zip that is damaged or hostile


def test_not_a_zip(folder, refused):
    folder.mkdir(parents=True)
    (folder / f"{archive.NAME}.zip").write_bytes(b"<html>not found</html>")
    refused("File is not a zip file")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_zip(folder, refused, share):
    file = write_zip(folder / f"{archive.NAME}.zip", FILES)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    refused("File is not a zip file")


def test_bomb_by_real_size(folder, refused):
    bomb = b"\0" * (archive.MAX_CSV + 1)
    write_zip(folder / f"{archive.NAME}.zip", {**FILES, "dws_1/sub_1.csv": bomb})
    refused("dws_1/sub_1.csv: it is larger than")


def test_bomb_that_declares_little(folder, refused):
    files = {"dws_1/sub_1.csv": b"\0" * 2**20}
    file = write_zip(folder / f"{archive.NAME}.zip", files)
    whole = bytearray(file.read_bytes())
    for place in (whole.index(b"PK\3\4") + 22, whole.index(b"PK\1\2") + 24):
        whole[place : place + 4] = (100).to_bytes(4, "little")
    file.write_bytes(whole)
    refused("cannot read", "dws_1/sub_1.csv", files=files)


def test_random_damage_gives_the_data_or_one_line(folder, load):
    file = write_zip(folder / f"{archive.NAME}.zip", recordings(subjects=(1, 21), rows=150))
    options = {"train_per_class": 1, "files": recordings(subjects=(1, 21), rows=150)}
    good, rng, refusals = file.read_bytes(), RandomState(0), 0
    whole = load(**options).sha256()
    for n in range(80):
        damaged = bytearray(good)
        # The directory at the end decides most; the rest is behind checksums.
        low = len(good) - 1200 if n % 2 else 0
        for place in rng.randint(low, len(good), size=3):
            damaged[place] = rng.randint(256)
        file.write_bytes(damaged)
        try:
            assert load(**options).sha256() == whole
        except UserError as error:
            assert "\n" not in str(error)
            refusals += 1
    assert refusals > 40


# A recording that is not as published


@pytest.mark.parametrize("write", [write_zip, write_tree])
@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("1", "2", 1),
        lambda text: text.replace("gravity.y", "gravity.Y", 1),
        lambda text: text + "1,2,3\n",
        lambda text: "",
    ],
    ids=["a digit", "a column", "a row", "nothing"],
)
def test_a_changed_recording_is_named(folder, refused, write, edit):
    name = "sit_3/sub_2.csv"
    where = folder / f"{archive.NAME}{'.zip' if write is write_zip else ''}"
    write(where, {**FILES, name: edit(FILES[name].decode()).encode()})
    refused(f"{name} is damaged or changed", "SHA-256")


def test_missing_recordings(folder, refused):
    files = {name: content for name, content in FILES.items() if "sub_2." not in name}
    write_zip(folder / f"{archive.NAME}.zip", files)
    refused("6 of 18 recordings are missing, the first is dws_1/sub_2.csv")


def test_pipe_in_place_of_a_recording(folder, refused):
    write_tree(folder / archive.NAME, FILES)
    recording = folder / archive.NAME / "dws_1" / "sub_1.csv"
    recording.unlink()
    os.mkfifo(recording)
    refused("dws_1/sub_1.csv: it is not a file")


@pytest.mark.parametrize("line", ["", "abc  x/dws_1/sub_1.csv", "0" * 64 + "  ../etc/passwd"])
def test_checksum_list_is_checked_too(tmp_path, line):
    listing = write_checksums(tmp_path, FILES)
    listing.write_text(listing.read_text() + line + "\n")
    with pytest.raises(UserError, match=f"line {len(FILES) + 1}: allowed is a SHA-256"):
        archive.read_checksums(listing)


# Stored windows


@pytest.fixture
def reads(monkeypatch):
    """One entry for every recording that was parsed."""
    parsed, parse = [], motionsense.total_acceleration
    monkeypatch.setattr(
        motionsense, "total_acceleration", lambda content: parsed.append(1) or parse(content)
    )
    return parsed


def test_second_load_reads_no_csv(folder, load, reads):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    first = load()
    reads.clear()
    second = load()
    assert not reads and second.sha256() == first.sha256()
    np.testing.assert_array_equal(second.subject_train, first.subject_train)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text", "folder"])
def test_damaged_store_is_made_anew(folder, load, reads, damage):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    first, stored = load().sha256(), folder / "windows.npz"
    whole = stored.read_bytes()
    if damage == "folder":
        stored.unlink()
        stored.mkdir()
    else:
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        damaged = {"truncated": whole[:-500], "flipped": flipped, "empty": b"", "text": b"x"}
        stored.write_bytes(damaged[damage])
    reads.clear()
    assert load().sha256() == first and len(reads) == len(FILES)
    reads.clear()
    assert load().sha256() == first and not reads


def test_stored_windows_do_not_hide_a_changed_source(folder, load, refused):
    tree = write_tree(folder / archive.NAME, FILES)
    load()
    (tree / "dws_1" / "sub_1.csv").write_bytes(b"gone")
    refused("dws_1/sub_1.csv")


def test_stored_windows_of_another_rule_are_not_used(folder, load, reads, monkeypatch):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    load()
    reads.clear()
    monkeypatch.setattr(motionsense, "RULE_VERSION", motionsense.RULE_VERSION + 1)
    load()
    assert len(reads) == len(FILES)


def test_folder_marked_read_only_is_left_alone(folder, load, reads, tmp_path):
    write_zip(folder / f"{archive.NAME}.zip", FILES)
    folder.chmod(0o555)
    first = load()
    folder.chmod(0o755)
    assert [file.name for file in folder.iterdir()] == [f"{archive.NAME}.zip"]
    assert (tmp_path / "fallback" / "motionsense" / "windows.npz").is_file()
    reads.clear()
    assert load().sha256() == first.sha256() and not reads


# The real thing


def test_published_checksums():
    digests = archive.read_checksums(paths.MOTIONSENSE_CHECKSUMS)
    assert len(digests) == 360
    entries = [archive.RECORDING.fullmatch(name) for name in digests]
    assert {entry["activity"] for entry in entries} == set(motionsense.ACTIVITIES)
    assert {int(entry["subject"]) for entry in entries} == set(range(1, 25))


def test_real_windows(tmp_path):
    data_dir = real_data_dir()
    source = archive.find(data_dir / motionsense.FOLDER)
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
