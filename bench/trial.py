"""The one object a procedure holds: settle, apply, measure, judge.

Trouble with the bench leaves a trial as an exception; the inverter's conduct leaves it as verdicts.
Everything is in the journal before a method returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import isclose

from bench.expectations import ResponseKind
from bench.following import Followed, MeteringLimits, follow
from bench.metering import (
    ClearingTime,
    check_agreement,
    find_voltage_return,
    fundamental_powers,
    measure_clearing_time,
    measure_reconnection,
)
from bench.profile import Requirement, TestMethod
from bench.staircases import reading_times_s
from bench.station import Station
from bench.station_file import AnalyserAccuracy
from bench.stimulus import PRE_TRIGGER_S, disconnecting_dip, nominal_step, watched_s
from bench.trial_evidence import Plot, TrialEvidence
from bench.trial_plots import clearing_plot, reconnection_plot, response_plot
from bench.verdict import DecisionRule, Limit, Measurement, Outcome, Verdict, judge, worst
from bench.watching import Enough, Watched
from instruments.clock import Deadline, wait_until
from instruments.errors import BenchError, ConfigurationError, NotSettled
from instruments.interfaces import INVERTER_CHANNELS, Reading, Recording, Stimulus

SETTLE_POLL_S = 5.0
SETTLED_VOLTAGE_PU = 0.01
DEAD_BUS_V = 10.0
DEAD_BUS_TIMEOUT_S = 10.0
RECONNECT_SLACK_S = 60.0
READ_PERIOD_S = 0.1
FETCH_SLACK_S = 60.0
READ_SHARE = 0.9
PROGRAM_REST_S = 2.0
CURRENT_FLOOR_PU = 0.003
GENERATION_FLOOR_PU = 0.03
WITNESS_S = 0.1
WITNESS_AGREEMENT_PU = 0.01


class NotTested(BenchError):
    """What is left of a trial cannot be tested, for a reason that lies with the inverter."""


class Trial:
    """One execution of one procedure; see the module.

    Args:
        station: connected instruments.
        method: how the grid code is tested.
        rule: decision rule of the run.
        evidence: where this trial writes.
    """

    def __init__(
        self, station: Station, method: TestMethod, rule: DecisionRule, evidence: TrialEvidence
    ) -> None:
        self.method = method
        self.verdicts: list[Verdict] = []
        self.evidence = evidence
        self._station = station
        self._rule = rule
        self._files: dict[int, str] = {}

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
        station = self._station
        station.source.set_levels(nominal_step(self.method))
        if not station.source.output_is_on():
            station.source.switch_output(True)
        if not station.contactor.is_closed():
            station.contactor.switch(True)
        deadline = Deadline.after(station.clock, self.method.settle_timeout_s)
        if not wait_until(self._is_settled, deadline, SETTLE_POLL_S):
            raise NotSettled(self._unsettled())

    def apply(self, stimulus: Stimulus) -> Recording:
        """Record what the inverter does while the source runs a program; then go back to nominal."""
        source = self._station.source
        self.evidence.stimulus(stimulus)
        source.load_program(stimulus)
        recording = self._record(stimulus.steps[-1].duration_s, source.start_program)
        source.abort_program()
        source.set_levels(nominal_step(self.method))
        return recording

    def disconnect(self) -> None:
        """Dip the voltage until the inverter has disconnected, and stay there.

        One that stays connected is disconnected by command: what is tested here comes afterwards.
        """
        station = self._station
        dip = disconnecting_dip(self.method)
        station.source.set_levels(dip)
        station.clock.sleep(dip.hold_s)
        if max(station.analyser.read().currents_a) > self.current_floor_a:
            self.evidence.note(
                f"the inverter stayed connected at {dip.voltages_v[0]:g} V; commanded"
            )
            station.inverter.permit_service(False)
            station.clock.sleep(dip.hold_s)
            station.inverter.permit_service(True)

    def watch(self, stimulus: Stimulus, window_s: float, enough: Enough) -> Watched:
        """Read averages while the source runs a program, until enough has been seen; then go back to nominal.

        The program is never seen to its end: what a source puts out then depends on its make.
        """
        source, analyser = self._station.source, self._station.analyser
        self.evidence.stimulus(stimulus)
        source.load_program(stimulus)
        analyser.set_averaging(window_s)
        try:
            source.start_program()
            longest_s = stimulus.duration_s - PROGRAM_REST_S
            readings = tuple(self._readings(longest_s, window_s, enough))
        finally:
            analyser.set_averaging(READ_PERIOD_S)
        source.abort_program()
        source.set_levels(nominal_step(self.method))
        entry = self._station.file.entries["power_analyser"]
        file = self.evidence.readings(readings)
        return Watched(readings, file, entry.clock_ppm, entry.accuracy_pct)

    def show(self, watched: Watched, plot: Plot) -> None:
        """Record what to draw of a series of readings."""
        self.evidence.plotted(watched.file, plot)

    def judge_readings(self, measurement: Measurement, limit: Limit, watched: Watched) -> Verdict:
        """Record and judge a measurement that was taken from readings."""
        measurement = replace(measurement, recording=watched.file)
        self.evidence.measured(measurement, watched.file)
        return self.judge(measurement, limit)

    def climb(self, stimulus: Stimulus) -> list[Reading]:
        """Run a staircase and return the analyser's readings over it; then go back to nominal.

        Raises:
            RecordingError: readings and waveforms do not show the same power.
        """
        station = self._station
        self.evidence.stimulus(stimulus)
        station.source.load_program(stimulus)
        station.source.start_program()
        readings = list(self._read_at(reading_times_s(stimulus)))
        self._check_powers(self._record(WITNESS_S, lambda: None), readings[-1])
        station.source.abort_program()
        station.source.set_levels(nominal_step(self.method))
        self._files[id(readings)] = self.evidence.readings(readings)
        return readings

    def response(
        self,
        stimulus: Stimulus,
        readings: Sequence[Reading],
        kind: ResponseKind,
        requirement: Requirement,
    ) -> Followed:
        """Measure how the inverter followed a staircase."""
        file = self._files[id(readings)]
        rated_va = self._station.inverter_file.rated_apparent_power_va
        instrument = MeteringLimits(self._accuracy, self._clock_ppm, rated_va)
        followed = follow(stimulus, readings, kind, requirement, instrument)
        self.evidence.plotted(file, response_plot(followed, readings[0].end_s, requirement))
        for line in followed.table():
            self.evidence.note(f"{requirement.id}: {line}")
        for measurement, _ in followed.judgements:
            self.evidence.measured(replace(measurement, recording=file), file)
        return followed

    def lose_grid(self, run_on_max_s: float) -> Recording:
        """Record what the inverter does when the contactor opens under load."""
        self.evidence.note("the grid contactor was opened under load")
        length_s = watched_s(run_on_max_s, self.method)
        return self._record(length_s, lambda: self._station.contactor.switch(False))

    def require_disconnected(self, clearing: ClearingTime, requirement: Requirement) -> None:
        """Make sure the island is dead before the grid comes back.

        Raises:
            NotTested: the inverter had to be stopped by command, so its reconnection says nothing.
        """
        if clearing.cease_time.censored:
            self._station.inverter.permit_service(False)
        self._wait_for_dead_bus()
        if clearing.cease_time.censored:
            self._station.inverter.permit_service(True)
            raise NotTested(
                f"{requirement.id}: the inverter fed the island until it was commanded to stop"
            )

    def return_grid(self, requirement: Requirement) -> Measurement:
        """Close the contactor and return how long the inverter observed the grid before connecting."""
        station = self._station
        close = self._record(watched_s(0.0, self.method), lambda: station.contactor.switch(True))
        returned = find_voltage_return(
            close, INVERTER_CHANNELS[:3], nominal_voltage_v=self.method.nominal_voltage_v
        )
        readings = list(self._watch(requirement.number("observation_min") + RECONNECT_SLACK_S))
        result = measure_reconnection(
            returned.shifted(close.start_s),
            readings,
            current_floor_a=self.current_floor_a,
            clock_ppm=self._clock_ppm,
        )
        file = self.evidence.readings(readings)
        waiting_time = replace(result.waiting_time, recording=file)
        self.evidence.plotted(file, reconnection_plot(result, readings[0].end_s, requirement))
        self.evidence.measured(waiting_time, file)
        return waiting_time

    def clearing_time(
        self, recording: Recording, start: str, requirement: Requirement
    ) -> ClearingTime:
        """Measure from the recorded event to the end of the inverter's current.

        Args:
            start: "voltage_step" or "current_stop" (see `bench.metering`).
        """
        file = self._files[id(recording)]
        clearing = measure_clearing_time(
            recording,
            start=start,
            nominal_voltage_v=self.method.nominal_voltage_v,
            nominal_frequency_hz=self.method.nominal_frequency_hz,
            rated_current_a=self._station.inverter_file.rated_current_a,
            clock_ppm=self._clock_ppm,
            recording_name=file,
        )
        self.evidence.plotted(file, clearing_plot(clearing, requirement))
        self.evidence.measured(clearing.cease_time, file)
        self.evidence.measured(clearing.disconnect_time, file)
        return clearing

    def judge(self, measurement: Measurement, limit: Limit) -> Verdict:
        """Judge and remember; the verdict is durable before anybody sees it."""
        verdict = judge(measurement, limit, self._rule)
        self.evidence.judged(verdict)
        self.verdicts.append(verdict)
        return verdict

    @property
    def rated_power_w(self) -> float:
        """Rated apparent power, to which powers are referred."""
        return self._station.inverter_file.rated_apparent_power_va

    @property
    def power_floor_w(self) -> float:
        """Active power below which nothing counts as generation."""
        return GENERATION_FLOOR_PU * self.rated_power_w

    @property
    def _clock_ppm(self) -> float:
        return self._station.file.entries["power_analyser"].clock_ppm

    @property
    def _accuracy(self) -> AnalyserAccuracy:
        accuracy = self._station.file.entries["power_analyser"].accuracy
        if accuracy is None:
            raise ConfigurationError(
                f"{self._station.file.file}: table [power_analyser] states no accuracy (voltage_v, "
                "frequency_hz, power_w), so no power can be judged"
            )
        return accuracy

    @property
    def current_floor_a(self) -> float:
        """Current per phase above which the inverter is connected."""
        return CURRENT_FLOOR_PU * self._station.inverter_file.rated_current_a

    @property
    def settled_power_w(self) -> float:
        """Active power that counts as full."""
        return self.method.settle_power_pu * self.rated_power_w

    def _is_settled(self) -> bool:
        reading = self._station.analyser.read()
        nominal_v = self.method.nominal_voltage_v
        return reading.active_power_w >= self.settled_power_w and all(
            isclose(voltage_v, nominal_v, abs_tol=SETTLED_VOLTAGE_PU * nominal_v)
            for voltage_v in reading.voltages_v
        )

    def _unsettled(self) -> str:
        reading = self._station.analyser.read()
        voltages = ", ".join(f"{voltage_v:.1f}" for voltage_v in reading.voltages_v)
        return (
            f"after {self.method.settle_timeout_s:g} s the inverter delivers "
            f"{reading.active_power_w:.0f} W at {voltages} V; expected at least "
            f"{self.settled_power_w:.0f} W at {self.method.nominal_voltage_v:g} V on each phase. "
            f"The inverter says: {self._station.inverter.status()}"
        )

    def _record(self, after_trigger_s: float, start: Callable[[], None]) -> Recording:
        analyser, clock = self._station.analyser, self._station.clock
        length_s = PRE_TRIGGER_S + after_trigger_s
        analyser.arm_recording(self.method.sample_rate_hz, PRE_TRIGGER_S, length_s)
        analyser.trigger_recording()
        start()
        recording = analyser.fetch_recording(Deadline.after(clock, length_s + FETCH_SLACK_S))
        self._files[id(recording)] = self.evidence.recording(recording)
        return recording

    def _watch(self, longest_s: float) -> Iterator[Reading]:
        """Yield readings until the inverter has been connected for a second, or the time is up."""
        station = self._station
        deadline = Deadline.after(station.clock, longest_s)
        connected_for_s = 0.0
        while connected_for_s < 1.0 and not deadline.passed:
            reading = station.analyser.read()
            yield reading
            connected_for_s += (
                reading.window_s if max(reading.currents_a) > self.current_floor_a else 0.0
            )
            station.clock.sleep(READ_PERIOD_S / 2)

    def _readings(self, longest_s: float, window_s: float, enough: Enough) -> Iterator[Reading]:
        """Yield one reading after the other, none left out."""
        clock = self._station.clock
        deadline = Deadline.after(clock, longest_s)
        readings: list[Reading] = []
        while not deadline.passed:
            readings.append(self._station.analyser.read())
            yield readings[-1]
            if enough(readings):
                return
            clock.sleep(READ_SHARE * window_s)

    def _read_at(self, times_s: Iterable[float]) -> Iterator[Reading]:
        """Yield a reading at each time from now; how long the exchanges take does not add up."""
        clock = self._station.clock
        start_s = clock.now_s()
        for time_s in times_s:
            clock.sleep(max(0.0, start_s + time_s - clock.now_s()))
            yield self._station.analyser.read()

    def _check_powers(self, recording: Recording, reading: Reading) -> None:
        powers = fundamental_powers(
            recording,
            INVERTER_CHANNELS[:3],
            INVERTER_CHANNELS[3:],
            nominal_frequency_hz=self.method.nominal_frequency_hz,
        )
        rated_va = self._station.inverter_file.rated_apparent_power_va
        check_agreement(powers, reading, WITNESS_AGREEMENT_PU * rated_va)

    def _wait_for_dead_bus(self) -> None:
        deadline = Deadline.after(self._station.clock, DEAD_BUS_TIMEOUT_S)
        if not wait_until(self._bus_is_dead, deadline, poll_s=0.5):
            raise NotSettled(
                f"the island is still alive {DEAD_BUS_TIMEOUT_S:g} s after the inverter stopped; "
                "the contactor stays open"
            )

    def _bus_is_dead(self) -> bool:
        return max(self._station.analyser.read().voltages_v) < DEAD_BUS_V
