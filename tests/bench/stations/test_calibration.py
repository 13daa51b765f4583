"""Calibration: what a station states of it, and what follows when it is not in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.paths import DEFAULT_STATION
from bench.stations.calibration import Calibration
from bench.stations.station_file import load_station
from instruments.errors import ConfigurationError
from tests.bench.stations.test_station_file import edited

STATED = """
[power_analyser.calibration]
certificate = "2026-0815"
issuer = "Any Laboratory, accreditation 4711"
calibrated = 2026-03-01
due = 2027-02-28

[contactor]"""
CALIBRATION = Calibration("2026-0815", "any", date(2026, 3, 1), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("day", "usable"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2027, 2, 28), True),
        (date(2027, 3, 1), False),
    ],
)
def test_a_calibration_is_in_force_from_its_date_until_its_due_date(
    day: date, usable: bool
) -> None:
    assert (CALIBRATION.defect_on(day) is None) is usable


def test_an_overdue_instrument_is_named_with_certificate_and_day(tmp_path: Path) -> None:
    station = load_station(edited(DEFAULT_STATION, tmp_path, "[contactor]", STATED))
    assert station.calibration_defects(date(2027, 3, 1)) == [
        "power analyser: calibration 2026-0815 was due on 2027-02-28"
    ]


def test_instruments_in_date_and_instruments_without_a_calibration_raise_no_doubt(
    tmp_path: Path,
) -> None:
    station = load_station(edited(DEFAULT_STATION, tmp_path, "[contactor]", STATED))
    assert station.calibration_defects(date(2026, 6, 1)) == []
    assert load_station(DEFAULT_STATION).calibration_defects(date(2026, 6, 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("due = 2027-02-28", 'due = "2027-02-28"', "a date such as 2026-10-30"),
        ("due = 2027-02-28", "due = 2027-02-28T00:00:00", "a day without a time"),
        ("due = 2027-02-28", "due = 2026-02-28", "lies before calibrated"),
        ("due = 2027-02-28", "", "'due' is missing"),
        ('"2026-0815"', '""', "not empty"),
        ("issuer", "lab", "unknown key 'lab'"),
    ],
)
def test_a_mistake_in_a_calibration_is_refused_with_its_table(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    assert old in STATED
    with pytest.raises(ConfigurationError) as refused:
        load_station(edited(DEFAULT_STATION, tmp_path, "[contactor]", STATED.replace(old, new)))
    assert "table [power_analyser.calibration]" in str(refused.value)
    assert says in str(refused.value)
