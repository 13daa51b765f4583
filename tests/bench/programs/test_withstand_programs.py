"""What an inverter must withstand, for every grid code: inside the region in which it must stay connected."""

from __future__ import annotations

from cmath import phase, rect
from itertools import pairwise
from math import degrees, radians

import pytest

from bench.grid_code.profile import GridCode, Requirement, load_grid_code
from bench.paths import GRID_CODES
from bench.programs.withstand_programs import frequency_ramps, phase_jump, voltage_sequence
from instruments.interfaces import GridStep

CODES = [
    pytest.param(load_grid_code(file), id=file.stem) for file in sorted(GRID_CODES.glob("*.toml"))
]
VOLTAGE_KINDS = ("voltage_withstand", "multiple_withstand")


def trips(code: GridCode, voltage_v: float) -> list[Requirement]:
    """Return the voltage functions that see a voltage."""
    return [
        row
        for row in code.of_kind("voltage_trip")
        if (voltage_v > row.number("threshold")) == (row.direction == "over")
        and voltage_v != row.number("threshold")
    ]


def positive_sequence_deg(step: GridStep) -> float:
    turn = rect(1.0, radians(120.0))
    a, b, c = (rect(v, radians(d)) for v, d in zip(step.voltages_v, step.angles_deg, strict=True))
    return degrees(phase(a + turn * b + turn**2 * c))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", VOLTAGE_KINDS)
def test_every_dip_and_swell_is_shorter_than_each_delay_it_starts(
    code: GridCode, kind: str
) -> None:
    sequence = voltage_sequence(code.only(kind), "all", code.method)
    for disturbance in sequence.disturbances:
        lasts_s = disturbance.ends_s - disturbance.begins_s
        for row in trips(code, disturbance.level_v):
            assert lasts_s < row.number("delay"), (disturbance, row.id)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", VOLTAGE_KINDS)
def test_disturbances_begin_and_end_with_their_steps(code: GridCode, kind: str) -> None:
    sequence = voltage_sequence(code.only(kind), "L2", code.method)
    now_s = -sequence.stimulus.steps[0].hold_s
    changes_s = []
    for before, after in pairwise(sequence.stimulus.steps):
        now_s += before.duration_s
        assert before.voltages_v[0] == after.voltages_v[0] == code.method.nominal_voltage_v
        changes_s.append(now_s)
    expected_s = [t for d in sequence.disturbances for t in (d.begins_s, d.ends_s)]
    assert changes_s == pytest.approx(expected_s)
    assert sequence.stimulus.duration_s > sequence.connected_s + 2.0


@pytest.mark.parametrize("code", CODES)
def test_a_jump_of_one_phase_turns_the_positive_sequence_by_less_than_one_of_all(
    code: GridCode,
) -> None:
    row = code.only("phase_jump_withstand")
    alone = phase_jump(row, "L2", code.method).stimulus.steps[1]
    together = phase_jump(row, "all", code.method).stimulus.steps[1]
    assert positive_sequence_deg(together) == pytest.approx(row.number("sequence_jump"))
    assert 0 < positive_sequence_deg(alone) <= positive_sequence_deg(together)
    assert alone.angles_deg == (0.0, 240.0 + row.number("phase_jump"), 120.0)


@pytest.mark.parametrize("code", CODES)
def test_ramps_keep_their_rate_and_stay_between_the_frequency_limits(code: GridCode) -> None:
    row = code.only("frequency_ramp_withstand")
    ramps = frequency_ramps(row, code.method)
    for before, after in pairwise(ramps.stimulus.steps):
        rate = abs(after.frequency_hz - before.frequency_hz) / after.ramp_s
        assert rate == pytest.approx(row.number("rocof"))
    limits = {r.direction: r.number("threshold") for r in code.of_kind("frequency_trip")}
    frequencies = [step.frequency_hz for step in ramps.stimulus.steps]
    assert limits["under"] < min(frequencies) < max(frequencies) < limits["over"]
    assert ramps.ramps_s[1][0] == pytest.approx(ramps.stimulus.steps[1].duration_s)
