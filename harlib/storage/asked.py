"""Compares what a result file says was asked for with what it says was done."""

from harlib.storage.result_checks import STOPPING

#: What every notebook that trains is asked for; option C is asked for more.
NAMES = ("run_no", "protocol", "seeds", "dtype", "loops")


def problem(content: dict) -> str | None:
    """What does not agree in a result; None if all does.

    ``asked`` holds parameters as a notebook was given them, ``config`` every decision behind the
    numbers. Whether these are what the run and the protocol stand for is for
    :mod:`harlib.storage.result_checks` to say.
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
    if untold := [name for name in STOPPING if name in config and name not in asked]:
        return f"{untold[0]} = {config[untold[0]]!r} was done, which was not asked for"
    return None
