"""The time inside the connection window before an inverter connects, on readings made for a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import BlockedReconnection, WindowEdge, measure_blocked_reconnection
from instruments.errors import RecordingError
from instruments.interfaces import Reading

ORIGIN_S = 300.0
WINDOW_S = 0.2
FLOOR_A = 0.04
INSIDE_S = 75.0
HIGH_V = WindowEdge("voltage", True, 253.0)
LOW_V = WindowEdge("voltage", False, 205.0)
HIGH_HZ = WindowEdge("frequency", True, 50.15)
LOW_HZ = WindowEdge("frequency", False, 47.5)
OUTSIDE = {
    HIGH_V: (255.8, 50.0),
    LOW_V: (202.2, 50.0),
    HIGH_HZ: (230.0, 50.25),
    LOW_HZ: (230.0, 47.4),
}


def readings(
    edge: WindowEdge, connect_s: float, inside_s: float = INSIDE_S, until_s: float = 140.0
) -> list[Reading]:
    """Return readings; those across a change show the mean of both sides."""
    voltage_v, frequency_hz = OUTSIDE[edge]
    series = []
    for end_s in np.arange(WINDOW_S, until_s, WINDOW_S):
        share = float(np.clip((end_s - inside_s) / WINDOW_S, 0.0, 1.0))
        on = float(np.clip((end_s - connect_s) / WINDOW_S, 0.0, 1.0))
        volts, amperes = voltage_v + share * (230.0 - voltage_v), 0.17 * on**0.5
        series.append(
            Reading(
                ORIGIN_S + float(end_s),
                WINDOW_S,
                (volts, volts, volts),
                (amperes, amperes, amperes),
                (0.0, 0.0, 0.0),
                frequency_hz + share * (50.0 - frequency_hz),
                0.0,
                0.0,
            )
        )
    return series


def measured(series: list[Reading], edge: WindowEdge) -> BlockedReconnection:
    return measure_blocked_reconnection(series, edge, current_floor_a=FLOOR_A, clock_ppm=50.0)


@given(
    edge=st.sampled_from(list(OUTSIDE)),
    waiting_s=st.floats(-70.0, 62.0),
    inside_s=st.floats(74.0, 75.0),
)
def test_the_waiting_time_is_known_to_two_windows(
    edge: WindowEdge, waiting_s: float, inside_s: float
) -> None:
    result = measured(readings(edge, inside_s + waiting_s, inside_s), edge)
    assert result.inside.earliest_s <= ORIGIN_S + inside_s <= result.inside.latest_s
    assert float(result.waiting_time.value) == pytest.approx(waiting_s, abs=2 * WINDOW_S + 1e-6)


def test_an_inverter_that_connects_outside_waited_less_than_nothing() -> None:
    waiting = measured(readings(HIGH_V, connect_s=61.0), HIGH_V).waiting_time
    assert waiting.censored is None
    assert float(waiting.value) == pytest.approx(-14.0, abs=0.3)


def test_an_inverter_that_does_not_connect_waited_at_least_as_long_as_it_was_watched() -> None:
    waiting = measured(readings(LOW_HZ, connect_s=1e9), LOW_HZ).waiting_time
    assert waiting.censored == "at least"
    assert float(waiting.value) == pytest.approx(140.0 - INSIDE_S, abs=0.5)


@pytest.mark.parametrize(
    ("connect_s", "inside_s", "message"),
    [
        (0.0, INSIDE_S, "from the first reading on"),
        (136.0, 1e9, "still outside"),
        (136.0, 0.0, "none is outside"),
    ],
)
def test_a_return_or_connection_that_is_not_bracketed_is_refused(
    connect_s: float, inside_s: float, message: str
) -> None:
    with pytest.raises(RecordingError, match=message):
        measured(readings(HIGH_V, connect_s, inside_s), HIGH_V)
