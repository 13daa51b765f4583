"""The beginning of an island: from what is left of the grid current, or from a bracket."""

from __future__ import annotations

from dataclasses import replace
from math import pi, sqrt

import numpy as np
import pytest

from bench.metering.island_start import BRACKET_TEXT, GRID_CURRENT_TEXT, find_island_start
from bench.metering.phase_powers import phase_powers
from instruments.errors import RecordingError
from instruments.interfaces import Recording

RATE_HZ, OPENED_S, COMMANDED_S, LENGTH_S = 10_000.0, 0.237, 0.2, 1.0
PHASES_RAD = (0.0, -2 * pi / 3, 2 * pi / 3)
NAMES = ("u1", "u2", "u3"), ("ig1", "ig2", "ig3")


def record(
    residual_a: float = 0.0, harmonic_a: float = 0.0, drift_hz_per_s: float = 4.0
) -> Recording:
    """A balanced island from `OPENED_S` on: the frequency drifts away, the grid current stops."""
    times_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    after_s = np.maximum(0.0, times_s - OPENED_S)
    angle = 2 * pi * (50.0 * times_s + 0.5 * drift_hz_per_s * after_s**2)
    random, flows = np.random.default_rng(1), times_s < OPENED_S
    channels = {}
    for number, phase in enumerate(PHASES_RAD, 1):
        turned = angle + phase
        voltage = sqrt(2) * 230.0 * np.sin(turned) + 0.1 * random.standard_normal(len(times_s))
        current = residual_a * np.sin(turned - 0.4) + harmonic_a * np.sin(5 * turned)
        noise = 0.004 * random.standard_normal(len(times_s))
        channels[f"u{number}"] = voltage
        channels[f"ig{number}"] = sqrt(2) * current * flows + noise
    units = {name: "V" if name.startswith("u") else "A" for name in channels}
    return Recording(RATE_HZ, 0.0, channels, units, "made up")


def start(recording: Recording) -> tuple[float, float, float, str]:
    instant, text = find_island_start(
        recording, *NAMES, commanded_s=COMMANDED_S, nominal_frequency_hz=50.0
    )
    return instant.earliest_s, instant.best_s, instant.latest_s, text


@pytest.mark.parametrize("currents", [{"harmonic_a": 0.14}, {"residual_a": 0.7}])
def test_what_is_left_of_the_current_tells_the_instant(currents: dict[str, float]) -> None:
    earliest_s, best_s, latest_s, text = start(record(**currents))
    assert text == GRID_CURRENT_TEXT
    assert earliest_s <= OPENED_S <= latest_s
    assert best_s == pytest.approx(OPENED_S, abs=0.002)


def test_without_any_current_the_bracket_holds_the_opening() -> None:
    earliest_s, _, latest_s, text = start(record())
    assert text == BRACKET_TEXT
    assert earliest_s == COMMANDED_S
    assert OPENED_S < latest_s < OPENED_S + 0.06


def test_a_voltage_that_keeps_the_course_of_the_grid_tells_nothing() -> None:
    with pytest.raises(RecordingError, match="keeps the grid's course"):
        start(record(drift_hz_per_s=0.0))


def test_a_fall_of_the_current_before_the_command_is_not_the_opening() -> None:
    early = record(residual_a=0.7)
    times_s = early.times_s()
    cut = {
        name: samples * (times_s < 0.1) if name.startswith("ig") else samples
        for name, samples in early.channels.items()
    }
    *_, text = start(replace(early, channels=cut))
    assert text == BRACKET_TEXT


def test_the_power_of_each_phase_counts_its_fundamental_only() -> None:
    found = phase_powers(
        record(residual_a=0.7, harmonic_a=0.5),
        *NAMES,
        until_s=COMMANDED_S,
        nominal_frequency_hz=50.0,
    )
    expected = 230.0 * 0.7 * complex(np.cos(0.4), np.sin(0.4))
    assert found == pytest.approx([expected] * 3, rel=2e-3)
