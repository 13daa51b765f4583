"""The guard in front of the source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.stations.envelope import check_step
from instruments.errors import EnvelopeError
from instruments.interfaces import Envelope, GridStep

ENVELOPE = Envelope(0.0, 300.0, 45.0, 55.0, 25.0)
FILE = Path("lab.toml")


@pytest.mark.parametrize(
    ("voltages", "frequency_hz", "words"),
    [
        ((230.0, 301.0, 230.0), 50.0, ["voltage L2 = 301 V", "0 … 300 V", "lab.toml"]),
        ((230.0, 230.0, -1.0), 50.0, ["voltage L3 = -1 V"]),
        ((230.0, 230.0, 230.0), 55.1, ["frequency = 55.1 Hz", "45 … 55 Hz"]),
        ((230.0, 230.0, 230.0), float("nan"), ["frequency = nan Hz"]),
    ],
)
def test_a_step_outside_is_refused_with_value_limit_and_file(
    voltages: tuple[float, float, float], frequency_hz: float, words: list[str]
) -> None:
    with pytest.raises(EnvelopeError) as caught:
        check_step(GridStep(voltages, frequency_hz, 1.0), ENVELOPE, FILE, "ramp, step 3")
    assert [word for word in ("ramp, step 3", *words) if word not in str(caught.value)] == []


def test_angles_that_put_too_much_voltage_between_two_phases_are_refused() -> None:
    opposed = GridStep((280.0, 280.0, 280.0), 50.0, 1.0, angles_deg=(60.0, 240.0, 120.0))
    with pytest.raises(EnvelopeError, match=r"voltage L1-L2 = 560 V is outside 0 … 519.615 V"):
        check_step(opposed, ENVELOPE, FILE, "jump")
    check_step(replace(opposed, voltages_v=(250.0, 250.0, 250.0)), ENVELOPE, FILE, "jump")


def test_the_edge_of_the_envelope_is_inside() -> None:
    check_step(GridStep((0.0, 300.0, 300.0), 45.0, 1.0), ENVELOPE, FILE, "edge")
