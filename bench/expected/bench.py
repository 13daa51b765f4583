"""What a budget is worked out from before the run, and the two kinds of time: in a record, between readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bench.grid_code.profile import Requirement, TestMethod
from bench.stations.station_file import InverterFile
from bench.trials.following import MeteringLimits
from bench.verdicts.uncertainty import BudgetLine, rectangular, resolution
from bench.verdicts.verdict import Limit

START_SAMPLES = 3.0
END_SAMPLES = 1.0


@dataclass(frozen=True)
class Bench:
    """How the bench tests, what its analyser can tell, and what is under test."""

    method: TestMethod
    instrument: MeteringLimits
    inverter: InverterFile

    @property
    def storage_pu(self) -> float:
        """Rated charging power as a share of the rated apparent power."""
        return self.inverter.storage_power_w / self.instrument.rated_va


Judged = tuple[Limit, tuple[BudgetLine, ...]]
"""A limit, and the budget of what will be held against it."""

WorkOut = Callable[[Requirement, Bench], Iterator[Judged]]
"""How the budgets of one kind of requirement are worked out."""


def every(quantity: str, limit: Limit) -> Limit:
    """Return the limit for all quantities whose names begin alike, on each phase or after each disturbance.

    Args:
        quantity: the words they begin with, and an ellipsis.
    """
    return replace(limit, quantity=quantity)


def recorded(
    duration_s: float, bench: Bench, *, start_s: float | None = None, end_s: float | None = None
) -> tuple[BudgetLine, ...]:
    """Return the budget of a time between two events in one record.

    Args:
        start_s, end_s: half the brackets of both; by default a few samples.
    """
    sample_s = 1 / bench.method.sample_rate_hz
    start_s = START_SAMPLES * sample_s if start_s is None else start_s
    end_s = END_SAMPLES * sample_s if end_s is None else end_s
    standard = {
        "start of the event, bracket in the record": rectangular(start_s),
        "end, bracket in the record": rectangular(end_s),
        "sample interval": resolution(sample_s),
        "recorder clock": rectangular(bench.instrument.clock_ppm * 1e-6 * duration_s),
    }
    return tuple(BudgetLine(source, value, "s") for source, value in standard.items())


def between_readings(
    duration_s: float, brackets_s: Iterable[float], bench: Bench
) -> tuple[BudgetLine, ...]:
    """Return the budget of a time between two events seen by averaged readings.

    Args:
        brackets_s: half the bracket of each event.
    """
    clock_s = bench.instrument.clock_ppm * 1e-6 * duration_s
    return (
        *(BudgetLine("bracket of readings", rectangular(half_s), "s") for half_s in brackets_s),
        BudgetLine("analyser clock", rectangular(clock_s), "s"),
    )
