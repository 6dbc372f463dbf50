"""What the page "Scaling out" shows: what a sweep costs, by parts; how the study on Slurm went."""

import pandas as pd

from book.generate.gathered import Study
from book.generate.staging import Book


def costs_table(content: dict) -> pd.DataFrame:
    """Every measured cost, with what it is."""
    slurm, largest = content["slurm"], content["planning"][-1]
    rows = [
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
    """Write both tables; returns the numbers that the text quotes."""
    record = study.record("scaling")
    content = record.content
    where = "on this machine" if record.here else "as kept in the project's record"
    source = (
        f"Measured {content['date']}, {where}: {content['machine']['processor']}, "
        f"{content['machine']['cores']} cores, Slurm {content['slurm']['version']}."
    )
    book.table(
        "scaling-costs", costs_table(content),
        title="What the jobs of a sweep cost beside their work, in seconds.",
        text=lambda value, label, column: f"{value:.3g}" if column == "Seconds" else value,
        note=f"{source} The machine had other work too (load {content['load']:.0f}): CPU seconds "
        "leave out the waiting, the clock's do not.",
    )  # fmt: skip
    book.table(
        "scaling-slurm", study_table(content["study"]),
        title="The eight runs on a Slurm cluster of two nodes, one of which lost its power.",
        note=f"{source} Small data, so that the cluster and not the training is what is tried.",
    )  # fmt: skip
    submission = content["scheduling_cpu_seconds"] + content["slurm"]["sbatch_seconds"]
    return {
        "scaling_job_start": f"{content['job_start']['cpu_seconds']:.3g}",
        "scaling_submission": f"{submission:.2g}",
    }
