"""What is read at a site while a step lasts: the inverter and the connection point, and a second meter beside.

Windows of 0.2 s while a limit is being complied with, of a second afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.budgets import QuantityBudget, power_conditions
from bench.manoeuvres.watching import READ_PERIOD_S
from bench.metering.instant import Instant
from bench.stations.station_file import ANALYSER
from bench.trials.trial import Trial
from bench.trials.watching import READ_SHARE
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from instruments.clock import Deadline
from instruments.errors import InstrumentError
from instruments.interfaces import Reading

SHORT_S, LONG_S, SLOW_S = 0.2, 1.0, 5.0
LATE_S = 0.1
"""By so much an analyser may show a reading late."""
COMPARED = 3
Calm = Callable[[Sequence[Reading]], bool]
"""Whether nothing quick is going on any more."""


class SiteWatch:
    """Reads at the site of one trial; see the module.

    Attributes:
        age_s: how old what a meter of its own shows may be; 0 while the analyser measures both.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._window_s = 0.0
        self.age_s = 0.0

    def read(self) -> Reading:
        """Return a reading of the inverter, with the connection point where the station measures there."""
        station = self._trial.station
        if station.site_meter is None:
            return station.analyser.read()
        site = station.site_meter.read()
        if site.beside is not None:
            return site.beside
        self.age_s = site.window_s
        return replace(station.analyser.read(), site_powers_w=site.active_powers_w)

    def before(self) -> Reading:
        """Return a short reading, from which the time of a change is counted."""
        self._average(SHORT_S)
        self._trial.station.clock.sleep(SHORT_S)
        return self.read()

    def instant(self, before: Reading, between_s: tuple[float, float]) -> Instant:
        """Return two times of the bench's clock as a bracket in the analyser's time base."""
        began_s, ended_s = between_s
        earliest_s = before.end_s + began_s - before.answered_s
        latest_s = before.end_s + before.window_s + LATE_S + ended_s - before.requested_s
        return Instant.between(earliest_s, latest_s)

    def hold(
        self,
        hold_s: float,
        quick_s: float,
        calm: Calm,
        meanwhile: Callable[[float], None] = lambda _: None,
        *,
        slowly: bool = False,
    ) -> list[Reading]:
        """Read for some time: short windows until all is calm, long ones afterwards.

        Args:
            quick_s: after so long it counts as calm.
            meanwhile: called before each long reading with the time since the beginning.
            slowly: one long window now and then is enough.
        """
        clock = self._trial.station.clock
        began_s, deadline = clock.now_s(), Deadline.after(clock, hold_s)
        readings: list[Reading] = []
        while clock.now_s() - began_s < min(hold_s, quick_s) and not calm(readings):
            readings.append(self._next(SHORT_S, SHORT_S))
        while not deadline.passed:
            meanwhile(clock.now_s() - began_s)
            pause_s = SLOW_S if slowly else LONG_S
            readings.append(self._next(LONG_S, min(pause_s, max(LONG_S, deadline.remaining_s))))
        return readings

    def end(self) -> None:
        """Go back to the averaging that trials usually find."""
        self._trial.station.analyser.set_averaging(READ_PERIOD_S)

    def compared(self) -> list[Reading]:
        """Read both meters at the connection point some times; return the readings of the first.

        Raises:
            InstrumentError: they differ by more than both uncertainties together explain.
        """
        meter = self._trial.station.check_meter
        if meter is None or self._trial.station.site_meter is None:
            return []
        pairs = [(self._next(LONG_S, LONG_S), meter.read()) for _ in range(COMPARED)]
        readings = [reading for reading, _ in pairs]
        first_w = sum(reading.site_power_w for reading in readings) / COMPARED
        second_w = sum(site.active_power_w for _, site in pairs) / COMPARED
        moved_w = abs(readings[-1].site_power_w - readings[0].site_power_w)
        self._require_agreement(first_w, second_w, moved_w)
        return readings

    def _require_agreement(self, first_w: float, second_w: float, moved_w: float) -> None:
        lines = (
            *site_budget(self._trial).lines(first_w, **power_conditions(first_w, 0.0)),
            *meter_budget(self._trial, "check_meter").lines(
                second_w, **power_conditions(second_w, 0.0)
            ),
            BudgetLine("change of power while both were read", rectangular(moved_w), "W"),
        )
        allowed_w = combine(lines).expanded
        if abs(first_w - second_w) > allowed_w:
            raise InstrumentError(
                f"the two meters at the connection point disagree: {first_w:.0f} W and {second_w:.0f} W into "
                f"the grid; together they are uncertain by {allowed_w:.0f} W. Check wiring, sign and "
                "transformer ratios; nothing is judged"
            )

    def _next(self, window_s: float, pause_s: float) -> Reading:
        self._average(window_s)
        self._trial.station.clock.sleep(READ_SHARE * pause_s)
        return self.read()

    def _average(self, window_s: float) -> None:
        if window_s != self._window_s:
            self._trial.station.analyser.set_averaging(window_s)
            self._window_s = window_s


def site_budget(trial: Trial) -> QuantityBudget:
    """Return the uncertainty of the power at the connection point. Raises ConfigurationError."""
    if trial.station.file.entries["site_meter"].driver == ANALYSER:
        return trial.budget("active_power")
    return meter_budget(trial, "site_meter")


def meter_budget(trial: Trial, role: str) -> QuantityBudget:
    """Return the uncertainty of a meter's power. Raises ConfigurationError."""
    budget = trial.station.file.entries[role].budget("active_power")
    return budget.under(frequency=trial.method.nominal_frequency_hz)
