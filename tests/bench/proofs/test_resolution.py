"""Halving finds where a verdict turns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.proofs.resolution import FINE_ENOUGH, LARGEST_RATIO, MOST_STEPS, Search, Seen
from instruments.simulated.deviations import Deviation, deviations
from instruments.simulated.inverter.parameters import InverterParameters, with_changes

LATE = Deviation("late", "OV1", "time", "OV1", "path", compliant=2.0, wrong=2.4, unit="s")


def halved(deviation: Deviation, turns_at: float, uncertainty: float) -> Search:
    """Search with a procedure that fails every size from `turns_at` on; negative sizes are inside the limit."""
    search = Search(deviation)
    while not search.done:
        share = search.next_share
        size = deviation.size(share) if share >= 0 else -deviation.size(share)
        search = search.after(Seen(size >= turns_at, uncertainty))
    return search


@given(turns_at=st.floats(0.001, 0.39), uncertainty=st.floats(0.005, 0.1))
def test_the_turn_lies_between_the_largest_passed_and_the_smallest_caught(
    turns_at: float, uncertainty: float
) -> None:
    search = halved(LATE, turns_at, uncertainty)
    assert search.caught is not None
    smallest = search.smallest_caught
    assert smallest is not None
    assert LATE.size(search.passed) < turns_at <= smallest
    assert search.steps <= MOST_STEPS + 1
    gap = smallest - LATE.size(search.passed)
    assert gap <= FINE_ENOUGH * uncertainty + 1e-12 or search.steps >= MOST_STEPS
    assert search.inside_failed is False


def test_a_procedure_that_is_good_enough_is_known_after_four_trials() -> None:
    search = halved(LATE, turns_at=0.004, uncertainty=0.02)
    assert search.steps == 4
    assert search.ratio == pytest.approx(1.5)
    assert search.good_enough


def test_an_inverter_failed_well_inside_its_limit_spoils_the_resolution() -> None:
    assert not halved(LATE, turns_at=-0.05, uncertainty=0.02).good_enough
    assert halved(LATE, turns_at=-0.01, uncertainty=0.02).good_enough


def test_what_is_not_even_caught_when_plainly_wrong_ends_the_search_at_once() -> None:
    search = Search(LATE).after(Seen(False, 0.01))
    assert search.done
    assert search.smallest_caught is None
    assert not search.good_enough


def test_a_run_that_told_nothing_ends_the_search_as_a_flaw() -> None:
    search = Search(LATE, caught=0.01, uncertainty=0.01, inside_failed=False)
    assert search.good_enough
    broken = search.broken("exit code 4")
    assert broken.done
    assert not broken.good_enough


@pytest.mark.parametrize(("size", "good"), [(2.9, True), (3.1, False)])
def test_three_times_the_uncertainty_is_asked(size: float, good: bool) -> None:
    search = Search(LATE, caught=size * 0.01 / 0.4, uncertainty=0.01)
    assert search.ratio == pytest.approx(size)
    assert search.good_enough is good
    assert LARGEST_RATIO == 3.0


def test_a_size_is_that_of_the_judged_quantity() -> None:
    per_cent = replace(LATE, compliant=0.005, wrong=0.01, unit="%", per_unit=100.0)
    assert per_cent.size(0.5) == pytest.approx(0.25)
    assert per_cent.at(0.5) == pytest.approx(0.0075)


def test_every_deviation_of_the_file_grows_from_the_limit() -> None:
    assert len({one.id for one in deviations()}) == len(deviations())
    assert all(one.compliant != one.wrong and one.per_unit for one in deviations())


@pytest.mark.parametrize("deviation", deviations(), ids=lambda one: one.id)
def test_every_deviation_makes_an_inverter(deviation: Deviation) -> None:
    assert with_changes(InverterParameters(), deviation.changes(0.5))
    assert deviation.id.partition("-")[0].upper() == deviation.requirement
