"""Whatever a device answers, reading it gives finite values or trouble by name, never anything else."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import BenchError
from instruments.inverters.sunspec import SunSpecInverter
from instruments.inverters.sunspec_device import known_defects
from tests.sunspec.published import EVERY_MODEL, random_registers
from tests.sunspec.register_file import RegisterFile, StepClock

OLDER = [number for number in EVERY_MODEL if number < 700]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("models", [EVERY_MODEL, OLDER], ids=["both generations", "the older"])
def test_random_models_are_read(models: tuple[int, ...], seed: int) -> None:
    registers = RegisterFile(*(random_registers(number, seed) for number in models))
    inverter = SunSpecInverter(registers, StepClock())
    assert not any(known_defects(inverter.device).values())
    reported = inverter.read_settings()
    assert all(isfinite(one.value) and one.quantum >= 0 for one in reported.values())
    assert inverter.status().operating_state
    assert registers.written == []


@given(words=st.lists(st.integers(0, 0xFFFF), max_size=300), base=st.sampled_from([40_000, 0]))
def test_random_registers_behind_a_marker_are_trouble_or_are_read(
    words: list[int], base: int
) -> None:
    inverter = SunSpecInverter(RegisterFile(words, base=base), StepClock())
    try:
        reported = inverter.read_settings()
    except BenchError:
        return
    assert all(isfinite(one.value) for one in reported.values())


@given(
    number=st.sampled_from(EVERY_MODEL),
    words=st.lists(st.integers(0, 0xFFFF) | st.sampled_from([0, 1, 2, 20]), max_size=200),
)
def test_a_known_model_of_any_length_and_content_is_read_or_has_a_defect(
    number: int, words: list[int]
) -> None:
    registers = RegisterFile([number, len(words), *words])
    inverter = SunSpecInverter(registers, StepClock())
    [defect] = known_defects(inverter.device).values()
    assert defect == "" or "registers long" in defect
    assert all(isfinite(one.value) for one in inverter.read_settings().values())
