"""What is judged of a schedule beside power: the client's answers, and when randomized controls began. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bench.export_limits.measuring import Episode, Rules
from bench.export_limits.schedule import Answered
from bench.grid_code.requirement import Requirement
from bench.metering.export_limit import risen_since, site_power_w
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Censoring, Limit, Measurement

ANSWERED, EARLIEST, LATEST, SPREAD = (
    "controls answered as required",
    "earliest start in the window",
    "latest start in the window",
    "spread of the starts",
)
NEAR_SHARE = 0.1
Judged = tuple[Measurement, Limit]


def answer_judgement(requirement: Requirement, answers: Sequence[Answered]) -> Iterator[Judged]:
    """Yield the share of controls that were answered as they should be, where that is judged."""
    judged = [one for one in answers if one.judged]
    if not judged or "answered_min" not in requirement:
        return
    right = sum(one.right for one in judged)
    # A count of what the bench's own server received: nothing about it is uncertain.
    nothing = combine([BudgetLine("count", 0.0, "%")])
    share = Measurement.of(
        ANSWERED, 100 * right / len(judged), "%", nothing, method="responses the server received"
    )
    yield share, answer_limit(requirement)


def answer_limit(requirement: Requirement) -> Limit:
    """Return how many of the controls must be answered as they should be."""
    return replace(requirement.limit(ANSWERED, lower="answered_min"), max_uncertainty=None)


def start_limits(requirement: Requirement, window_s: float) -> tuple[Limit, Limit, Limit]:
    """Return limits of the earliest and latest start of controls with a random start, and of their spread.

    The power shows a start when the inverter responds, so the window is open longer by the time to respond.
    """
    tolerance = requirement.quantity("start_tolerance").value
    response = requirement.quantity("response_max").value
    earliest = requirement.limit(EARLIEST, lower="start_tolerance")
    latest = requirement.limit(LATEST, upper="start_tolerance")
    end = Decimal(repr(window_s)) + response + tolerance
    return (
        replace(earliest, lower=-tolerance),
        replace(latest, upper=end),
        requirement.limit(SPREAD, lower="spread_min"),
    )


def start_judgements(
    requirement: Requirement, episodes: Sequence[Episode], rules: Rules
) -> list[Judged]:
    """Return what is judged of controls with a random start; nothing where there are none."""
    random = [one for one in episodes if one.step.utility.randomize_s]
    if not random:
        return []
    window_s = float(max(one.step.utility.randomize_s for one in random))
    earliest, latest, spread = start_limits(requirement, window_s)
    starts = [(one, _start_s(one)) for one in random]
    never = [one for one, start_s in starts if start_s is None]
    if never:
        watched_s = never[0].readings[-1].end_s - never[0].began.latest_s
        return [(_measured(LATEST, watched_s, never[0], rules, "at least"), latest)]
    found = sorted(start_s for _, start_s in starts if start_s is not None)
    return [
        (_measured(EARLIEST, found[0], random[0], rules), earliest),
        (_measured(LATEST, found[-1], random[0], rules), latest),
        (_measured(SPREAD, found[-1] - found[0], random[0], rules), spread),
    ]


def _start_s(episode: Episode) -> float | None:
    """Return when power began to leave the level it had, from the beginning of the window."""
    readings, limit_w = episode.readings, episode.conditions.export_w or 0.0
    from_w = site_power_w(readings[0])
    nearest = min(readings, key=lambda one: abs(site_power_w(one) - limit_w))
    until = readings[: readings.index(nearest) + 1]
    left_s = risen_since(until, site_power_w, from_w, NEAR_SHARE * (limit_w - from_w))
    return None if left_s is None else left_s - episode.began.earliest_s


def _measured(
    name: str, value_s: float, episode: Episode, rules: Rules, censored: Censoring | None = None
) -> Measurement:
    window_s = episode.readings[-1].window_s
    lines = {
        "start of the window, bracket of exchanges": episode.began.half_width_s,
        "power leaves its level, averaging window": window_s / 2,
        "analyser clock": rules.clock_ppm * 1e-6 * abs(value_s),
    }
    return Measurement.of(
        name,
        value_s,
        "s",
        combine(BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()),
        method="from the published start to where the changing power leaves its level",
        censored=censored,
    )
