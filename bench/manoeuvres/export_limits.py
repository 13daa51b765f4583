"""A case of an export limit carried out step by step, then measured, shown and judged.

The inverter's own readings never decide: the connection point is read by the bench's own meter, the inverter by
the analyser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.budgets import power_conditions
from bench.export_limits.case import REPORTED, TIME, Step
from bench.export_limits.conditions import PER_CENT, Conditions, reverted, scale_of, walk
from bench.export_limits.measuring import (
    SECONDS_PER_MINUTE,
    Bound,
    Episode,
    Rules,
    bounds,
    figures,
    judgements,
    parts,
    tolerance_w,
)
from bench.export_limits.plots import case_plot
from bench.export_limits.special import (
    changes_power,
    disconnection_limit,
    measure_disconnection,
    measure_reported,
    measure_reversion,
    rate_limit,
    reported_limit,
    timer_limit,
)
from bench.export_limits.wording import step_name
from bench.grid_code.profile import Requirement
from bench.manoeuvres.commanding import steady_power_w
from bench.manoeuvres.site_changes import Site
from bench.manoeuvres.site_watching import SHORT_S, SiteWatch, site_budget
from bench.manoeuvres.watching import keep, show
from bench.metering.power_ramp import measure_rise
from bench.trials.trial import NotTested, Trial
from bench.trials.watching import Watched
from bench.verdicts.uncertainty import BudgetLine
from bench.verdicts.verdict import Limit, Measurement
from instruments.errors import ConfigurationError
from instruments.interfaces import Reading

CALM_READINGS, MOST_NOTES = 15, 12
QUICK_SLACK_S = 2.0
COMPARED_FROM_S = 20.0
RAMP_STEP_SHARE, RISEN_PU = 0.01, 0.2


@dataclass(frozen=True)
class Seen:
    """A case as it was carried out."""

    episodes: tuple[Episode, ...]
    rules: Rules
    watched: Watched

    @property
    def last(self) -> Episode:
        """The last step."""
        return self.episodes[-1]


def carry_out(trial: Trial, requirement: Requirement, volt_watt: Requirement | None = None) -> Seen:
    """Settle, carry out every step of a requirement's case, put all back, and put on record what was read.

    Raises:
        NotTested: the inverter cannot be told something the case takes.
        ConfigurationError: the station lacks something.
    """
    trial.settle()
    available_w = steady_power_w(trial)
    rules = rules_of(trial, requirement, available_w)
    run = _Run(trial, requirement, rules, volt_watt)
    with restored(trial, run.site):
        run.carry_out()
    watched = keep(trial, run.readings)
    names = [step_name(episode.step) for episode in run.episodes]
    show(trial, watched, case_plot(requirement, run.readings, run.episodes, rules, names))
    return Seen(tuple(run.episodes), replace(rules, site_age_s=run.watch.age_s), watched)


def judge_case(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Note how power went to each limit, and judge the worst of each kind."""
    judged = [one for one in bounds(seen.episodes, seen.rules) if one.episode.step.judged]
    for bound in judged[:MOST_NOTES]:
        trial.evidence.note(f"{requirement.id}: {figures(bound, seen.rules)}")
    judge_all(trial, judgements(requirement, seen.episodes, seen.rules), seen.watched)
    reported = measure_reported(seen.episodes, seen.rules)
    if reported:
        judge_all(trial, [(reported, reported_limit(requirement))], seen.watched)


def note_phases(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Note the power of each phase into the grid at the end of each step, which decides nothing."""
    for episode in seen.episodes:
        powers_w = episode.readings[-1].site_powers_w
        if powers_w is not None:
            text = " / ".join(f"{power_w:.0f}" for power_w in powers_w)
            trial.evidence.note(
                f"{requirement.id}: {step_name(episode.step)}: {text} W of L1 / L2 / L3 into the grid"
            )


def note_sharing(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Note how two inverters behind one meter share its limit in each step, which decides nothing."""
    if requirement.case is None or "second_pv_source" not in requirement.case.equipment:
        return
    for episode in seen.episodes:
        last = episode.readings[-1]
        second_w = last.site_power_w + sum(episode.conditions.loads_w) - last.active_power_w
        trial.evidence.note(
            f"{requirement.id}: {step_name(episode.step)}: {last.active_power_w:.0f} W of the inverter under "
            f"test, {second_w:.0f} W of the second one (by the meter, beside the load as set)"
        )


def judge_all(trial: Trial, found: Sequence[tuple[Measurement, Limit]], watched: Watched) -> None:
    """Put measurements on record and judge them."""
    for measurement, limit in found:
        trial.judge(trial.measured(measurement, watched.file), limit)


def rules_of(trial: Trial, requirement: Requirement, available_w: float) -> Rules:
    """Return how the steps of a requirement's case are measured on this station."""
    soft = "tolerance" in requirement
    per_minute = requirement.number("gradient") if soft else 0.0
    rated_w = trial.rated_power_w

    def site_lines(power_w: float) -> tuple[BudgetLine, ...]:
        return site_budget(trial).lines(power_w, **power_conditions(power_w, 0.0))

    def generation_lines(power_w: float) -> tuple[BudgetLine, ...]:
        budget = trial.budget("active_power")
        return budget.lines(power_w, **power_conditions(power_w, 0.0))

    return Rules(
        rated_w=rated_w,
        available_w=available_w,
        tolerance_w=tolerance_w(requirement, rated_w) if soft else 0.0,
        response_s=requirement.number("response_max"),
        rise_w_per_s=PER_CENT * per_minute * rated_w / SECONDS_PER_MINUTE,
        steady_s=requirement.number("steady") if soft else 0.0,
        site_lines=site_lines if trial.station.site_meter else lambda _: (),
        generation_lines=generation_lines,
        clock_ppm=trial.clock_ppm,
        storage_w=trial.station.inverter_file.storage_power_w,
    )


@contextmanager
def restored(trial: Trial, site: Site) -> Iterator[None]:
    """Put the inverter's settings and the site back at the end, whatever happens."""
    try:
        yield
    finally:
        try:
            trial.station.inverter.controls.restore()
        finally:
            site.restore()


class _Run:
    """The steps of one trial; collects what was read."""

    def __init__(
        self, trial: Trial, requirement: Requirement, rules: Rules, volt_watt: Requirement | None
    ) -> None:
        if requirement.case is None:
            raise ConfigurationError(f"requirement {requirement.id} has no case to carry out")
        self._trial = trial
        self._rules = rules
        timed = "timer_tolerance" in requirement
        self._timer_tolerance_s = requirement.number("timer_tolerance") if timed else 0.0
        self._case = requirement.case
        self._scale = scale_of(requirement, trial.rated_power_w)
        self.watch = SiteWatch(trial)
        self.site = Site(trial, self._scale, volt_watt)
        self.readings: list[Reading] = []
        self.episodes: list[Episode] = []

    def carry_out(self) -> None:
        try:
            for step, conditions in walk(self._case, self._scale, self._trial.phases):
                self._carry_out(step, conditions)
        finally:
            self.watch.end()

    def _carry_out(self, step: Step, conditions: Conditions) -> None:
        before = self.watch.before()
        between_s = self.site.change(step, conditions)
        began = self.watch.instant(before, between_s)
        episode = Episode(step, conditions, began, (before,))
        limits = list(bounds([episode], self._rules))
        quick_s = self._quick_s(step, limited=bool(limits))
        after = self.watch.hold(
            step.hold_s + step.sun_over_s,
            quick_s,
            lambda readings: is_calm(readings, limits, self._rules),
            lambda passed_s: self._shine(step, passed_s),
            slowly=not step.judged,
        )
        if step.judged and step.hold_s >= COMPARED_FROM_S:
            after += self.watch.compared()
        self.readings += [before, *after]
        reported_w = self._reported_w() if REPORTED in step.judged else None
        episode = Episode(step, conditions, began, (before, *after), reported_w)
        then = reverted(conditions, step, self._scale)
        self.episodes += parts(episode, then, self._timer_tolerance_s)

    def _quick_s(self, step: Step, *, limited: bool) -> float:
        """Return for how long short windows are read: while a limit is complied with, or a hard one acts."""
        at_once = step.grace_s is not None and step.grace_s < SHORT_S
        if not limited:
            return step.hold_s if TIME in step.judged else 0.0
        return self._rules.response_s + QUICK_SLACK_S if step.judged and not at_once else 0.0

    def _reported_w(self) -> float:
        """Return what the inverter says of its power. Raises NotTested when it says nothing."""
        power_w = self._trial.station.inverter.status().active_power_w
        if power_w is None:
            raise NotTested("the inverter reports no active power over its interface")
        return power_w

    def _shine(self, step: Step, passed_s: float) -> None:
        """Let the sun rise along a step's ramp."""
        if step.sun is None or not step.sun_over_s:
            return
        start = self.episodes[-1].conditions.sun if self.episodes else 1.0
        share = start + (step.sun - start) * min(1.0, passed_s / step.sun_over_s)
        if passed_s < step.sun_over_s + 2 * QUICK_SLACK_S:
            self.site.shine(round(share / RAMP_STEP_SHARE) * RAMP_STEP_SHARE)


def is_calm(readings: Sequence[Reading], limits: Sequence[Bound], rules: Rules) -> bool:
    """Return whether every power has been under its limit for some seconds; never without a limit."""
    last = readings[-CALM_READINGS:]
    return (
        bool(limits)
        and len(last) == CALM_READINGS
        and all(
            bound.power(reading) <= bound.most_w + rules.tolerance_w / 2
            for reading in last
            for bound in limits
        )
    )


def judge_disconnection(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Judge how soon the last step made the inverter disconnect."""
    time = measure_disconnection(seen.last, trial.current_floor_a, seen.rules)
    judge_all(trial, [(time, disconnection_limit(requirement))], seen.watched)


def judge_rise(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Judge how fast power rises during the last step, if it rises."""
    first, last = seen.last.readings[0], seen.last.readings[-1]
    if last.active_power_w - first.active_power_w < RISEN_PU * trial.rated_power_w:
        return
    rate = measure_rise(
        seen.last.readings,
        rated_power_w=trial.rated_power_w,
        clock_ppm=trial.clock_ppm,
        power=trial.budget("active_power"),
    )
    judge_all(trial, [(rate, rate_limit(requirement))], seen.watched)


def judge_reversion(trial: Trial, requirement: Requirement, seen: Seen) -> None:
    """Judge when the limit reverted, if that shows beside the other limits, and note to what."""
    number = next(k for k, one in enumerate(seen.episodes) if one.step.reverts_after_s)
    episode = seen.episodes[number]
    if changes_power(seen.episodes[number : number + 2], seen.rules):
        time = measure_reversion(episode, seen.watched.readings, seen.rules)
        judge_all(trial, [(time, timer_limit(requirement))], seen.watched)
    else:
        trial.evidence.note(f"{requirement.id}: another limit hides when this one reverts")
    power_w = seen.watched.readings[-1].active_power_w
    trial.evidence.note(f"{requirement.id}: at the end the inverter delivers {power_w:.0f} W")
