"""A case of an export limit that a utility server tells the site: published, carried out, measured, judged.

The server is the bench's own, so it knows to the second when a control begins and when a client read it. The
client's answers are judged as answers; what the site exports decides about the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.export_limits.amounts import Amount, Scale
from bench.export_limits.answers import answer_judgement, start_judgements
from bench.export_limits.case import Case
from bench.export_limits.conditions import Conditions, scale_of
from bench.export_limits.measuring import Episode, Rules, bounds
from bench.export_limits.orders import NO_DURATION, PAST, RESTORED, UNSUPPORTED, Orders
from bench.export_limits.plots import case_plot
from bench.export_limits.schedule import (
    LEAD_S,
    POLL_S,
    Answered,
    Timed,
    answered,
    conditions,
    fastest_rise_w_per_s,
    timed,
)
from bench.export_limits.wording import step_name
from bench.grid_code.profile import Requirement
from bench.manoeuvres.commanding import steady_power_w
from bench.manoeuvres.export_limits import (
    QUICK_SLACK_S,
    Seen,
    is_calm,
    judge_all,
    judge_case,
    rules_of,
)
from bench.manoeuvres.site_changes import Site
from bench.manoeuvres.site_watching import SiteWatch
from bench.manoeuvres.watching import keep, show
from bench.trials.trial import Trial
from instruments.clock import Deadline, wait_until
from instruments.errors import ConfigurationError, NotSettled
from instruments.interfaces import Reading
from instruments.utility import ControlOrder, DefaultOrder, SiteLimits, UtilityServer

BEFORE_S = 0.8
"""A step's first reading is begun so long before the step."""
WHOLE_SECOND_S = 1.0
"""The protocol tells the time in whole seconds."""
CONTACT_S, LOOK_S = 1200.0, 5.0
ANSWERS_S = 75.0
LONG_AGO_S, SOME_S = 600.0, 300.0
FREE_SHARE = 2.0
MAIN_PRIMACY = 1
ATTENTIVE_S, CALM_END_S = 25.0, 45.0


@dataclass(frozen=True)
class Told:
    """A case as a server told it and a site carried it out."""

    seen: Seen
    answers: tuple[Answered, ...]


def carry_out_schedule(trial: Trial, requirement: Requirement) -> Told:
    """Settle, publish a requirement's case, watch it from beginning to end, and put on record what was read.

    Raises:
        NotSettled: no client came, or it did not read the schedule before it was to begin.
    """
    if requirement.case is None:
        raise ConfigurationError(f"requirement {requirement.id} has no case to carry out")
    trial.settle()
    rules = rules_of(trial, requirement, steady_power_w(trial))
    scale = scale_of(requirement, trial.rated_power_w)
    rises_w_per_s = fastest_rise_w_per_s(requirement.case, rules.rise_w_per_s, rules.rated_w)
    rules = replace(rules, rise_w_per_s=rises_w_per_s)
    with _served(trial) as server:
        run = _Run(trial, requirement.case, rules, scale, server)
        run.carry_out()
        given = run.answers()
    watched = keep(trial, run.readings)
    names = [step_name(episode.step) for episode in run.episodes]
    show(trial, watched, case_plot(requirement, run.readings, run.episodes, rules, names))
    return Told(Seen(tuple(run.episodes), rules, watched), given)


def judge_schedule(trial: Trial, requirement: Requirement, told: Told) -> None:
    """Judge what the site exported, what the client answered, and when randomized controls began."""
    for one in told.answers:
        trial.evidence.note(f"{requirement.id}: {one}")
    judge_case(trial, requirement, told.seen)
    special = [*answer_judgement(requirement, told.answers)]
    special += start_judgements(requirement, told.seen.episodes, told.seen.rules)
    judge_all(trial, special, told.seen.watched)


@contextmanager
def _served(trial: Trial) -> Iterator[UtilityServer]:
    """Serve for one trial; at the end let the site go before nobody talks to it any more."""
    server = trial.station.utility_server
    if server is None:
        raise ConfigurationError(
            f"{trial.station.file.file}: there is no table [utility_server], which this case takes"
        )
    server.open()
    try:
        server.set_rates(POLL_S, POLL_S)
        yield server
        _let_go(trial, server)
    finally:
        server.close()


def _let_go(trial: Trial, server: UtilityServer) -> None:
    """Have the client store a default that does not bind, so that later trials find full power."""
    free_w = FREE_SHARE * trial.rated_power_w
    server.publish_default(DefaultOrder(SiteLimits(export_w=free_w), 0.0), MAIN_PRIMACY)
    deadline = Deadline.after(trial.station.clock, 2 * POLL_S)
    wait_until(lambda: server.default_delivered_s(MAIN_PRIMACY), deadline, LOOK_S)


class _Run:
    """The steps of one trial; collects what was read."""

    def __init__(
        self, trial: Trial, case: Case, rules: Rules, scale: Scale, server: UtilityServer
    ) -> None:
        self._trial = trial
        self._clock = trial.station.clock
        self._rules = rules
        self._scale = scale
        self._server = server
        self._steps = timed(case)
        self._watch = SiteWatch(trial)
        self._site = Site(trial, scale)
        self._published: dict[int, str] = {}
        self._starts_s: dict[int, float] = {}
        self._begin_s = 0.0
        self._gradient: float | None = None
        self.readings: list[Reading] = []
        self.episodes: list[Episode] = []

    def carry_out(self) -> None:
        """Publish, wait until the client knows, and watch every step."""
        self._say_default(self._steps[0].orders)
        self._meet()
        self._publish_schedule()
        try:
            in_force = conditions(self._steps, self._scale, self._trial.phases)
            for place, (one, holds) in enumerate(zip(self._steps, in_force, strict=True)):
                self._carry_out(place, one, holds)
        finally:
            self._watch.end()
            self._site.restore()

    def answers(self) -> tuple[Answered, ...]:
        """Return expected and given answers, once all that are expected are there or were waited for."""
        steps = self._steps
        expected = [
            (control, steps[place].orders.answers or steps[place].orders.usual_answers)
            for place, control in self._published.items()
        ]
        wait_until(
            lambda: all(one.right for one in answered(expected, self._server.responses())),
            Deadline.after(self._clock, ANSWERS_S),
            LOOK_S,
        )
        judged = [steps[place].orders.answers is not None for place in self._published]
        found = answered(expected, self._server.responses())
        return tuple(
            replace(one, judged=is_judged) for one, is_judged in zip(found, judged, strict=True)
        )

    def _meet(self) -> None:
        """Wait until a client has come."""
        deadline = Deadline.after(self._clock, CONTACT_S)
        if wait_until(self._server.last_poll_s, deadline, LOOK_S) is None:
            troubles = "; ".join(self._server.complaints()) or "no connection at all"
            raise NotSettled(
                f"no client read its programs from the utility server within {CONTACT_S:g} s; heard: "
                f"{troubles}. Expected a client with a certificate under the server's authorities"
            )

    def _publish_schedule(self) -> None:
        """Publish what is not said late, and wait until the client has read it."""
        self._begin_s = self._clock.now_s() + LEAD_S
        ahead = [place for place, one in enumerate(self._steps) if _is_ahead(one)]
        for place in ahead:
            self._publish(place, self._begin_s + self._steps[place].begins_s)
        for place in [place for place in ahead if self._steps[place].orders.acts][:1]:
            # The server took the next whole second; the steps begin with it.
            self._begin_s = self._starts_s[place] - self._steps[place].begins_s
        self._clock.sleep(self._begin_s - BEFORE_S - 1.0 - self._clock.now_s())
        missing = [
            place for place in ahead if self._server.delivered_s(self._published[place]) is None
        ]
        if missing:
            raise NotSettled(
                f"the client has not read {len(missing)} of {len(ahead)} controls {LEAD_S:g} s after they "
                f"were published; it was asked to poll every {POLL_S} s"
            )

    def _carry_out(self, place: int, one: Timed, holds: Conditions) -> None:
        begins_s, ends_s = self._begin_s + one.begins_s, self._begin_s + one.ends_s
        self._clock.sleep(begins_s - BEFORE_S - self._clock.now_s())
        before = self._watch.before()
        between_s = self._act(place, one, holds, begins_s)
        episode = Episode(one.step, holds, self._watch.instant(before, between_s), (before,))
        after = self._hold(episode, ends_s - BEFORE_S, live=_is_live(one))
        heard_s = self._heard_s(place, one, begins_s)
        if heard_s is not None:
            between_s = (max(begins_s, heard_s), max(begins_s, heard_s))
        began = self._watch.instant(before, between_s)
        self.readings += [before, *after]
        self.episodes.append(replace(episode, began=began, readings=(before, *after)))

    def _hold(self, episode: Episode, until_s: float, *, live: bool) -> list[Reading]:
        """Read until a time: closely after the beginning, seldom in the middle of a long step, each second at
        its end."""
        limits = list(bounds([episode], self._rules))
        quick_s = self._rules.response_s + QUICK_SLACK_S
        readings: list[Reading] = []
        left_s = until_s - self._clock.now_s()
        attentive_s = left_s if live or left_s < ATTENTIVE_S + CALM_END_S else ATTENTIVE_S
        readings += self._watch.hold(
            attentive_s,
            0.0 if live or not episode.step.judged else quick_s,
            lambda seen: is_calm(seen, limits, self._rules),
        )
        calm_s = until_s - CALM_END_S - self._clock.now_s()
        if calm_s > 0 and attentive_s < left_s:
            readings += self._watch.hold(calm_s, 0.0, lambda _: True, slowly=True)
        return readings + self._watch.hold(until_s - self._clock.now_s(), 0.0, lambda _: True)

    def _act(
        self, place: int, one: Timed, holds: Conditions, begins_s: float
    ) -> tuple[float, float]:
        """Do what is not in the schedule; return between which times the step is to take effect."""
        orders = one.orders
        if not _is_live(one) and not orders.link:
            return begins_s, begins_s + WHOLE_SECOND_S
        self._clock.sleep(begins_s - self._clock.now_s())
        if orders.link:
            self._set_link(orders.link)
        if place and orders.default is not None:
            self._say_default(orders)
        if orders.cancel:
            self._cancel(place)
        if orders.control is not None and orders.late:
            self._publish(place, begins_s)
        if one.step.supply or one.step.loads is not None:
            return self._site.change(one.step, holds)
        return begins_s, begins_s + WHOLE_SECOND_S

    def _heard_s(self, place: int, one: Timed, begins_s: float) -> float | None:
        """Return when the client read what was said as the step began; a poll later when it never did."""
        orders = one.orders
        heard_s: float | None = begins_s + POLL_S
        if orders.cancel:
            cancelled = list(self._active(place))
            heard_s = self._server.cancellation_delivered_s(cancelled[-1])
        elif orders.late:
            heard_s = self._server.delivered_s(self._published[place])
        elif place and orders.default is not None:
            heard_s = self._server.default_delivered_s(MAIN_PRIMACY)
        else:
            return None
        return begins_s + POLL_S if heard_s is None else heard_s

    def _set_link(self, link: str) -> None:
        if link == RESTORED:
            self._server.restore()
        else:
            self._server.cut(link)

    def _say_default(self, orders: Orders) -> None:
        if orders.gradient_pct_per_s is not None:
            self._gradient = orders.gradient_pct_per_s
        if orders.default is not None:
            limits = SiteLimits(export_w=self._watts(orders.default))
            self._server.publish_default(DefaultOrder(limits, self._gradient), MAIN_PRIMACY)

    def _cancel(self, place: int) -> None:
        for control in self._active(place):
            self._server.cancel(control)

    def _active(self, place: int) -> Iterator[str]:
        """Yield the controls that are active as a step begins."""
        begins_s = self._steps[place].begins_s
        for earlier, control in self._published.items():
            one = self._steps[earlier]
            if one.orders.acts and one.begins_s < begins_s < one.control_ends_s:
                yield control

    def _publish(self, place: int, start_s: float) -> None:
        one = self._steps[place]
        orders = one.orders
        assert orders.control is not None
        limit_w = self._watts(orders.control)
        limits = SiteLimits(export_w=limit_w)
        duration_s = one.control_duration_s
        if orders.odd == UNSUPPORTED:
            limits = SiteLimits(target_w=limit_w)
        elif orders.odd == NO_DURATION:
            duration_s = 0.0
        elif orders.odd == PAST:
            start_s, duration_s = self._clock.now_s() - LONG_AGO_S, SOME_S
        published = self._server.publish_control(
            ControlOrder(
                limits,
                start_s,
                duration_s,
                orders.primacy,
                orders.randomize_s,
                orders.multiplier,
            )
        )
        self._published[place] = published.control_id
        self._starts_s[place] = published.start_s

    def _watts(self, amount: Amount) -> float:
        return amount.watts_at(self._scale) or 0.0


def _is_ahead(one: Timed) -> bool:
    """Return whether a step's control is published before the case begins."""
    return one.orders.control is not None and not one.orders.late


def _is_live(one: Timed) -> bool:
    """Return whether a step takes effect when the client reads of it, or the bench acts."""
    orders = one.orders
    said = orders.late or orders.cancel or (one.begins_s > 0 and orders.default is not None)
    return said or bool(one.step.supply) or one.step.loads is not None
