"""Disturbances an inverter must ride through: applied, seen in the record, judged.

Two things are judged: that the inverter stays connected from the first disturbance to the end, and, where
generation may pause, that it is back in time. What the source really applied is checked in the record: an
inverter is not judged on a disturbance that was weaker than it should have been.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.grid_code.profile import Requirement
from bench.grid_code.withstand_limits import connected_limit, resume_limit
from bench.metering import Recorder, find_disconnection, find_voltage_step, measure_duration
from bench.metering.checks import name_of
from bench.metering.frequency_ramp import find_first_ramp, frequency_series, ramp_rates_hz_per_s
from bench.metering.instant import Instant
from bench.metering.phase_jump import measure_jumps_deg
from bench.metering.resumption import Generation, find_change_near, measure_resumption, part_of
from bench.plots.withstand import withstand_plot
from bench.programs.stimulus import LEAD_S, PHASE_SETS, PRE_TRIGGER_S
from bench.programs.withstand_programs import (
    JUMP_HOLD_S,
    FrequencyRamps,
    PhaseJump,
    VoltageSequence,
)
from bench.trials.trial import Trial
from bench.trials.trial_evidence import Mark
from instruments.errors import RecordingError
from instruments.interfaces import INVERTER_CHANNELS, Recording

VOLTAGES, CURRENTS = INVERTER_CHANNELS[:3], INVERTER_CHANNELS[3:]
AFTER_SWELL_SHARE = 0.15
"""Volt-watt may have reduced the power to a fifth in a swell, and lets go of it in seconds."""
WEAKEST_SHARE = 0.97
SLACK_S = 0.7
"""From the recorder's trigger to the program's start, or to angles set by hand."""
FIRST_WITHIN_S = PRE_TRIGGER_S + LEAD_S + SLACK_S


def judge_voltage_sequence(
    trial: Trial, requirement: Requirement, phases: str, sequence: VoltageSequence
) -> None:
    """Apply dips and swells; judge the connection, and the resumption after each."""
    recording = _record_program(trial, sequence)
    start = _first_step(trial, recording)
    generation = _generation(trial, recording, start)
    marks: list[Mark] = []
    for number, disturbance in enumerate(sequence.disturbances, 1):
        end = find_change_near(
            recording,
            VOLTAGES,
            start.best_s + disturbance.ends_s,
            nominal_frequency_hz=trial.method.nominal_frequency_hz,
            nominal_voltage_v=trial.method.nominal_voltage_v,
        )
        fell = disturbance.level_v < trial.method.nominal_voltage_v
        share = 1 - requirement.number("tolerance") / 100 if fell else AFTER_SWELL_SHARE
        until_s = start.best_s + disturbance.watched_until_s - 1 / trial.method.nominal_frequency_hz
        words = f"{disturbance.words} on {phases} (number {number})"
        marks += _judge_resumption(
            trial, recording, generation, (end, until_s, share), (requirement, words)
        )
    words = f"{len(sequence.disturbances)} disturbances on {phases}"
    _judge_connection(
        trial, recording, start, requirement, ("resume_max", sequence.connected_s, words), marks
    )


def judge_phase_jump(trial: Trial, requirement: Requirement, phases: str, jump: PhaseJump) -> None:
    """Turn one phase or all away and back; judge the connection, and the resumption after each jump.

    Raises:
        RecordingError: the source did not turn as far as it should.
    """
    recording = _record_jumps(trial, jump)
    start = _first_step(trial, recording)
    _require_jump(trial, recording, start, jump, phases)
    generation = _generation(trial, recording, start)
    back = find_voltage_step(
        recording,
        VOLTAGES,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        nominal_voltage_v=trial.method.nominal_voltage_v,
        search_from_s=start.best_s + 0.5 * JUMP_HOLD_S,
    ).instant
    share = 1 - requirement.number("tolerance") / 100
    cycle_s = 1 / trial.method.nominal_frequency_hz
    marks: list[Mark] = []
    for instant, until_s, way in (
        (start, back.earliest_s - cycle_s, "a jump"),
        (back, back.best_s + JUMP_HOLD_S, "the jump back"),
    ):
        words = f"{way} of {jump.angle_deg:g} deg on {phases}"
        marks += _judge_resumption(
            trial, recording, generation, (instant, until_s, share), (requirement, words)
        )
    words = f"jumps of {jump.angle_deg:g} deg on {phases}"
    _judge_connection(
        trial, recording, start, requirement, ("resume_max", jump.connected_s, words), marks
    )


def judge_frequency_ramps(trial: Trial, requirement: Requirement, ramps: FrequencyRamps) -> None:
    """Ramp the frequency up and down; judge the connection.

    Raises:
        RecordingError: a ramp was less steep than it should be.
    """
    recording = _record_program(trial, ramps)
    nominal_hz = trial.method.nominal_frequency_hz
    times_s, frequencies_hz = frequency_series(
        recording, VOLTAGES[0], nominal_frequency_hz=nominal_hz
    )
    start = find_first_ramp(
        times_s,
        frequencies_hz,
        nominal_frequency_hz=nominal_hz,
        rate_hz_per_s=ramps.rate_hz_per_s,
        excursion_hz=ramps.excursion_hz,
        source=name_of(recording),
    )
    placed = [(start.best_s + begin_s, start.best_s + end_s) for begin_s, end_s in ramps.ramps_s]
    rates = ramp_rates_hz_per_s(
        recording, times_s, frequencies_hz, placed, nominal_frequency_hz=nominal_hz
    )
    trial.evidence.note(f"recorded ramps: {', '.join(f'{rate:.2f}' for rate in rates)} Hz/s")
    _require_strength(recording, min(map(abs, rates)), ramps.rate_hz_per_s, "Hz/s")
    words = f"ramps of {ramps.rate_hz_per_s:g} Hz/s"
    _judge_connection(
        trial, recording, start, requirement, ("duration", ramps.connected_s, words), []
    )


def _record_program(trial: Trial, program: VoltageSequence | FrequencyRamps) -> Recording:
    trial.load(program.stimulus)
    length_s = LEAD_S + SLACK_S + program.connected_s
    recording = trial.record(length_s, trial.station.source.start_program)
    trial.end_program()
    return recording


def _record_jumps(trial: Trial, jump: PhaseJump) -> Recording:
    """Record while angles are set by hand: what begins and ends when is seen in the record."""
    source, clock = trial.station.source, trial.station.clock
    trial.evidence.stimulus(jump.stimulus)

    def turn() -> None:
        for step in jump.stimulus.steps[1:]:
            source.set_levels(step)
            clock.sleep(step.hold_s)

    return trial.record(SLACK_S + jump.connected_s, turn)


def _first_step(trial: Trial, recording: Recording) -> Instant:
    """Return when the first disturbance begins."""
    longest_s = min(FIRST_WITHIN_S, recording.duration_s)
    return find_voltage_step(
        part_of(recording, 0.0, longest_s),
        VOLTAGES,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        nominal_voltage_v=trial.method.nominal_voltage_v,
    ).instant


def _generation(trial: Trial, recording: Recording, start: Instant) -> Generation:
    return Generation.of(
        recording,
        CURRENTS,
        event_s=start.earliest_s,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
    )


def _judge_resumption(
    trial: Trial,
    recording: Recording,
    generation: Generation,
    watched: tuple[Instant, float, float],
    asked: tuple[Requirement, str],
) -> Sequence[Mark]:
    """Judge one resumption and return its marks: the end of the disturbance, the return where later."""
    (end, until_s, share), (requirement, words) = watched, asked
    resumed, measurement = measure_resumption(
        generation, end, until_s, share=share, clock_ppm=trial.clock_ppm
    )
    measurement = trial.measured(measurement, trial.file_of(recording))
    trial.judge(measurement, resume_limit(requirement, words))
    marks = [Mark("over", end.best_s)]
    if resumed is not None and resumed.best_s > end.best_s:
        marks.append(Mark("resumed", resumed.best_s))
    return marks


def _judge_connection(
    trial: Trial,
    recording: Recording,
    start: Instant,
    requirement: Requirement,
    asked: tuple[str, float, str],
    marks: Sequence[Mark],
) -> None:
    """Judge for how long the inverter was connected, and record what to draw.

    Args:
        asked: quantity the limit follows from, the time it must stay connected, and through what.
    """
    basis, connected_s, words = asked
    file = trial.file_of(recording)
    gone = find_disconnection(
        recording,
        CURRENTS,
        event_s=start.best_s,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        at_least_a=trial.current_floor_a,
    )
    connected = measure_duration(
        "time connected",
        start,
        gone.instant,
        seen_until_s=gone.flowing_until_s,
        recorder=Recorder(recording.sample_rate_hz, trial.clock_ppm, name_of(recording), file),
        method=f"from the recorded disturbance to the last current above {gone.threshold_a:.3g} A",
    )
    end = [Mark("disconnected", gone.instant.best_s)] if gone.instant else []
    last_s = start.best_s + connected_s
    trial.evidence.plotted(file, withstand_plot(start, [*marks, *end], last_s, requirement))
    trial.judge(
        trial.measured(connected, file), connected_limit(requirement, basis, connected_s, words)
    )


def _require_jump(
    trial: Trial, recording: Recording, start: Instant, jump: PhaseJump, phases: str
) -> None:
    channels = [VOLTAGES[phase] for phase in PHASE_SETS[phases]]
    found = measure_jumps_deg(
        recording, channels, start, nominal_frequency_hz=trial.method.nominal_frequency_hz
    )
    texts = (f"{name} {value:.2f} deg" for name, value in zip(channels, found, strict=True))
    trial.evidence.note(f"recorded jumps: {', '.join(texts)}")
    _require_strength(recording, min(map(abs, found)), jump.angle_deg, "deg")


def _require_strength(recording: Recording, found: float, wanted: float, unit: str) -> None:
    if found < WEAKEST_SHARE * wanted:
        raise RecordingError(
            f"{name_of(recording)}: the disturbance was {found:.3g} {unit}, it should be {wanted:g} {unit}: "
            "what an inverter withstands here says nothing. Look at what the source can do"
        )
