"""Numbers with units, words, strings and blocks as parameters of SCPI commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    parse_number,
)
from instruments.simulated.scpi.scpi_syntax import take_program_message
from tests.simulated.scpi_device import Device, device

__all__ = ["device"]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("LEV 5 V;LEV?", "5.0000"),
        ("LEV 5V;LEV?", "5.0000"),
        ("LEV 5e1 mv;LEV?", "0.0500"),
        ("LEV 2KV;LEV?", "2000.0000"),
        ("LEV 0.5 MAV;LEV?", "500000.0000"),
        ("LEV 100UV;LEV?", "0.0001"),
        ("LEV DEF;LEV?", "12.5000"),
        ("LEV? DEFault", "12.5000"),
        ("SLEW 2 kV/s;SLEW?", "2000.000"),
        ("FREQ 1.5 MHZ;FREQ?", "1500000.00"),
        ("FREQ 60 hz;FREQ?", "60.00"),
        ("ANGL 90 DEG;ANGL?", "90.00"),
        ("ANGL 3.14159265358979 RAD;ANGL?", "180.00"),
        ("LEV #HFF;LEV?", "255.0000"),
        ("LEV #q17;LEV?", "15.0000"),
        ("LEV #B101;LEV?", "5.0000"),
    ],
)
def test_numbers_may_carry_units_multipliers_and_bases(
    device: Device, message: str, answer: str
) -> None:
    assert device.tell(message) == f"{answer}\n"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("LEV 5 A", -131),
        ("LEV 5 XV", -131),
        ("LEV 5 V/S", -131),
        ("LEV 5 6", -121),
        ("LEV #HXY", -121),
        ("LEV #13123", -168),
        ("LEV #215short", -161),
        ("LEV 1E40000", -123),
        ("LEV " + "1" * 256, -124),
        ("VOLT DEF", -224),
        ("WAV 5", -161),
        ("LEV\x7f5", -101),
        ("VOLT,5", -101),
    ],
)
def test_each_malformed_parameter_has_its_standard_number(
    device: Device, message: str, code: int
) -> None:
    device.tell(message)

    assert device.error().startswith(f"{code},")


@given(
    value=st.floats(1e-6, 1e6),
    prefix=st.sampled_from([("", 1), ("M", 1e-3), ("K", 1e3), ("U", 1e-6), ("MA", 1e6)]),
)
def test_a_multiplier_is_nothing_but_a_factor(value: float, prefix: tuple[str, float]) -> None:
    letters, factor = prefix

    found = parse_number(f"{value!r}{letters}V", Limits(0, 1e15), "V")

    assert found == pytest.approx(value * factor)


@given(payload=st.binary(max_size=300))
def test_a_block_carries_any_bytes_and_ends_where_it_says(payload: bytes) -> None:
    device = Device()
    length = str(len(payload)).encode("ascii")
    block = b"#" + str(len(length)).encode("ascii") + length + payload
    received = bytearray(b"WAV " + block + b";:LEV 3\nLEV?\n")

    first, second, third = (take_program_message(received) for _ in range(3))

    assert third is None
    assert not received
    assert device.engine.answer(first or b"") == b""
    assert device.waveform == payload
    assert device.engine.answer(second or b"") == b"3.0000\n"


@given(payload=st.binary(min_size=1, max_size=50), cut=st.integers(0, 49))
def test_a_message_is_not_complete_before_its_block_is(payload: bytes, cut: int) -> None:
    whole = b"WAV #2" + f"{len(payload):02}".encode("ascii") + payload + b"\n"

    assert take_program_message(bytearray(whole[: len(whole) - 1 - cut])) is None
    assert take_program_message(bytearray(whole)) == whole[:-1]


def test_a_number_sign_in_a_string_is_text(device: Device) -> None:
    received = bytearray(b"LAB 'no #15 block'\nLAB ok\n")

    device.engine.answer(take_program_message(received) or b"")

    assert device.labels == ["no #15 block"]
    assert received == b"LAB ok\n"
