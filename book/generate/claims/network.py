"""Claims about the hidden units that the heat maps show: sections II-B and IV."""

from book.generate.claims.claim import Decision, Study, Undecided, row, spread
from harlib.analysis.hidden_units import HARDLY, NEAR_ZERO, SATURATED


def _units(study: Study, name: str) -> dict[int, float]:
    """A column of :func:`harlib.analysis.hidden_units.by_run` after training, by run."""
    if study.units is None:
        raise Undecided("The hidden units were not measured.")
    return {int(run_no): float(v) for run_no, v in study.units[name, "after"].items()}


@row(
    "II-B",
    "Some units are overly active, others hardly active.",
    f"In more than half of the runs there are units of both kinds: |a| above {SATURATED:g} "
    f"at most of the steps of the test windows, and |a| below {NEAR_ZERO:g} at most of "
    "them; shares of units, mean over the seeds.",
)
def over_and_less_active(study: Study) -> Decision:
    over, less = _units(study, "Saturated (%)"), _units(study, "Near zero (%)")
    both = [run_no for run_no in over if over[run_no] > 0 and less[run_no] > 0]
    text = f"Above: {spread(over.values())} of the units of a run; below: {spread(less.values())}; "
    return 2 * len(both) > len(over), f"{text}both in {len(both)} of {len(over)} runs."


@row(
    "IV",
    "Some units contribute to the decision, some hardly at all.",
    "In more than half of the runs some, but not all, units contribute at most "
    f"{100 * HARDLY:g} % of the mean over the units (contribution: mean |W_ya| of the unit "
    "times the deviation of its last state over the test windows); mean over the seeds.",
)
def hardly_contributing(study: Study) -> Decision:
    share = _units(study, "Hardly contributing (%)")
    some = [run_no for run_no, value in share.items() if 0 < value < 100]
    text = f"{spread(share.values())} of the units of a run hardly contribute; some but not all in "
    return 2 * len(some) > len(share), f"{text}{len(some)} of {len(share)} runs."


ROWS = (over_and_less_active, hardly_contributing)
