"""What the page "Scaling out" shows: measured costs, hours by nodes, and how the Slurm run went."""

from functools import partial

import pandas as pd

from book.generate.pages import scaling_figure as chart
from book.generate.staging import Book
from harlib.errors import UserError, one_line
from harlib.storage import records
from workflow import scaling

NAME = "scaling"


def _time(hours: float) -> str:
    """A time as people say it, to two or three figures."""
    seconds = 3600 * hours
    if seconds < 100:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{hours:.1f} h" if hours < 100 else f"{hours / 24:.0f} days"


def _seconds(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def costs_table(content: dict) -> pd.DataFrame:
    """Every measured cost, with what it is."""
    rows = [
        (f"An epoch of one seed: batch {row['batch']}, {row['units']} units", "CPU",
         row["cpu_seconds"]) for row in content["epoch"]
    ]  # fmt: skip
    slurm, largest = content["slurm"], content["planning"][-1]
    rows += [
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
        (f"One of {slurm['trivial_jobs']} jobs that do nothing, two nodes", "clock",
         slurm["trivial_job_seconds"]),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["What", "Measured by", "Seconds"])
    return table.set_index("What")


def hours_table(measured: scaling.Costs) -> pd.DataFrame:
    """Hours and bottleneck by nodes, for each size of job."""
    parts = {}
    for per_job in scaling.PER_JOB:
        table = scaling.predict(measured, per_job)
        parts[f"{per_job} in a job: time"] = table["Hours"]
        parts[f"{per_job} in a job: held up by"] = table["Bottleneck"]
    table = pd.DataFrame(parts)
    table.index = [f"{k:,}" for k in table.index]
    return table.rename_axis("Nodes")


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
        "Time": _time(study["seconds"] / 3600),
    }
    return pd.DataFrame({"Outcome": rows}).rename_axis("The study on Slurm")


def page(book: Book, results_dir: str) -> dict[str, str]:
    """Write tables and chart; returns the numbers that the text quotes.

    Raises
    ------
    UserError
        There is no record, or it is not one.
    """
    record = records.read(NAME, results_dir)
    if not record:
        raise UserError(f"record data/records/{NAME}.json is missing: it is part of the project")
    content = record.content
    try:
        measured = scaling.costs(content)
        costs, went = costs_table(content), study_table(content["study"])
        return _write(book, record, measured, costs, went)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UserError(
            f"record {record.path} is not valid: an entry is missing or of the wrong kind "
            f"({one_line(error)})"
        ) from None


def _write(
    book: Book, record: records.Record, measured: scaling.Costs, costs: pd.DataFrame,
    went: pd.DataFrame,
) -> dict[str, str]:  # fmt: skip
    content = record.content
    where = "on this machine" if record.here else "as kept in the project's record"
    source = (
        f"Measured {content['date']}, {where}: {content['machine']['processor']}, "
        f"{content['machine']['cores']} cores, Slurm {content['slurm']['version']}."
    )
    book.table(
        "scaling-costs", costs, title="What a sweep costs, by parts, in seconds.",
        text=lambda value, label, column: _seconds(value) if column == "Seconds" else value,
        note=f"{source} The machine had other work too (load {content['load']:.0f}): CPU seconds "
        "leave out the waiting, the clock's do not.",
    )  # fmt: skip
    n, cores = scaling.CONFIGURATIONS, scaling.CORES
    asked = (
        f"{n:,} configurations of the eight runs, three seeds and fifty epochs each, on nodes of "
        f"{cores} cores"
    )
    book.table(
        "scaling-hours",
        hours_table(measured),
        title=f"How long {asked} take, and what holds them up; calculated.",
        text=lambda value, label, column: _time(value) if column.endswith("time") else value,
        note="Calculated from the measured costs, not measured.",
    )
    book.figure(
        "scaling-chart", partial(chart.plot_scaling, measured),
        title=f"Time against nodes for {asked}: calculated from measured costs. Dashed, dotted and "
        "thin line: what the work, the submission and the longest job would each allow.",
        alt="Two panels, time against number of nodes on logarithmic axes: time falls with the "
        "nodes until it meets a limit.",
    )  # fmt: skip
    book.table(
        "scaling-slurm",
        went,
        text=lambda value, label, column: value,
        title="The eight runs on a Slurm cluster of two nodes, one of which lost its power.",
        note=f"{source} Small data, so that the cluster and not the training is what is tried.",
    )
    each = scaling.configuration_seconds(measured)
    single, grouped = (scaling.predict(measured, per_job) for per_job in scaling.PER_JOB)
    limits = {per_job: scaling.limits(measured, per_job) for per_job in scaling.PER_JOB}
    mean = sum(each.values()) / len(each)
    return {
        "scaling_configurations": f"{n:,}",
        "scaling_cores": str(cores),
        "scaling_per_job": str(scaling.PER_JOB[1]),
        "scaling_one_core_days": f"{n * mean / 86400:.0f}",
        "scaling_one_node": _time(grouped["Hours"].iloc[0]),
        "scaling_configuration_minutes": f"{mean / 60:.1f}",
        "scaling_job_start": _seconds(measured.job),
        "scaling_start_share": f"{100 * measured.job / (measured.job + mean):.1f}",
        "scaling_submission_single": _time(limits[1][scaling.SUBMISSION]),
        "scaling_submission_grouped": _time(limits[scaling.PER_JOB[1]][scaling.SUBMISSION]),
        "scaling_longest_single": _time(limits[1][scaling.LONGEST]),
        "scaling_longest_grouped": _time(limits[scaling.PER_JOB[1]][scaling.LONGEST]),
        "scaling_turn_single": _turn(single),
        "scaling_turn_grouped": _turn(grouped),
        "scaling_planning": _time(limits[1]["planning"]),
    }


def _turn(table: pd.DataFrame) -> str:
    """Up to how many nodes the work decides, and what does then, in words."""
    other = table[table["Bottleneck"] != scaling.WORK]
    if other.empty:
        return f"the work decides on all numbers of nodes up to {table.index[-1]:,}"
    before = table.index[table.index < other.index[0]]
    first = (
        f"the work decides up to {before[-1]:,} nodes, then " if len(before) else "it is always "
    )
    return f"{first}{other['Bottleneck'].iloc[0]}"
