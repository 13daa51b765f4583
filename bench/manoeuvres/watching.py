"""Averaged readings while the source runs a program: until enough has been seen, or at planned times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench.metering import check_agreement, fundamental_powers
from bench.programs.staircases import reading_times_s
from bench.trials.trial import Trial
from bench.trials.trial_evidence import Plot
from bench.trials.watching import Enough, Pause, Watched, gapless
from bench.verdicts.verdict import Limit, Measurement, Verdict
from instruments.clock import Deadline
from instruments.interfaces import INVERTER_CHANNELS, Reading, Stimulus

READ_PERIOD_S = 0.1
PROGRAM_REST_S = 2.0
WITNESS_S = 0.1
WITNESS_AGREEMENT_PU = 0.01


def watch(
    trial: Trial,
    stimulus: Stimulus,
    window_s: float,
    enough: Enough,
    pause: Pause | None = None,
) -> Watched:
    """Read averages while the source runs a program, until enough has been seen; then go back to nominal.

    The program is never seen to its end: what a source puts out then depends on its make.

    Args:
        pause: between readings; by default no averaging window is left out.
    """
    analyser, pause = trial.station.analyser, pause or gapless(window_s)
    trial.load(stimulus)
    analyser.set_averaging(window_s)
    try:
        trial.station.source.start_program()
        longest_s = stimulus.duration_s - PROGRAM_REST_S
        readings = list(_until(trial, longest_s, enough, pause))
    finally:
        analyser.set_averaging(READ_PERIOD_S)
    trial.end_program()
    return keep(trial, readings)


def climb(trial: Trial, stimulus: Stimulus) -> Watched:
    """Read while the source runs a staircase, at times that follow from it; then go back to nominal.

    Raises:
        RecordingError: readings and waveforms do not show the same power.
    """
    trial.load(stimulus)
    trial.station.source.start_program()
    readings = list(_read_at(trial, reading_times_s(stimulus)))
    check_powers(trial, readings[-1])
    trial.end_program()
    return keep(trial, readings)


def check_powers(trial: Trial, reading: Reading) -> None:
    """Record waveforms and check that the powers of their fundamental are those of the last reading.

    Raises:
        RecordingError: they are not: what the analyser calls reactive power is something else, or a channel is
            wired or scaled wrongly.
    """
    recording = trial.record(WITNESS_S, lambda: None)
    powers = fundamental_powers(
        recording,
        INVERTER_CHANNELS[:3],
        INVERTER_CHANNELS[3:],
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
    )
    check_agreement(powers, reading, WITNESS_AGREEMENT_PU * trial.rated_power_w)


def show(trial: Trial, watched: Watched, plot: Plot) -> None:
    """Record what to draw of a series of readings."""
    trial.evidence.plotted(watched.file, plot)


def judge_readings(
    trial: Trial, measurement: Measurement, limit: Limit, watched: Watched
) -> Verdict:
    """Record and judge a measurement that was taken from readings."""
    return trial.judge(trial.measured(measurement, watched.file), limit)


def keep(trial: Trial, readings: Sequence[Reading]) -> Watched:
    """Put readings on record, with what is needed to measure on them."""
    return Watched(tuple(readings), trial.evidence.readings(readings), trial.clock_ppm)


def _until(trial: Trial, longest_s: float, enough: Enough, pause: Pause) -> Iterator[Reading]:
    """Yield one reading after the other."""
    clock = trial.station.clock
    started_s = clock.now_s()
    deadline = Deadline.after(clock, longest_s)
    readings: list[Reading] = []
    while not deadline.passed:
        readings.append(trial.station.analyser.read())
        yield readings[-1]
        if enough(readings):
            return
        clock.sleep(pause(clock.now_s() - started_s))


def _read_at(trial: Trial, times_s: Iterable[float]) -> Iterator[Reading]:
    """Yield a reading at each time from now; how long the exchanges take does not add up."""
    clock = trial.station.clock
    start_s = clock.now_s()
    for time_s in times_s:
        clock.sleep(max(0.0, start_s + time_s - clock.now_s()))
        yield trial.station.analyser.read()
