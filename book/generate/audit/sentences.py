"""The report's text, captions and equations against its tables.

What the text states stands in ``data/published/text.csv``; the verdict is computed here,
or, where only a reader can tell (equations, captions), is the ``reading`` of that file.
"""

from collections.abc import Callable, Iterable

import pandas as pd

from harlib.paper import printed

Verdict = tuple[str, bool]


def text_against_tables() -> pd.DataFrame:
    """Every row of ``text.csv`` with its verdict.

    Index: ``id``. Columns ``place``, ``printed`` (in our words), ``problem`` (what it is compared
    with), ``computed`` (or what a reader finds) and ``fits``.
    """
    facts = printed.text_facts().rename(columns={"fact": "printed"})
    facts["problem"] = "does not agree with: " + facts["against"]
    verdicts = [  # what a reader finds that does not fit, else what code does
        (fact.reading, False) if fact.reading else CHECKS[fact.Index](fact.values.split())
        for fact in facts.itertuples()
    ]
    facts["computed"], facts["fits"] = zip(*verdicts, strict=True)
    return facts


def _listing(values: Iterable) -> str:
    return ", ".join(str(value) for value in values)


def _figures(values: Iterable[float]) -> str:
    return _listing(f"{value:.3f}" for value in values)


def _runs(values: list[str]) -> list[int]:
    return [int(value) for value in values]


def _best(column: pd.Series, largest: bool = True) -> list[int]:
    """Run numbers from best to worst."""
    return column.sort_values(ascending=not largest, kind="stable").index.tolist()


def _top(top: int, part: str = "mean") -> pd.Series:
    return printed.table(2)[f"top{top}_{part}"]


def _equal_samples(values: list[str]) -> Verdict:
    kept, test = 100 - float(values[0]), int(printed.table(8).to_numpy().sum())
    text = f"Training keeps {kept:g} %, validation takes {values[0]} % of the training windows; "
    return text + f"Table VIII has {test} test windows.", kept == float(values[0])


def _in_table_1(column: str) -> Callable[[list[str]], Verdict]:
    def check(values: list[str]) -> Verdict:
        there = sorted(printed.table(1)[column].unique())
        same = sorted(float(value) for value in values) == there
        return f"Table I has {_listing(there)}.", same

    return check


def _caption_sets(values: list[str]) -> Verdict:
    held = [
        split
        for split in ("train", "test")
        if all(
            (_top(top, part) == printed.accuracy(split, top)[part]).all()
            for top in printed.TABLE_OF_TOP
            for part in ("mean", "std")
        )
    ]
    text = f"Of Tables III-V, Table II repeats these columns: {_listing(held) or 'none'}."
    return text, held == values


def _highest_accuracy(values: list[str]) -> Verdict:
    mean, runs = _top(1), _runs(values)
    order = _best(mean)
    highest = order[: len(runs)]
    text = f"Highest Top-1 means: runs {_listing(highest)} ({_figures(mean[highest])} %). "
    ranks = [f"run {run} is number {order.index(run) + 1} of {len(order)}" for run in runs]
    return text + f"In this order {_listing(ranks)}.", set(highest) == set(runs)


def _lower_std(values: list[str]) -> Verdict:
    std, runs = _top(1, "std"), _runs(values)
    order = _best(std, largest=False)
    ranks = [f"run {run} is number {order.index(run) + 1} ({std[run]:.3f})" for run in runs]
    text = f"Of {len(order)} Top-1 standard deviations, smallest first, {_listing(ranks)}; "
    text += f"lower is taken as below the median, {std.median():.3f}."
    return text, bool((std[runs] < std.median()).all())


def _others_higher(values: list[str]) -> Verdict:
    """Fits if it does not contradict the sentence before, that these runs are highest."""
    mean, runs = _top(1), _runs(values)
    others = mean.drop(runs)
    higher = {run: others.index[others > mean[run]].tolist() for run in runs}
    said = [f"above run {run}: runs {_listing(found) or 'none'}" for run, found in higher.items()]
    text = f"By Top-1 mean, {'; '.join(said)}; the sentence before calls these runs the highest."
    return text, not any(higher.values())


def _generalisation(values: list[str]) -> Verdict:
    runs, text, fits = _runs(values), [], {}
    for top in printed.TABLE_OF_TOP:
        gap = (printed.accuracy("train", top) - printed.accuracy("test", top))["mean"].abs()
        least = _best(gap, largest=False)[: len(runs)]
        fits[top] = set(least) == set(runs)
        text.append(f"Top-{top} runs {_listing(least)} ({_figures(gap[least])} points)")
    text = f"Smallest difference of the training and test means: {'; '.join(text)}. Top-1 decides."
    return text, fits[1]


def _best_then_second(values: list[str]) -> Verdict:
    runs = _runs(values)
    orders = {top: _best(_top(top))[: len(runs)] for top in printed.TABLE_OF_TOP}
    text = "; ".join(f"Top-{top} runs {_listing(order)}" for top, order in orders.items())
    return f"Highest means, in order: {text}. Top-1 decides.", orders[1] == runs


def _best_option_c(values: list[str]) -> Verdict:
    first, second = (printed.early_stopping(run)["test"] for run in _runs(values))
    text = _listing(f"{m} {first[m]:.3f} and {second[m]:.3f} %" for m in first.index)
    text = f"Test set, runs {values[0]} and {values[1]}: {text}. Top-1 decides."
    return text, first["top1"] > second["top1"]


def _sixths(values: list[str]) -> Verdict:
    exact = [100 * k / 6 for k in range(1, len(values) + 1)]
    text = _listing(f"{k}/6 = {value:.2f} %" for k, value in enumerate(exact, start=1))
    fits = all(abs(float(v) - x) < 1 for v, x in zip(values, exact, strict=True))
    multiples = [float(v) for v in values] == [k * float(values[0]) for k in (1, 2, 3)]
    if multiples:
        text += f"; the printed figures are multiples of {values[0]}"
    return f"{text}. About is taken as within one percentage point.", fits


def _small_batch(values: list[str]) -> Verdict:
    sizes, (run,) = printed.table(1)["batch_size"], _runs(values)
    text = f"Run {run} has batches of {sizes[run]}; Table I has {_listing(sorted(sizes.unique()))}."
    return text, sizes[run] == sizes.min()


def _only_learning_rate(values: list[str]) -> Verdict:
    lines = printed.table(1).loc[_runs(values)].drop(columns="seconds")
    differ = [column for column in lines if lines[column].nunique() > 1]
    rates = lines["learning_rate"].tolist()
    text = f"They differ in: {_listing(differ)} ({_listing(rates)})."
    return text, differ == ["learning_rate"] and rates[0] < rates[1]


def _confusion_set(values: list[str]) -> Verdict:
    matrix = printed.table(8).to_numpy()
    accuracy = 100 * matrix.trace() / matrix.sum()
    line = printed.early_stopping(int(values[0])).loc["top1"]
    closest = (line - accuracy).abs().idxmin()
    text = f"{matrix.sum()} windows, Top-1 {accuracy:.3f} %: closest to the {closest} set"
    return f"{text} ({line[closest]:.3f} %).", closest == "test"


#: Verdict on a row of ``text.csv`` from its ``values``, by ``id``.
CHECKS: dict[str, Callable[[list[str]], Verdict]] = {
    "equal_samples": _equal_samples,
    "learning_rates": _in_table_1("learning_rate"),
    "epochs_caption": _in_table_1("epochs"),
    "caption_sets": _caption_sets,
    "highest_accuracy": _highest_accuracy,
    "lower_std": _lower_std,
    "others_higher": _others_higher,
    "generalisation": _generalisation,
    "best_then_second": _best_then_second,
    "best_option_c": _best_option_c,
    "sixths": _sixths,
    "first_update": _sixths,
    "small_batch": _small_batch,
    "only_learning_rate": _only_learning_rate,
    "confusion_set": _confusion_set,
}
