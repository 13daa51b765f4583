"""The control in force, against a brute force over pairs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.csip.choice import Default, Event, in_force

MODES = ("opModExpLimW", "opModGenLimW")
NUMBERS = st.integers(0, 3)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    count = draw(st.integers(0, 6))
    return [
        Event(
            f"{number + 1:032X}",
            draw(NUMBERS),
            draw(NUMBERS),
            {mode: float(100 * number) for mode in draw(st.sets(st.sampled_from(MODES)))},
            float(start_s := draw(st.integers(0, 10))),
            float(start_s + draw(st.integers(1, 10))),
        )
        for number in range(count)
    ]


DEFAULTS = st.lists(
    st.builds(
        Default,
        NUMBERS,
        st.dictionaries(st.sampled_from(MODES), st.floats(0.0, 9.0), max_size=2),
    ),
    max_size=3,
    unique_by=lambda one: one.primacy,
)


def beats(one: Event, other: Event) -> bool:
    """Whether one goes before the other: primacy, then the later creation, start and identifier."""
    if one.primacy != other.primacy:
        return one.primacy < other.primacy
    return (one.created_s, one.start_s, one.mrid) > (other.created_s, other.start_s, other.mrid)


def expected(
    mode: str, known: Sequence[Event], defaults: Sequence[Default], now_s: float
) -> float | None:
    rivals = [
        one for one in known if mode in one.settings and one.start_s <= now_s and one.end_s > now_s
    ]
    for one in rivals:
        if all(one is other or beats(one, other) for other in rivals):
            return float(one.settings[mode])
    stated = [one for one in defaults if mode in one.settings]
    for default in stated:
        if all(default.primacy <= other.primacy for other in stated):
            return float(default.settings[mode])
    return None


@given(events(), DEFAULTS, st.floats(-1.0, 21.0))
def test_the_choice_is_that_of_a_comparison_of_all_pairs(
    known: list[Event], defaults: list[Default], now_s: float
) -> None:
    found = in_force(known, defaults, now_s)
    for mode in MODES:
        wanted = expected(mode, known, defaults, now_s)
        assert (found[mode].setting if mode in found else None) == wanted


@given(events(), DEFAULTS, st.floats(-1.0, 21.0), st.randoms())
def test_the_order_in_which_controls_came_does_not_matter(
    known: list[Event], defaults: list[Default], now_s: float, random: object
) -> None:
    shuffled = list(known)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert in_force(shuffled, defaults, now_s) == in_force(known, defaults, now_s)


@given(events(), DEFAULTS, st.floats(-1.0, 21.0))
def test_a_default_holds_only_where_no_control_is_active(
    known: list[Event], defaults: list[Default], now_s: float
) -> None:
    for mode, chosen in in_force(known, defaults, now_s).items():
        active = [one for one in known if one.active(now_s) and mode in one.settings]
        assert (chosen.event is None) == (not active)
