"""Compares what a result file says was asked for with what it says was done."""

from harlib import protocol
from harlib.errors import UserError

#: What every notebook that trains is asked for; option C is asked for more.
NAMES = ("run_no", "protocol", "seeds", "dtype", "loops")


def problem(content: dict) -> str | None:
    """What does not agree in a result; None if all does.

    ``asked`` holds parameters as a notebook was given them, ``config`` every decision behind the
    numbers. The number of a run and the name of a protocol stand for several of these.
    """
    asked, config = content["asked"], content["config"]
    if missing := [name for name in NAMES if name not in asked]:
        return f"asked does not say {missing[0]}"
    done = {
        **config,
        "run_no": content["run_no"],
        "seeds": [int(seed) for seed in content["seeds"]],
        "max_epochs": config["epochs"],
    }
    if asked["loops"] == "auto":
        done["loops"] = "auto"
    for name, value in asked.items():
        if name not in done or done[name] != value:
            return f"{name} = {value!r} was asked for, and {done.get(name)!r} was done"
    for name, value in _meant(asked).items():
        if config.get(name) != value:
            return (
                f"{name} = {config.get(name)!r} was done, but run {asked['run_no']} under protocol "
                f"{asked['protocol']} has {value!r}"
            )
    return None


def _meant(asked: dict) -> dict:
    """The decisions that the number of a run and the name of a protocol stand for."""
    try:
        decided = protocol.named(asked["protocol"])
        run = protocol.RUNS[asked["run_no"]]
    except (KeyError, UserError):
        return {"protocol": None}  # neither is known here: nothing agrees with it
    meant = {name: value for name, value in decided.switches().items() if name != "name"}
    if "patience" in asked:  # option C reports by its validation set whatever the protocol does
        meant["selection"] = "validation"
    batch = decided.batch_size or run.batch_size
    return {
        **meant,
        "hidden_units": run.hidden_units,
        "learning_rate": run.learning_rate,
        "batch_size": batch,
    }
