"""The grid comes back to a dead bus."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import Instant, find_voltage_return
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 10_000.0
TIMES_S = np.arange(2000) / RATE_HZ


def grid(phases: int, angle_rad: float, from_s: float, noise_v: float = 0.5) -> Recording:
    """Return 230 V on every phase from an instant on, and noise before."""
    generator = np.random.default_rng(1)

    def wave(phase: int) -> Samples:
        sine = 230 * sqrt(2) * np.sin(2 * pi * (50 * (TIMES_S - from_s) - phase / 3) + angle_rad)
        return np.where(from_s > TIMES_S, 0.0, sine) + generator.normal(0, noise_v, len(TIMES_S))

    names = [f"u{phase + 1}" for phase in range(phases)]
    return Recording(
        RATE_HZ,
        0.0,
        {name: wave(phase) for phase, name in enumerate(names)},
        dict.fromkeys(names, "V"),
    )


def returned(recording: Recording) -> Instant:
    return find_voltage_return(recording, list(recording.channels), nominal_voltage_v=230.0)


@given(
    phases=st.sampled_from([1, 3]),
    angle_rad=st.floats(0.0, 2 * pi),
    from_s=st.floats(0.05, 0.1),
)
def test_the_return_is_inside_a_bracket_of_a_millisecond(
    phases: int, angle_rad: float, from_s: float
) -> None:
    instant = returned(grid(phases, angle_rad, from_s))
    assert instant.earliest_s <= from_s <= instant.latest_s
    assert instant.latest_s - instant.earliest_s < 1e-3


def test_a_bus_that_stays_dead_or_was_never_dead_is_no_return() -> None:
    with pytest.raises(RecordingError, match=r"through 32\.5 V"):
        returned(grid(3, 0.0, from_s=9.0))
    with pytest.raises(RecordingError, match="no return"):
        returned(grid(3, 0.0, from_s=-1.0))
