"""What the page on the corrected protocol shows: Tables II to V once more, and the headline."""

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib import metrics, seed_statistics
from harlib.experiments import cross_validation
from harlib.figures import curves
from harlib.notebook.table import cell_text, counted, number, plus_minus
from harlib.paper import tables
from harlib.protocol import HEADLINE
from harlib.runs import trained_network
from harlib.storage import records


def eight_runs(book: Book, study: Study, corrected: dict[int, dict]) -> dict[str, str]:
    """Tables and curves; returns the numbers that the text and the landing page quote."""
    files = [f"corrected-run-{run_no:02d}.json" for run_no in corrected]
    for run_no, name in zip(corrected, files, strict=True):
        book.json(f"results/{name}", corrected[run_no])
    quoted = _quoted(study, corrected)
    corrected = _same_seeds(corrected)
    one = corrected[HEADLINE]
    epochs, seeds = counted(one["config"]["epochs"], "epoch"), list(one["seeds"])
    note = (
        f"Corrected: last epoch ({epochs}), seeds {', '.join(seeds)}. Published protocol: the "
        "epoch that is best on the test windows. μ: mean, σ: population standard deviation. Bold: "
        "the best mean of its column, by protocol."
    )
    beside = f"published protocol and corrected protocol, {study.title}; percent"
    for table_no, title in (
        (2, "Table II once more: test accuracy"),
        (3, "Table III once more: Top-1"),
        (4, "Table IV once more: Top-2"),
        (5, "Table V once more: Top-3"),
    ):
        table = tables.compared(corrected, tables.COLUMNS[table_no], first=study.runs)
        book.table(
            f"corrected-{table_no}", table, text=cell_text, bold=tables.best_rows(table), note=note,
            files=files, title=f"{title}; {beside}.",
        )  # fmt: skip
    seed = int(seeds[0])
    for name, what in (("corrected-accuracy", "accuracy"), ("corrected-loss", "loss")):
        book.figure(
            name,
            lambda what=what: curves.plot_all_runs(corrected, seed, what, data_title=study.title),
            title=f"The curves of the eight runs under the corrected protocol: {what}, seed "
            f"{seed}, {study.title}.",
            alt=f"Eight panels, one a run: {what} against the epoch.",
            files=files,
        )
    return quoted


def _same_seeds(found: dict[int, dict]) -> dict[int, dict]:
    """The results with the seeds that all of them have: a fair table compares the same ones."""
    shared = set.intersection(*(set(result["seeds"]) for result in found.values()))
    return {
        run_no: {**result, "seeds": {s: e for s, e in result["seeds"].items() if s in shared}}
        for run_no, result in found.items()
    }


def _quoted(study: Study, corrected: dict[int, dict]) -> dict[str, str]:
    one = corrected[HEADLINE]
    quoted = {}
    for top in (1, 2, 3):
        values = [e["test"][f"top{top}"][e["best_epoch"]] for e in one["seeds"].values()]
        quoted[f"headline_top{top}"] = plus_minus(seed_statistics.interval(values))
    same = _same_seeds(corrected)
    means = {n: tables.accuracy(result, "test", 1)[0] for n, result in same.items()}
    published = {n: tables.accuracy(result, "test", 1)[0] for n, result in study.runs.items()}
    gains = [means[n] - published[n] for n in means]
    record = records.read(cross_validation.NAME, study.results_dir)
    return {
        **quoted,
        "headline_run": str(HEADLINE),
        "headline_people": "The data set does not say who wore the sensor."
        if study.dataset.subject_train is None
        else "Nobody in the test windows was seen in training.",
        "headline_seeds": str(len(one["seeds"])),
        "headline_epochs": str(one["config"]["epochs"]),
        "corrected_samples": str(one["config"]["samples_per_step"]),
        "corrected_steps": str(one["data"]["steps"] // one["config"]["samples_per_step"]),
        "headline_parameters": f"{trained_network.count_parameters(one):,}",
        "corrected_low": f"{min(means.values()):.1f}",
        "corrected_high": f"{max(means.values()):.1f}",
        "corrected_gain": number(metrics.mean_and_std(gains)[0]),
        "selection_tried": str(cross_validation.tried(record.content)),
    }


def selected(book: Book, study: Study) -> None:
    """How the corrected protocol was chosen: the record ``selection``, which is always there."""
    record = records.read(cross_validation.NAME, study.results_dir)
    explored = [entry["top1"] for entry in record.content.get("explored", [])]
    more = (
        f" Before that, {len(explored)} settings were explored the same way with a program that is "
        f"not part of this project (mean Top-1 from {min(explored):.1f} to {max(explored):.1f} %); "
        "the record names them."
        if explored
        else ""
    )
    where = tables.data_title({"data": {"name": record.content["data"]}})
    book.table(
        "settings-tried", cross_validation.table(record.content), text=cell_text,
        title=f"Settings that were compared on held-out training subjects, {where}, in the order "
        "of trying; percent.",
        note=f"{record.content['folds']} groups of training subjects, each left out once; mean "
        "over the groups ± half of the 95 % confidence interval. No test window took part. "
        f"Measured on {record.content['date']}.{more}",
    )  # fmt: skip
