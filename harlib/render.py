"""From result files to what the book shows: tables, figures, values, executed notebooks.

``python -m harlib.render --data synthetic --results-dir results --output FOLDER`` stages the
book's sources in ``FOLDER`` and writes everything that is computed to ``FOLDER/generated``:

- ``tables/<name>.json`` and ``.csv``, ``figures/<name>.json`` and its pictures;
- ``values.json``, the numbers that the text quotes;
- ``notebooks/*.ipynb``, as the runs executed them; ``results/*``, the result files;
- ``build.json``, what the book was built from; written last.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from harlib import cells, data, paths, provenance, published, results, tables
from harlib.data import statistics
from harlib.errors import UserError
from harlib.figures import curves, style, windows
from harlib.protocol import RUNS

ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII")


class Book:
    """The staged sources of one book, and what has been put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generated = folder / "generated"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(
            paths.ROOT / "book", folder, ignore=shutil.ignore_patterns("_build", "__pycache__")
        )
        for part in ("tables", "figures", "notebooks", "results"):
            (self.generated / part).mkdir(parents=True)

    def table(self, name: str, table, **options) -> None:
        """Write one table; see :func:`harlib.cells.write_table`."""
        cells.write_table(self.generated / "tables", name, table, **options)

    def figure(
        self, name: str, draw: Callable[[], Figure], *, title: str, alt: str,
        number: str | None = None,
    ) -> None:  # fmt: skip
        """Draw one figure for a light page, a dark page and print."""
        folder = self.generated / "figures"
        for dark, suffixes in ((False, (".svg", ".pdf")), (True, ("-dark.svg",))):
            with style.look(dark):
                figure = draw()
                for suffix in suffixes:
                    stamp = {"Date": None} if "svg" in suffix else {"CreationDate": None}
                    figure.savefig(folder / f"{name}{suffix}", metadata=stamp)
                plt.close(figure)
        self.json(
            f"figures/{name}.json",
            {
                "name": name,
                "number": number,
                "title": title,
                "alt": alt,
                "light": f"{name}.svg",
                "dark": f"{name}-dark.svg",
                "pdf": f"{name}.pdf",
                "downloads": [
                    {"label": "SVG", "path": f"{name}.svg"},
                    {"label": "PDF", "path": f"{name}.pdf"},
                ],
            },
        )

    def json(self, name: str, content: dict) -> None:
        """Write a JSON file under ``generated/``."""
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (self.generated / name).write_text(text, encoding="utf-8")

    def copy(self, part: str, files: list[Path]) -> None:
        """Copy files into a folder under ``generated/``."""
        for file in files:
            shutil.copy(file, self.generated / part / file.name)


def _number(value: object, label: tuple, column: object) -> str:
    return tables.formatted(value, str(label[-1]))


def _table_1_text(value: object, label: tuple, column: object) -> str:
    return f"{value:.1f}" if "(s)" in str(column) else f"{value:g}"


def _accuracy_tables(book: Book, runs: dict[int, dict], title: str) -> None:
    beside = f"published figures beside those re-computed from {title}; percent"
    seeds = ", ".join(next(iter(runs.values()))["seeds"])
    note = (
        f"μ: mean, σ: population standard deviation over the seeds {seeds}. "
        "Bold: the best mean of its column, published and re-computed apart."
    )
    second = tables.table_2(runs)
    book.table(
        "table-2", second, number="II", text=_number, bold=tables.best_rows(second), note=note,
        title=f"Test accuracy of the eight runs: {beside}.",
    )  # fmt: skip
    for number, top in ((3, 1), (4, 2), (5, 3)):
        table = tables.table_3_to_5(runs, top)
        book.table(
            f"table-{number}", table, number=ROMAN[number], text=_number, note=note,
            bold=tables.best_rows(table),
            title=f"Top-{top} accuracy on training and test windows: {beside}.",
        )  # fmt: skip


def _values(runs: dict[int, dict], timings: dict[int, dict], title: str) -> dict[str, str]:
    """The numbers that the book's text quotes, as text."""
    first = next(iter(runs.values()))
    top1 = {run_no: tables.accuracy(result, "test", 1) for run_no, result in runs.items()}
    best = max(top1, key=lambda run_no: top1[run_no][0])
    printed = published.accuracy("test", 1)
    ours = [mean for mean, _ in top1.values()]
    seconds = sum(
        entry["training_seconds"] + entry["evaluation_seconds"]
        for timing in timings.values()
        for entry in timing["seeds"].values()
    )
    seeds = list(first["seeds"])
    return {
        "data_title": title,
        "data_source": first["data"]["source"],
        "data_sha256": first["data"]["sha256"],
        "train_windows": f"{first['data']['train_windows']:,}",
        "test_windows": f"{first['data']['test_windows']:,}",
        "epochs": str(first["config"]["epochs"]),
        "seeds": ", ".join(seeds),
        "seed_shown": seeds[0],
        "dtype": first["config"]["dtype"],
        "protocol": first["config"]["protocol"],
        "run_count": str(len(runs)),
        "best_run": str(best),
        "best_mean": f"{top1[best][0]:.1f}",
        "best_std": f"{top1[best][1]:.1f}",
        "lowest_mean": f"{min(ours):.1f}",
        "highest_mean": f"{max(ours):.1f}",
        "published_lowest_mean": f"{printed['mean'].min():.1f}",
        "published_highest_mean": f"{printed['mean'].max():.1f}",
        "published_best_run": str(printed["mean"].idxmax()),
        "published_seconds": f"{published.table(1)['seconds'].sum():.0f}",
        "training_seconds": f"{seconds:.0f}",
        "largest_difference": f"{max(abs(top1[r][0] - printed.loc[r, 'mean']) for r in runs):.1f}",
    }


def render(data_name: str, data_dir: str, protocol: str, results_dir: str, output: Path) -> None:
    """Stage the book's sources and write all that is computed.

    Raises
    ------
    UserError
        A result file is missing or not valid, or results do not go together.
    """
    folder = results.Folder(results_dir, data_name, protocol)
    runs = {run_no: results.read(folder.result(run_no)) for run_no in RUNS}
    timings = {run_no: results.read_json(folder.timing(run_no)) for run_no in RUNS}
    first = runs[min(runs)]
    for run_no, result in runs.items():
        same = (
            result["data"] == first["data"]
            and list(result["seeds"]) == list(first["seeds"])
            and result["config"]["epochs"] == first["config"]["epochs"]
        )
        if not same or result["run_no"] != run_no:
            raise UserError(
                f"result file {folder.result(run_no)} has another run, data set, seeds or number "
                f"of epochs than {folder.result(min(runs))}: run the study again"
            )
    title = tables.data_title(first)
    seed = int(next(iter(first["seeds"])))
    book = Book(output)

    book.table(
        "table-1", tables.table_1(runs, timings), number="I", text=_table_1_text,
        title="The eight runs, and the seconds that a training took, published and here.",
        note=f"Time re-computed: training and evaluating, mean over the seeds, on {title}. "
        "N is the number of hidden units, lr the learning rate.",
    )  # fmt: skip
    _accuracy_tables(book, runs, title)
    for number, what, words in (
        ("1", "accuracy", "Top-1, Top-2 and Top-3 accuracy"),
        ("2", "loss", "Training and test loss"),
    ):
        book.figure(
            f"figure-{number}",
            lambda what=what: curves.plot_all_runs(runs, seed, what, data_title=title),
            number=number,
            title=f"{words} of each run over the epochs, seed {seed}, {title}. "
            "In the order of {numref}`table-1`, left to right, top to bottom.",
            alt=f"Eight panels, one a run: {words.lower()} against the epoch.",
        )
    dataset = data.load(data_name, data_dir)
    real_statistics = statistics.read()
    book.figure(
        "windows",
        lambda: windows.plot_windows(dataset, real_statistics),
        title=f"One window of each class, and simple statistics of each class beside the spread of "
        f"real subjects; {title}.",
        alt="Six panels with three axes of acceleration against time; six classes compared with "
        "ranges of real subjects.",
    )
    book.copy("notebooks", sorted((folder.path / "notebooks").glob("*.ipynb")))
    book.copy("results", sorted(folder.path.glob("run-*.json")))
    book.copy("results", sorted(folder.path.glob("run-*.npz")))
    book.json("values.json", _values(runs, timings, title))
    book.json(
        "build.json",
        {
            "data": first["data"]["name"],
            "data_title": title,
            "protocol": protocol,
            "data_sha256": first["data"]["sha256"],
            "code_sha256": provenance.code_digest(),
            "versions": timings[min(runs)]["versions"],
        },
    )


def main() -> int:
    """Render for the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m harlib.render", description=__doc__)
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--data-dir", default="")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    plt.switch_backend("agg")  # no window, whatever the machine could show
    try:
        render(
            arguments.data, arguments.data_dir, arguments.protocol, arguments.results_dir,
            paths.resolve(arguments.output),
        )  # fmt: skip
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
