"""One run as a user asks for it: read the data, train the seeds, write the result files."""

import hashlib
from dataclasses import asdict, replace

from harlib import paths
from harlib.compiled import loops as compiled
from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.errors import UserError, one_line
from harlib.inputs import Inputs
from harlib.protocol import RUNS, Protocol, Run, named
from harlib.runs import splits
from harlib.runs.progress import EpochBar
from harlib.storage import checkpoint, manifest, provenance, results
from harlib.train import Diverged, EarlyStopping, Progress, Windows, train


def run(
    run_no: int,
    *,
    data: str = "synthetic",
    data_dir: str = "",
    protocol: str = "published",
    seeds: tuple[int, ...] = (42, 263, 682),
    epochs: int = 50,
    dtype: str = "float32",
    loops: str = "auto",
    results_dir: str = "results",
) -> dict:
    """Train every seed of run ``run_no`` of Table I and write its result files.

    Work that is already done is not repeated: a finished result of the same
    inputs and the same code is read, an interrupted one continues after its
    last finished epoch. Either way the files have the same bytes.

    Returns
    -------
    dict
        The content of ``run-NN.json``.

    Raises
    ------
    UserError
        Data, results folder or training give no result; says why in one line.
    """
    decided = named(protocol)
    folder = results.Folder(results_dir, data, decided.name)
    dataset = load_data(data, data_dir)
    if decided.selection == "validation":
        parts = {seed: splits.by_subject(dataset, seed, dtype) for seed in seeds}
    else:
        whole = splits.windows(dataset, dtype, train=slice(None))
        parts = {seed: whole for seed in seeds}
    return _seeds(
        "run", RUNS[run_no], decided, dataset, parts, folder, epochs=epochs, dtype=dtype,
        loops=loops, asked={"epochs": epochs},
    )  # fmt: skip


def early_stopping(
    run_no: int,
    *,
    data: str = "synthetic",
    data_dir: str = "",
    protocol: str = "published",
    seeds: tuple[int, ...] = (42,),
    max_epochs: int = 300,
    patience: int = 30,
    min_delta: float = 1e-5,
    validation_fraction: float = 0.1,
    dtype: str = "float32",
    loops: str = "auto",
    results_dir: str = "results",
) -> dict:
    """Option C: train run ``run_no`` with a validation set and early stopping.

    A stratified part of the training windows becomes the validation set. Both the
    end of the training and the epoch that is reported follow from the Top-1
    accuracy on it; the test windows are only looked at.

    Returns
    -------
    dict
        The content of ``early-stopping-NN.json``.

    Raises
    ------
    UserError
        As :func:`run`; or there are too few windows to split.
    """
    decided = named(protocol)
    folder = results.Folder(results_dir, data, decided.name)
    dataset = load_data(data, data_dir)
    return _seeds(
        "early-stopping", RUNS[run_no], replace(decided, selection="validation"), dataset,
        {seed: splits.stratified(dataset, validation_fraction, seed, dtype) for seed in seeds},
        folder, epochs=max_epochs, dtype=dtype, loops=loops,
        asked={
            "max_epochs": max_epochs, "patience": patience, "min_delta": min_delta,
            "validation_fraction": validation_fraction,
        },
        stopping=EarlyStopping(patience, min_delta, validation_fraction),
    )  # fmt: skip


def _seeds(
    kind: str,
    run: Run,
    protocol: Protocol,
    dataset: Dataset,
    parts_of: dict[int, dict[str, Windows]],
    folder: results.Folder,
    *,
    epochs: int,
    dtype: str,
    loops: str,
    asked: dict,
    stopping: EarlyStopping | None = None,
) -> dict:
    """Train each seed on its splits; write weights and timing, and the result last."""
    asked = {
        "run_no": run.run_no, "protocol": protocol.name, "seeds": list(parts_of), "dtype": dtype,
        "loops": loops, **asked,
    }  # fmt: skip
    loops = compiled.resolve(loops)
    content = {
        "run_no": run.run_no,
        "asked": asked,
        "config": _config(run, protocol, epochs, dtype, loops, stopping),
        "data": dataset.describe(),
        "seeds": {},
    }
    fingerprints = {
        seed: provenance.fingerprint(
            run, protocol, seed, epochs, dtype, loops, stopping, splits.digest(parts)
        )
        for seed, parts in parts_of.items()
    }
    result_file = folder.result(run.run_no, kind)
    done, done_timing, whole = _done(folder, kind, content, fingerprints)
    if whole:
        manifest.write(folder)  # a kill may have come before it
        print(f"{kind} {run.run_no} is finished: read from {paths.shown(result_file)}")
        return {**content, "seeds": done}

    folder.create()
    folder.sweep(run.run_no, kind)
    timing = {"seeds": {}, "machine": provenance.machine(), "versions": provenance.versions()}
    trained, inputs = {}, {}
    for seed, parts in parts_of.items():
        if str(seed) in done:
            content["seeds"][str(seed)] = done[str(seed)]
            timing["seeds"][str(seed)] = done_timing[str(seed)]
            continue
        progress = _seed(kind, run, protocol, parts, folder, seed, fingerprints[seed], epochs,
                         dtype, loops, stopping)  # fmt: skip
        trained[seed] = progress
        inputs[seed] = Inputs.fit(protocol, parts["train"].x)
        content["seeds"][str(seed)] = _entry(progress, protocol, inputs[seed], stopping)
        timing["seeds"][str(seed)] = {
            "training_seconds": round(progress.training_seconds, 3),
            "evaluation_seconds": round(progress.evaluation_seconds, 3),
            "fingerprint": fingerprints[seed],
        }
    for seed, progress in trained.items():
        results.write_weights(
            folder.weights(run.run_no, seed, kind), inputs[seed].fold(progress.best_params)
        )
    timing["made_from"] = provenance.made_from(content["data"]["sha256"])
    timing["files"] = {
        result_file.name: hashlib.sha256(results.to_json(content).encode()).hexdigest(),
        **{path.name: manifest.sha256(path)
           for path in (folder.weights(run.run_no, seed, kind) for seed in parts_of)},
    }  # fmt: skip
    results.write_json(folder.timing(run.run_no, kind), timing)
    results.write_json(result_file, content)
    manifest.write(folder)
    for seed in parts_of:
        folder.checkpoint(run.run_no, seed, kind).unlink(missing_ok=True)
    return results.read(result_file)


def _seed(
    kind: str, run: Run, protocol: Protocol, parts: dict[str, Windows], folder: results.Folder,
    seed: int, fingerprint: str, epochs: int, dtype: str, loops: str,
    stopping: EarlyStopping | None,
) -> Progress:  # fmt: skip
    """Train one seed, from its checkpoint if there is one."""
    path = folder.checkpoint(run.run_no, seed, kind)
    resume = checkpoint.read(path, fingerprint)
    if resume and resume.epochs_done > epochs:
        resume = None  # a longer training was interrupted; this one has to end earlier
    bar = EpochBar(f"{kind} {run.run_no}, seed {seed}:", epochs)

    def after_epoch(progress: Progress) -> None:
        checkpoint.write(path, progress, fingerprint)
        bar(progress)

    try:
        return train(
            run, protocol, parts, seed=seed, epochs=epochs, dtype=dtype, loops=loops,
            stopping=stopping, resume=resume, after_epoch=after_epoch,
        )  # fmt: skip
    except MemoryError as error:
        raise UserError(
            f"run {run.run_no}: out of memory at seed {seed} ({one_line(error)}); epochs that were "
            f"finished before are kept in {folder.path}"
        ) from None
    except Diverged as error:
        raise UserError(
            f"run {run.run_no}: {error}. What was finished before is kept in {folder.path}"
        ) from None
    finally:
        bar.close()


def _config(
    run: Run,
    protocol: Protocol,
    epochs: int,
    dtype: str,
    loops: str,
    stopping: EarlyStopping | None,
) -> dict:
    """The ``config`` entry of a result file: every decision behind its numbers."""
    config = {
        **asdict(run),
        "epochs": epochs,
        "dtype": dtype,
        "loops": loops,
        **protocol.switches(),
    }
    del config["run_no"]
    config["batch_size"] = protocol.batch_size or run.batch_size
    config["protocol"] = config.pop("name")
    return {**config, **(asdict(stopping) if stopping else {})}


def _entry(
    progress: Progress, protocol: Protocol, inputs: Inputs, stopping: EarlyStopping | None
) -> dict:
    """The entry of one seed in a result file."""
    entry = {
        "train": progress.history["train"],
        "validation": progress.history.get("validation"),
        "test": progress.history["test"],
        "best_epoch": progress.best_epoch,
        "confusion": progress.confusion,
    }
    if stopping:
        entry["stopped_epoch"] = progress.epochs_done
    if protocol.standardise:
        entry["inputs"] = {"mean": inputs.mean.tolist(), "deviation": inputs.deviation.tolist()}
    return entry


def _done(
    folder: results.Folder, kind: str, content: dict, fingerprints: dict[int, str]
) -> tuple[dict, dict, bool]:
    """Entries and timings of the seeds that are there already, of the same inputs and code.

    The third is True if the result file is made of just these seeds, in this order.
    """
    run_no = content["run_no"]
    wanted = {str(seed): fingerprint for seed, fingerprint in fingerprints.items()}
    try:
        manifest.check(folder, run_no, kind)
        result = results.read(folder.result(run_no, kind))
        timing = results.read_json(folder.timing(run_no, kind))["seeds"]
        if any(result[key] != content[key] for key in ("config", "data")):
            return {}, {}, False
        same = [s for s in result["seeds"] if timing[s]["fingerprint"] == wanted.get(s)]
        for seed in same:
            results.read_weights(folder.weights(run_no, int(seed), kind))
    except (UserError, KeyError, TypeError):
        return {}, {}, False
    entries = {seed: result["seeds"][seed] for seed in same}
    whole = list(entries) == list(wanted) == list(result["seeds"])
    return entries, timing, whole and result["asked"] == content["asked"]
