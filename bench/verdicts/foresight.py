"""What this station will be able to judge, known before anything is energised. Pure.

A requirement the station cannot judge is announced with what it would take, instead of coming out inconclusive
after hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import sqrt
from typing import Any

from bench.budgets import QuantityBudget
from bench.expected.bench import Bench, Judged
from bench.grid_code.profile import GridCode, Requirement
from bench.stations.station_file import InverterFile, StationFile
from bench.trials.following import MeteringLimits
from bench.verdicts.expected_budgets import expected_budgets
from bench.verdicts.uncertainty import BudgetLine, ExpandedUncertainty, combine
from bench.verdicts.verdict import DecisionRule, Limit
from instruments.errors import ConfigurationError


@dataclass(frozen=True)
class Foreseen:
    """One judged quantity with the uncertainty it is expected to have.

    Attributes:
        obstacle: why it cannot be judged and what that would take; None when it can.
    """

    limit: Limit
    uncertainty: ExpandedUncertainty
    obstacle: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the expectation as the plan states it."""
        permitted = self.limit.max_uncertainty
        return {
            "requirement": self.limit.requirement,
            "quantity": self.limit.quantity,
            "unit": self.limit.unit,
            "expected_uncertainty": self.uncertainty.expanded,
            "coverage_factor": self.uncertainty.coverage_factor,
            "max_uncertainty": None if permitted is None else str(permitted),
            "obstacle": self.obstacle,
        }


@dataclass(frozen=True)
class Foresight:
    """What is expected of the requirements of one plan.

    Attributes:
        unknown: requirements whose uncertainty is not worked out before the run.
        announcements: everything that will keep this station from judging, as sentences.
    """

    quantities: tuple[Foreseen, ...]
    unknown: tuple[str, ...]
    announcements: tuple[str, ...]


def foresee(
    requirements: Iterable[Requirement],
    grid_code: GridCode,
    station: StationFile,
    inverter: InverterFile,
    day: date,
) -> Foresight:
    """Return what a station will be able to judge of some requirements of a grid code.

    Args:
        day: of the run, for the calibrations.
    """
    analyser = station.entries["power_analyser"]
    rated_va = inverter.rated_apparent_power_va
    nominal_hz = grid_code.method.nominal_frequency_hz

    def budget(quantity: str) -> QuantityBudget:
        return analyser.budget(quantity).under(frequency=nominal_hz)

    instrument = MeteringLimits(budget, analyser.clock_ppm, rated_va)
    bench = Bench(grid_code.method, instrument, inverter)
    found: list[Foreseen] = []
    unknown: list[str] = []
    announcements = station.calibration_defects(day)
    for requirement in dict.fromkeys(requirement.id for requirement in requirements):
        row = next(row for row in grid_code.requirements if row.id == requirement)
        try:
            budgets = expected_budgets(row, bench)
        except ConfigurationError as error:
            announcements.append(f"{row.id} cannot be judged: {error}")
            continue
        if budgets is None:
            unknown.append(row.id)
        found += [_foreseen(judged, grid_code.rule) for judged in budgets or ()]
    return Foresight(
        tuple(found), tuple(unknown), (*announcements, *(item for item in _obstacles(found)))
    )


def _foreseen(judged: Judged, rule: DecisionRule) -> Foreseen:
    limit, lines = judged
    uncertainty = combine(lines)
    return Foreseen(limit, uncertainty, _obstacle(limit, uncertainty, rule))


def _obstacles(found: Iterable[Foreseen]) -> Iterator[str]:
    for item in found:
        if item.obstacle:
            limit = item.limit
            yield f"{limit.requirement} {limit.quantity} cannot be judged: {item.obstacle}"


def _obstacle(limit: Limit, uncertainty: ExpandedUncertainty, rule: DecisionRule) -> str | None:
    """Return why the decision would be inconclusive, and what would change that."""
    largest = _largest_permitted(limit, rule)
    if largest is None or Decimal(repr(uncertainty.expanded)) <= largest:
        return None
    return (
        f"U is expected to be {uncertainty.expanded:.3g} {limit.unit} and may be {largest:f} {limit.unit} at "
        f"most; {_remedy(uncertainty, float(largest), limit.unit)}"
    )


def _largest_permitted(limit: Limit, rule: DecisionRule) -> Decimal | None:
    """Return the largest U with which the rule decides: the stated one, or what leaves a value to accept."""
    permitted = [] if limit.max_uncertainty is None else [limit.max_uncertainty]
    if limit.lower is not None and limit.upper is not None and rule.guard_factor > 0:
        permitted.append((limit.upper - limit.lower) / (2 * rule.guard_factor))
    return min(permitted, default=None)


def _remedy(uncertainty: ExpandedUncertainty, largest: float, unit: str) -> str:
    """Say how much smaller the largest contribution must become."""
    line = max(uncertainty.budget, key=lambda line: line.contribution)
    share = (line.contribution / uncertainty.standard) ** 2
    others = uncertainty.standard**2 - line.contribution**2
    room = (largest / uncertainty.coverage_factor) ** 2 - others
    if room <= 0:
        return f"even without its largest part ({_named(line)}, {share:.0%}) it would be more"
    return (
        f"its largest part is {_named(line)} ({share:.0%} of the variance), which contributes "
        f"{line.contribution:.3g} {unit} and would have to contribute {sqrt(room):.3g} {unit} or less"
    )


def _named(line: BudgetLine) -> str:
    return f"“{line.source}”"
