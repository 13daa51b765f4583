"""What is judged of a case, against powers whose course is known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.export_limits.amounts import Amount
from bench.export_limits.case import Step
from bench.export_limits.conditions import Conditions, reverted, scale_of
from bench.export_limits.measuring import (
    EXCESS,
    SHORTFALL,
    TO_COMPLY,
    Episode,
    Rules,
    bounds,
    judgements,
    parts,
    time_to_comply,
    tolerance_w,
)
from bench.export_limits.regime import find_regime, load_regime
from bench.export_limits.special import (
    measure_disconnection,
    measure_reported,
    measure_reversion,
)
from bench.grid_code.requirement import Requirement
from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine
from bench.verdicts.verdict import SIMPLE, Outcome, decision_rule, judge
from instruments.interfaces import Reading

RATED_W, LIMIT_W, BEGAN_S, WINDOW_S = 10_000.0, 2000.0, 10.0, 0.2
RISE_W_PER_S = 27.78
ROWS = {row.id: row for row in load_regime(find_regime("new_zealand_dynamic")).requirements()}
ROW = ROWS["EXL-DY-03"]
LINES = (BudgetLine("meter", 3.0, "W"),)
RULES = Rules(
    rated_w=RATED_W,
    available_w=RATED_W,
    tolerance_w=100.0,
    response_s=15.0,
    rise_w_per_s=RISE_W_PER_S,
    steady_s=60.0,
    site_lines=lambda _: LINES,
    generation_lines=lambda _: LINES,
    clock_ppm=50.0,
)
LIMITED = Conditions(export_w=LIMIT_W)
Course = Callable[[float], float]


def episode(
    site_w: Course, load_w: float = 0.0, hold_s: float = 90.0, conditions: Conditions = LIMITED
) -> Episode:
    """Return a step whose power at the connection point is known over time since its beginning."""
    readings = []
    for number in range(int((hold_s + 2.0) / WINDOW_S)):
        middle_s = (number + 0.5) * WINDOW_S - 2.0
        power_w = site_w(middle_s)
        generated = (power_w + load_w) / 3
        end_s = BEGAN_S + middle_s + WINDOW_S / 2
        readings.append(
            Reading(
                end_s,
                WINDOW_S,
                (230.0,) * 3,
                (abs(generated) / 230.0,) * 3,
                (generated,) * 3,
                50.0,
                end_s,
                end_s,
                site_powers_w=(power_w / 3,) * 3,
            )
        )
    step = Step(hold_s, {"export": Amount(watts=LIMIT_W)})
    return Episode(step, conditions, Instant.between(BEGAN_S, BEGAN_S), tuple(readings))


def decay(tau_s: float, to_w: float = LIMIT_W, delay_s: float = 0.0) -> Course:
    def power(time_s: float) -> float:
        return to_w + (RATED_W - to_w) * exp(-max(0.0, time_s - delay_s) / tau_s)

    return power


def judged(seen: Episode, row: Requirement = ROW) -> dict[str, tuple[float, Outcome]]:
    rule = decision_rule(SIMPLE.id)
    return {
        limit.quantity: (float(measurement.value), judge(measurement, limit, rule).outcome)
        for measurement, limit in judgements(row, [seen], RULES)
    }


@settings(max_examples=40, deadline=None)
@given(tau_s=st.floats(0.5, 3.5), delay_s=st.floats(0.0, 2.0))
def test_the_time_to_comply_is_within_its_uncertainty(tau_s: float, delay_s: float) -> None:
    seen = episode(decay(tau_s, delay_s=delay_s))
    truth_s = delay_s + tau_s * log((RATED_W - LIMIT_W) / RULES.tolerance_w)
    [measurement] = [
        found for found, limit in judgements(ROW, [seen], RULES) if limit.quantity == TO_COMPLY
    ]
    assert abs(float(measurement.value) - truth_s) <= float(measurement.expanded_uncertainty)


def test_a_quick_limiter_passes_everything() -> None:
    found = judged(episode(decay(2.0)))
    assert {outcome for _, outcome in found.values()} == {Outcome.PASS}
    assert set(found) == {TO_COMPLY, EXCESS, SHORTFALL}


def test_a_late_limiter_fails_in_time_and_power() -> None:
    found = judged(episode(decay(2.0, delay_s=20.0)))
    assert found[TO_COMPLY][1] is Outcome.FAIL
    assert found[EXCESS][1] is Outcome.FAIL
    assert found[SHORTFALL][1] is Outcome.PASS


@pytest.mark.parametrize(("off_w", "outcome"), [(80.0, Outcome.PASS), (130.0, Outcome.FAIL)])
def test_power_above_the_limit_is_judged_by_the_tolerance(off_w: float, outcome: Outcome) -> None:
    value, found = judged(episode(decay(1.0, LIMIT_W + off_w)))[EXCESS]
    assert value == pytest.approx(off_w, abs=0.5)
    assert found is outcome


@pytest.mark.parametrize(("off_w", "outcome"), [(80.0, Outcome.PASS), (130.0, Outcome.FAIL)])
def test_power_short_of_the_limit_is_judged_by_the_tolerance(
    off_w: float, outcome: Outcome
) -> None:
    value, found = judged(episode(decay(1.0, LIMIT_W - off_w)))[SHORTFALL]
    assert value == pytest.approx(off_w, abs=0.5)
    assert found is outcome


def test_the_load_counts_for_what_is_permitted() -> None:
    value, _ = judged(episode(decay(1.0), load_w=3000.0))[SHORTFALL]
    assert value == pytest.approx(0.0, abs=0.5)


def test_a_rise_has_the_time_of_the_gradient() -> None:
    rising = episode(lambda time_s: min(LIMIT_W, max(0.0, RISE_W_PER_S * time_s)), hold_s=140.0)
    assert judged(rising)[SHORTFALL][1] is Outcome.PASS
    short = episode(lambda time_s: min(LIMIT_W, max(0.0, RISE_W_PER_S * time_s)), hold_s=60.0)
    assert SHORTFALL not in judged(short)


def test_power_that_complies_in_the_next_step_took_until_then() -> None:
    first = episode(decay(2.0, delay_s=9.0), hold_s=10.0)
    second = replace(episode(decay(2.0, delay_s=9.0)), began=Instant(20.0, 20.0, 20.0))
    later = replace(second, readings=tuple(r for r in second.readings if r.end_s > 20.0))
    bound = next(bounds([first, later], RULES))
    _, took_s = time_to_comply(bound, RULES)
    assert took_s == pytest.approx(9.0 + 2.0 * log(80.0), abs=1.0)


def test_the_lower_tolerance_applies() -> None:
    assert tolerance_w(ROW, 10_000.0) == 100.0
    assert tolerance_w(ROW, 1000.0) == 40.0


def test_a_step_is_split_where_its_limit_reverts() -> None:
    step = Step(90.0, {"generation": Amount(share=0.3)}, reverts_after_s=40.0, then=0.1)
    conditions = Conditions(generation_w=3000.0)
    whole = replace(episode(lambda _: 3000.0, conditions=conditions), step=step)
    after = reverted(conditions, step, scale_of(ROW, RATED_W))
    before, then = parts(whole, after, 2.0)
    assert (before.conditions.generation_w, then.conditions.generation_w) == (3000.0, 1000.0)
    assert before.readings[-1].end_s < BEGAN_S + 38.0
    assert then.began.best_s == pytest.approx(BEGAN_S + 42.0)


@pytest.mark.parametrize("at_s", [38.5, 40.0, 47.0])
def test_the_time_of_a_reversion_is_where_power_leaves(at_s: float) -> None:
    step = Step(90.0, {"generation": Amount(share=0.3)}, reverts_after_s=40.0)
    conditions = Conditions(generation_w=3000.0)
    whole = replace(
        episode(
            lambda time_s: 3000.0 + RISE_W_PER_S * max(0.0, time_s - at_s), conditions=conditions
        ),
        step=step,
    )
    measurement = measure_reversion(whole, whole.readings, RULES)
    assert float(measurement.value) == pytest.approx(at_s, abs=0.2)


def test_a_limit_that_never_reverts_is_known_to_last_at_least_so_long() -> None:
    step = Step(90.0, {"generation": Amount(share=0.3)}, reverts_after_s=40.0)
    whole = replace(episode(lambda _: 3000.0), step=step)
    assert measure_reversion(whole, whole.readings, RULES).censored == "at least"


def test_the_time_to_disconnection_ends_with_the_current() -> None:
    seen = episode(lambda time_s: 6000.0 if time_s < 3.0 else 0.0)
    found = measure_disconnection(seen, 0.05, RULES)
    assert abs(float(found.value) - 3.0) <= float(found.expanded_uncertainty)
    stays = measure_disconnection(episode(lambda _: 6000.0), 0.05, RULES)
    assert stays.censored == "at least"


def test_the_reported_power_is_compared_with_the_measured_one() -> None:
    seen = replace(episode(lambda _: 5000.0), reported_w=4400.0)
    small = replace(episode(lambda _: 100.0), reported_w=400.0)
    found = measure_reported([seen, small], RULES)
    assert found is not None
    assert float(found.value) == pytest.approx(12.0)
    assert measure_reported([episode(lambda _: 5000.0)], RULES) is None
