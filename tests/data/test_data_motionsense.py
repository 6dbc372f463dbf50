"""MotionSense: the rule that makes the windows, the shipped file, and how it is made anew."""

import io
import shutil
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest

from harlib import data
from harlib.data import motionsense
from harlib.protocol import CLASSES
from harlib.storage.manifest import sha256
from tests.data.data_helpers import recordings, refusal, write_zip
from workflow import make_data, motionsense_archive

FILES = recordings()


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A small archive that counts as the published one."""
    file = write_zip(tmp_path / "archive.zip", FILES)
    _, digest = motionsense_archive.read_recordings(file)
    monkeypatch.setattr(motionsense_archive, "RECORDINGS_SHA256", digest)
    select = motionsense_archive.select
    monkeypatch.setattr(motionsense_archive, "select", lambda found: select(found, 2, 1))
    return file


def read(file):
    return motionsense_archive.read_recordings(file)[0]


def test_windows_by_hand(archive):
    arrays = motionsense_archive.select(read(archive))
    np.testing.assert_array_equal(arrays["trY"], np.repeat(np.eye(6), 2, axis=0))
    np.testing.assert_array_equal(arrays["tstY"], np.eye(6))
    # Of four training windows of a class, numbers 0 and 2: each subject's first.
    assert arrays["trS"].tolist() == [1, 2] * 6 and arrays["tstS"].tolist() == [21] * 6
    assert not arrays["trR"].any() and arrays["tstT"].tolist() == [1, 2, 3, 4, 5, 6]
    jogging = arrays["trX"][arrays["trY"].argmax(1) == CLASSES.index("jogging")]
    for subject, window in zip((1, 2), jogging, strict=True):
        said = pd.read_csv(io.BytesIO(FILES[f"jog_2/sub_{subject}.csv"]), nrows=150)
        for axis, values in zip("xyz", window.T, strict=True):
            expected = said[f"gravity.{axis}"] + said[f"userAcceleration.{axis}"]
            np.testing.assert_array_equal(values, np.float32(expected))


def test_a_recording_that_is_there_twice_counts_once(tmp_path):
    twin = {"sit_13/sub_1.csv": FILES["sit_3/sub_1.csv"]}
    found = read(write_zip(tmp_path / "a.zip", {**twin, **FILES}))
    once = [one for one in found if one.trial != 13]
    assert motionsense_archive.without_twins(found) == once and len(once) == len(FILES)


def test_too_few_windows(tmp_path):
    with refusal("class downstairs has 4 windows for trX, 5 are needed"):
        motionsense_archive.select(read(write_zip(tmp_path / "a.zip", FILES)), 5, 1)


def test_making_it_gives_the_same_bytes_or_replaces_nothing(archive, tmp_path, monkeypatch, capsys):
    file = tmp_path / "made" / "motionsense.h5"
    file.parent.mkdir()
    with refusal("other bytes", motionsense.SHA256, "nothing is replaced"):
        make_data.make(archive, file)
    assert not list(file.parent.iterdir())
    arrays = motionsense_archive.select(read(archive))
    motionsense_archive.write(file, arrays, motionsense_archive.RECORDINGS_SHA256)
    monkeypatch.setattr(motionsense, "SHA256", sha256(file))
    file.write_text("damaged")
    make_data.make(archive, file)
    assert sha256(file) == motionsense.SHA256
    assert "18 recordings, as published; 18 different ones" in (out := capsys.readouterr().out)
    assert "the same bytes" in out


ANOTHER = FILES["sit_3/sub_2.csv"].replace(b"1", b"2", 1)
OTHERS = [
    {**FILES, "sit_3/sub_2.csv": ANOTHER},
    {**FILES, "sit_13/sub_2.csv": FILES["sit_3/sub_2.csv"]},
    {**FILES, "sit_3/sub_2.csv": b"\0" * (motionsense_archive.MAX_CSV + 1)},
    {},
]


@pytest.mark.parametrize("files", OTHERS)
def test_other_recordings(archive, tmp_path, files):
    with refusal("recordings that are not the published ones", "A_DeviceMotion_data.zip"):
        make_data.make(write_zip(archive, files), tmp_path / "a.h5")
    archive.write_bytes(archive.read_bytes()[:-10])
    with refusal(f"cannot read {archive}: File is not a zip file"):
        make_data.make(archive, tmp_path / "a.h5")


def test_how_the_archive_is_zipped_does_not_matter(archive, tmp_path):
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w") as file:
        for name, content in reversed(FILES.items()):
            file.writestr(f"motion-sense-master/data/A_DeviceMotion_data/{name}", content)
            file.writestr(f"__MACOSX/A_DeviceMotion_data/{name}".replace("sub", "._sub"), b"shadow")
            file.writestr(f"B_Accelerometer_data/{name}", b"other sensor")
        file.writestr("../x.csv", b"never looked at")
    digest = motionsense_archive.RECORDINGS_SHA256
    assert motionsense_archive.read_recordings(again) == (read(archive), digest)


def test_the_shipped_file_is_read_only_as_it_was_shipped(tmp_path, monkeypatch):
    file = shutil.copy(motionsense.FILE, tmp_path / "motionsense.h5")
    monkeypatch.setattr(motionsense, "FILE", file)
    dataset = data.load()
    assert dataset.name == "motionsense" and dataset.unit == "g" and dataset.sampling_rate == 50
    assert set(dataset.subject_train) == set(range(1, 21))
    assert set(dataset.subject_test) == {21, 22, 23, 24}
    with h5py.File(file) as h5:
        assert h5.attrs["recordings_sha256"] == motionsense_archive.RECORDINGS_SHA256
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)
    with refusal("motionsense.h5 is damaged or changed", "git checkout", "make data"):
        data.load("motionsense")
