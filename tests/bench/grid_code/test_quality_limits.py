"""Limits of power quality follow from the data of the grid code."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bench.grid_code.quality_limits import (
    balance_limits,
    direct_current_limit,
    harmonic_bands,
    limit_of_order,
)
from instruments.errors import ConfigurationError
from tests.bench.grid_code_files import region, rows

ROWS = rows(region("A"))


LIMITS_PCT = {"4.0": (3, 9), "2.0": (11, 15), "1.5": (17, 21), "0.6": (23, 33)} | {
    "1.0": (2, 8),
    "0.5": (10, 32),
}


@pytest.mark.parametrize(
    ("order", "limit_pct"),
    [(order, limit_pct) for limit_pct, orders in LIMITS_PCT.items() for order in orders],
)
def test_every_order_has_the_limit_of_its_band(order: int, limit_pct: str) -> None:
    assert limit_of_order(harmonic_bands(ROWS["PQ1"]), order) == Decimal(limit_pct)


def test_orders_above_the_last_band_have_no_limit() -> None:
    bands = harmonic_bands(ROWS["PQ1"])
    assert [order for order in range(34, 51) if limit_of_order(bands, order) is not None] == []


def test_no_order_is_in_two_bands() -> None:
    orders = [order for band in harmonic_bands(ROWS["PQ1"]) for order in band.orders]
    assert sorted(orders) == list(range(2, 34))


def test_as_many_limits_as_bands_are_needed() -> None:
    row = ROWS["PQ1"]
    short = replace(row.quantity("odd_max"), values=(Decimal(4),))
    with pytest.raises(ConfigurationError, match="odd_up_to"):
        harmonic_bands(replace(row, quantities={**row.quantities, "odd_max": short}))


@pytest.mark.parametrize(("rated_a", "limit_a"), [(0.5, "0.005"), (10.0, "0.05"), (100.0, "0.5")])
def test_the_greater_limit_of_direct_current_holds(rated_a: float, limit_a: str) -> None:
    assert direct_current_limit(ROWS["PQ2"], rated_a).upper == Decimal(limit_a)


def test_a_share_of_rated_current_is_rounded_to_the_strict_side() -> None:
    upper = direct_current_limit(ROWS["PQ2"], 10_000 / 690).upper
    assert upper is not None
    assert 0 <= 0.5 / 100 * 10_000 / 690 - float(upper) < 1e-4


def test_balance_has_an_absolute_and_a_relative_limit() -> None:
    difference, from_mean = balance_limits(ROWS["PQ3"], 20.0)
    assert (difference.upper, from_mean.upper) == (Decimal("21.7"), Decimal(1))
