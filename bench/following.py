"""From a staircase and its readings to what is judged of an inverter that should follow it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.expectations import ResponseKind
from bench.limits import release_judgements, response_judgements
from bench.metering.plateaus import find_plateaus
from bench.metering.release import Release, measure_release
from bench.metering.response import Response, ResponseRules, StepResponse, measure_response
from bench.profile import Requirement
from bench.station_file import AnalyserAccuracy
from bench.verdict import Limit, Measurement
from instruments.interfaces import Reading, Stimulus

PER_CENT = 0.01


@dataclass(frozen=True)
class MeteringLimits:
    """What the analyser can tell, and the inverter's rating."""

    accuracy: AnalyserAccuracy
    clock_ppm: float
    rated_va: float


@dataclass(frozen=True)
class Followed:
    """How an inverter followed a staircase.

    Attributes:
        unit: of the stimulus.
        what: the power that follows.
        release: of a latched response, otherwise None.
        judgements: each measurement that decides, with its limit.
    """

    unit: str
    what: str
    response: Response
    release: Release | None
    judgements: tuple[tuple[Measurement, Limit], ...]

    def table(self) -> Iterator[str]:
        """Yield one line per level: stimulus, response, what was expected, times."""
        yield (
            f"granted to the inverter's own measurement: {self.response.sensing_error:+.3f} {self.unit}"
        )
        for number, step in enumerate(self.response.steps, 1):
            yield f"level {number}: {_line(step, self.unit)}"


def follow(
    stimulus: Stimulus,
    readings: Sequence[Reading],
    kind: ResponseKind,
    requirement: Requirement,
    instrument: MeteringLimits,
) -> Followed:
    """Measure a response.

    Raises:
        RecordingError: the readings do not show the staircase.
    """
    levels = [kind.level(step) for step in stimulus.steps]
    plateaus = find_plateaus(readings, kind.stimulus, levels)
    latched, released = (plateaus[:-1], plateaus[-1:]) if kind.latched else (plateaus, [])
    rules = _rules(kind, requirement, instrument)
    rated_va = instrument.rated_va

    def share(reading: Reading) -> float:
        return kind.watts(reading) / rated_va

    expected = kind.expectation(requirement, latched, rated_va)
    response = measure_response(latched, share, expected, rules)
    judgements = response_judgements(requirement, response)
    release = None
    for plateau in released:
        rate_max = requirement.number("return_rate_max")
        release = measure_release(latched[-1], plateau, share, rate_max, rules)
        judgements += release_judgements(requirement, release)
    return Followed(kind.unit, kind.what, response, release, tuple(judgements))


def _rules(
    kind: ResponseKind, requirement: Requirement, instrument: MeteringLimits
) -> ResponseRules:
    accuracy = instrument.accuracy
    stimulus = accuracy.voltage_v if kind.unit == "V" else accuracy.frequency_hz
    return ResponseRules(
        tolerance_pu=PER_CENT * requirement.number("tolerance"),
        commence_share=PER_CENT * requirement.number("commence_share"),
        sensing_error=kind.sensing_error(requirement),
        power_accuracy_pu=accuracy.power_w / instrument.rated_va,
        stimulus_accuracy_pu=stimulus * kind.slope_pu(requirement),
        clock_ppm=instrument.clock_ppm,
    )


def _line(step: StepResponse, unit: str) -> str:
    low, high = (100 * edge for edge in step.expected)
    began = step.plateau.began
    judged = (
        ("commenced", step.commenced, step.timed and step.begins),
        ("completed", step.completed, step.timed),
    )
    times = [
        f"{name} after {instant.best_s - began.best_s:.2f} s" if instant else f"not {name}"
        for name, instant, is_judged in judged
        if is_judged
    ]
    expected = f"{low:.2f} %" if high - low < 0.005 else f"{low:.2f} … {high:.2f} %"
    return "; ".join(
        [f"{step.plateau.level:.2f} {unit}, {100 * step.steady:.2f} %, expected {expected}", *times]
    )
