"""A trained network as an object: load it, give it windows or a recording, read its answer."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harlib import paths, rnn
from harlib.errors import UserError, one_line
from harlib.protocol import CLASSES
from harlib.runs import parameters, trained_network
from harlib.storage.results import Folder
from harlib.use import recordings
from harlib.use.recordings import Recording
from harlib.use.tables import LARGEST

#: What :meth:`Network.recognise` answers where no activity scores at least :data:`SURE`.
NONE = "none of these"
#: Chosen on the training windows alone: 98 of 100 that the shipped network tells right score more.
SURE = 0.9
_WEIGHTS = re.compile(r"run-(\d\d)-seed-(\d+)\.npz", re.ASCII)


@dataclass(frozen=True, repr=False)
class Network:
    """One trained network: six activities from acceleration, as the study evaluates it.

    >>> from harlib import Network, load_data
    >>> network = Network.load("data/networks")
    >>> network
    Network(run 4, protocol corrected, seed 42: ... % right on motionsense)
    >>> windows = load_data().X_test[:5]
    >>> windows.shape
    (5, 150, 3)
    >>> network.scores(windows).shape
    (5, 6)
    >>> network.recognise("data/recordings/six-activities.csv")["activity"].iloc[0]
    'standing'
    """

    #: The content of its result file.
    result: dict
    seed: int
    #: For windows that are not standardised.
    params: rnn.Parameters

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike,
        run_no: int | None = None,
        seed: int | None = None,
        protocol: str | None = None,
    ) -> "Network":
        """The one network that was saved in ``folder`` by a run; a UserError says which there are.

        Parameters
        ----------
        folder : path
            A results folder, or one in it, such as ``results/motionsense/corrected``; a relative
            one counts from the project's root.
        run_no, seed, protocol : optional
            Which, where there are several.
        """
        given = {"run_no": run_no, "seed": seed, "protocol": protocol}
        asked = parameters.check_values({k: v for k, v in given.items() if v is not None})
        root = paths.resolve(folder)
        found = {
            path: {"run_no": int(name[1]), "seed": int(name[2]), "protocol": path.parent.name}
            for below in ("", "*/", "*/*/")
            for path in sorted(root.glob(f"{below}run-??-seed-*.npz"))
            if (name := _WEIGHTS.fullmatch(path.name))
        }
        chosen = [path for path, one in found.items() if asked.items() <= one.items()]
        if len(chosen) != 1:
            raise UserError(_which(root, asked, chosen or list(found), several=bool(chosen)))
        one, place = found[chosen[0]], Folder.at(chosen[0].parent)
        result = trained_network.result(place, one["run_no"], None)
        return cls(result, one["seed"], trained_network.weights(place, result, one["seed"]))

    def __repr__(self) -> str:
        entry = self.result["seeds"][str(self.seed)]
        accuracy = entry["test"]["top1"][entry["best_epoch"]]
        return (
            f"Network(run {self.result['run_no']}, protocol {self.result['config']['protocol']}, "
            f"seed {self.seed}: {accuracy:.1f} % right on {self.result['data']['name']})"
        )

    def scores(self, windows: np.ndarray) -> np.ndarray:
        """Class scores, (n, 6) or (6,), in the order of :data:`harlib.protocol.CLASSES`.

        What the protocol does to a window before the network sees it is done here.

        Parameters
        ----------
        windows : (n, T, 3) or (T, 3)
            Acceleration with gravity, in g (of a network of one's own data, in its unit), at the
            data's rate (50 Hz). The accuracy is that of the data's T, 150; any T of at least one
            step is taken. A UserError where a value is not finite, or the unit is not g.
        """
        x = trained_network.network_inputs(self._checked(windows), self.result)
        config = self.result["config"]
        scores, _ = rnn.predict(
            self.params, x, np.zeros(x.shape[1], np.int64), output=config["output"],
            scores_from=config["scores_from"],
        )  # fmt: skip
        return scores if np.ndim(windows) == 3 else scores[0]

    def scores_by_step(self, windows: np.ndarray) -> np.ndarray:
        """Class scores of ``windows`` (n, T, 3) if they ended after each step, (n, steps, 6)."""
        x = trained_network.network_inputs(self._checked(windows), self.result)
        _, logits = rnn.forward(self.params, x, output=None)
        config = self.result["config"]
        return trained_network.scores_by_step(
            logits.transpose(1, 0, 2), config, config["scores_from"]
        )

    def read(self, source: object, *, unit: str = "auto", sampling_rate: float = 0) -> Recording:
        """:func:`harlib.use.recordings.read`, at the rate of the data that this network knows."""
        data = self.result["data"]
        if not (rate := data["sampling_rate_hz"]):
            raise UserError(f"data {data['name']} does not say at which rate its windows are")
        return recordings.read(source, unit=unit, sampling_rate=sampling_rate, rate=rate)

    def recognise(
        self, recording: object, *, unit: str = "auto", sampling_rate: float = 0
    ) -> pd.DataFrame:
        """What somebody with a phone in the trouser pocket was doing, window by window.

        ``recording``, ``unit`` and ``sampling_rate`` are as :meth:`read` takes them, or the first
        is what that has returned; so are the errors.

        Returns
        -------
        DataFrame
            A row a window, as long as those of the data (3 s), from the beginning of each piece:
            ``from (s)``, ``to (s)``, ``activity`` (:data:`NONE` where no score reaches
            :data:`SURE`), the six scores; and ``true activity``, if the recording says. How it was
            read is in the table's ``attrs``.
        """
        if not isinstance(recording, Recording):
            recording = self.read(recording, unit=unit, sampling_rate=sampling_rate)
        steps = self.result["data"]["steps"]
        start, X = recording.windows(steps)
        end = start + steps / recording.rate
        scores = self.scores(X)
        called = np.where(scores.max(axis=1) < SURE, NONE, np.array(CLASSES)[scores.argmax(axis=1)])
        table = pd.DataFrame({"from (s)": start, "to (s)": end, "activity": called})
        table[list(CLASSES)] = scores
        if recording.labels is not None:
            table["true activity"] = [recording.label(*at) for at in zip(start, end, strict=True)]
        table.attrs["recording"] = repr(recording)
        return table

    def _checked(self, windows: object) -> np.ndarray:
        """Windows (n, T, 3) as float64, or why they cannot be."""
        allowed = "allowed are numbers in g of shape (n, T, 3) or (T, 3)"
        try:
            X = np.asarray(windows, np.float64)
        except (TypeError, ValueError) as error:
            raise UserError(f"windows: {one_line(error)}; {allowed}") from None
        if X.ndim not in (2, 3) or X.shape[-1] != 3 or 0 in X.shape:
            raise UserError(f"windows of shape {X.shape}: {allowed}")
        X = X.reshape(-1, *X.shape[-2:])
        if (wrong := ~(np.abs(X) <= LARGEST)).any():
            window, step, axis = np.argwhere(wrong)[0]
            raise UserError(
                f"window {window}, step {step}, axis {axis} is {X[window, step, axis]:g}: allowed "
                f"are finite numbers up to {LARGEST:g}"
            )
        length, _ = recordings.gravity(X)
        # Of a file of one's own the unit is that of the file.
        if not 0.3 <= length <= 3 and self.result["data"]["name"] in parameters.DATA_SETS:
            seems = "seems to be m/s²" if 3 < length < 30 else "is not g, or gravity is not in it"
            raise UserError(
                f"windows: averaged over time, the acceleration is {length:.2g} long, so its unit "
                f"{seems}; allowed is g, where that is 1"
            )
        return X


def told_right(table: pd.DataFrame) -> pd.DataFrame:
    """Of each true activity the windows, how many are told right, and what they were taken for.

    ``table`` is of :meth:`Network.recognise`; without a ``true activity`` there are no rows.
    """
    if "true activity" not in table:
        return pd.DataFrame(columns=["Windows", "Right"])
    truth = table["true activity"]
    right = (table["activity"] == truth).groupby(truth).agg(["size", "sum"])
    counts = right.rename(columns={"size": "Windows", "sum": "Right"})
    taken = pd.crosstab(truth, table["activity"]).reindex(columns=[*CLASSES, NONE], fill_value=0)
    return counts.join(taken).rename_axis("Activity")


def _which(root: Path, asked: dict, found: list[Path], *, several: bool) -> str:
    """Why no single network in ``root`` is meant, and which there are."""
    if not root.is_dir():
        return f"there is no folder {root}; a relative path counts from {paths.ROOT}"
    names = [str(path.relative_to(root)).removesuffix(".npz") for path in found]
    listed = one_line(", ".join(names[:6])) + (f" and {len(names) - 6} more" * (len(names) > 6))
    words = ", ".join(f"{name} = {value}" for name, value in asked.items())
    if several:
        return f"{paths.shown(root)}: say which by run_no, seed, protocol or folder: {listed}"
    there = f"there are {listed}" if names else "notebooks/run.ipynb trains one"
    return f"{paths.shown(root)}: no network{f' of {words}' * bool(words)} there: {there}"
