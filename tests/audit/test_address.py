"""Addresses of inverters as people write them."""

from __future__ import annotations

import pytest

from bench.audit.address import Address
from instruments.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "endpoint", "unit"),
    [
        ("tcp://192.0.2.7", "tcp://192.0.2.7:502", None),
        ("tcp://site.example:1502?unit=3", "tcp://site.example:1502", 3),
        ("rtu+tcp://192.0.2.7:8899?unit=247", "rtu+tcp://192.0.2.7:8899", 247),
        ("serial:///dev/ttyUSB0?unit=1", "serial:///dev/ttyUSB0", 1),
        ("serial://COM3", "serial://COM3", None),
    ],
)
def test_an_address_names_endpoint_and_unit(text: str, endpoint: str, unit: int | None) -> None:
    address = Address.parse(text)
    assert (address.endpoint, address.unit) == (endpoint, unit)


def test_pacing_and_line_stand_after_the_question_mark() -> None:
    address = Address.parse("serial://COM3?unit=2&gap_s=0.5&timeout_s=10&baud_rate=19200&parity=E")
    assert (address.gap_s, address.timeout_s) == (0.5, 10.0)
    assert (address.baud_rate, address.parity) == (19200, "E")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("192.0.2.7:502", "scheme"),
        ("http://192.0.2.7", "scheme 'http'"),
        ("tcp://", "names no device"),
        ("serial://?unit=1", "names no device"),
        ("tcp://192.0.2.7:99999", "range"),
        ("tcp://192.0.2.7?unit=256", "unit 256"),
        ("tcp://192.0.2.7?unit=", "address"),
        ("tcp://192.0.2.7?colour=red", "colour"),
        ("tcp://192.0.2.7?gap_s=-1", "-1 s"),
        ("tcp://192.0.2.7?gap_s=nan", "nan s"),
    ],
)
def test_what_is_no_address_is_refused_with_what_was_expected(text: str, word: str) -> None:
    with pytest.raises(ConfigurationError, match=r"Expected tcp://host:port") as refused:
        Address.parse(text)
    assert word in str(refused.value)
