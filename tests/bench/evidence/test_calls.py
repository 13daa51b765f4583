"""Calls come back from their file as they were made."""

from __future__ import annotations

import json
from math import isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evidence.calls import COLUMNS, FORMAT, NOW, Call, StoredFile, calls_bytes, load_calls
from instruments.clock import Deadline, WallClock
from instruments.errors import EvidenceError, LinkTimeout, RegisterBusy
from instruments.interfaces import (
    ControlMode,
    GridStep,
    InverterSettings,
    InverterStatus,
    ProtectionSetting,
    Reading,
    SettingValue,
    Stimulus,
)
from instruments.load_and_sun import ParallelRlc

READING = Reading(1.0, 0.2, (230.0,) * 3, (10.0,) * 3, (2300.0,) * 3, 50.0, 0.9, 1.1, (0.1,) * 3)
STEP = GridStep((267.8, 230.0, 230.0), 50.0, 6.0)
RESULTS = (
    None,
    True,
    0.1,
    "exception 2",
    READING,
    InverterStatus("running", None, 9990.5, None, ("over temperature",)),
    InverterSettings(10_000.0, 60.0, (ProtectionSetting("OV1", 265.0, "V", 1.5, 0.01),)),
    {"OV1 threshold": SettingValue(265.0, "V", 0.01)},
    ParallelRlc((1.0,) * 3, (2.0,) * 3, (3.0,) * 3, 230.0, 50.0),
    StoredFile("recordings/a-01.h5"),
)


def stored(path: Path, *calls: Call) -> list[Call]:
    file = path / "calls.jsonl"
    file.write_bytes(calls_bytes(calls))
    return load_calls(file)


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_every_kind_of_answer_comes_back_equal(tmp_path: Path, result: object) -> None:
    [call] = stored(tmp_path, Call("role.method", (), 1.0, 2.0, result))
    assert call.result == result


def test_arguments_come_back_equal_and_a_deadline_as_its_time(tmp_path: Path) -> None:
    arguments = (STEP, Stimulus("dip", (STEP, STEP)), ControlMode.POWER_LIMIT, None, 3)
    given_ = (*arguments, Deadline(WallClock(), 12.5))
    [call] = stored(tmp_path, Call("role.method", given_, 1.0, 2.0))
    assert call.arguments == (*arguments, 12.5)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_comes_back_bit_for_bit(value: float, time_s: float) -> None:
    [line] = calls_bytes([Call("role.method", (value,), time_s, time_s, value)]).splitlines()[1:]
    row = json.loads(line)
    assert row[2] == time_s
    assert float(row[4]["number"] if isinstance(row[4], dict) else row[4]) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_look_at_the_clock_comes_back_bit_for_bit(time_s: float) -> None:
    [line] = calls_bytes([Call(NOW, (), time_s, time_s, time_s)]).splitlines()[1:]
    assert json.loads(line) == [NOW, [], time_s, time_s, time_s, None]


def test_a_reading_without_a_frequency_is_strict_json_and_comes_back(tmp_path: Path) -> None:
    reading = Reading(1.0, 0.2, (0.0,) * 3, (0.0,) * 3, (0.0,) * 3, nan, 0.9, 1.1)
    assert b"NaN" not in calls_bytes([Call("analyser.read", (), 1.0, 2.0, reading)])
    [call] = stored(tmp_path, Call("analyser.read", (), 1.0, 2.0, reading))
    assert isnan(call.result.frequency_hz)
    assert call.result.voltages_v == (0.0, 0.0, 0.0)


def test_an_error_comes_back_with_its_type_its_message_and_its_code(tmp_path: Path) -> None:
    late, busy = LinkTimeout("no answer in 5 s"), RegisterBusy("busy", 6)
    calls = stored(
        tmp_path, Call("a.b", (), 0.0, 5.0, error=late), Call("a.b", (), 5.0, 6.0, error=busy)
    )
    assert [(type(call.error), str(call.error)) for call in calls] == [
        (LinkTimeout, "no answer in 5 s"),
        (RegisterBusy, "busy"),
    ]
    assert isinstance(calls[1].error, RegisterBusy)
    assert calls[1].error.code == 6


def test_a_value_without_a_word_in_the_format_is_refused() -> None:
    with pytest.raises(EvidenceError, match="a call with a complex cannot be stored"):
        calls_bytes([Call("a.b", (1j,), 0.0, 1.0)])


@pytest.mark.parametrize(
    "text",
    ["", '{"format": "another"}\n', json.dumps({"format": FORMAT, "columns": COLUMNS}) + "\n[1]\n"],
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"calls\.jsonl"):
        load_calls(file)
