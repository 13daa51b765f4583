"""Matrix and load of an islanding test: which cells follow which, and powers that close."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grid_code.profile import Requirement
from bench.programs.islanding import (
    BALANCED,
    Island,
    Offset,
    corrected,
    first_load,
    first_offsets,
    next_offsets,
    off_balance,
    wanted_surplus_va,
    worst_island,
)
from bench.verdicts.measurement import Censoring, Measurement
from tests.bench.grid_code_files import region, rows

ROWS = rows(region("A"))
A, B = ROWS["AI2"], ROWS["AI3"]
LOAD = first_load([3000 + 50j] * 3, 1.0, 230.0, 50.0)
POWERS = st.floats(100.0, 5000.0)


def island(offset: Offset, run_on_s: float, censored: Censoring | None = None) -> Island:
    value = Decimal(repr(run_on_s))
    run_on = Measurement(
        "run-on time", value, "s", Decimal("0.001"), Decimal(2), "", None, censored
    )
    return Island(offset, LOAD, (0j, 0j, 0j), 0.1, run_on, "")


def swept(requirement: Requirement, plan: str, run_on_s: Callable[[Offset], float]) -> list[Offset]:
    """Run a whole matrix on a made-up inverter; return its cells in their order."""
    done: dict[Offset, Island] = {}
    while offsets := next_offsets(requirement, plan, done):
        done |= {offset: island(offset, run_on_s(offset)) for offset in offsets}
    return list(done)


def test_the_balanced_load_comes_first() -> None:
    assert next_offsets(A, "full", {}) == [BALANCED]


def test_nine_cells_are_enough_when_none_runs_on_longer_than_the_balanced_one() -> None:
    cells = swept(A, "full", lambda offset: 1.0 if offset == BALANCED else 0.9)
    assert len(cells) == len(set(cells)) == 9
    assert max(abs(cell.active_pct) for cell in cells) == 5.0


def test_the_outer_cells_follow_when_an_inner_one_runs_on_longer() -> None:
    cells = swept(A, "full", lambda offset: 1.1 if offset == Offset(5.0, -5.0) else 1.0)
    assert len(cells) == len(set(cells)) == 25
    assert cells[0] == BALANCED


def test_a_sweep_goes_on_at_the_end_at_which_the_time_still_rises() -> None:
    cells = swept(B, "full", lambda offset: 1.0 + 0.01 * min(offset.reactive_pct, 7.0))
    assert sorted(cell.reactive_pct for cell in cells) == list(range(-5, 9))


def test_a_sweep_ends_where_the_grid_code_says() -> None:
    cells = swept(B, "full", lambda offset: 1.0 - 0.01 * offset.reactive_pct)
    assert sorted(cell.reactive_pct for cell in cells) == list(range(-10, 6))


def test_the_short_plan_takes_balance_and_in_condition_a_the_ends() -> None:
    assert set(first_offsets(A, "short")) == {
        BALANCED,
        Offset(5.0, 0.0),
        Offset(-5.0, 0.0),
        Offset(0.0, 5.0),
        Offset(0.0, -5.0),
    }
    assert swept(B, "short", lambda offset: 1.0 + offset.reactive_pct) == [BALANCED]


def test_an_island_that_had_not_ended_is_the_worst() -> None:
    first, second = island(BALANCED, 3.0, "at least"), island(Offset(5.0, 0.0), 9.0)
    assert worst_island([second, first]) is first
    assert worst_island([second, island(BALANCED, 1.0)]) is second


@given(active_w=POWERS, reactive_var=st.floats(-300.0, 300.0), quality_factor=st.floats(0.9, 1.1))
def test_the_first_load_takes_what_the_inverter_gives(
    active_w: float, reactive_var: float, quality_factor: float
) -> None:
    given_va = complex(active_w, reactive_var)
    load = first_load([given_va] * 3, quality_factor, 230.0, 50.0)
    taken_var = load.inductive_powers_var[1] - load.capacitive_powers_var[1]
    if abs(reactive_var) < quality_factor * active_w:
        assert complex(load.active_powers_w[1], taken_var) == pytest.approx(given_va)
    if abs(reactive_var) < 0.1 * active_w:
        assert load.quality_factor(1) == pytest.approx(quality_factor, abs=0.002)


def test_a_single_phase_load_leaves_the_other_phases_alone() -> None:
    load = first_load([3000 + 0j], 1.0, 230.0, 50.0)
    assert load.active_powers_w == (3000.0, 0.0, 0.0)
    assert corrected(load, [10 + 4j]).inductive_powers_var == (3002.0, 0.0, 0.0)


@given(active_pct=st.floats(-10, 10), reactive_pct=st.floats(-10, 10))
def test_an_offset_leaves_the_surplus_that_flows_into_the_grid(
    active_pct: float, reactive_pct: float
) -> None:
    offset = Offset(active_pct, reactive_pct)
    given_va = complex(
        LOAD.active_powers_w[0], LOAD.inductive_powers_var[0] - LOAD.capacitive_powers_var[0]
    )
    moved = off_balance(LOAD, offset)
    taken_va = complex(
        moved.active_powers_w[0], moved.inductive_powers_var[0] - moved.capacitive_powers_var[0]
    )
    [surplus, *_] = wanted_surplus_va(LOAD, offset, 3)
    assert given_va - taken_va == pytest.approx(surplus, abs=1e-6)
