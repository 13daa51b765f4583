"""From what was read during the steps of a case to what is judged of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bench.budgets import scaled
from bench.export_limits.amounts import Amount
from bench.export_limits.case import LOWER, TIME, UPPER, Step
from bench.export_limits.conditions import PER_CENT, PHASES, Conditions
from bench.grid_code.quantity import STATUSES
from bench.grid_code.requirement import Requirement
from bench.metering.export_limit import (
    Mean,
    Power,
    complied,
    excess_energy_wh,
    first_under,
    generation_w,
    highest_after,
    last_mean_w,
    last_readings,
    means_of_a_second,
    peak_w,
    phase_power,
    site_power_w,
)
from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Limit, Measurement
from instruments.interfaces import Reading

SECONDS_PER_MINUTE = 60.0
GRACE_OF_RISE = 1.1
LEAST_STEADY_S = 8.0
TO_COMPLY, EXCESS, SHORTFALL = (
    "time to comply",
    "power above the limit",
    "power short of what is permitted",
)
Lines = Callable[[float], tuple[BudgetLine, ...]]
"""Power in W → what the meter adds to its budget."""


@dataclass(frozen=True)
class Episode:
    """One step as it was seen.

    Attributes:
        began: when the change took effect, in the analyser's time base.
        readings: from just before the change.
        reported_w: what the inverter said of its power at the end; None when it was not asked.
    """

    step: Step
    conditions: Conditions
    began: Instant
    readings: tuple[Reading, ...]
    reported_w: float | None = None


def parts(episode: Episode, after: Conditions, timer_tolerance_s: float) -> list[Episode]:
    """Return a step in two where its limit reverts: until shortly before, and from shortly after.

    Args:
        after: what is in force then.
    """
    if after == episode.conditions or episode.step.reverts_after_s is None:
        return [episode]
    at_s = episode.began.best_s + episode.step.reverts_after_s
    until = [one for one in episode.readings if one.end_s < at_s - timer_tolerance_s]
    since_s = at_s + timer_tolerance_s
    since = [one for one in episode.readings if one.end_s > at_s - timer_tolerance_s]
    began = Instant(since_s, since_s, since_s)
    left = Amount(lifted=True) if after.generation_w is None else Amount(after.generation_w)
    step = replace(episode.step, commands={}, reverts_after_s=None, in_force=left)
    return [
        replace(episode, readings=tuple(until)),
        Episode(step, after, began, tuple(since)),
    ]


@dataclass(frozen=True)
class Rules:
    """How the steps of a case are measured.

    Attributes:
        rated_w: rated power.
        available_w: power of the inverter in full sun without limits.
        storage_w: what its store gives when it is asked to discharge.
        tolerance_w: beside a limit; a third of it where each phase is limited.
        response_s: to comply.
        rise_w_per_s: rate at which power may rise; 0 when it must be there in the response time.
        steady_s: of the end of a step that shows where it came to rest.
        site_lines, generation_lines: budgets of the two powers.
        clock_ppm: of the analyser.
        site_age_s: how old what the site meter shows may be beyond the window of a reading.
    """

    rated_w: float
    available_w: float
    tolerance_w: float
    response_s: float
    rise_w_per_s: float
    steady_s: float
    site_lines: Lines
    generation_lines: Lines
    clock_ppm: float
    site_age_s: float = 0.0
    storage_w: float = 0.0


@dataclass(frozen=True)
class Ceiling:
    """What may be limited.

    Attributes:
        most_of: how much of the power is permitted; None for no limit.
        lines_of: the budget of the power.
        at_site: whether a meter at the connection point reads it.
    """

    name: str
    power: Power
    most_of: Callable[[Conditions], float | None]
    lines_of: Callable[[Rules], Lines]
    at_site: bool = True


def _phase_lines(rules: Rules) -> Lines:
    """Return the budget of one phase: a third of that of three which are all like it."""
    return lambda power_w: scaled(rules.site_lines(PHASES * power_w), 1 / PHASES)


CEILINGS = (
    Ceiling("export", site_power_w, lambda one: one.total_export_w, lambda rules: rules.site_lines),
    *(
        Ceiling(
            f"export of L{phase + 1}",
            phase_power(phase),
            lambda one: one.phase_export_w,
            _phase_lines,
        )
        for phase in range(PHASES)
    ),
    Ceiling(
        "generation",
        generation_w,
        lambda one: one.generation_bound_w,
        lambda rules: rules.generation_lines,
        at_site=False,
    ),
)


@dataclass(frozen=True)
class Bound:
    """A ceiling of one power during one step.

    Attributes:
        following: readings of the next step, where the ceiling is the same.
    """

    episode: Episode
    ceiling: Ceiling
    most_w: float
    lines: Lines
    following: tuple[Reading, ...] = ()

    @property
    def name(self) -> str:
        """What is limited."""
        return self.ceiling.name

    @property
    def power(self) -> Power:
        """The power that is limited."""
        return self.ceiling.power

    @property
    def means(self) -> list[Mean]:
        """Means of a second of the power."""
        return means_of_a_second(self.episode.readings, self.power)


def tolerance_w(requirement: Requirement, rated_w: float) -> float:
    """Return the lower of the two tolerances of a requirement; a third where each phase is limited."""
    share_w = PER_CENT * requirement.number("tolerance_share") * rated_w
    each_phase = requirement.case is not None and requirement.case.each_phase
    parts_of_it = PHASES if each_phase else 1
    return round(min(requirement.number("tolerance"), share_w) / parts_of_it, 1)


def bounds(episodes: Sequence[Episode], rules: Rules) -> Iterator[Bound]:
    """Yield every ceiling in force during a step: at the connection point, at the inverter, or both."""
    for number, episode in enumerate(episodes):
        after = episodes[number + 1 : number + 2]
        for ceiling in CEILINGS:
            most_w = ceiling.most_of(episode.conditions)
            if most_w is None:
                continue
            same = [one for one in after if ceiling.most_of(one.conditions) == most_w]
            following = same[0].readings if same else ()
            yield Bound(episode, ceiling, most_w, ceiling.lines_of(rules), following)


def judgements(
    requirement: Requirement, episodes: Sequence[Episode], rules: Rules
) -> list[tuple[Measurement, Limit]]:
    """Return the worst of each kind over all steps in which it is judged, with its limit."""
    every = list(bounds(episodes, rules))
    timed = [bound for bound in every if TIME in bound.episode.step.judged]
    upper = [bound for bound in every if UPPER in bound.episode.step.judged]
    lower = [episode for episode in episodes if LOWER in episode.step.judged]
    found = []
    if timed:
        within = requirement.limit(TO_COMPLY, upper="response_max")
        found.append((_longest(timed, rules), within))
    excess = [one for bound in upper if (one := _excess(bound, rules))]
    if excess:
        found.append((_highest(excess), power_limit(requirement, EXCESS, rules.tolerance_w)))
    short = [one for episode in lower if (one := _shortfall(episode, rules))]
    if short:
        limit = power_limit(requirement, SHORTFALL, rules.tolerance_w)
        found.append((_highest(short), limit))
    return found


def power_limit(requirement: Requirement, quantity: str, most_w: float) -> Limit:
    """Return the limit of a power: the tolerance that applies, with the sources of both."""
    share = requirement.quantity("tolerance_share")
    stated = requirement.limit(quantity, upper="tolerance")
    return replace(
        stated,
        upper=Decimal(repr(most_w)),
        max_uncertainty=requirement.quantity("power_uncertainty_max").value,
        source=f"{stated.source}; {share}: {share.source}",
        status=max((stated.status, share.status), key=STATUSES.index),
    )


def figures(bound: Bound, rules: Rules) -> str:
    """Return in words how a power went to its limit: peak, overshoot, where it came to rest."""
    episode = bound.episode
    peak = peak_w(episode.readings, bound.power, episode.began)
    energy = excess_energy_wh(
        episode.readings, bound.power, episode.began, bound.most_w + rules.tolerance_w
    )
    rest_w = last_mean_w(episode.readings, bound.power, rules.steady_s)
    return (
        f"{bound.name} limited to {bound.most_w:.0f} W: highest window {peak:.0f} W, {energy:.2f} Wh above "
        f"limit and tolerance, came to rest {rest_w - bound.most_w:+.0f} W from the limit"
    )


def time_to_comply(bound: Bound, rules: Rules) -> tuple[Instant | None, float]:
    """Return when a power came under its limit, in the next step perhaps, and how long that took at least."""
    began, most_w = bound.episode.began, bound.most_w + rules.tolerance_w
    there = complied(bound.means, began, most_w)
    if there is None:
        there = first_under(means_of_a_second(bound.following, bound.power), most_w)
    end_s = (*bound.episode.readings, *bound.following)[-1].end_s
    return there, (there.best_s if there else end_s) - began.best_s


def _longest(timed: Sequence[Bound], rules: Rules) -> Measurement:
    """Return the longest time to comply, "at least" where a power never did."""
    found = [(bound, *time_to_comply(bound, rules)) for bound in timed]
    never = [one for one in found if one[1] is None]
    bound, there, took_s = max(never or found, key=lambda one: one[2])
    began = bound.episode.began
    lines = {
        "change at the site, bracket of exchanges": began.half_width_s,
        "compliance, bracket of means of a second": there.half_width_s if there else 0.0,
        f"analyser clock, {rules.clock_ppm:g} ppm": rules.clock_ppm * 1e-6 * took_s,
    }
    if bound.ceiling.at_site and rules.site_age_s:
        lines["site meter, age of what it shows"] = rules.site_age_s
    return Measurement.of(
        f"{TO_COMPLY}, {bound.name} to {bound.most_w:.0f} W",
        max(0.0, took_s),
        "s",
        combine(BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()),
        method="from the acknowledgement of the last write, or the change at the site, to the last second "
        "whose mean is above limit and tolerance",
        censored=None if there else "at least",
    )


def _excess(bound: Bound, rules: Rules) -> Measurement | None:
    """Return how far the highest second after the time to respond lies above the limit."""
    grace_s = bound.episode.step.grace_s
    response_s = rules.response_s if grace_s is None else grace_s
    highest = highest_after(bound.means, bound.episode.began.latest_s + response_s)
    if highest is None:
        return None
    return Measurement.of(
        f"{EXCESS}, {bound.name} of {bound.most_w:.0f} W",
        highest.power_w - bound.most_w,
        "W",
        combine(bound.lines(highest.power_w)),
        method="highest mean of a second after the time to respond, less the limit",
    )


def _shortfall(episode: Episode, rules: Rules) -> Measurement | None:
    """Return how far generation stays below what is permitted once it had the time to get there."""
    steady_s = _steady_s(episode, rules)
    if steady_s < LEAST_STEADY_S:
        return None
    last = last_readings(episode.readings, steady_s)
    powers_w = [generation_w(reading) for reading in last]
    mean_w = sum(powers_w) / len(powers_w)
    expected_w = _expected_w(episode, rules, _load_w(last))
    lines = (*rules.generation_lines(mean_w), *rules.site_lines(mean_w - _load_w(last)))
    return Measurement.of(
        f"{SHORTFALL}, {expected_w:.0f} W of generation",
        expected_w - mean_w,
        "W",
        combine(lines),
        method=f"mean of the last {steady_s:.0f} s against what limits, load and sun leave",
    )


def _steady_s(episode: Episode, rules: Rules) -> float:
    """Return how much of the end of a step lies behind the time in which power may rise."""
    first = episode.readings[0]
    load_w = _load_w(episode.readings[-1:])
    rise_w = _expected_w(episode, rules, load_w) - generation_w(first)
    ramp_s = GRACE_OF_RISE * rise_w / rules.rise_w_per_s if rules.rise_w_per_s else 0.0
    arrival_s = max(rules.response_s, ramp_s)
    seen_s = episode.readings[-1].end_s - episode.began.latest_s
    return min(rules.steady_s, seen_s - arrival_s)


def _expected_w(episode: Episode, rules: Rules, load_w: float) -> float:
    return episode.conditions.expected_w(rules.available_w, load_w, rules.storage_w)


def _load_w(readings: Sequence[Reading]) -> float:
    """Return the mean load of the site; none where no site meter was read."""
    if readings[0].site_powers_w is None:
        return 0.0
    loads_w = [generation_w(reading) - reading.site_power_w for reading in readings]
    return sum(loads_w) / len(loads_w)


def _highest(measurements: Sequence[Measurement]) -> Measurement:
    return max(measurements, key=lambda one: one.value)
