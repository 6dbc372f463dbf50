"""Fills index.md, the landing page: how our numbers stand beside the published ones."""

import numpy as np

from book.generate.cells import counted
from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.paper import printed, tables
from harlib.protocol import CLASSES


def fill(book: Book, study: Study) -> dict[str, str]:
    """The numbers that this page's text quotes, some of which other pages quote too."""
    top1, best = tables.by_run(study.runs, "test", 1), tables.ranking(study.runs)[0]
    published = printed.accuracy("test", 1)["mean"]
    entries = [entry for run in study.runs.values() for entry in run["seeds"].values()]
    gains = [
        entry["test"]["top1"][entry["best_epoch"]] - entry["test"]["top1"][-1] for entry in entries
    ]
    *seeds, last_seed = study.first["seeds"]
    return {
        "data_title": study.title,
        "epochs": counted(study.first["config"]["epochs"], "epoch"),
        "seeds_text": f"{', '.join(seeds)} and {last_seed}" if seeds else last_seed,
        "chance_top1": _chance(study.first["data"]["test_per_class"]),
        "best_run": str(best),
        "best_run_top1": f"{top1.loc[best, 'mean']:.1f}",
        "best_run_top1_std": f"{top1.loc[best, 'std']:.1f}",
        "published_best_run": str(published.idxmax()),
        "published_best_run_top1": f"{published.max():.1f}",
        "largest_difference_top1": f"{(top1['mean'] - published).abs().max():.1f}",
        "selection_gain": f"{np.mean(gains):.1f}",
    }


def _chance(windows: list[int]) -> str:
    """Percent that guessing gives on so many test windows of each class."""
    chance, most = 100 / len(CLASSES), 100 * max(windows) / sum(windows)
    always = f" %, always naming the most frequent class of this build's test windows {most:.1f}"
    return f"{chance:.1f}" + (always if most > chance else "")
