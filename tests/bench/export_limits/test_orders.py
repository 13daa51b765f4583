"""What a step has a utility server say, from its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.export_limits.orders import ORDER_KEYS, Orders, read_orders
from bench.toml_file import Table
from instruments.errors import ConfigurationError


def read(**row: Any) -> Orders:
    return read_orders(Table(Path("cases.toml"), "case", row))


def test_a_row_without_orders_says_nothing() -> None:
    assert not read(hold_s=10.0).any


def test_every_key_can_be_stated() -> None:
    orders = read(
        default="30 %",
        gradient_pct_per_s=0.27,
        control="1500 W",
        lasts_s=900.0,
        primacy=5,
        randomize_s=60,
        multiplier=2,
        late=True,
        cancel=True,
        link="refused",
        odd="past",
        answers="1 2 7",
    )
    usual = Orders()
    assert len(ORDER_KEYS) == len(usual.__dataclass_fields__)
    assert all(getattr(orders, name) != getattr(usual, name) for name in vars(usual))


@pytest.mark.parametrize(
    ("odd", "status"), [("past", 254), ("no duration", 253), ("unsupported", 252)]
)
def test_an_odd_control_is_expected_to_be_refused(odd: str, status: int) -> None:
    orders = read(control="90 %", odd=odd)
    assert (orders.usual_answers, orders.acts) == ((status,), False)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"control": "many"}, "is no power"),
        ({"control": "off"}, "left out"),
        ({"control": "1 %", "answers": "1 5"}, "1 received"),
        ({"answers": "1"}, "expected a control beside"),
        ({"link": "slow"}, "refused"),
    ],
)
def test_what_cannot_be_said_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read(**row)
