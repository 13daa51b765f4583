"""What a schedule leaves in force, against the simulated client's own choice; and answers to controls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.export_limits.amounts import Amount, Scale
from bench.export_limits.case import Case, Step
from bench.export_limits.orders import Orders
from bench.export_limits.regime import find_regime, load_regime
from bench.export_limits.schedule import Timed, answered, conditions, timed
from instruments.simulated.csip.choice import Default, Event, in_force
from instruments.utility import ControlResponse

SCALE = Scale(10_000.0, 1500.0)
EXPORT = "opModExpLimW"
DEFAULT_W = 3000.0

STEPS = st.lists(
    st.builds(
        lambda hold_s, watts, lasts_s, primacy: Step(
            hold_s,
            {},
            utility=Orders(
                control=None if watts is None else Amount(watts=float(watts)),
                lasts_s=lasts_s,
                primacy=primacy,
            ),
        ),
        st.sampled_from([30.0, 60.0, 90.0]),
        st.none() | st.integers(0, 9999),
        st.none() | st.sampled_from([45.0, 75.0, 200.0]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=8,
)


def case(steps: list[Step]) -> Case:
    return Case("X", "x", "export_schedule", "x", tuple(steps))


def events(steps: list[Timed]) -> list[Event]:
    """The same controls as a client keeps them; the one of a later step was published later."""
    return [
        Event(
            f"{place + 1:032X}",
            one.orders.primacy,
            place,
            {EXPORT: one.orders.control.watts},
            one.begins_s,
            one.control_ends_s,
        )
        for place, one in enumerate(steps)
        if one.orders.control is not None
    ]


@given(STEPS)
def test_bench_and_client_agree_on_what_is_in_force(steps: list[Step]) -> None:
    steps[0] = Step(steps[0].hold_s, {}, utility=Orders(default=Amount(watts=DEFAULT_W)))
    places = timed(case(steps))
    known, default = events(places), [Default(1, {EXPORT: DEFAULT_W})]
    for one, holds in zip(places, conditions(places, SCALE, 3), strict=True):
        own_end_s = one.control_ends_s if one.orders.acts else one.ends_s
        look_s = (one.begins_s + min(one.ends_s, own_end_s)) / 2
        assert holds.export_w == in_force(known, default, look_s)[EXPORT].setting


def test_a_cancelled_control_gives_way_to_the_default() -> None:
    steps = [
        Step(
            60.0,
            {},
            utility=Orders(default=Amount(share=0.3), control=Amount(share=0.8), lasts_s=900.0),
        ),
        Step(60.0, {}, utility=Orders(cancel=True)),
    ]
    limits = [one.export_w for one in conditions(timed(case(steps)), SCALE, 3)]
    assert limits == [8000.0, 3000.0]


def test_a_load_stays_until_it_is_changed() -> None:
    steps = [
        Step(30.0, {}, loads=(Amount(share=0.3),), utility=Orders(default=Amount())),
        Step(30.0, {}, utility=Orders(control=Amount(watts=500.0))),
    ]
    loads = [sum(one.loads_w) for one in conditions(timed(case(steps)), SCALE, 3)]
    assert loads == pytest.approx([3000.0, 3000.0])


@pytest.mark.parametrize(
    ("given_statuses", "right"),
    [((1, 2, 3), True), ((2, 1, 3), True), ((1, 2), False), ((1, 2, 3, 7), False)],
)
def test_answers_are_right_when_all_and_no_others_are_given(
    given_statuses: tuple[int, ...], right: bool
) -> None:
    responses = [ControlResponse("A", status, 0.0, None) for status in given_statuses]
    [found] = answered([("A", (1, 2, 3))], [*responses, ControlResponse("B", 6, 0.0, None)])
    assert found.right is right


def test_every_case_of_the_regime_states_a_default_and_begins_with_it() -> None:
    for one in load_regime(find_regime("csip_aus")).cases:
        assert one.steps[0].utility.default is not None
        assert "utility_server" in one.equipment
        assert all(holds.export_w is not None for holds in conditions(timed(one), SCALE, 3))
