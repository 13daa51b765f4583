"""Axes: what they span, and the round numbers on them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.plots.scale import Range, tick_texts, ticks

lows = st.floats(-1e6, 1e6)
spans = st.floats(1e-3, 1e6)


@given(lows, spans, st.integers(2, 9))
def test_ticks_lie_inside_evenly_apart_and_are_not_too_many(
    low: float, span: float, most: int
) -> None:
    found = ticks(Range(low, low + span), most)
    assert 2 <= len(found) <= most + 1
    assert low - 1e-6 * span <= found[0] < found[-1] <= low + span * (1 + 1e-6)
    steps = [after - before for before, after in pairwise(found)]
    assert max(steps) - min(steps) < 1e-6 * span


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 7.0, [0, 1, 2, 3, 4, 5, 6, 7]),
        (-0.1, 2.3, [0.0, 0.5, 1.0, 1.5, 2.0]),
        (49.9, 52.1, [50.0, 50.5, 51.0, 51.5, 52.0]),
        (-30.0, 239.0, [0, 50, 100, 150, 200]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert ticks(Range(low, high), 7) == expected


def test_where_nothing_is_spanned_one_tick_stands() -> None:
    assert ticks(Range(5.0, 5.0), 7) == [5.0]


def test_texts_have_as_few_decimals_as_keep_neighbours_apart() -> None:
    assert tick_texts([0.0, 2.5, 5.0]) == ["0.0", "2.5", "5.0"]
    assert tick_texts([-20.0, 0.0, 20.0]) == ["−20", "0", "20"]
