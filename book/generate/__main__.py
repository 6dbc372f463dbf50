"""From result files to what the book shows: a table of contents of ``book/generate/pages``.

``python -m book.generate --data motionsense --results-dir results --output FOLDER`` stages the
book's sources in ``FOLDER``. Each page's module then writes what the page shows into
``FOLDER/generated``, and says which numbers its text quotes:

- ``tables/<name>.json`` and ``.csv``, ``figures/<name>.json`` and its pictures;
- ``notebooks/*.ipynb``, as the runs executed them; ``results/*``, the result files;
- ``values.json``, the numbers that the text quotes;
- ``build.json``, what every page says it was built from; written last.
"""

import argparse
import hashlib
import importlib
import sys
from pathlib import Path

import matplotlib.pyplot as plt

from book.generate import gathered
from book.generate.gathered import Study
from book.generate.pages import reproduce
from book.generate.staging import Book
from harlib import paths
from harlib.errors import command
from harlib.protocol import EXPERIMENT_RUN
from harlib.runs import parameters

#: The pages that show something computed, each filled by the module of its name.
PAGES = [
    importlib.import_module(f"book.generate.pages.{name}")
    for name in (
        "index", "data", "experiments", "early_stopping", "heatmaps", "diagnosis", "corrected",
        "peers", "learned", "try_it", "use", "claims", "audit", "reproduce", "dependencies",
        "performance", "reliability", "scaling",
    )
]  # fmt: skip


def generate(study: Study, output: Path, *, printed: bool = False) -> None:
    """Stage the book's sources in ``output`` and write all that is computed."""
    quoted: dict[str, str] = {}
    book = Book(output, printed=printed)
    for page in PAGES:
        quoted |= page.fill(book, study)
    book.json("values.json", quoted)
    book.json(
        "build.json",
        {
            "data_title": study.title,
            "protocol": study.first["config"]["protocol"],
            "warning": reproduce.warning(reproduce.origins(study)),
            "pages_sha256": pages_digest(output),
        },
    )


def pages_digest(folder: Path) -> str:
    """SHA-256 of all that is staged: Snakemake builds anew only if this small file is another."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@command
def main() -> None:
    """Generate for the command line; its exit code says whether it worked."""
    parser = argparse.ArgumentParser(prog="python -m book.generate", description=__doc__)
    parser.add_argument("--data", default="motionsense")
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--results-dir", default="results")
    parser.add_argument("--diagnosed-run", default=EXPERIMENT_RUN, type=int)
    parser.add_argument("--bases", default=",".join(parameters.FEWER_BASES))
    parser.add_argument("--printed", action="store_true", help="figures for print")
    parser.add_argument("--output", required=True, type=Path)
    given = parser.parse_args()
    plt.switch_backend("agg")  # no window, whatever the machine could show
    study = gathered.read(
        given.data, given.protocol, given.results_dir,
        tried_run=given.diagnosed_run, bases=parameters.RULES["bases"]("bases", given.bases),
    )  # fmt: skip
    generate(study, paths.resolve(given.output), printed=given.printed)


if __name__ == "__main__":
    sys.exit(main())
