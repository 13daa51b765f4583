"""Power beside a limit, against closed forms: decays, steps and ramps whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.export_limit import (
    complied,
    excess_energy_wh,
    first_under,
    generation_w,
    highest_after,
    last_mean_w,
    means_of_a_second,
    peak_w,
    risen_since,
    site_power_w,
    without_current,
)
from bench.metering.instant import Instant
from instruments.interfaces import Reading

WINDOW_S = 0.2
PARTS = 40


def reading(
    end_s: float, power_w: float, window_s: float = WINDOW_S, amperes: float = 1.0
) -> Reading:
    third = power_w / 3
    return Reading(
        end_s,
        window_s,
        (230.0,) * 3,
        (amperes,) * 3,
        (third,) * 3,
        50.0,
        end_s,
        end_s,
        site_powers_w=(third - 100.0,) * 3,
    )


def seen(
    power: Callable[[float], float],
    until_s: float,
    window_s: float = WINDOW_S,
    phase_s: float = 0.0,
) -> list[Reading]:
    """Return what windows without a gap show of a power over time."""
    found = []
    for number in range(int((until_s - phase_s) / window_s)):
        start_s = phase_s + number * window_s
        parts = [power(start_s + window_s * (k + 0.5) / PARTS) for k in range(PARTS)]
        found.append(reading(start_s + window_s, sum(parts) / PARTS, window_s))
    return found


def at(time_s: float) -> Instant:
    return Instant(time_s, time_s, time_s)


@given(
    tau_s=st.floats(0.3, 6.0),
    before_w=st.floats(500.0, 10_000.0),
    phase_s=st.floats(0.0, WINDOW_S),
)
def test_the_end_of_a_decay_lies_in_the_bracket(
    tau_s: float, before_w: float, phase_s: float
) -> None:
    began_s, tolerance_w = 3.0, 100.0

    def power(time_s: float) -> float:
        return before_w * (1.0 if time_s < began_s else exp((began_s - time_s) / tau_s))

    truth_s = began_s + tau_s * log(before_w / tolerance_w)
    readings = seen(power, truth_s + 10.0, phase_s=phase_s)
    found = complied(means_of_a_second(readings, generation_w), at(began_s), tolerance_w)
    assert found is not None
    assert found.earliest_s <= truth_s <= found.latest_s
    assert found.half_width_s <= 0.61


@given(after_s=st.floats(0.5, 20.0), level_w=st.floats(101.0, 9000.0))
def test_a_step_down_lies_in_the_bracket(after_s: float, level_w: float) -> None:
    truth_s = 2.0 + after_s
    readings = seen(lambda time_s: level_w if time_s < truth_s else 0.0, truth_s + 5.0)
    found = complied(means_of_a_second(readings, generation_w), at(2.0), 100.0)
    assert found is not None
    assert found.earliest_s <= truth_s <= found.latest_s + WINDOW_S / PARTS


def test_power_that_stays_above_never_complied() -> None:
    means = means_of_a_second(seen(lambda _: 500.0, 10.0), generation_w)
    assert complied(means, at(1.0), 100.0) is None


def test_power_that_was_never_above_complied_at_once() -> None:
    means = means_of_a_second(seen(lambda _: 50.0, 10.0), generation_w)
    assert complied(means, at(1.0), 100.0) == at(1.0)


def test_a_relapse_counts() -> None:
    readings = seen(lambda time_s: 500.0 if time_s < 2 or 6 <= time_s < 7 else 0.0, 12.0)
    found = complied(means_of_a_second(readings, generation_w), at(1.0), 100.0)
    assert found is not None
    assert found.latest_s > 7.0


@given(powers=st.lists(st.floats(-5000, 5000), min_size=12, max_size=40))
def test_a_mean_of_a_second_is_that_of_its_five_windows(powers: list[float]) -> None:
    readings = [reading(WINDOW_S * (k + 1), power) for k, power in enumerate(powers)]
    found = means_of_a_second(readings, generation_w)
    expected = [sum(powers[k - 5 : k]) / 5 for k in range(5, len(powers) + 1)]
    assert [mean.power_w for mean in found] == pytest.approx(expected, abs=1e-6)


def test_windows_of_a_second_stand_for_themselves() -> None:
    found = means_of_a_second(seen(lambda time_s: 10 * time_s, 5.0, 1.0), generation_w)
    assert [mean.power_w for mean in found] == pytest.approx([5, 15, 25, 35, 45])


def test_the_highest_second_is_one_that_begins_late_enough() -> None:
    means = means_of_a_second(seen(lambda time_s: 100 - time_s, 20.0, 1.0), generation_w)
    highest = highest_after(means, 15.0)
    assert highest is not None
    assert highest.power_w == pytest.approx(84.5)
    assert highest_after(means, 30.0) is None


def test_energy_above_a_power_is_that_of_the_triangle() -> None:
    readings = seen(lambda time_s: max(0.0, 3600.0 * (1 - (time_s - 2) / 4)), 10.0)
    assert excess_energy_wh(readings, generation_w, at(2.0), 0.0) == pytest.approx(2.0, rel=0.01)


def test_a_step_follows_into_the_next_one() -> None:
    means = means_of_a_second(seen(lambda time_s: 500.0 if time_s < 3 else 0.0, 8.0), generation_w)
    found = first_under(means, 100.0)
    assert found is not None
    assert found.earliest_s <= 3.0 <= found.latest_s


@given(leaves_s=st.floats(20.0, 40.0), rate=st.floats(10.0, 60.0), up=st.booleans())
def test_a_ramp_is_drawn_back_to_where_it_begins(leaves_s: float, rate: float, up: bool) -> None:
    sign = 1 if up else -1
    readings = seen(
        lambda time_s: 3000.0 + sign * rate * max(0.0, time_s - leaves_s), leaves_s + 40, 1.0
    )
    found = risen_since(readings, generation_w, 3000.0, sign * 40.0)
    assert found == pytest.approx(leaves_s, abs=0.1)


def test_a_power_that_stays_has_not_left() -> None:
    assert risen_since(seen(lambda _: 3000.0, 20.0), generation_w, 3000.0, 40.0) is None


def test_the_last_current_is_bracketed_by_its_window() -> None:
    readings = [reading(0.2 * k, 0.0, amperes=5.0 if k < 30 else 0.0) for k in range(1, 60)]
    found = without_current(readings, at(3.0), 0.1)
    assert found is not None
    assert found.earliest_s == pytest.approx(5.6)
    assert found.latest_s == pytest.approx(5.8)


def test_a_current_to_the_end_has_not_ended() -> None:
    assert without_current([reading(1.0, 0.0)], at(0.5), 0.1) is None


def test_site_and_inverter_are_two_powers() -> None:
    readings = seen(lambda _: 3000.0, 5.0)
    assert last_mean_w(readings, site_power_w, 2.0) == pytest.approx(2700.0)
    assert peak_w(readings, generation_w, at(1.0)) == pytest.approx(3000.0)
