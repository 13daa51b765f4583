"""Addresses of inverters as people write them."""

from __future__ import annotations

import pytest

from bench.audit.address import Address
from bench.paths import DEFAULT_INVERTER, INVERTERS
from bench.stations.station_file import load_inverter
from instruments.errors import ConfigurationError

INVERTER = load_inverter(DEFAULT_INVERTER)


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
    assert (address.place(INVERTER).endpoint, address.unit) == (endpoint, unit)


def test_pacing_and_line_stand_after_the_question_mark() -> None:
    address = Address.parse("serial://COM3?unit=2&gap_s=0.5&timeout_s=10&baud_rate=19200&parity=E")
    assert (address.gap_s, address.timeout_s) == (0.5, 10.0)
    assert (address.baud_rate, address.parity) == (19200, "E")


def test_what_an_address_leaves_open_is_up_to_the_inverter_file_and_its_map() -> None:
    inverter = load_inverter(INVERTERS / "example_register_map.toml")
    assert inverter.register_map
    connection, pacing = inverter.register_map.connection, inverter.register_map.pacing
    place = Address.parse("tcp://192.0.2.7").place(inverter)
    assert (place.port, place.unit) == (connection.port, connection.unit)
    assert (place.timeout_s, place.gap_s) == (pacing.timeout_s, pacing.gap_s)
    said = Address.parse("tcp://192.0.2.7:99?unit=0&timeout_s=9&gap_s=0").place(inverter)
    assert (said.port, said.unit, said.timeout_s, said.gap_s) == (99, 0, 9.0, 0.0)


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
