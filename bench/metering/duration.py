"""From two instants to a measurement in seconds, with its budget."""

from __future__ import annotations

from dataclasses import dataclass

from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular, resolution
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError

CLOCK_PPM = 50.0


@dataclass(frozen=True)
class Recorder:
    """What of the recorder enters every duration.

    Attributes:
        clock_ppm: largest deviation of its clock.
        source: how messages call the recording.
        recording: path of the recording inside a run, for the evidence.
    """

    sample_rate_hz: float
    clock_ppm: float
    source: str
    recording: str | None


def measure_duration(
    measurand: str,
    start: Instant,
    end: Instant | None,
    *,
    seen_until_s: float,
    recorder: Recorder,
    method: str,
) -> Measurement:
    """Return the time from `start` to `end`; "at least" up to `seen_until_s` when there is no end.

    Raises:
        RecordingError: the end cannot be told from the start.
    """
    end_s = seen_until_s if end is None else end.best_s
    duration_s = end_s - start.best_s
    if duration_s <= 0:
        raise RecordingError(
            f"{recorder.source}: {measurand}: the end at {end_s:.5f} s does not come after the "
            f"start at {start.best_s:.5f} s (start known within ±{start.half_width_s:.5f} s). "
            "What was taken for the start may be the end itself"
        )
    end_half_s = 0.0 if end is None else end.half_width_s
    return Measurement.of(
        measurand,
        duration_s,
        "s",
        combine(_budget(start.half_width_s, end_half_s, duration_s, recorder)),
        method=method,
        recording=recorder.recording,
        censored="at least" if end is None else None,
        interval=None if end is None else _interval(start, end),
    )


def _budget(
    start_half_s: float, end_half_s: float, duration_s: float, recorder: Recorder
) -> list[BudgetLine]:
    lines = {
        "start of the event, bracket in the record": rectangular(start_half_s),
        "end, bracket in the record": rectangular(end_half_s),
        "sample interval": resolution(1.0 / recorder.sample_rate_hz),
        f"recorder clock, {recorder.clock_ppm:g} ppm": rectangular(
            recorder.clock_ppm * 1e-6 * duration_s
        ),
    }
    return [BudgetLine(source, standard_s, "s") for source, standard_s in lines.items()]


def _interval(start: Instant, end: Instant) -> tuple[float, float]:
    return end.earliest_s - start.latest_s, end.latest_s - start.earliest_s
