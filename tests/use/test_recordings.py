"""Recordings as phones write them: each form gives the same signal, and what is none is refused."""

import numpy as np
import pandas as pd
import pytest

from harlib import Network, paths
from harlib.use import recordings, tables, told_right
from tests.data.data_helpers import refusal

G = 9.80665
OWN = pd.read_csv(paths.ROOT / "data" / "recordings" / "six-activities.csv")
XYZ = list("xyz")


def walking(rate=50.0, seconds=12.0):
    """A table of plain form, in g."""
    t = np.arange(round(rate * seconds)) / rate
    swing = 0.4 * np.sin(2 * np.pi * 1.8 * t)
    return pd.DataFrame({"t": t, "x": 0.1 + swing / 2, "y": 0.97 + swing, "z": 0.2 - swing / 3})


def phyphox(table):
    renamed = table.assign(**{axis: G * table[axis] for axis in XYZ}).set_axis(
        ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in XYZ)], axis=1
    )
    return renamed.assign(**{"Absolute acceleration (m/s^2)": 10.0})


def sensor_logger(table):
    ns = (1.7e18 + 1e9 * table["t"]).astype("int64")
    metres = {axis: G * table[axis] for axis in "zyx"}
    return pd.DataFrame({"time": ns, "seconds_elapsed": 0.3 + table["t"], **metres})


def motionsense(table):
    gravity = {f"gravity.{axis}": 0.7 * table[axis] for axis in XYZ}
    return pd.DataFrame(
        {"attitude.roll": 1.0, **gravity, "rotationRate.x": 3.0}
        | {f"userAcceleration.{axis}": 0.3 * table[axis] for axis in XYZ}
    )


FORMS = {"phyphox": phyphox, "sensor_logger": sensor_logger, "motionsense": motionsense,
         "plain": lambda table: table, "ax": lambda table: table.add_prefix("a").rename(
             columns={"at": "time"})}  # fmt: skip


@pytest.mark.parametrize(
    "how", [{"sep": ","}, {"sep": ";", "decimal": ","}, {"sep": "\t"}], ids=["comma", "semi", "tab"]
)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_signal(tmp_path, form, how):
    table = walking()
    file = tmp_path / "a.csv"
    FORMS[form](table).to_csv(file, index=form == "motionsense", **how, encoding="utf-8-sig")
    read = recordings.read(str(file))
    ((start, signal),) = read.pieces
    assert start == 0 and read.rate == 50
    np.testing.assert_allclose(signal, table[XYZ], atol=1e-6)
    metres = form in ("phyphox", "sensor_logger")
    assert ("in m/s², divided by 9.80665" if metres else "in g") in repr(read)


@pytest.mark.parametrize("rate", [25, 50, 60, 100, 200, 400])
def test_any_rate_becomes_50_without_aliases(rate):
    """What is slow stays; a tone above 25 Hz, which would come back as a slow one, goes."""
    table = walking(rate)
    slow = table[XYZ].copy()
    if rate > 120:
        table["z"] += np.sin(2 * np.pi * 53 * table["t"])
    ((_, signal),) = recordings.read(table).pieces
    assert len(signal) == pytest.approx(600, abs=2)
    times = np.arange(len(signal)) / 50
    for column, axis in enumerate(XYZ):
        away = np.abs(signal[:, column] - np.interp(times, table["t"], slow[axis]))
        assert away[50:550].max() < 0.02 and away.max() < 0.3


def test_uneven_times_gaps_and_arrays():
    table = walking(100, 30)
    table["t"] += np.random.default_rng(1).uniform(0, 0.004, len(table))
    holes = table.drop(index=[*range(1000, 1200), *range(1300, 1400)])
    read = recordings.read(holes)
    assert [round(start) for start, _ in read.pieces] == [0, 14]  # the second is 1 s long
    assert "; in g, 2 pieces between gaps" in repr(read)
    starts, windows = read.windows(150)
    assert windows.shape == (8, 150, 3) and (np.diff(starts) > 2.99).all()
    array = walking(100)[XYZ].to_numpy()
    ((_, signal),) = recordings.read(array, sampling_rate=100).pieces
    assert signal.shape == (600, 3)


def test_the_network_says_the_same_however_it_was_recorded():
    """In m/s², at twice the rate, with the other sign: phones differ in all of these."""
    network = Network.load("data/networks")
    usual = network.recognise(OWN)
    twice = pd.DataFrame({"t": np.arange(0, 95.98, 0.01)})
    for axis in XYZ:
        twice[axis] = -G * np.interp(twice["t"], OWN["t"], OWN[axis])
    table = network.recognise(twice)
    assert "turned over" in table.attrs["recording"] and "true activity" not in table
    assert told_right(table).empty
    assert (table["activity"] == usual["activity"][: len(table)]).mean() > 0.9


LINES = ["t,x,y,z", *(f"{n / 50},0.1,0.9,0.2" for n in range(200))]


def changed(**lines):
    """The lines of a good file, some of them others; ``_5`` is line 5."""
    return "\n".join(lines.get(f"_{n}", line) for n, line in enumerate(LINES, 1))


TURNING = "".join(f"{n / 50},{np.sin(n):.3f},{np.cos(n):.3f},0.1\n" for n in range(200))
SENSORS = {"gyro": "Time (s),Gyroscope x (rad/s),Gyroscope y (rad/s),Gyroscope z (rad/s)",
           "linear": "Time (s)," + ",".join(f"Linear Acceleration {a} (m/s^2)" for a in XYZ),
           "user": "t,userAcceleration.x,userAcceleration.y,userAcceleration.z"}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["is no table", "No columns to parse"]),
        (b"PK\3\4\xff\xfe", ["is no table: it is not text; allowed is a CSV with a header"]),
        ("\n".join(LINES[1:]), ["its first line holds numbers"]),
        (changed(_7="0.1,0.1,0.9,0.2,3"), ["line 7", "Expected 4 fields"]),
        (changed(_2="0,0.1,0.9,0.2,3,5"), ["more fields than the first one"]),
        ("just a sentence", ["no column for axis x among just a sentence; needed are t, x, y, z"]),
        (changed(_1="t,x,z,w"), ["no column for axis y among t, x, z, w"]),
        (changed(_1="t,x,y,ax"), ["several columns for axis x among t, x, y, ax"]),
        (changed(_1="u,x,y,z"), ["no column of times", "sampling_rate"]),
        ("t,x,y,z", ["there are no rows in it"]),
        (changed(_9="0.14,0.1,oops,0.2"), ["line 9, column y is 'oops'; allowed are finite"]),
        (changed(_9="0.14,0.1,,0.2"), ["line 9, column y is empty or not a number"]),
        (changed(_9=""), ["line 9, column x is empty"]),
        (changed(_9="0.14,0.1,1e400,0.2"), ["line 9, column y is 'inf'"]),
        (changed(_9="0.14,0.1,1e5,0.2"), ["line 9, column y is '100000.0'", "up to 1000"]),
        (changed(_9="2026-11-29,0.1,0.9,0.2"), ["line 9, column t is '2026-11-29'"]),
        (changed(_9="0.12,0.1,0.9,0.2"), ["line 9: time stands still; allowed are times"]),
        (changed(_9="0.11,0.1,0.9,0.2"), ["line 9: time goes back"]),
        ("\n".join(LINES[:100]), ["1.96 s; allowed are 3 s to 24 hours"]),
        ("t,x,y,z\n0,0,1,0\n50000,0,1,0\n100000,0,1,0", ["1e+05 s; allowed are 3 s to 24 hours"]),
        ("t,x,y,z" + "".join(f"\n{n},0,1,0" for n in range(9)), ["1 rows a second; allowed are"]),
        ("t,x,y,z" + "".join(f"\n{n},0,1,0" for n in range(0, 4000, 20)), ["0.05 rows a second"]),
        ("t,x,y,z" + "".join(f"\n{n / 50 if n < 300 else 3 + n / 100},0,1,0" for n in range(600)),
         ["near line 302: 50 rows a second before, 100 after; allowed is one rate"]),
        ("t,x,y,z" + "".join(f"\n{n / 50 + n // 100},0,1,0" for n in range(600)),
         ["nowhere 3 s without a gap of 0.25 s"]),
        (changed(_1=SENSORS["gyro"]), ["for axis x among Time (s), Gyro", "allowed is acc"]),
        (changed(_1=SENSORS["linear"]), ["among Time (s), Linear Acc", "`TotalAcceleration.csv`"]),
        (changed(_1=SENSORS["user"]), ["among t, userAcceleration.x", "gravity in it"]),
        ("t,x,y,z\n" + TURNING, ["no gravity is in it; allowed is acceleration with gravity"]),
        (changed().replace(",0.9,", ",0.001,"), ["average 0.22 g are left: no gravity is in"]),
        (changed().replace(",0.9,", ",3,"), ["on average 3 g are left, where gravity is 1"]),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_in_one_line(tmp_path, content, words):
    file = tmp_path / "walk.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with refusal("walk.csv", *words):
        recordings.read(str(file))


def test_what_is_no_file_of_that_kind_is_refused(tmp_path, monkeypatch):
    with refusal("recording", "does not exist (did you mean six-activities.csv?)"):
        recordings.read("data/recordings/six-activity.csv")
    with refusal("is a folder, not a file"):
        recordings.read(tmp_path)
    with refusal("recording ndarray: Shape of passed values is (4, 2)", "allowed is (rows, 3), x"):
        recordings.read(np.ones((4, 2)))
    with refusal("table, row 3, column y is 'oops'"):
        recordings.read(walking().astype(object).replace({"y": {walking()["y"][3]: "oops"}}))
    with refusal("parameter unit = 'kg': allowed is one of auto, g, m/s2"):
        recordings.read(walking(), unit="kg")
    with refusal("parameter sampling_rate = 5: allowed is a number from 20 to 1000, or 0"):
        recordings.read(walking(), sampling_rate=5)
    with refusal("in m/s², divided by 9.80665; on average 0.1 g are left"):
        recordings.read(walking(), unit="m/s2")
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    with refusal("six-activities.csv is no table: it is larger than 1000 bytes"):
        recordings.read("data/recordings/six-activities.csv")
