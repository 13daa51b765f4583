"""When randomized controls began, on powers whose start is known."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bench.export_limits.amounts import Amount
from bench.export_limits.answers import answer_judgement, start_judgements
from bench.export_limits.case import Step
from bench.export_limits.conditions import Conditions
from bench.export_limits.measuring import Episode, Rules
from bench.export_limits.orders import Orders
from bench.export_limits.regime import find_regime, load_regime
from bench.export_limits.schedule import Answered
from bench.grid_code.profile import Requirement
from bench.metering.instant import Instant
from bench.verdicts.verdict import Outcome, decision_rule, judge
from instruments.interfaces import Reading

RULES = Rules(10_000.0, 10_000.0, 100.0, 15.0, 0.0, 30.0, lambda _: (), lambda _: (), 50.0)
SIMPLE = decision_rule("simple")


@pytest.fixture(scope="module")
def requirement() -> Requirement:
    rows = load_regime(find_regime("csip_aus")).requirements()
    return next(row for row in rows if row.id == "EXL-SC-06")


def reading(end_s: float, power_w: float) -> Reading:
    phases_w = (power_w / 3,) * 3
    return Reading(
        end_s, 1.0, (230.0,) * 3, (1.0,) * 3, phases_w, 50.0, end_s, end_s, site_powers_w=phases_w
    )


def episode(start_s: float | None) -> Episode:
    """A control of 2 kW that falls from 8 kW with 1 kW/s, a minute long, in windows of a second."""

    def mean_w(end_s: float) -> float:
        def at(time_s: float) -> float:
            if start_s is None or time_s > start_s + 60.0:
                return 8000.0
            return min(8000.0, max(2000.0, 8000.0 - 1000.0 * (time_s - start_s)))

        return sum(at(end_s - 1.0 + (part + 0.5) / 50) for part in range(50)) / 50

    step = Step(210.0, {}, judged=(), utility=Orders(control=Amount(watts=2000.0), randomize_s=60))
    readings = tuple(reading(float(end_s), mean_w(end_s)) for end_s in range(0, 210))
    return Episode(step, Conditions(export_w=2000.0), Instant.between(0.0, 1.0), readings)


@pytest.mark.parametrize("start_s", [3.3, 17.0, 58.75])
def test_a_start_is_found_within_its_uncertainty(requirement: Requirement, start_s: float) -> None:
    earliest, *_ = start_judgements(requirement, [episode(start_s)], RULES)
    measured = earliest[0]
    assert abs(float(measured.value) - start_s) <= float(measured.expanded_uncertainty)


@pytest.mark.parametrize(
    ("starts_s", "outcomes"),
    [
        ((5.0, 20.0, 55.0), ("pass", "pass", "pass")),
        ((20.0, 20.0, 20.0), ("pass", "pass", "fail")),
        ((5.0, 20.0, 85.0), ("pass", "fail", "pass")),
    ],
)
def test_starts_are_judged_by_window_and_spread(
    requirement: Requirement, starts_s: tuple[float, ...], outcomes: tuple[str, ...]
) -> None:
    found = start_judgements(requirement, [episode(start_s) for start_s in starts_s], RULES)
    assert tuple(judge(one, limit, SIMPLE).outcome.value for one, limit in found) == outcomes


def test_a_control_that_never_begins_fails(requirement: Requirement) -> None:
    found = start_judgements(requirement, [episode(5.0), episode(None)], RULES)
    assert [judge(one, limit, SIMPLE).outcome for one, limit in found] == [Outcome.FAIL]


def test_answers_are_judged_only_where_that_is_asked_for(requirement: Requirement) -> None:
    right, wrong = Answered("A", (1, 2, 3), (1, 2, 3)), Answered("B", (1, 2, 7), (1, 2, 3))
    noted = Answered("C", (1, 2, 3), (), judged=False)
    [(share, limit)] = answer_judgement(requirement, [right, wrong, noted])
    assert share.value == Decimal("50.0")
    assert judge(share, limit, SIMPLE).outcome is Outcome.FAIL
    assert list(answer_judgement(requirement, [noted])) == []


def test_the_regime_is_where_it_is_looked_for() -> None:
    assert find_regime("csip_aus").parent == Path(find_regime("zero_export")).parent
