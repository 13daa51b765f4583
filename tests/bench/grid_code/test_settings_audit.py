"""What a grid code states is put beside what an inverter reports, within one step of its register."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grid_code.settings_audit import (
    NOMINAL_SHARE,
    Finding,
    Nominal,
    compare,
    expected_settings,
    permitted_value,
    reported_value,
)
from bench.verdicts.verdict import SIMPLE, Outcome, judge
from instruments.interfaces import SettingValue
from tests.bench.grid_code_files import region

NOMINAL = Nominal(230.0, 50.0)
EXPECTED = expected_settings(region("A").requirements)


def finding(setting: str, reported: dict[str, SettingValue]) -> Finding:
    [item] = [
        item for item in compare(EXPECTED, reported, NOMINAL) if item.expected.setting == setting
    ]
    return item


def outcome(setting: str, reported: dict[str, SettingValue], largest: str | None = None) -> Outcome:
    item = finding(setting, reported)
    assert item.found is not None
    limit = permitted_value(item.expected, item.found, "ST2", Decimal(largest) if largest else None)
    return judge(reported_value(item.expected, item.found), limit, SIMPLE).outcome


def test_stages_count_from_nominal_outwards() -> None:
    limits = {item.setting: item.lower for item in EXPECTED}
    assert limits["overvoltage 1 threshold"] == 265
    assert limits["overvoltage 2 threshold"] == 275
    assert limits["undervoltage 1 threshold"] == 180
    assert limits["undervoltage 2 threshold"] == 70


def test_every_setting_has_one_name() -> None:
    names = [item.setting for item in EXPECTED]
    assert len(names) == len(set(names))


def test_a_share_of_nominal_voltage_is_compared_in_volts() -> None:
    item = finding(
        "overvoltage 1 threshold",
        {"overvoltage 1 threshold": SettingValue(115.22, NOMINAL_SHARE, 0.01)},
    )
    assert item.found is not None
    assert item.found.value == pytest.approx(265.006)
    assert item.found.quantum == pytest.approx(0.023)


@given(
    st.sampled_from([0, -1, -2]), st.sampled_from([70.0, 180.0, 207.0, 253.0, 258.0, 265.0, 275.0])
)
def test_the_nearest_code_of_a_right_setting_passes_at_any_scale(
    exponent: int, volts: float
) -> None:
    quantum = 10.0**exponent
    code = round(volts / 2.3 / quantum) * quantum
    name = next(
        item.setting for item in EXPECTED if item.unit == "V" and item.lower == Decimal(volts)
    )
    assert outcome(name, {name: SettingValue(code, NOMINAL_SHARE, quantum)}) is Outcome.PASS


def test_a_setting_more_than_a_step_away_fails() -> None:
    name = "overvoltage 1 threshold"
    assert outcome(name, {name: SettingValue(116.0, NOMINAL_SHARE, 0.01)}) is Outcome.FAIL


def test_a_register_too_coarse_to_tell_is_not_judged() -> None:
    name = "overvoltage 1 threshold"
    found = {name: SettingValue(115.0, NOMINAL_SHARE, 1.0)}
    assert outcome(name, found, largest="0.575") is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (17.0, Outcome.PASS),
        (16.0, Outcome.PASS),
        (15.0, Outcome.INCONCLUSIVE),
        (18.0, Outcome.INCONCLUSIVE),
        (60.0, Outcome.INCONCLUSIVE),
    ],
)
def test_a_coarse_register_is_judged_when_all_it_can_stand_for_is_permitted(
    rate: float, expected: Outcome
) -> None:
    found = {"ramp": SettingValue(rate, "%/min", 1.0)}
    assert outcome("ramp", found, largest="0.5") is expected


@pytest.mark.parametrize(
    ("time_s", "expected"), [(0.9, Outcome.FAIL), (1.5, Outcome.PASS), (2.3, Outcome.FAIL)]
)
def test_a_trip_time_lies_between_delay_and_maximum(time_s: float, expected: Outcome) -> None:
    name = "overvoltage 1 time"
    assert outcome(name, {name: SettingValue(time_s, "s", 0.01)}) is expected


def test_dead_band_and_droop_are_two_frequencies() -> None:
    reported = {
        "over-frequency dead band": SettingValue(0.25, "Hz", 0.001),
        "over-frequency droop": SettingValue(0.035, "1", 1e-5),
    }
    assert outcome("over-frequency start", reported) is Outcome.PASS
    assert outcome("over-frequency stop", reported) is Outcome.PASS


def test_a_longer_observation_is_permitted_a_shorter_is_not() -> None:
    assert outcome("observation", {"observation": SettingValue(90.0, "s", 1.0)}) is Outcome.PASS
    assert outcome("observation", {"observation": SettingValue(45.0, "s", 1.0)}) is Outcome.FAIL


def test_what_is_not_exposed_is_found_missing() -> None:
    assert finding("ramp", {}).found is None


def test_a_limit_carries_clause_and_status_of_its_number() -> None:
    found = {"overvoltage 1 threshold": SettingValue(115.22, NOMINAL_SHARE, 0.01)}
    item = finding("overvoltage 1 threshold", found)
    assert item.found is not None
    limit = permitted_value(item.expected, item.found, "ST2", None)
    assert (limit.clause, limit.status, limit.requirement) == ("Table 4.1", "published", "ST2")
