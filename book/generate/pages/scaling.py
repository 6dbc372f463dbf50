"""What the page "Scaling out" shows: what a sweep costs, by parts; how the study on Slurm went."""

import statistics

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book
from harlib.errors import UserError, one_line
from harlib.paper import printed
from harlib.protocol import EPOCHS, RUNS, SEEDS


def configuration_seconds(content: dict) -> float:
    """CPU seconds of an average configuration of the eight runs: all its seeds and epochs."""
    epoch = {(row["batch"], row["units"]): row["cpu_seconds"] for row in content["epoch"]}
    runs = [RUNS[run_no] for run_no in printed.RUN_NOS]
    each = [epoch[run.batch_size, run.hidden_units] for run in runs]
    return content["configuration_start"]["cpu_seconds"] + len(SEEDS) * EPOCHS * statistics.mean(
        each
    )


def submission_seconds(content: dict) -> float:
    """Seconds of Snakemake and Slurm on the submitting side for one job."""
    return content["scheduling_cpu_seconds"] + content["slurm"]["sbatch_seconds"]


def costs_table(content: dict) -> pd.DataFrame:
    """Every measured cost, with what it is."""
    slurm, largest = content["slurm"], content["planning"][-1]
    rows = [
        *((f"An epoch of one seed: batch {row['batch']}, {row['units']} units", "CPU",
           row["cpu_seconds"]) for row in content["epoch"]),
        ("A configuration apart from its epochs: reading data, first evaluation of three seeds",
         "CPU", content["configuration_start"]["cpu_seconds"]),
        ("A notebook around it, as in the study; a sweep has none", "CPU",
         content["notebook_start"]["cpu_seconds"]),
        ("Starting a job on a node: Snakemake twice, Python", "CPU",
         content["job_start"]["cpu_seconds"]),
        (f"Snakemake plans {largest['jobs']:,} jobs", "CPU", largest["cpu_seconds"]),
        ("Snakemake schedules one job", "CPU", content["scheduling_cpu_seconds"]),
        ("sbatch takes one job", "clock", slurm["sbatch_seconds"]),
        ("From sbatch to the start of the job, cluster idle", "clock",
         slurm["submit_to_start_seconds"]),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["What", "Measured by", "Seconds"]).set_index("What")


def study_table(study: dict) -> pd.DataFrame:
    """How the study on two nodes went."""
    different = study["different"]
    rows = {
        "Nodes": str(study["nodes"]),
        "Jobs of the study": str(study["jobs"]),
        "Killed": f"node {study['killed']}, while it trained, after {study['killed_after']} of "
        f"{study['jobs']} runs had finished",
        "Jobs that Slurm queued again": str(study["queued_again"]),
        "Exit code of the study": str(study["exit_code"]),
        "Files compared with one machine's": str(study["files"]),
        "Files with other bytes": f"{len(different)} {', '.join(different)}".strip(),
        "Time": f"{study['seconds'] / 60:.0f} min",
    }
    return pd.DataFrame({"Outcome": rows}).rename_axis("The study on Slurm")


def fill(book: Book, study: Study) -> dict[str, str]:
    """Write both tables; returns the numbers that the text quotes.

    A UserError if the record is not one.
    """
    record = study.record("scaling")
    content = record.content
    try:
        where = "on this machine" if record.here else "as kept in the project's record"
        source = (
            f"Measured {content['date']}, {where}: {content['machine']['processor']}, "
            f"{content['machine']['cores']} cores, Slurm {content['slurm']['version']}."
        )
        book.table(
            "scaling-costs", costs_table(content),
            title="What a sweep costs, by parts, in seconds.",
            text=lambda value, label, column: (
                f"{value:.3g}" if column == "Seconds" else value),
            note=f"{source} The machine had other work too (load {content['load']:.0f}): CPU "
            "seconds leave out the waiting, the clock's do not.",
        )  # fmt: skip
        book.table(
            "scaling-slurm", study_table(content["study"]),
            title="The eight runs on a Slurm cluster of two nodes, one of which lost its power.",
            note=f"{source} Small data, so that the cluster and not the training is what is tried.",
        )  # fmt: skip
        mean, start = configuration_seconds(content), content["job_start"]["cpu_seconds"]
        return {
            "scaling_configuration_minutes": f"{mean / 60:.1f}",
            "scaling_job_start": f"{start:.3g}",
            "scaling_start_share": f"{100 * start / (start + mean):.1f}",
            "scaling_submission": f"{submission_seconds(content):.2g}",
        }
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UserError(
            f"record {record.path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)})"
        ) from None
