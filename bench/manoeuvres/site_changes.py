"""What a step of a case changes at the site: limits, load, sun, meter, supply, permission, voltage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from bench.export_limits.amounts import Amount, Scale
from bench.export_limits.case import COMMANDS, CYCLED, TRIPPED, Step
from bench.export_limits.conditions import Conditions
from bench.grid_code.curves import curve_of
from bench.grid_code.profile import Requirement
from bench.manoeuvres.grid_loss import disconnect
from bench.programs.stimulus import nominal_step
from bench.trials.trial import NotTested, Trial
from instruments.commands import ControlMode, Reversion, Written
from instruments.errors import ConfigurationError, ReadBackMismatch, RegisterBusy, RegisterError
from instruments.interfaces import GridStep, PhaseValues
from instruments.load_and_sun import ParallelRlc
from instruments.site import MeterFeed

AWAY_S = 5.0
NOTHING: PhaseValues = (0.0, 0.0, 0.0)
Change = Callable[[], Written | None]
"""Carries out one change; returns when its last write was answered, None when only the call itself tells."""


class Site:
    """The site of one trial, as far as the bench can change it.

    Args:
        volt_watt: requirement whose curve tells at which voltage power is bound.
    """

    def __init__(self, trial: Trial, scale: Scale, volt_watt: Requirement | None = None) -> None:
        self._trial = trial
        self._scale = scale
        self._volt_watt = volt_watt

    def change(self, step: Step, conditions: Conditions) -> tuple[float, float]:
        """Carry out what a step changes.

        Returns:
            Between which times of the bench's clock the last of it took effect.
        """
        clock = self._trial.station.clock
        between_s = (clock.now_s(), clock.now_s())
        for change in self._changes(step, conditions):
            began_s = clock.now_s()
            written = change()
            ended_s = clock.now_s()
            between_s = (
                (began_s, ended_s) if written is None else (written.sent_s, written.acknowledged_s)
            )
        return between_s

    def restore(self) -> None:
        """Give the site back as it was: permission, meter, load and voltage."""
        station = self._trial.station
        station.inverter.permit_service(True)
        if station.meter_line:
            station.meter_line.set_feed(MeterFeed.WORKING)
        if station.islanding_load and station.islanding_load.is_connected():
            station.islanding_load.switch(False)
        if station.second_pv_source and station.second_pv_source.output_is_on():
            station.second_pv_source.switch_output(False)
        station.source.set_levels(nominal_step(self._trial.method))

    def shine(self, share: float) -> None:
        """Go to a share of full sun."""
        source = self._trial.station.pv_source
        if source is None:
            raise self._lacking("pv_source")
        source.set_irradiance(share)

    def _shine_on_second(self, share: float) -> None:
        source = self._trial.station.second_pv_source
        if source is None:
            raise self._lacking("second_pv_source")
        source.set_irradiance(share)
        if not source.output_is_on():
            source.switch_output(True)

    def _changes(self, step: Step, conditions: Conditions) -> Iterator[Change]:
        if step.sun is not None and not step.sun_over_s:
            share = step.sun
            yield lambda: self.shine(share)
        if step.loads is not None:
            yield lambda: self._load(conditions.loads_w)
        if step.second_sun is not None:
            yield partial(self._shine_on_second, step.second_sun)
        if step.volt_watt is not None:
            yield lambda: self._raise_voltage(step)
        for name in step.commands:
            yield partial(self._command, name, step)
        if step.meter is not None:
            yield lambda: self._feed(step)
        if step.supply:
            yield {CYCLED: self._cycle, TRIPPED: self._trip}[step.supply]
        yield from self._told(step)

    def _told(self, step: Step) -> Iterator[Change]:
        """Yield what the inverter is told beside limits."""
        if step.service is not None:
            permitted = step.service
            yield lambda: self._trial.station.inverter.permit_service(permitted)
        if step.low_hard_export is not None:
            yield partial(self._ask_for_low_hard, step.low_hard_export)
        if step.provocation is not None:
            yield lambda: self._provoke(step)

    def _command(self, name: str, step: Step) -> Written:
        mode, value_w = COMMANDS[name], step.commands[name].watts_at(self._scale)
        controls = self._trial.station.inverter.controls
        if not controls.offers(mode):
            raise NotTested(f"the inverter offers no {mode} over its interface")
        if value_w is None:
            return controls.release(mode)
        if mode is not ControlMode.POWER_LIMIT:
            return controls.command(mode, value_w)
        share = value_w / self._scale.rated_w
        if step.reverts_after_s is None:
            return controls.command(mode, share)
        self._require_reversion(step.then)
        return controls.command_for(share, Reversion(step.reverts_after_s, step.then))

    def _ask_for_low_hard(self, amount: Amount) -> Written | None:
        """Command a hard limit below the soft one and note whether it was refused."""
        mode, value_w = ControlMode.HARD_EXPORT_LIMIT, amount.watts_at(self._scale)
        controls = self._trial.station.inverter.controls
        if not controls.offers(mode) or value_w is None:
            raise NotTested(f"the inverter offers no {mode} over its interface")
        written, answer = None, "accepted"
        try:
            written = controls.command(mode, value_w)
        except RegisterBusy:
            raise
        except RegisterError as refusal:
            answer = f"refused with exception {refusal.code}"
        except ReadBackMismatch:
            answer = "acknowledged and not taken: it reads back otherwise"
        self._trial.evidence.note(f"a {mode} of {value_w:.0f} W, below the soft one, was {answer}")
        return written

    def _provoke(self, step: Step) -> None:
        assert step.provocation is not None
        self._require_reversion()
        answer = self._trial.station.inverter.controls.provoke(step.provocation)
        self._trial.evidence.note(
            f"sent {step.provocation} as limit of active power: {answer or 'acknowledged'}"
        )

    def _require_reversion(self, then: float | None = None) -> None:
        if not self._trial.station.inverter.controls.offers_reversion(then):
            to = "" if then is None else f" to {100 * then:g} % of rated power"
            raise NotTested(f"the inverter offers no limit that reverts{to} over its interface")

    def _load(self, loads_w: PhaseValues) -> None:
        station = self._trial.station
        load = station.islanding_load
        if load is None:
            raise self._lacking("islanding_load")
        if not any(loads_w):
            load.switch(False)
            return
        method = self._trial.method
        wanted = ParallelRlc(
            loads_w, NOTHING, NOTHING, method.nominal_voltage_v, method.nominal_frequency_hz
        )
        load.set_load(wanted)
        if not load.is_connected():
            load.switch(True)

    def _feed(self, step: Step) -> None:
        line = self._trial.station.meter_line
        if line is None:
            raise self._lacking("meter_line")
        assert step.meter is not None
        line.set_feed(step.meter)

    def _cycle(self) -> None:
        station = self._trial.station
        station.contactor.switch(False)
        station.clock.sleep(AWAY_S)
        station.contactor.switch(True)

    def _trip(self) -> None:
        disconnect(self._trial)
        self._trial.station.source.set_levels(nominal_step(self._trial.method))

    def _raise_voltage(self, step: Step) -> None:
        """Go to the voltage at which volt-watt leaves a share."""
        assert step.volt_watt is not None
        if self._volt_watt is None:
            raise ConfigurationError("a step with volt_watt takes a grid code with volt-watt")
        curve = curve_of(self._volt_watt, "voltages", "powers")
        (low_v, high), (high_v, low) = curve.points[0], curve.points[-1]
        voltage_v = low_v + (high_v - low_v) * (high - step.volt_watt) / (high - low)
        frequency_hz = self._trial.method.nominal_frequency_hz
        self._trial.station.source.set_levels(GridStep((voltage_v,) * 3, frequency_hz, 0.0))

    def _lacking(self, table: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self._trial.station.file.file}: there is no table [{table}], which this case takes"
        )
