"""Claims of sections II-A and II-B: the network, its scaling, and how the runs were set up."""

import math

from book.generate.claims.claim import Decision, Study, Undecided, mean, percent, row, span
from harlib.paper import printed
from harlib.protocol import SEEDS

#: A loss that grows beyond this multiple of its untrained value has exploded.
EXPLODED = 10
#: Mean test Top-1 in percent from which a network does its task: right more often than wrong.
SUFFICIENT = 50
#: Loss of one step of an untrained network: sigmoid scores near 1/2, softmax scores near 1/6.
SIGMOID_STEP, SOFTMAX_STEP = math.log(2), math.log(6)


def _untrained_loss(study: Study) -> float:
    """Mean training loss at epoch 0, a window."""
    return mean(entry["train"]["loss"][0] for entry in study.trainings())


def _loss_a_step(study: Study) -> tuple[float, int]:
    steps = next(iter(study.runs.values()))["data"]["steps"]
    return _untrained_loss(study) / steps, steps


@row(
    "II-A",
    "The loss is taken at every step and added up.",
    "Training loss at epoch 0 over the number of steps, mean of all trainings: holds from "
    f"{SIGMOID_STEP / 2:.2f} to {2 * SOFTMAX_STEP:.2f}. An untrained step costs about "
    f"{SIGMOID_STEP:.2f} with sigmoid outputs, {SOFTMAX_STEP:.2f} with softmax.",
)
def loss_of_every_step(study: Study) -> Decision:
    a_step, steps = _loss_a_step(study)
    holds = SIGMOID_STEP / 2 <= a_step <= 2 * SOFTMAX_STEP
    return holds, f"{_untrained_loss(study):.1f} over {steps} steps: {a_step:.3f} a step."


@row(
    "II-A",
    "The output layer is a sigmoid.",
    "The loss a step at epoch 0, mean of all trainings, is nearer to "
    f"{SIGMOID_STEP:.2f} (sigmoid outputs near 1/2) than to {SOFTMAX_STEP:.2f} (softmax "
    "outputs near 1/6).",
)
def sigmoid_output(study: Study) -> Decision:
    a_step, _ = _loss_a_step(study)
    holds = abs(a_step - SIGMOID_STEP) < abs(a_step - SOFTMAX_STEP)
    return holds, f"{a_step:.3f} a step."


@row(
    "II-A",
    "The gradient is divided by the number of steps, once.",
    "In every run the result file records one division by the steps (steps_divisions).",
)
def one_division(study: Study) -> Decision:
    divisions = study.config("steps_divisions")
    found = ", ".join(
        f"{n} in {divisions.count(n)} of {len(divisions)} runs" for n in sorted(set(divisions))
    )
    return set(divisions) == {1}, f"Divisions: {found}."


@row(
    "II-A",
    "Gradients do not explode.",
    f"Every loss of every training is finite and at most {EXPLODED} times what it is at epoch 0.",
)
def no_explosion(study: Study) -> Decision:
    curves = [entry[split]["loss"] for entry in study.trainings() for split in ("train", "test")]
    exploded = sum(max(curve) == math.inf or max(curve) > EXPLODED * curve[0] for curve in curves)
    infinite = sum(not math.isfinite(value) for curve in curves for value in curve)
    start, largest = _untrained_loss(study), max(map(max, curves))
    text = f"{exploded} of {len(curves)} curves grow more; {infinite} losses are not finite; "
    return exploded == 0, f"{text}mean loss {start:.1f} at epoch 0, largest {largest:.1f}."


@row(
    "II-A",
    "Scaling the gradient is enough for this task.",
    f"Some run is right more often than wrong: mean best test Top-1 of at least {SUFFICIENT} %.",
)
def sufficient(study: Study) -> Decision:
    means = {
        run_no: mean(max(entry["test"]["top1"]) for entry in result["seeds"].values())
        for run_no, result in study.runs.items()
    }
    best = max(means, key=means.get)
    return means[best] >= SUFFICIENT, f"Best: run {best} with {percent(means[best])}."


@row(
    "II-B",
    "Each run is trained from three different sets of initial values.",
    "Every run has three seeds, and their training losses at epoch 0 all differ.",
)
def three_initialisations(study: Study) -> Decision:
    distinct = [
        len({entry["train"]["loss"][0] for entry in result["seeds"].values()})
        for result in study.runs.values()
    ]
    seeds = [len(result["seeds"]) for result in study.runs.values()]
    text = f"Seeds of a run: {span(seeds)}; different losses: {span(distinct)}."
    return set(seeds) == set(distinct) == {3}, text


@row(
    "II-B",
    f"The seeds are {', '.join(map(str, SEEDS))}.",
    "Every run has these seeds and no others.",
)
def seeds(study: Study) -> Decision:
    found = [sorted(map(int, result["seeds"])) for result in study.runs.values()]
    same = found.count(sorted(SEEDS))
    text = f"In {same} of {len(found)} runs; all seeds found: "
    return same == len(found), f"{text}{', '.join(map(str, sorted(set().union(*found))))}."


@row(
    "II-B",
    "Initial values are uniform from −0.1 to 0.1.",
    "In every run the result file records 0.1 as the largest initial value (initial_range).",
)
def initial_range(study: Study) -> Decision:
    ranges = sorted(set(study.config("initial_range")))
    return ranges == [0.1], f"Largest initial value: {', '.join(f'{r:g}' for r in ranges)}."


@row(
    "II-B",
    "The learning rates are 0.05 and 0.01.",
    "The runs have these two learning rates and no others.",
)
def learning_rates(study: Study) -> Decision:
    rates = sorted(set(study.config("learning_rate")))
    return rates == [0.01, 0.05], f"Rates: {', '.join(f'{rate:g}' for rate in rates)}."


@row(
    "II-B",
    "Batch size, N, learning rate and epochs are those of Table I.",
    "All four, in every run.",
)
def parameters_of_table_1(study: Study) -> Decision:
    columns = ["batch_size", "hidden_units", "learning_rate", "epochs"]
    published = printed.table(1)[columns]
    wrong = [
        f"run {run_no} {column} {result['config'][column]:g}"
        for run_no, result in study.runs.items()
        for column in columns
        if result["config"][column] != published.loc[run_no, column]
    ]
    total = len(columns) * len(study.runs)
    text = f"{total - len(wrong)} of {total} values as in Table I"
    return not wrong, f"{text}; first that differs: {wrong[0]}." if wrong else f"{text}."


@row(
    "II-B",
    "Table II: the figures come after 100 epochs.",
    "Every run has 100 epochs.",
)
def hundred_epochs(study: Study) -> Decision:
    epochs = study.config("epochs")
    return set(epochs) == {100}, f"Epochs of a run: {span(epochs)}."


@row(
    "II-B",
    "Table II: the figures are those of the trained network, when training ends.",
    "In every training the reported epoch, the one best on the test set, is the last.",
)
def last_epoch(study: Study) -> Decision:
    best = [(e["best_epoch"], len(e["test"]["top1"]) - 1) for e in study.trainings()]
    last = sum(epoch == end for epoch, end in best)
    epochs = span(epoch for epoch, _ in best)
    return last == len(best), f"{last} of {len(best)} trainings; reported epochs: {epochs}."


@row(
    "II-B",
    "Table I: more units cost time, larger batches save it.",
    "Mean seconds of a training: more in every pair of runs that differ only in N for the "
    "larger N, less in every pair that differ only in batch size for the larger batch. Other work "
    "on the machine counts too.",
)
def training_times(study: Study) -> Decision:
    if study.timings is None or any(run_no not in study.timings for run_no in study.runs):
        raise Undecided("The timing files were not read.")
    seconds = {
        run_no: mean(
            entry["training_seconds"] + entry["evaluation_seconds"]
            for entry in study.timings[run_no]["seeds"].values()
        )
        for run_no in study.runs
    }
    wider = [seconds[high] > seconds[low] for low, high in study.pairs("hidden_units")]
    larger = [seconds[high] < seconds[low] for low, high in study.pairs("batch_size")]
    text = f"Larger N slower in {sum(wider)} of {len(wider)} pairs; larger batch faster in "
    return all(wider + larger), f"{text}{sum(larger)} of {len(larger)}."


ROWS = (
    loss_of_every_step,
    sigmoid_output,
    one_division,
    no_explosion,
    sufficient,
    three_initialisations,
    seeds,
    initial_range,
    learning_rates,
    parameters_of_table_1,
    hundred_epochs,
    last_epoch,
    training_times,
)
