"""The one object a procedure holds: settle, apply, record, judge.

What is special to one kind of procedure stands in `bench.manoeuvres`. Trouble with the bench leaves a trial as
an exception; the inverter's conduct leaves it as verdicts. All of it is in the journal before a method returns,
and on disk before a verdict is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.budgets import QuantityBudget
from bench.grid_code.profile import TestMethod
from bench.metering.instant import Instant
from bench.programs.stimulus import PRE_TRIGGER_S, nominal_step
from bench.trials.settling import until_settled
from bench.trials.trial_evidence import TrialEvidence
from bench.trials.trial_station import TrialStation
from bench.verdicts.verdict import DecisionRule, Limit, Measurement, Outcome, Verdict, judge, worst
from instruments.clock import Deadline
from instruments.errors import BenchError, InstrumentError, NotSettled
from instruments.interfaces import INVERTER_CHANNELS, Reading, Recording, Stimulus

SETTLED_VOLTAGE_PU = 0.01
FETCH_SLACK_S = 60.0
CURRENT_FLOOR_PU = 0.003
GENERATION_FLOOR_PU = 0.03


class NotTested(BenchError):
    """What is left of a trial cannot be tested, for a reason that lies with the inverter."""


class Trial:
    """One execution of one procedure; see the module.

    Args:
        station: connected instruments.
        method: how the grid code is tested.
        rule: decision rule of the run.
        evidence: where this trial writes.

    Attributes:
        verdicts: so far, in order.
    """

    def __init__(
        self, station: TrialStation, method: TestMethod, rule: DecisionRule, evidence: TrialEvidence
    ) -> None:
        self.station = station
        self.method = method
        self.evidence = evidence
        self.verdicts: list[Verdict] = []
        self._rule = rule
        self._files: dict[int, str] = {}
        self._triggered_s: dict[int, tuple[float, float]] = {}
        self._energised = False

    @property
    def outcome(self) -> Outcome:
        """The worst verdict so far; "not tested" when there is none."""
        return worst(verdict.outcome for verdict in self.verdicts)

    @property
    def summary(self) -> str:
        """Each judged measurement once, with the limits it was judged against."""
        limits: dict[Measurement, list[str]] = {}
        for verdict in self.verdicts:
            limits.setdefault(verdict.measurement, []).append(str(verdict.limit))
        return "; ".join(f"{value} ({', '.join(texts)})" for value, texts in limits.items())

    def settle(self) -> None:
        """Bring grid and inverter to the starting condition: nominal grid, full power.

        Raises:
            NotSettled: the analyser does not see it in time.
        """
        self.energise()
        station = self.station
        deadline = Deadline.after(station.clock, self.method.settle_timeout_s)
        reading = until_settled(station.analyser, self._is_settled, self.settled_power_w, deadline)
        if not self._is_settled(reading):
            raise NotSettled(self._unsettled(reading))

    def energise(self, irradiance: float = 1.0) -> None:
        """Bring the nominal grid to the inverter's terminals, without an islanding load.

        Args:
            irradiance: share of full sun, where the station has a PV source.
        """
        station = self.station
        self._confirm_grid()
        if station.islanding_load and station.islanding_load.is_connected():
            station.islanding_load.switch(False)
        if station.pv_source:
            station.pv_source.set_irradiance(irradiance)
            if not station.pv_source.output_is_on():
                station.pv_source.switch_output(True)
        station.source.set_levels(nominal_step(self.method))
        if not station.source.output_is_on():
            station.source.switch_output(True)
        self._energised = True
        if not station.contactor.is_closed():
            station.contactor.switch(True)

    def load(self, stimulus: Stimulus) -> None:
        """Put a program on record and into the source; nothing changes at the output yet."""
        self.evidence.stimulus(stimulus)
        self.station.source.load_program(stimulus)

    def apply(self, stimulus: Stimulus) -> Recording:
        """Record what the inverter does while the source runs a program; then go back to nominal."""
        self.load(stimulus)
        recording = self.record(stimulus.steps[-1].duration_s, self.station.source.start_program)
        self.end_program()
        return recording

    def end_program(self) -> None:
        """Stop the source's program and go back to the nominal grid."""
        self.station.source.abort_program()
        self.station.source.set_levels(nominal_step(self.method))

    def record(
        self,
        after_trigger_s: float,
        start: Callable[[], None],
        channels: Sequence[str] = INVERTER_CHANNELS,
    ) -> Recording:
        """Record waveforms from before `start` is called until `after_trigger_s` later."""
        analyser, clock = self.station.analyser, self.station.clock
        length_s = PRE_TRIGGER_S + after_trigger_s
        analyser.arm_recording(self.method.sample_rate_hz, PRE_TRIGGER_S, length_s, channels)
        before_s = clock.now_s()
        analyser.trigger_recording()
        after_s = clock.now_s()
        start()
        recording = analyser.fetch_recording(Deadline.after(clock, length_s + FETCH_SLACK_S))
        self._files[id(recording)] = self.evidence.recording(recording)
        self._triggered_s[id(recording)] = (before_s, after_s)
        return recording

    def host_bracket(self, recording: Recording, from_s: float, until_s: float) -> Instant:
        """Return what the host saw happen between two of its times, as an instant of the record.

        Host and recorder share nothing but the trigger: between the command and its return. What that leaves
        open, and the exchanges of the event itself, are the bracket.
        """
        before_s, after_s = self._triggered_s[id(recording)]
        return Instant.between(from_s - after_s, until_s - before_s).shifted(PRE_TRIGGER_S)

    def file_of(self, recording: Recording) -> str:
        """Return where a recording of this trial is in the evidence."""
        return self._files[id(recording)]

    def measured(self, measurement: Measurement, file: str) -> Measurement:
        """Put on record a measurement that was taken from a file of this trial, and return it with the file."""
        measurement = replace(measurement, recording=file)
        self.evidence.measured(measurement, file)
        return measurement

    def judge(self, measurement: Measurement, limit: Limit) -> Verdict:
        """Judge and remember; the verdict is durable before anybody sees it.

        Invalid while a calibration of the station is not in force.

        Raises:
            InstrumentError: the grid this trial switched on is off.
        """
        self._confirm_grid()
        defects = self.station.file.calibration_defects(self.station.day)
        verdict = judge(measurement, limit, self._rule, defects)
        self.evidence.judged(verdict)
        self.verdicts.append(verdict)
        return verdict

    def _confirm_grid(self) -> None:
        """Refuse to go on without the grid this trial switched on: what was measured may be its end."""
        if self._energised and not self.station.source.output_is_on():
            raise InstrumentError(
                "the source's output is off, although this trial switched it on: its protection tripped, or "
                "somebody switched it off. What the inverter did since is not judged"
            )

    @property
    def rated_power_w(self) -> float:
        """Rated apparent power, to which powers are referred."""
        return self.station.inverter_file.rated_apparent_power_va

    @property
    def phases(self) -> int:
        """Number of phases of the inverter."""
        return self.station.inverter_file.phases

    @property
    def storage_pu(self) -> float:
        """Rated charging power as a share of the rated apparent power; 0 without storage."""
        return self.station.inverter_file.storage_power_w / self.rated_power_w

    @property
    def rated_current_a(self) -> float:
        """Rated current per phase."""
        return self.station.inverter_file.rated_current_a

    @property
    def settled_power_w(self) -> float:
        """Active power that counts as full."""
        return self.method.settle_power_pu * self.rated_power_w

    @property
    def power_floor_w(self) -> float:
        """Active power below which nothing counts as generation."""
        return GENERATION_FLOOR_PU * self.rated_power_w

    @property
    def current_floor_a(self) -> float:
        """Current per phase above which the inverter is connected."""
        return CURRENT_FLOOR_PU * self.rated_current_a

    @property
    def clock_ppm(self) -> float:
        """Largest deviation of the analyser's clock."""
        return self.station.file.entries["power_analyser"].clock_ppm

    def budget(self, quantity: str) -> QuantityBudget:
        """Return the uncertainty budget of what the analyser reads (see `bench.budgets.quantities`).

        Raises:
            ConfigurationError: the station states none.
        """
        budget = self.station.file.entries["power_analyser"].budget(quantity)
        return budget.under(frequency=self.method.nominal_frequency_hz)

    def _is_settled(self, reading: Reading) -> bool:
        nominal_v = self.method.nominal_voltage_v
        return reading.active_power_w >= self.settled_power_w and all(
            abs(voltage_v - nominal_v) <= SETTLED_VOLTAGE_PU * nominal_v
            for voltage_v in reading.voltages_v
        )

    def _unsettled(self, reading: Reading) -> str:
        voltages = ", ".join(f"{voltage_v:.1f}" for voltage_v in reading.voltages_v)
        return (
            f"after {self.method.settle_timeout_s:g} s the inverter delivers "
            f"{reading.active_power_w:.0f} W at {voltages} V; expected at least "
            f"{self.settled_power_w:.0f} W at {self.method.nominal_voltage_v:g} V on each phase. "
            f"The inverter says: {self.station.inverter.status()}"
        )
