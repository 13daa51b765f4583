"""What a client answers to controls, and when each of them begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.csip.behaviour import ClientBehaviour
from instruments.simulated.csip.choice import Default
from instruments.simulated.csip.documents import SeenControl
from instruments.simulated.csip.schedule import Schedule

EXPORT = "opModExpLimW"


def seen(
    number: int = 1,
    start_s: int = 100,
    duration_s: int = 60,
    status: int = 0,
    window_s: int = 0,
    settings: dict[str, float] | None = None,
    created_s: int = 0,
) -> SeenControl:
    values = {EXPORT: 1000.0 * number} if settings is None else settings
    return SeenControl(
        f"{number:032X}", "/rsp", created_s, status, start_s, duration_s, window_s, values, None
    )


def schedule(seed: int = 1, **behaviour: bool) -> Schedule:
    return Schedule(ClientBehaviour(**behaviour), seed)


def life(kept: Schedule, times_s: list[float]) -> list[tuple[float, int]]:
    """Return what is answered at which time."""
    return [(time_s, reply.status) for time_s in times_s for reply in kept.progress(time_s)]


def test_a_control_is_received_started_and_completed() -> None:
    kept = schedule()
    first = kept.adopt((), {1: [seen()]}, 0.0)
    assert [reply.status for reply in first] == [1]
    assert life(kept, [0.0, 99.9, 100.0, 159.9, 160.0, 200.0]) == [(100.0, 2), (160.0, 3)]


def test_a_control_is_answered_once_however_often_it_is_read() -> None:
    kept = schedule()
    kept.adopt((), {1: [seen()]}, 0.0)
    assert kept.adopt((), {1: [seen()]}, 10.0) == []


@pytest.mark.parametrize(
    ("control", "answer"),
    [
        (seen(start_s=10, duration_s=20), 254),
        (seen(duration_s=0), 253),
        (seen(settings={}), 252),
    ],
)
def test_what_cannot_be_carried_out_is_refused(control: SeenControl, answer: int) -> None:
    kept = schedule()
    replies = kept.adopt((), {1: [control]}, 50.0)
    assert [reply.status for reply in replies] == [answer]
    assert kept.in_force(110.0) == {}


def test_a_control_whose_start_is_past_begins_at_once() -> None:
    kept = schedule()
    kept.adopt((), {1: [seen()]}, 130.0)
    assert life(kept, [130.0, 160.0]) == [(130.0, 2), (160.0, 3)]


@pytest.mark.parametrize(("now_s", "end"), [(50.0, 6), (120.0, 6)])
def test_a_cancelled_control_ends_at_once(now_s: float, end: int) -> None:
    kept = schedule()
    kept.adopt((Default(1, {EXPORT: 500.0}),), {1: [seen()]}, 0.0)
    kept.progress(now_s)
    replies = kept.adopt((Default(1, {EXPORT: 500.0}),), {1: [seen(status=2)]}, now_s)
    assert [reply.status for reply in replies] == [end]
    assert kept.in_force(now_s)[EXPORT].setting == 500.0


def test_the_loser_of_an_overlap_is_superseded_once_and_goes_on_behind_the_winner() -> None:
    kept = schedule()
    kept.adopt((), {2: [seen(1, 100, 100)], 1: [seen(2, 120, 30)]}, 0.0)
    answered = life(kept, [100.0, 120.0, 150.0])
    assert answered == [(100.0, 2), (120.0, 7), (120.0, 2), (150.0, 3)]
    assert kept.in_force(160.0)[EXPORT].setting == 1000.0


def test_a_client_that_ignores_primacy_follows_the_latest() -> None:
    controls = {1: [seen(1, created_s=5)], 2: [seen(2, created_s=9)]}
    found = []
    for heeds in (True, False):
        kept = schedule(heeds_primacy=heeds)
        kept.adopt((), controls, 10.0)
        found.append(kept.in_force(110.0)[EXPORT].setting)
    assert found == [1000.0, 2000.0]


@given(st.integers(0, 10_000), st.integers(1, 3600))
def test_a_random_start_lies_in_its_window(seed: int, window_s: int) -> None:
    kept = schedule(seed)
    kept.adopt((), {1: [seen(window_s=window_s)]}, 0.0)
    assert 100.0 <= kept.next_change_s(0.0) < 100.0 + window_s


def test_random_starts_differ_from_seed_to_seed_and_repeat_with_the_seed() -> None:
    def start_s(seed: int) -> float:
        kept = schedule(seed)
        kept.adopt((), {1: [seen(window_s=60)]}, 0.0)
        return kept.next_change_s(0.0)

    assert len({start_s(seed) for seed in range(20)}) == 20
    assert start_s(7) == start_s(7)


def test_the_gradient_is_that_of_the_most_important_program() -> None:
    kept = schedule()
    kept.adopt((Default(3, {}, 1.0), Default(1, {}, 0.27), Default(0, {})), {}, 0.0)
    assert kept.gradient_pct_per_s == 0.27
