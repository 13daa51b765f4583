"""Judge a recording made elsewhere: recording and channel map in, measurements and verdict out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.metering import (
    Instant,
    Recorder,
    check_recording,
    find_cessation,
    find_current_stop,
    find_disconnection,
    find_voltage_step,
    instantaneous_power_w,
    measure_duration,
)
from bench.metering.cessation import CurrentEnd
from bench.metering.checks import name_of
from bench.metering.power_fall import find_power_fall
from bench.recordings import channel_map as rules
from bench.recordings.channel_map import ChannelMap
from bench.verdicts.verdict import DecisionRule, Limit, Measurement, Verdict, judge
from instruments.interfaces import Recording, Samples

MEASURAND = "time from the event to the end of the inverter's power"


@dataclass(frozen=True)
class JudgedRecording:
    """What a recording shows.

    Attributes:
        start, end: seconds from the start of the record; no end means it lies beyond the record.
        duration: in s, with uncertainty; "at least" without an end.
        verdict: None when no limit was given.
        notes: what a reader should know; they decide nothing.
    """

    source: str
    start: Instant
    end: Instant | None
    duration: Measurement
    verdict: Verdict | None
    notes: tuple[str, ...]


def judge_recording(
    recording: Recording, channel_map: ChannelMap, limit: Limit | None, rule: DecisionRule
) -> JudgedRecording:
    """Measure a recording by its channel map, and judge the duration when a limit is given.

    Raises:
        RecordingError: a channel is missing or broken, or the record shows no event.
    """
    check_recording(recording, _channels(channel_map))
    start = _STARTS[channel_map.start.rule](recording, channel_map)
    end = _ENDS[channel_map.end.rule](recording, channel_map, start)
    duration = measure_duration(
        MEASURAND,
        start,
        end.instant,
        seen_until_s=end.seen_until_s,
        recorder=Recorder(
            recording.sample_rate_hz, channel_map.clock_ppm, name_of(recording), recording.source
        ),
        method=f"{channel_map.start.rule} to {channel_map.end.rule}",
    )
    return JudgedRecording(
        source=recording.source,
        start=start,
        end=end.instant,
        duration=duration,
        verdict=judge(duration, limit, rule) if limit else None,
        notes=end.notes,
    )


@dataclass(frozen=True)
class _End:
    instant: Instant | None
    seen_until_s: float
    notes: tuple[str, ...]


def _channels(channel_map: ChannelMap) -> list[str]:
    groups = [*channel_map.channels.values(), *channel_map.loads.values()]
    return [name for group in groups for name in group]


def _grid_current_stops(recording: Recording, channel_map: ChannelMap) -> Instant:
    return find_current_stop(
        recording,
        channel_map.channels["grid_current"],
        nominal_frequency_hz=channel_map.nominal_frequency_hz,
    )


def _voltage_step(recording: Recording, channel_map: ChannelMap) -> Instant:
    return find_voltage_step(
        recording,
        channel_map.channels["bus_voltage"],
        nominal_frequency_hz=channel_map.nominal_frequency_hz,
        nominal_voltage_v=channel_map.nominal_voltage_v,
        threshold=channel_map.start.threshold_pu,
    ).instant


def _current_ceases(recording: Recording, channel_map: ChannelMap, start: Instant) -> _End:
    return _of_current(
        find_cessation(
            recording,
            channel_map.channels["inverter_current"],
            event_s=start.best_s,
            nominal_frequency_hz=channel_map.nominal_frequency_hz,
            share=channel_map.end.share,
            at_least_a=channel_map.end.at_least_a,
            window_s=channel_map.end.window_s,
        )
    )


def _current_gone(recording: Recording, channel_map: ChannelMap, start: Instant) -> _End:
    return _of_current(
        find_disconnection(
            recording,
            channel_map.channels["inverter_current"],
            event_s=start.best_s,
            nominal_frequency_hz=channel_map.nominal_frequency_hz,
            at_least_a=channel_map.end.at_least_a,
            window_s=channel_map.end.window_s,
        )
    )


def _of_current(end: CurrentEnd) -> _End:
    came_back = f"the current came back {end.resumptions} times before it ended"
    return _End(end.instant, end.flowing_until_s, (came_back,) if end.resumptions else ())


def _load_power_below(recording: Recording, channel_map: ChannelMap, start: Instant) -> _End:
    fall = find_power_fall(
        _load_power_w(recording, channel_map),
        recording.sample_rate_hz,
        after_s=start.latest_s,
        threshold_w=channel_map.end.threshold_w,
        window_s=channel_map.end.window_s,
        source=name_of(recording),
    )
    notes: tuple[str, ...] = ()
    if fall.back_until_s is not None:
        notes = (
            f"the load power rose above {channel_map.end.threshold_w:g} W again, until "
            f"{fall.back_until_s:.4f} s; the rule takes the first fall",
        )
    return _End(fall.instant, fall.seen_until_s, notes)


def _load_power_w(recording: Recording, channel_map: ChannelMap) -> Samples:
    """Return Σ v·i over all load groups."""
    count = len(channel_map.loads)
    voltages = channel_map.channels["bus_voltage"] * count
    currents = [name for group in channel_map.loads.values() for name in group]
    return instantaneous_power_w(recording, voltages, currents)


_STARTS: Mapping[str, Callable[[Recording, ChannelMap], Instant]] = {
    rules.GRID_CURRENT_STOPS: _grid_current_stops,
    rules.VOLTAGE_STEP: _voltage_step,
}
_ENDS: Mapping[str, Callable[[Recording, ChannelMap, Instant], _End]] = {
    rules.CURRENT_CEASES: _current_ceases,
    rules.CURRENT_GONE: _current_gone,
    rules.LOAD_POWER_BELOW: _load_power_below,
}
