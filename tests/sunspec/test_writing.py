"""Writing single points: what is sent, and when what reads back is what was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import InstrumentError, ReadBackMismatch
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_quirks import Quirks
from instruments.inverters.sunspec_writing import PointWriter
from tests.sunspec.register_file import RegisterFile, StepClock, model

ES, VOLTS, DELAY = 40_004, 40_005, 40_011


def service(exponent: int = -1) -> RegisterFile:
    values = {"ES": 1, "ESVHi": 110, "ESVLo": 90, "ESDlyTms": 60, "V_SF": exponent}
    return RegisterFile(model(703, values))


def writer(registers: RegisterFile) -> PointWriter:
    return PointWriter(SunSpecDevice(registers, Quirks()), StepClock(), settle_s=1.0)


@given(wanted=st.floats(1, 600), exponent=st.integers(-2, 0))
def test_a_value_rounded_to_its_register_is_the_one_asked_for(wanted: float, exponent: int) -> None:
    registers = service(exponent)
    writer(registers).write(703, {"ESVHi": wanted})
    assert abs(registers.words[VOLTS] * 10.0**exponent - wanted) <= 0.5001 * 10.0**exponent


@pytest.mark.parametrize(("off", "agrees"), [(0, True), (1, False), (-1, False)])
def test_half_a_step_is_equal_and_a_whole_one_is_not(off: int, agrees: bool) -> None:
    registers = service()
    write, written = registers.write, []

    def rounding(address: int, values: Sequence[int]) -> None:
        written.append(address)
        write(address, [values[0] + off])

    registers.write = rounding  # type: ignore[method-assign]
    if agrees:
        writer(registers).write(703, {"ESVHi": 110.04})
    else:
        with pytest.raises(
            ReadBackMismatch, match=r"ESVHi was set to 110\.04, reads 1(10\.1|09\.9)"
        ):
            writer(registers).write(703, {"ESVHi": 110.04})
    assert written == [VOLTS]


def test_a_scale_factor_that_becomes_coarser_makes_the_step_coarser() -> None:
    registers = service(-1)
    write = registers.write

    def rescaling(address: int, values: Sequence[int]) -> None:
        write(address, [round(values[0] / 10)])
        registers.words |= {40_019: 0, 40_006: 90}

    registers.write = rescaling  # type: ignore[method-assign]
    writer(registers).write(703, {"ESVHi": 110.4})


def test_neighbours_are_written_together_and_each_once() -> None:
    registers = service()
    writer(registers).write(703, {"ESDlyTms": 70_000, "ES": 0, "ESVLo": 80.0, "ESVHi": 120.0})
    assert registers.written == [(ES, [0, 1200, 800]), (DELAY, [1, 4464])]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({"ESVHi": 7000.0}, "does not fit its register"),
        ({"ESVHi": -1.0}, "does not fit its register"),
        ({"ESVHi": float("inf")}, "does not fit its register"),
        ({"ESDlyRemTms": 5}, "cannot be written"),
        ({"ESNone": 5}, "has no point ESNone"),
        ({"ESHzHi": 51.0}, "has no scale factor"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_sent(
    points: dict[str, float], words: str
) -> None:
    registers = service()
    with pytest.raises(InstrumentError, match=words):
        writer(registers).write(703, {"ES": 0, **points})
    assert registers.written == []
