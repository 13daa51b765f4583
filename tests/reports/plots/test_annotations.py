"""The words of a plot."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from bench.trials.trial_evidence import Mark, Plot
from reports.plots.annotations import (
    Label,
    description,
    mark_text,
    spread,
    spread_heights,
    stretches,
)


def test_between_delay_and_maximum_the_end_is_permitted() -> None:
    found = stretches([Mark("not before", 1.0), Mark("not after", 2.0)])
    assert [(item.from_s, item.to_s, item.permitted) for item in found] == [
        (0.0, 1.0, False),
        (1.0, 2.0, True),
        (2.0, inf, False),
    ]


def test_without_delay_the_end_is_permitted_at_once() -> None:
    found = stretches([Mark("not after", 0.2)])
    assert [(item.from_s, item.to_s, item.permitted) for item in found] == [
        (0.0, 0.2, True),
        (0.2, inf, False),
    ]


def test_without_maximum_the_end_is_permitted_for_ever() -> None:
    assert stretches([Mark("not before", 60.0)])[-1].to_s == inf


def test_without_limit_times_nothing_is_said() -> None:
    assert stretches([Mark("a remark", 1.0)]) == []


def test_a_mark_names_its_time_except_at_the_origin() -> None:
    assert mark_text(Mark("event", 0.0), 4) == "event"
    assert mark_text(Mark("ceased", 1.5), 4) == "ceased 1.5000 s"


labels = st.lists(
    st.builds(Label, st.floats(0, 700), st.floats(20, 120), st.sampled_from(["a", "b", "c"])),
    min_size=1,
    max_size=5,
)


@given(labels=labels, rows=st.integers(1, 3))
def test_labels_never_overlap_on_a_row_and_none_is_lost(labels: list[Label], rows: int) -> None:
    placed = spread(labels, 0.0, 700.0, rows)
    assert {label.row for label in placed} <= set(range(rows))
    for row in range(rows):
        for left, right in pairwise(label for label in placed if label.row == row):
            assert left.x + left.width / 2 <= right.x - right.width / 2
    assert sorted(" · ".join(label.text for label in placed).split(" · ")) == sorted(
        label.text for label in labels
    )


def test_labels_that_would_overlap_take_another_row_before_they_are_joined() -> None:
    crowded = [Label(300.0 + 30.0 * number, 80.0, str(number)) for number in range(3)]
    assert [label.text for label in spread(crowded, 0.0, 700.0, 3)] == ["0", "1", "2"]
    assert [label.text for label in spread(crowded, 0.0, 700.0)] == ["0 · 1 · 2"]


def test_labels_of_one_instant_are_joined_even_where_there_is_another_row() -> None:
    close = [Label(300.0, 50.0, "ceased"), Label(303.0, 80.0, "disconnected")]
    assert [label.text for label in spread(close, 0.0, 700.0, 2)] == ["ceased · disconnected"]


@given(heights=st.lists(st.floats(0, 200), max_size=6))
def test_names_of_levels_stand_a_line_apart_in_the_order_of_the_levels(
    heights: list[float],
) -> None:
    moved = spread_heights(heights, 10.0)
    assert all(after - before >= 10.0 - 1e-9 for before, after in pairwise(sorted(moved)))
    assert all(after >= before for before, after in zip(heights, moved, strict=True))
    order = sorted(range(len(heights)), key=lambda number: (heights[number], number))
    assert order == sorted(range(len(heights)), key=lambda number: moved[number])


def test_the_description_tells_what_the_lines_show() -> None:
    plot = Plot("t", [Mark("event", 1.0), Mark("ceased", 2.5)], [Mark("not after", 3.0)], [])
    assert description(plot, 2, "voltage and current of the phases") == (
        "Voltage and current of the phases. Times count from “event”: ceased 1.50 s, "
        "not after 2.00 s."
    )
