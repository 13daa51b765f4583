"""The limits of power quality requirements: bands of harmonic orders, direct current, balance. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from bench.grid_code.profile import STATUSES, Quantity, Requirement
from bench.verdicts.measurement import Limit
from instruments.errors import ConfigurationError

STEP_A = Decimal("0.0001")
PARITIES = {"odd": 3, "even": 2}
"""Name of the bands → the lowest order they hold."""


@dataclass(frozen=True)
class HarmonicBand:
    """Orders that share a limit, in % of rated current."""

    orders: tuple[int, ...]
    limit: Limit


def harmonic_bands(requirement: Requirement) -> list[HarmonicBand]:
    """Return the bands of a requirement that states `<parity>_up_to` orders and `<parity>_max` limits.

    Raises:
        ConfigurationError: as many upper orders as limits are needed, and rising.
    """
    return [band for parity in PARITIES for band in _bands(requirement, parity)]


def limit_of_order(bands: Sequence[HarmonicBand], order: int) -> Decimal | None:
    """Return the limit of an order; None above the last band."""
    uppers = (band.limit.upper for band in bands if order in band.orders)
    return next(uppers, None)


def _bands(requirement: Requirement, parity: str) -> list[HarmonicBand]:
    up_to, largest = requirement.quantity(f"{parity}_up_to"), requirement.quantity(f"{parity}_max")
    ends = [int(value) for value in up_to.values]
    if len(ends) != len(largest.values) or ends != sorted(set(ends)):
        raise ConfigurationError(
            f"requirement {requirement.id}: {parity}_up_to = {up_to}, {parity}_max = {largest}: "
            "expected rising orders, one for each limit"
        )
    starts = [PARITIES[parity], *(end + 2 for end in ends[:-1])]
    bands = [tuple(range(start, end + 1, 2)) for start, end in zip(starts, ends, strict=True)]
    limits = zip(bands, largest.values, strict=True)
    return [
        HarmonicBand(orders, _limit(requirement, parity, orders, upper)) for orders, upper in limits
    ]


def _limit(requirement: Requirement, parity: str, orders: tuple[int, ...], upper: Decimal) -> Limit:
    up_to, largest = requirement.quantity(f"{parity}_up_to"), requirement.quantity(f"{parity}_max")
    return Limit(
        requirement=requirement.id,
        quantity=f"{parity} harmonics, orders {orders[0]} to {orders[-1]}",
        unit=largest.unit,
        lower=None,
        upper=upper,
        clause=requirement.clause,
        source="; ".join(sorted({up_to.source, largest.source})),
        status=max((up_to.status, largest.status), key=STATUSES.index),
        max_uncertainty=requirement.quantity("uncertainty_max").value,
    )


def direct_current_limit(requirement: Requirement, rated_current_a: float) -> Limit:
    """Return the greater of a share of rated current and an absolute value, in A."""
    share, floor = requirement.quantity("limit"), requirement.quantity("floor")
    of_rated_a = _share_of(rated_current_a, share)
    return replace(
        requirement.limit("direct current", upper="floor"),
        upper=max(floor.value, of_rated_a),
        source=f"the greater of {share}: {share.source}, and {floor}: {floor.source}",
        status=max((share.status, floor.status), key=STATUSES.index),
    )


def balance_limits(requirement: Requirement, rated_current_a: float) -> tuple[Limit, Limit]:
    """Return the limits of the difference between phases, and of the distance of one from the mean."""
    share = requirement.quantity("deviation_max")
    difference = requirement.limit("difference between the phases", upper="limit")
    from_mean = replace(
        difference,
        quantity="distance of a phase from the mean",
        upper=_share_of(rated_current_a, share),
        source=share.source,
        status=share.status,
    )
    return difference, from_mean


def _share_of(rated_current_a: float, share: Quantity) -> Decimal:
    """Return a share of rated current, rounded to the strict side: what a nameplate implies has no end."""
    whole = share.value / 100 * Decimal(repr(rated_current_a))
    return whole.quantize(STEP_A, ROUND_DOWN)
