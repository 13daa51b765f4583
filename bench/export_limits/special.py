"""What only some cases judge: time to disconnection, rate of a rise, time until a limit reverts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bench.budgets import scaled
from bench.export_limits.case import Step
from bench.export_limits.measuring import Episode, Rules
from bench.grid_code.quantity import STATUSES
from bench.grid_code.requirement import Requirement
from bench.metering.export_limit import generation_w, last_mean_w, risen_since, without_current
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Limit, Measurement
from instruments.interfaces import Reading

RATE = "%/min"
REPORTED_S, LEAST_REPORTED_PU = 5.0, 0.1
LEAVES_PU, SHOWS_PU = 0.004, 0.02
SETTLED_S, LEVEL_S = 12.0, 10.0
DRAWN_BACK_S = 0.3


def disconnection_limit(requirement: Requirement) -> Limit:
    """Return how soon a hard limit must disconnect."""
    longest = "disconnection_max" if "disconnection_max" in requirement else "response_max"
    return requirement.limit("time to disconnection", upper=longest)


def rate_limit(requirement: Requirement) -> Limit:
    """Return how fast power may rise when a limit is lifted; slower is judged as power that is short."""
    gradient, tolerance = (
        requirement.quantity(name) for name in ("gradient", "gradient_tolerance")
    )
    stated = requirement.limit("rate of the rise", upper="gradient")
    return replace(
        stated,
        upper=gradient.value * (1 + tolerance.value / 100),
        max_uncertainty=None,
        source=f"{stated.source}; tolerance {tolerance}: {tolerance.source}",
        status=max((stated.status, tolerance.status), key=STATUSES.index),
    )


def reported_limit(requirement: Requirement) -> Limit:
    """Return how far the power an inverter reports may lie from the truth."""
    return replace(
        requirement.limit("deviation of the reported power", upper="reported_tolerance"),
        max_uncertainty=None,
    )


def measure_reported(episodes: Sequence[Episode], rules: Rules) -> Measurement | None:
    """Return the largest deviation of the reported power from the measured one; None where there is none."""
    found = [
        (abs(one.reported_w - truth_w), truth_w)
        for one in episodes
        if one.reported_w is not None
        and (truth_w := last_mean_w(one.readings, generation_w, REPORTED_S))
        >= LEAST_REPORTED_PU * rules.rated_w
    ]
    if not found:
        return None
    off_w, truth_w = max(found, key=lambda one: one[0] / one[1])
    return Measurement.of(
        "deviation of the reported power",
        100 * off_w / truth_w,
        "%",
        combine(scaled(rules.generation_lines(truth_w), 100 / truth_w)),
        method=f"what the inverter reports against the mean of {REPORTED_S:g} s, in % of it",
    )


def timer_limit(requirement: Requirement) -> Limit:
    """Return when a limit that nobody renews must revert."""
    tolerance = requirement.quantity("timer_tolerance")
    stated = requirement.limit("time until the limit reverted", upper="timer_tolerance")
    asked = Decimal(repr(reverting_step(requirement).reverts_after_s))
    return replace(
        stated,
        lower=asked - tolerance.value,
        upper=asked + tolerance.value,
        max_uncertainty=requirement.quantity("timer_uncertainty_max").value,
    )


def reverting_step(requirement: Requirement) -> Step:
    """Return the step of a case whose limit reverts."""
    assert requirement.case is not None
    return next(step for step in requirement.case.steps if step.reverts_after_s)


def changes_power(episodes: Sequence[Episode], rules: Rules) -> bool:
    """Return whether what is in force before and after a reversion leaves the inverter different powers."""
    before, after = (one.conditions.expected_w(rules.available_w, 0.0) for one in episodes)
    return abs(after - before) > SHOWS_PU * rules.rated_w


def measure_disconnection(episode: Episode, current_floor_a: float, rules: Rules) -> Measurement:
    """Return the time from a change to the last current, "at least" while one flows."""
    gone = without_current(episode.readings, episode.began, current_floor_a)
    end_s = gone.best_s if gone else episode.readings[-1].end_s
    took_s = end_s - episode.began.best_s
    lines = {
        "change at the site, bracket of exchanges": episode.began.half_width_s,
        "last current, bracket of readings": gone.half_width_s if gone else 0.0,
        "analyser clock": rules.clock_ppm * 1e-6 * took_s,
    }
    return Measurement.of(
        "time to disconnection",
        took_s,
        "s",
        combine(BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()),
        method="from the change to the last averaging window with a current",
        censored=None if gone else "at least",
    )


def measure_reversion(episode: Episode, readings: Sequence[Reading], rules: Rules) -> Measurement:
    """Return the time from the last write to the moment power leaves the limit, "at least" if it does not.

    Args:
        episode: the step until shortly before the limit reverts.
        readings: of the whole trial.
    """
    asked_s = episode.step.reverts_after_s
    assert asked_s is not None
    settled = [
        one
        for one in episode.readings
        if SETTLED_S <= one.end_s - episode.began.best_s <= asked_s - LEVEL_S / 2
    ]
    later = [one for one in readings if one.end_s >= settled[-1].end_s]
    level_w = last_mean_w(settled, generation_w, LEVEL_S)
    by_w = LEAVES_PU * rules.rated_w
    up = generation_w(later[-1]) > level_w
    left_s = risen_since(later, generation_w, level_w, by_w if up else -by_w)
    end_s = later[-1].end_s if left_s is None else left_s
    took_s = end_s - episode.began.best_s
    lines = {
        "last write, bracket of exchanges": episode.began.half_width_s,
        "power leaves the limit, drawn back along its rise": DRAWN_BACK_S,
        "analyser clock": rules.clock_ppm * 1e-6 * took_s,
    }
    return Measurement.of(
        "time until the limit reverted",
        took_s,
        "s",
        combine(BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()),
        method="from the acknowledgement of the last write to where the changing power meets the limit",
        censored="at least" if left_s is None else None,
    )
