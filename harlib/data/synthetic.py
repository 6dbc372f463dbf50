"""Synthetic data: what a phone in a trouser pocket would measure, from a simple physical model.

``data/README.md`` has its equations, and how its numbers were chosen. In the frame of the thigh,
y runs along it, z out of its front, x sideways; movement is added there. The phone lies in the
pocket turned by ``roll`` about y, then by ``tilt`` about z.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from harlib.data.dataset import Dataset
from harlib.protocol import CLASSES

NAME = "synthetic"
SAMPLING_RATE = 50.0
STEPS = 150
TRAIN, TEST = 500, 100  # windows of a class
TRAIN_SUBJECTS, TEST_SUBJECTS = 20, 4
RECORDINGS = 3

SENSOR_NOISE = 0.002  # g, standard deviation
SENSOR_STEP = 1 / 4096  # g
SENSOR_RANGE = 8.0  # g
SCALE_ERROR = (0.004, 0.004)  # mean and standard deviation over subjects

ROLL = (30.0, 25.0)  # degrees, mean and standard deviation over subjects
OTHER_WAY_ROUND = 0.25  # share of subjects
TILT = 9.0  # degrees, standard deviation over subjects
UPSIDE_DOWN = 5 / 312  # share of recordings, counted in MotionSense without sitting
POCKET = 0.15  # metres from the hip
# Degrees, standard deviation over recordings.
RECORDING_ROLL, RECORDING_TILT, RECORDING_THIGH = 10.0, 6.0, 3.0


@dataclass(frozen=True)
class Gait:
    """Movement of one activity. Amplitudes in g, angles in degrees."""

    step_frequency: float  # Hz
    step_frequency_sd: float  # Hz, over subjects
    vertical: tuple[float, ...]  # harmonics 1, 2, 3 of the step frequency, along y
    asymmetry: float  # stride frequency, along y
    forward: tuple[float, ...]  # harmonics 1, 2, ... of the stride frequency, along z
    sideways: tuple[float, ...]  # the same along x
    swing: float  # thigh
    impact: float
    ring: float  # Hz
    decay: float  # seconds
    roughness: float  # irregular acceleration of 1 to 12 Hz on every axis


@dataclass(frozen=True)
class Activity:
    """Posture of one activity, and its gait if it has one."""

    thigh: float  # degrees, 90: upright
    thigh_sd: float  # degrees, over subjects
    sway: float  # degrees, slow changes of tilt and thigh angle within a window
    tremor: float  # g
    gait: Gait | None = None


ACTIVITIES = {
    "downstairs": Activity(93, 5, 3.0, 0.02, Gait(
        2.07, 0.12, (0.45, 0.15, 0.10), 0.18, (0.14, 0.14, 0.10, 0.08), (0.10, 0.10, 0.08, 0.08),
        12, 2.6, 10.0, 0.045, 0.20)),
    "jogging": Activity(92, 4, 2.0, 0.02, Gait(
        2.75, 0.12, (1.20, 0.40, 0.25), 0.20, (0.40, 0.30, 0.20, 0.20), (0.30, 0.35, 0.20, 0.20),
        24, 3.8, 9.0, 0.045, 0.48)),
    "sitting": Activity(18, 10, 0.45, 0.004),
    "standing": Activity(90, 5, 1.3, 0.006),
    "upstairs": Activity(94, 6, 3.0, 0.02, Gait(
        1.74, 0.10, (0.38, 0.12, 0.06), 0.15, (0.12, 0.13, 0.08, 0.06), (0.10, 0.10, 0.08, 0.06),
        17, 1.8, 9.0, 0.045, 0.14)),
    "walking": Activity(92, 4, 2.0, 0.02, Gait(
        1.93, 0.08, (0.48, 0.20, 0.10), 0.14, (0.22, 0.18, 0.10, 0.10), (0.12, 0.13, 0.10, 0.10),
        20, 2.6, 10.0, 0.045, 0.19)),
}  # fmt: skip


def make() -> Dataset:
    """The synthetic data set, the same bytes every time.

    Training and test windows lie in class order, within a class in order of
    subject. Values are multiples of 1/4096 g, which float32 holds exactly, so
    that differences in the last digit between machines do not show.
    """
    # RandomState's stream of numbers is frozen by NumPy's policy, a Generator's is not.
    rng = RandomState(0)
    people = _people(rng)
    of_train = np.arange(TRAIN) * TRAIN_SUBJECTS // TRAIN
    of_test = np.arange(TEST) * TEST_SUBJECTS // TEST + TRAIN_SUBJECTS
    subjects = np.concatenate([of_train, of_test])
    windows = [_windows(rng, ACTIVITIES[name], people, subjects) for name in CLASSES]
    y = np.arange(len(CLASSES), dtype=np.int64)
    return Dataset(
        name=NAME,
        source=f"synthetic data: a model of six activities, {TRAIN_SUBJECTS} + {TEST_SUBJECTS} "
        "virtual subjects, acceleration in g, seed 0",
        X_train=np.concatenate([window[:TRAIN] for window in windows]),
        y_train=np.repeat(y, TRAIN),
        X_test=np.concatenate([window[TRAIN:] for window in windows]),
        y_test=np.repeat(y, TEST),
        unit="g",
        sampling_rate=SAMPLING_RATE,
        subject_train=np.tile(of_train + 1, len(CLASSES)),
        subject_test=np.tile(of_test + 1, len(CLASSES)),
    )


def _people(rng: RandomState) -> dict[str, np.ndarray]:
    """What a virtual subject keeps through all activities; arrays (subjects,)."""
    n = TRAIN_SUBJECTS + TEST_SUBJECTS
    return {
        "roll": rng.normal(*ROLL, n) + 180 * (rng.uniform(size=n) < OTHER_WAY_ROUND),
        "tilt": rng.normal(0, TILT, n),
        "tempo": rng.normal(0, 1, n),
        "vigour": np.exp(rng.normal(0, 0.15, n)),
        "scale": 1 + rng.normal(*SCALE_ERROR, n),
    }


def _windows(
    rng: RandomState, activity: Activity, people: dict[str, np.ndarray], subjects: np.ndarray
) -> np.ndarray:
    """Windows (n, 150, 3) of one activity, of the subjects (n,) given by number."""
    n_people, n = len(people["roll"]), len(subjects)
    recording = rng.randint(RECORDINGS, size=n)

    def vary(sd_subject: float, sd_recording: float, sd_window: float) -> np.ndarray:
        """A deviation (n, 1) made of one a subject, one a recording and one a window."""
        of_subject = rng.normal(0, sd_subject, n_people)[subjects]
        of_recording = rng.normal(0, sd_recording, (n_people, RECORDINGS))[subjects, recording]
        return (of_subject + of_recording + rng.normal(0, sd_window, n))[:, None]

    # How lively: most windows are calm, a few are not.
    restless = np.exp(vary(0.3, 0.1, 0.5))
    sway = np.radians(activity.sway) * restless
    theta = np.radians(activity.thigh + vary(activity.thigh_sd, RECORDING_THIGH, 1.0))
    theta = theta + sway * _noise(rng, n, 0.1, 2.0, slope=1.5)
    tilt = np.radians(people["tilt"][subjects, None] + vary(2.0, RECORDING_TILT, 0.5))
    upside_down = rng.uniform(size=(n_people, RECORDINGS)) < UPSIDE_DOWN
    tilt = tilt + np.pi * upside_down[subjects, recording][:, None]
    tilt = tilt + sway * _noise(rng, n, 0.1, 2.0, slope=1.5)
    roll = np.radians(people["roll"][subjects, None] + vary(2.0, RECORDING_ROLL, 0.5))

    x, y, z = (activity.tremor * restless * _noise(rng, n, 2.0, 12.0, slope=0.0) for _ in range(3))
    if activity.gait is not None:
        swing, movement = _gait(rng, activity.gait, people, subjects, vary)
        theta = theta + swing
        x, y, z = x + movement[0], y + movement[1], z + movement[2]
    y, z = y + np.sin(theta), z - np.cos(theta)

    x, z = x * np.cos(roll) + z * np.sin(roll), z * np.cos(roll) - x * np.sin(roll)
    x, y = x * np.cos(tilt) + y * np.sin(tilt), y * np.cos(tilt) - x * np.sin(tilt)
    measured = np.stack([x, y, z], axis=2) * people["scale"][subjects, None, None]
    measured += rng.normal(0, SENSOR_NOISE, measured.shape)
    measured = np.clip(measured, -SENSOR_RANGE, SENSOR_RANGE)
    return np.round(measured / SENSOR_STEP) * SENSOR_STEP


def _gait(rng, gait: Gait, people, subjects, vary):
    """Swing of the thigh (n, 150), in radians, and acceleration along x, y and z in g."""
    n_people, n = len(people["roll"]), len(subjects)
    time = np.arange(STEPS) / SAMPLING_RATE
    tempo = gait.step_frequency + gait.step_frequency_sd * people["tempo"][subjects, None]
    step_frequency = tempo * np.exp(vary(0.02, 0.01, 0.02))
    vigour = people["vigour"][subjects, None] * np.exp(vary(0.15, 0.03, 0.08))
    psi = np.pi * step_frequency * time + rng.uniform(0, 2 * np.pi, (n, 1))
    psi = psi + 0.15 * _noise(rng, n, 0.1, 0.7, slope=1.0)

    def harmonic(amplitude: float, multiple: int, phase_range: float = np.pi) -> np.ndarray:
        """One harmonic of the stride frequency, its strength and phase a subject's own."""
        strength = vigour * np.exp(vary(0.25, 0.05, 0.10))
        phase = rng.uniform(-phase_range, phase_range, n_people)[subjects, None]
        return amplitude * strength * np.cos(multiple * psi + phase)

    y = harmonic(gait.asymmetry, 1)
    for k, amplitude in enumerate(gait.vertical, start=1):
        # The body is caught when the foot lands: the lowest harmonic peaks near the impact.
        y = y + harmonic(amplitude, 2 * k, phase_range=0.8 if k == 1 else np.pi)
    x = sum(harmonic(amplitude, k) for k, amplitude in enumerate(gait.sideways, start=1))
    z = sum(harmonic(amplitude, k) for k, amplitude in enumerate(gait.forward, start=1))

    impact = gait.impact * vigour * np.exp(vary(0.25, 0.10, 0.10))
    weaker = rng.uniform(0.3, 0.9, n_people)[subjects, None]
    impact = impact * _impacts(rng, gait, psi, step_frequency, weaker)
    x = x + impact * vary(0.45, 0.10, 0.05)
    z = z + impact * vary(0.50, 0.10, 0.05)
    rough = gait.roughness * vigour
    x, y, z = (a + rough * _noise(rng, n, 1.0, 12.0, slope=0.5) for a in (x, y + impact, z))
    swing = np.radians(gait.swing) * np.exp(vary(0.2, 0.05, 0.10))
    # Standard gravity; the sensor feels the opposite of its own acceleration, as it feels gravity.
    per_g = POCKET / 9.80665 * (np.pi * step_frequency) ** 2
    y = y + per_g * (swing * np.cos(psi)) ** 2
    z = z - per_g * swing * np.sin(psi)
    return swing * np.sin(psi), (x, y, z)


def _impacts(rng, gait: Gait, psi: np.ndarray, step_frequency: np.ndarray, weaker: np.ndarray):
    """Ringing after each step, (n, 150), of height about 1; the other leg's is ``weaker``."""
    number = np.floor(psi / np.pi).astype(np.int64)
    since = (psi / np.pi - number) / step_frequency
    nth = np.clip(number - number[:, :1], 0, None)
    height = np.exp(rng.normal(0, 0.25, (len(psi), nth.max() + 1)))
    height = np.take_along_axis(height, nth, axis=1) * np.where(number % 2 == 0, 1.0, weaker)
    omega = 2 * np.pi * gait.ring
    ringing = np.exp(-since / gait.decay) * np.sin(omega * since)
    # Who keeps an even pace is not accelerated on average: the integral of the ringing goes.
    average = step_frequency * omega / (omega**2 + gait.decay**-2)
    return height * (ringing - average)


def _noise(rng: RandomState, n: int, lowest: float, highest: float, slope: float) -> np.ndarray:
    """Random signals (n, 150) of unit variance between two frequencies in Hz.

    The amplitude falls as ``frequency ** -slope``.
    """
    # Twice as long as a window, so that its ends do not meet.
    spacing = SAMPLING_RATE / (2 * STEPS)
    frequency = spacing * np.arange(1, int(highest / spacing) + 1)
    frequency = frequency[frequency >= lowest]
    amplitude = frequency**-slope
    amplitude /= np.sqrt((amplitude**2).sum())
    angle = 2 * np.pi * frequency[:, None] * np.arange(STEPS) / SAMPLING_RATE
    basis = np.concatenate([amplitude[:, None] * np.cos(angle), amplitude[:, None] * np.sin(angle)])
    return rng.normal(size=(n, len(basis))) @ basis
