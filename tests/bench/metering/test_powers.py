"""Powers of the fundamental from waveforms whose powers are known by construction."""

from __future__ import annotations

from math import pi, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.powers import check_agreement, fundamental_powers
from instruments.errors import RecordingError
from instruments.interfaces import INVERTER_CHANNELS, Reading, Recording

RATE_HZ = 10_000.0


def recording(lag_deg: float, frequency_hz: float = 50.0, harmonic: float = 0.0) -> Recording:
    """Return 230 V and 10 A in three phases; the current lags by an angle."""
    times = np.arange(2000) / RATE_HZ
    channels = {}
    for phase in range(3):
        angle = 2 * pi * frequency_hz * times - 2 * pi * phase / 3
        channels[f"u{phase + 1}"] = 230 * np.sqrt(2) * np.cos(angle)
        current = np.cos(angle - radians(lag_deg)) + harmonic * np.cos(5 * angle)
        channels[f"i{phase + 1}"] = 10 * np.sqrt(2) * current
    units = {name: name[0] for name in channels}
    return Recording(RATE_HZ, 0.0, channels, units)


def powers(record: Recording) -> tuple[float, float]:
    return fundamental_powers(
        record, INVERTER_CHANNELS[:3], INVERTER_CHANNELS[3:], nominal_frequency_hz=50.0
    )


@settings(deadline=None, max_examples=30)
@given(lag_deg=st.floats(-180, 180), frequency_hz=st.floats(48, 52), harmonic=st.floats(0, 0.05))
def test_lagging_current_out_of_the_inverter_supplies_whatever_the_harmonics(
    lag_deg: float, frequency_hz: float, harmonic: float
) -> None:
    active_w, reactive_var = powers(recording(lag_deg, frequency_hz, harmonic))
    assert active_w == pytest.approx(6900 * np.cos(radians(lag_deg)), abs=35)
    assert reactive_var == pytest.approx(6900 * np.sin(radians(lag_deg)), abs=35)


@pytest.mark.parametrize(("active_w", "reactive_var"), [(6900.0, 500.0), (-6900.0, 0.0)])
def test_an_analyser_that_disagrees_with_its_waveforms_is_refused(
    active_w: float, reactive_var: float
) -> None:
    shown = Reading(
        1.0,
        0.1,
        (230.0,) * 3,
        (10.0,) * 3,
        (active_w / 3,) * 3,
        50.0,
        0.0,
        0.0,
        (reactive_var / 3,) * 3,
    )
    with pytest.raises(RecordingError, match="Check wiring"):
        check_agreement(powers(recording(0.0)), shown, 100.0)


def test_a_reading_without_reactive_power_cannot_agree() -> None:
    shown = Reading(1.0, 0.1, (230.0,) * 3, (10.0,) * 3, (2300.0,) * 3, 50.0, 0.0, 0.0)
    with pytest.raises(RecordingError, match="reactive power"):
        check_agreement(powers(recording(0.0)), shown, 100.0)
