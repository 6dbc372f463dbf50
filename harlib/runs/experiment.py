"""One run as a user asks for it: read the data, train the seeds, write the result files."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from harlib import paths
from harlib.buffers import Buffers
from harlib.compiled import loops as compiled
from harlib.data import Dataset
from harlib.data import load as load_data
from harlib.errors import UserError, one_line
from harlib.inputs import Inputs, Windows
from harlib.job import EarlyStopping, Job
from harlib.protocol import RUNS, Protocol, named
from harlib.runs import parameters, splits
from harlib.runs.progress import EpochBar
from harlib.storage import checkpoint, files, manifest, provenance, results
from harlib.train import Diverged, Progress, train


@parameters.checked
def run(
    run_no: int,
    *,
    data: str = "motionsense",
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

    Returns the content of ``run-NN.json``. Where data, results folder or training give none, a
    UserError says why in one line.
    """
    one = job(run_no, named(protocol), epochs=epochs, dtype=dtype, loops=loops)
    folder = results.Folder(results_dir, data, one.protocol.name)
    return train_on(load_data(data), folder, one, seeds, loops)


@parameters.checked
def early_stopping(
    run_no: int,
    *,
    data: str = "motionsense",
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

    Returns the content of ``early-stopping-NN.json``, or raises as :func:`run`; also where there
    are too few windows to split.
    """
    decided = replace(named(protocol), selection="validation")
    stopping = EarlyStopping(patience, min_delta, validation_fraction)
    one = job(run_no, decided, epochs=max_epochs, dtype=dtype, loops=loops, stopping=stopping)
    folder = results.Folder(results_dir, data, decided.name)
    return train_on(load_data(data), folder, one, seeds, loops)


def job(run_no: int, protocol: Protocol, *, loops: str = "auto", **settings: object) -> Job:
    """A :class:`Job` of Table I, with the loops that ``auto`` stands for on this machine."""
    return Job(RUNS[run_no], protocol, loops=compiled.resolve(loops), **settings)


def buffers(job: Job) -> type[Buffers]:
    """What a job computes in: the buffers whose loops it names."""
    return compiled.BUFFERS[job.loops]


def train_on(
    dataset: Dataset, folder: results.Folder, job: Job, seeds: Sequence[int], loops: str
) -> dict:
    """:func:`run`, or :func:`early_stopping`, for a data set and a job.

    ``loops`` are those that were asked for, which may be ``auto``.
    """
    parts_of = splits.of_seeds(dataset, job, seeds)
    run_no = job.run.run_no
    stops = {"max_epochs": job.epochs, **asdict(job.stopping)} if job.stopping else {}
    asked = {
        "run_no": run_no, "protocol": job.protocol.name, "seeds": list(seeds), "dtype": job.dtype,
        "loops": loops, **(stops or {"epochs": job.epochs}),
    }  # fmt: skip
    content = {"run_no": run_no, "asked": asked, "config": job.config(), "data": dataset.describe()}
    fingerprints = {
        str(seed): provenance.fingerprint(job, seed, splits.digest(parts))
        for seed, parts in parts_of.items()
    }
    usual, folder = folder, manifest.place(folder, job.kind, content)
    if folder is not usual:
        print(
            f"{paths.shown(usual.result(run_no, job.kind))} took longer or is of other settings or "
            f"data, and is kept: this one goes to {paths.shown(folder.path)}"
        )
    file = folder.result(run_no, job.kind)
    done, _ = manifest.finished(folder, job.kind, content, fingerprints)
    if set(fingerprints) <= set(done):
        manifest.gather(folder)  # a kill may have come before it
        print(f"{job.kind} {run_no} is finished: read from {paths.shown(file)}")
        return results.of_seeds({**content, "seeds": done}, parts_of)

    folder.create()
    files.sweep(folder.path, file.stem)
    entries, timings, weights = {}, {}, {}
    for seed, parts in parts_of.items():
        if (name := str(seed)) in done:
            continue
        progress = _train_seed(job, parts, folder, seed, fingerprints[name])
        inputs = Inputs.fit(job.protocol, parts["train"].x)
        weights[seed] = inputs.fold(progress.best_params)
        entries[name] = _entry(job, progress, inputs)
        timings[name] = {
            "training_seconds": round(progress.training_seconds, 3),
            "evaluation_seconds": round(progress.evaluation_seconds, 3),
            "fingerprint": fingerprints[name],
        }
    # Other seeds stay: those that were there, or came from a run beside this one.
    done, times = manifest.finished(folder, job.kind, content, fingerprints)
    entries, timings = {**done, **entries}, {**times, **timings}
    order = dict.fromkeys([*fingerprints, *entries])
    content["seeds"] = {seed: entries[seed] for seed in order}
    asked["seeds"] = [int(seed) for seed in order]
    manifest.save(folder, job.kind, content, timings, weights)
    print(f"{job.kind} {run_no} is written to {paths.shown(file)}")
    return results.of_seeds(results.read(file), parts_of)


def _train_seed(
    job: Job, parts: dict[str, Windows], folder: results.Folder, seed: int, fingerprint: str
) -> Progress:
    """Train one seed, from its checkpoint if there is one."""
    run_no = job.run.run_no
    path = folder.checkpoint(run_no, seed, job.kind)
    resume = checkpoint.read(path, fingerprint)
    if resume and resume.epochs_done > job.epochs:
        resume = None  # a longer training was interrupted; this one has to end earlier

    def after_epoch(progress: Progress) -> None:
        checkpoint.write(path, progress, fingerprint)
        bar(progress)

    try:
        with EpochBar(f"{job.kind} {run_no}, seed {seed} ({job.loops}):", job.epochs) as bar:
            return train(
                job, parts, seed=seed, buffers=buffers(job), resume=resume, after_epoch=after_epoch
            )
    except MemoryError as error:
        raise UserError(
            f"run {run_no}: out of memory at seed {seed} ({one_line(error)}); epochs that were "
            f"finished before are kept in {folder.path}"
        ) from None
    except Diverged as error:
        raise UserError(
            f"run {run_no}: {error}. What was finished before is kept in {folder.path}"
        ) from None


def _entry(job: Job, progress: Progress, inputs: Inputs) -> dict:
    """The entry of one seed in a result file."""
    entry = {
        "train": None,
        "validation": None,
        **progress.history,
        "best_epoch": progress.best_epoch,
        "confusion": progress.confusion,
    }
    if job.stopping:
        entry["stopped_epoch"] = progress.epochs_done
    if job.protocol.standardise:
        entry["inputs"] = {"mean": inputs.mean.tolist(), "deviation": inputs.deviation.tolist()}
    return entry
