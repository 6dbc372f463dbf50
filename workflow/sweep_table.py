"""All configurations of a sweep in one table: what was asked, accuracy, seconds.

``python -m workflow.sweep_table SWEEP_FILE RESULTS_DIR OUTPUT``
"""

import sys
from pathlib import Path

import pandas as pd

from harlib import metrics, protocol
from harlib.errors import UserError, command
from harlib.storage import results
from workflow import sweep
from workflow.sweep import Configuration, Sweep


def _accuracies(result: dict) -> dict[str, float]:
    """Mean and population deviation over the seeds, at the reported epoch, in percent."""
    row = {}
    for split in ("train", "validation", "test"):
        for top in ("top1", "top2", "top3"):
            curves = [(entry[split], entry["best_epoch"]) for entry in result["seeds"].values()]
            if all(curve is not None for curve, _ in curves):
                mean, std = metrics.mean_and_std([curve[top][epoch] for curve, epoch in curves])
                row[f"{split}_{top}_mean"], row[f"{split}_{top}_std"] = mean, std
    return row


def _row(one: Configuration, switches: tuple[str, ...]) -> dict:
    decided, run = protocol.named(one.protocol), protocol.RUNS[one.run_no]
    row = {
        "run_no": one.run_no,
        "data": one.data,
        "protocol": one.protocol,
        "epochs": one.epochs,
        "dtype": one.dtype,
        "batch_size": decided.batch_size or run.batch_size,
        "hidden_units": run.hidden_units,
        "learning_rate": float(f"{run.learning_rate * decided.learning_rate_scale:.12g}"),
        **{switch: getattr(decided, switch) for switch in switches},
        "seeds": len(one.seeds),
    }
    if why := sweep.diverged(one):
        return {**row, "outcome": why}
    result = results.read(one.result)
    asked = {**vars(one), "seeds": list(one.seeds)}
    named = ("run_no", "protocol", "seeds", "epochs", "dtype")
    if any(result["asked"][name] != asked[name] for name in named):
        raise UserError(f"result file {one.result} is not of the configuration that it should hold")
    timing = results.read_json(one.folder.timing(one.run_no))["seeds"]
    seconds = sum(
        timing[str(seed)]["training_seconds"] + timing[str(seed)]["evaluation_seconds"]
        for seed in one.seeds
    )
    return {**row, "outcome": "finished", **_accuracies(result), "wall_seconds": round(seconds, 3)}


def gather(of: Sweep) -> pd.DataFrame:
    """One row for each configuration, in the order of the sweep.

    Columns: what was asked; the swept switches; number of seeds; ``outcome``, ``finished`` or why
    there is no result; mean and population deviation (``_std``) over the seeds of each accuracy, in
    percent; ``wall_seconds``, training and evaluating, summed over the seeds.

    Raises
    ------
    UserError
        A result file is missing, damaged or of something else.
    """
    return pd.DataFrame([_row(one, of.switches) for one in of.configurations])


@command
def main(sweep_file: str, results_dir: str, output: str) -> None:
    """Write the table."""
    table = gather(sweep.read(Path(sweep_file), results_dir))
    table.to_csv(output, index=False)
    done = (table["outcome"] == "finished").sum()
    print(f"{done} of {len(table)} configurations have a result: {output}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
