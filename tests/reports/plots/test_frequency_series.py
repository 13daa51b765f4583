"""The frequency of a recording, cycle by cycle."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest

from instruments.interfaces import Recording
from reports.plots.traces import PEAK_LABEL, frequency_series

RATE_HZ = 10_000.0


def stepped(after_hz: float) -> Recording:
    """Return one second at 50 Hz and one at another frequency, 230 V and 10 A."""
    times_s = np.arange(20_000) / RATE_HZ
    cycles = np.where(times_s < 1.0, 50.0 * times_s, 50.0 + after_hz * (times_s - 1.0))
    channels = {
        name: sqrt(2) * rms * np.sin(2 * pi * (cycles - shift))
        for name, rms, shift in (("u1", 230.0, 0.1), ("i1", 10.0, 0.1), ("i2", 10.0, 0.43))
    }
    return Recording(RATE_HZ, 0.0, channels, {"u1": "V", "i1": "A", "i2": "A"}, "power_analyser")


@pytest.mark.parametrize("after_hz", [47.0, 52.0])
def test_the_frequency_is_that_of_each_cycle(after_hz: float) -> None:
    [frequency] = frequency_series(stepped(after_hz), 1.0, (-1.0, 1.0)).voltage
    assert frequency.values[frequency.times_s < -0.03] == pytest.approx(50.0, abs=1e-3)
    assert frequency.values[frequency.times_s > 0.03] == pytest.approx(after_hz, abs=1e-3)


def test_the_current_does_not_beat_away_from_nominal_frequency() -> None:
    currents = frequency_series(stepped(47.0), 0.0, (1.1, 2.0)).current
    assert [trace.label for trace in currents] == [PEAK_LABEL, "L1", "L2"]
    for trace in currents[1:]:
        assert trace.values == pytest.approx(10.0, rel=2e-3)
