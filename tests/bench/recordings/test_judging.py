"""A recording made elsewhere becomes a duration and a verdict."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from bench.recordings.channel_map import ChannelMap, EndRule, StartRule
from bench.recordings.judging import JudgedRecording, judge_recording
from bench.verdicts.verdict import SIMPLE, Limit, Outcome
from instruments.errors import RecordingError
from instruments.interfaces import Recording
from tests.bench.metering.synthesis import Scene

SCENE = Scene()
MAP = ChannelMap(
    file=Path("made_up.toml"),
    title="made up",
    nominal_frequency_hz=50.0,
    nominal_voltage_v=230.0,
    phases=3,
    clock_ppm=50.0,
    channels={
        "grid_current": ("ig1", "ig2", "ig3"),
        "bus_voltage": ("u1", "u2", "u3"),
        "inverter_current": ("i1", "i2", "i3"),
    },
    loads={"one": ("i1", "i2", "i3")},
    start=StartRule("grid current stops", 0.05),
    end=EndRule("inverter current ceases", 0.05, 0.3, 1000.0, 0.001),
)


def with_end(rule: str) -> ChannelMap:
    """Return the map with another end; a filter's current is current, but no generation."""
    at_least_a = 0.05 if rule == "inverter current gone" else MAP.end.at_least_a
    return replace(MAP, end=replace(MAP.end, rule=rule, at_least_a=at_least_a))


def limit(upper_s: str) -> Limit:
    return Limit(
        "AI1", "run-on time", "s", None, Decimal(upper_s), "4.3", "a test", "published", None
    )


def judged(
    channel_map: ChannelMap, recording: Recording | None = None, upper_s: str = "2"
) -> JudgedRecording:
    return judge_recording(recording or SCENE.recording(), channel_map, limit(upper_s), SIMPLE)


@pytest.mark.parametrize(
    ("rule", "truth_s"),
    [
        ("inverter current ceases", 0.15),
        ("inverter current gone", 0.17),
        ("load power below", 0.15),
    ],
)
@pytest.mark.parametrize("start", ["grid current stops", "voltage step"])
def test_each_pair_of_rules_measures_the_time_between(
    rule: str, truth_s: float, start: str
) -> None:
    result = judged(replace(with_end(rule), start=StartRule(start, 0.05)))
    assert float(result.duration.value) == pytest.approx(truth_s, abs=3e-4)
    assert result.start.best_s == pytest.approx(0.2, abs=1e-4)
    assert result.duration.method == f"{start} to {rule}"


@pytest.mark.parametrize(("upper_s", "outcome"), [("2", Outcome.PASS), ("0.1", Outcome.FAIL)])
def test_the_limit_decides(upper_s: str, outcome: Outcome) -> None:
    verdict = judged(MAP, upper_s=upper_s).verdict
    assert verdict is not None
    assert verdict.outcome == outcome


def test_without_a_limit_it_is_measured_and_not_judged() -> None:
    result = judge_recording(SCENE.recording(), MAP, None, SIMPLE)
    assert result.verdict is None
    assert result.duration.value > 0


def test_an_end_beyond_the_record_cannot_pass() -> None:
    result = judged(MAP, Scene(end_s=9.0).recording())
    assert result.end is None
    assert result.duration.censored == "at least"
    assert result.verdict is not None
    assert result.verdict.outcome == Outcome.INCONCLUSIVE


def test_an_end_beyond_the_record_and_the_limit_fails() -> None:
    result = judged(MAP, Scene(end_s=9.0).recording(), upper_s="0.2")
    assert result.verdict is not None
    assert result.verdict.outcome == Outcome.FAIL


def test_load_power_is_summed_over_all_groups() -> None:
    """Half of the current in each of two groups is the same power as all of it in one."""
    recording = SCENE.recording()
    halves = {f"{name}h": 0.5 * recording.channels[name] for name in SCENE.currents}
    split = replace(recording, channels={**recording.channels, **halves})
    names = tuple(halves)
    whole = judged(with_end("load power below"), recording)
    both = judged(replace(with_end("load power below"), loads={"a": names, "b": names}), split)
    assert both.duration.value == whole.duration.value


def test_a_load_power_that_returns_is_noted() -> None:
    recording = SCENE.recording()
    late = Scene(end_s=9.0).recording()
    for name in SCENE.currents:
        recording.channels[name][4000:4100] = late.channels[name][4000:4100]
    result = judged(with_end("load power below"), recording)
    assert float(result.duration.value) == pytest.approx(0.15, abs=3e-4)
    assert "rose above 1000 W again, until 0.41" in result.notes[0]


def test_current_that_came_back_is_noted() -> None:
    recording = SCENE.recording()
    for name in SCENE.currents:
        recording.channels[name][2500:2800] = 0.0
    assert judged(MAP, recording).notes == ("the current came back 1 times before it ended",)


def test_every_channel_of_the_map_is_checked_before_anything_is_measured() -> None:
    recording = SCENE.recording()
    recording.channels["i3"][77] = np.nan
    with pytest.raises(RecordingError, match="channel 'i3': sample 77"):
        judged(with_end("load power below"), recording)


def test_a_channel_the_recording_lacks_is_named() -> None:
    other = replace(MAP, loads={"one": ("x1", "x2", "x3")})
    with pytest.raises(RecordingError, match="no channel 'x1'"):
        judged(other)


def test_a_recording_without_event_is_refused() -> None:
    with pytest.raises(RecordingError, match="does not stop inside the record"):
        judged(MAP, Scene(step_s=9.0).recording())


def test_the_uncertainty_of_a_load_power_is_that_of_its_averaging_window() -> None:
    """The window of 1 ms dominates: U is close to 1.96 x 1 ms / √3."""
    duration = judged(with_end("load power below")).duration
    assert float(duration.expanded_uncertainty) == pytest.approx(1.96e-3 / sqrt(3), rel=0.25)
