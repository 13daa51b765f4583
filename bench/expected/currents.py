"""Expected budgets of what is taken from the spectrum of a current, at the limit of each."""

from __future__ import annotations

from collections.abc import Iterator

from bench.budgets import Term, merged, scaled
from bench.expected.bench import Bench, Judged
from bench.grid_code.profile import Requirement
from bench.grid_code.quality_limits import balance_limits, direct_current_limit, harmonic_bands

LOWEST_ORDER = 2


def harmonics(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield every band of orders, and the distortion as if it were of one order."""
    budget, rated_a = bench.instrument.budget("harmonic_current"), bench.inverter.rated_current_a
    for band in harmonic_bands(requirement):
        share = float(band.limit.upper or 0) / 100
        term = _order(band.orders[-1], share * rated_a, 1.0, bench)
        yield band.limit, scaled(budget.combination([term]), 100 / rated_a)
    limit = requirement.limit("total harmonic distortion", upper="limit")
    distortion = requirement.number("limit") / 100
    fundamental_a = bench.method.settle_power_pu * rated_a
    terms = [
        _order(1, fundamental_a, -distortion / fundamental_a, bench),
        _order(LOWEST_ORDER, distortion * fundamental_a, 1 / fundamental_a, bench),
    ]
    yield limit, scaled(merged(budget.combination(terms)), 100)


def direct_current(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the direct current."""
    rated_a = bench.inverter.rated_current_a
    limit = direct_current_limit(requirement, rated_a)
    budget = bench.instrument.budget("direct_current")
    yield limit, budget.lines(float(limit.upper or 0), fundamental=rated_a)


def balance(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the difference of two phases, and of one from the mean of all."""
    rated_a, phases = bench.inverter.rated_current_a, bench.inverter.phases
    budget = bench.instrument.budget("current")
    frequency = {"frequency": bench.method.nominal_frequency_hz}
    difference, from_mean = balance_limits(requirement, rated_a)
    yield difference, merged(budget.difference(rated_a, rated_a, **frequency))
    shares = [1 - 1 / phases, *[-1 / phases] * (phases - 1)]
    terms = [Term(share, rated_a, frequency) for share in shares]
    yield from_mean, merged(budget.combination(terms))


def _order(order: int, reading_a: float, coefficient: float, bench: Bench) -> Term:
    conditions = {
        "order": float(order),
        "fundamental": bench.inverter.rated_current_a,
        "frequency": order * bench.method.nominal_frequency_hz,
    }
    return Term(coefficient, reading_a, conditions)
