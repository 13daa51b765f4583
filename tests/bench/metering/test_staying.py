"""How long an inverter stays connected away from nominal frequency, from a known truth."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.staying import measure_stay
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

WINDOW_S = 0.5
STAY_S = 30.0
EDGES_HZ = (47.1, 51.9)


def readings(gone_after_s: float = inf, away: tuple[float, ...] = EDGES_HZ) -> list[Reading]:
    """Return readings of 10 s at nominal, a stay, 10 s at nominal, a stay, 10 s at nominal.

    The current ends `gone_after_s` into the last stay.
    """
    programme = [
        (10.0, 50.0),
        *((s, hz) for level in away for s, hz in ((STAY_S, level), (10.0, 50.0))),
    ]
    made, begin_s = [], 0.0
    for index, (length_s, hz) in enumerate(programme):
        last = index == len(programme) - 2
        for number in range(1, round(length_s / WINDOW_S) + 1):
            since_s = number * WINDOW_S
            on = not last or since_s - WINDOW_S < gone_after_s
            made.append(
                Reading(
                    begin_s + since_s,
                    WINDOW_S,
                    (230.0,) * 3,
                    (5.0 if on else 0.0,) * 3,
                    (1000.0,) * 3,
                    hz,
                    0.0,
                    0.0,
                )
            )
        begin_s += length_s
    return made


def stay(made: list[Reading]) -> Measurement:
    return measure_stay(
        made, levels_hz=EDGES_HZ, nominal_hz=50.0, current_floor_a=0.1, clock_ppm=50.0
    )


def test_one_that_stays_has_stayed_at_least_as_long_as_it_was_asked() -> None:
    found = stay(readings())
    assert found.censored == "at least"
    assert float(found.value) == pytest.approx(STAY_S, abs=float(found.expanded_uncertainty))


@given(st.floats(1.0, 28.0))
def test_one_that_leaves_is_measured_even_if_it_stayed_at_the_other_edge(gone_s: float) -> None:
    found = stay(readings(gone_s))
    assert found.censored is None
    assert "51.9" in found.measurand
    assert float(found.value) == pytest.approx(gone_s, abs=2 * WINDOW_S)


def test_a_stay_that_was_not_applied_is_trouble_with_the_bench() -> None:
    with pytest.raises(RecordingError, match="1 stays"):
        stay(readings(away=(47.1,)))
