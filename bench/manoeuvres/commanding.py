"""The bench tells the inverter what to do, the analyser sees whether it does; afterwards all is as it was.

When a command took effect is not on any record. It lies between the end of the last reading before it and its
confirmation, both in the analyser's time base; that bracket is part of every time measured from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.grid_code.limits import set_point_judgements
from bench.grid_code.profile import Requirement
from bench.manoeuvres.watching import keep
from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.metering.response import STEADY_S, Response
from bench.trials.following import MeteringLimits
from bench.trials.trial import NotTested, Trial
from bench.trials.watching import READ_SHARE, Watched
from instruments.clock import Deadline, wait_until
from instruments.errors import NotSettled
from instruments.interfaces import ControlMode, InverterControls, Reading

SETTLE_POLL_S = 5.0
DENSE_S, DENSE_PERIOD_S, PERIOD_S = 4.0, 0.5, 1.2
CHARGED_SHARE = 0.97
CHARGING_TIMEOUT_S = 120.0
STEADY_CHANGE_PU, STEADY_TIMEOUT_S = 0.002, 60.0
RISE_WINDOW_S, RISE_ATTENTIVE_S, RISE_PAUSE_S = 1.0, 30.0, 2.0
READ_WINDOW_S = 0.1


@contextmanager
def commanding(trial: Trial, *modes: ControlMode) -> Iterator[InverterControls]:
    """Give the inverter's controls, and put back at the end what was changed with them.

    Raises:
        NotTested: the inverter cannot be told one of the modes.
    """
    controls = trial.station.inverter.controls
    lacking = [mode for mode in modes if not controls.offers(mode)]
    if lacking:
        raise NotTested(f"the inverter offers no {' and no '.join(lacking)} over its interface")
    try:
        yield controls
    finally:
        controls.restore()


def standing(trial: Trial) -> Plateau:
    """Return what the inverter does before it is told anything."""
    readings = tuple(_read_for(trial, STEADY_S))
    start_s = readings[0].end_s - readings[0].window_s
    return Plateau(Instant(start_s, start_s, start_s), 0.0, readings)


def told(trial: Trial, command: Callable[[], None], level: float, hold_s: float) -> Plateau:
    """Give a command and read while it is held.

    Args:
        level: what was commanded, for messages.

    Raises:
        InstrumentError: at the end the inverter holds another command, which was not the bench's.
    """
    clock = trial.station.clock
    before = trial.station.analyser.read()
    command()
    latest_s = before.end_s + before.window_s + clock.now_s() - before.requested_s
    began = Instant.between(before.end_s, latest_s)
    readings = tuple(_read_for(trial, hold_s))
    trial.station.commands.require_unchanged()
    return Plateau(began, level, readings)


def steady_power_w(trial: Trial) -> float:
    """Return active power once it no longer rises: settling ends before the ramp does.

    Raises:
        NotSettled: it still changes when the time is up.
    """
    readings = [trial.station.analyser.read()]

    def steady() -> bool:
        readings.append(trial.station.analyser.read())
        change_w = abs(readings[-1].active_power_w - readings[-2].active_power_w)
        return change_w < STEADY_CHANGE_PU * trial.rated_power_w

    deadline = Deadline.after(trial.station.clock, STEADY_TIMEOUT_S)
    trial.station.clock.sleep(SETTLE_POLL_S)
    if not wait_until(steady, deadline, SETTLE_POLL_S):
        raise NotSettled(
            f"active power still changes by more than {STEADY_CHANGE_PU:.1%} of the rating in "
            f"{SETTLE_POLL_S:g} s after {STEADY_TIMEOUT_S:g} s; expected the full power to stand still"
        )
    return readings[-1].active_power_w


def charge(trial: Trial, controls: InverterControls) -> None:
    """Make the inverter charge with its rated charging power.

    Raises:
        NotSettled: the analyser does not see it in time.
    """
    power_w = -trial.storage_pu * trial.rated_power_w
    controls.command(ControlMode.ACTIVE_POWER, power_w)
    deadline = Deadline.after(trial.station.clock, CHARGING_TIMEOUT_S)

    def charges() -> bool:
        return trial.station.analyser.read().active_power_w <= CHARGED_SHARE * power_w

    if not wait_until(charges, deadline, SETTLE_POLL_S):
        found_w = trial.station.analyser.read().active_power_w
        raise NotSettled(
            f"{CHARGING_TIMEOUT_S:g} s after it was told to charge with {-power_w:.0f} W the inverter "
            f"delivers {found_w:.0f} W (negative when charging). Is the storage full?"
        )


def judge_set_points(
    trial: Trial, response: Response, watched: Watched, requirement: Requirement
) -> None:
    """Put on record and judge how the inverter went to its set-points."""
    for step in response.steps:
        low, high = (100 * edge for edge in step.expected)
        trial.evidence.note(
            f"{requirement.id}: told {step.plateau.level:g}: {100 * step.steady:.2f} %, expected "
            f"{low:.2f} … {high:.2f} %"
        )
    for measurement, limit in set_point_judgements(requirement, response):
        trial.judge(trial.measured(measurement, watched.file), limit)


def readings_of(trial: Trial, plateaus: Sequence[Plateau]) -> Watched:
    """Put all readings of the set-points on record."""
    return keep(trial, [reading for plateau in plateaus for reading in plateau.readings])


def instrument_of(trial: Trial) -> MeteringLimits:
    """Return what the analyser can tell."""
    return MeteringLimits(trial.budget, trial.clock_ppm, trial.rated_power_w)


def watch_rise(trial: Trial, release: Callable[[], None], power_w: float) -> Watched:
    """Read from before a limit is lifted until the inverter delivers a power, or the time is up.

    No window is left out at first, where power may jump; a ramp of minutes needs fewer.
    """
    analyser, clock = trial.station.analyser, trial.station.clock
    analyser.set_averaging(RISE_WINDOW_S)
    try:
        clock.sleep(RISE_WINDOW_S)
        readings = [analyser.read()]
        release()
        released_s = clock.now_s()
        deadline = Deadline.after(clock, trial.method.settle_timeout_s)
        while readings[-1].active_power_w < power_w and not deadline.passed:
            early = clock.now_s() - released_s < RISE_ATTENTIVE_S
            clock.sleep(READ_SHARE * RISE_WINDOW_S if early else RISE_PAUSE_S)
            readings.append(analyser.read())
    finally:
        analyser.set_averaging(READ_WINDOW_S)
    return keep(trial, readings)


def _read_for(trial: Trial, duration_s: float) -> Iterator[Reading]:
    """Yield readings over a duration, more often at its beginning."""
    clock = trial.station.clock
    start_s = clock.now_s()
    while (passed_s := clock.now_s() - start_s) < duration_s:
        yield trial.station.analyser.read()
        clock.sleep(DENSE_PERIOD_S if passed_s < DENSE_S else PERIOD_S)
