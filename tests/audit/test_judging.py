"""What the settings of an inverter come to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bench.audit.judging import NOT_EXPOSED, AuditedSetting, Auditor, Conclusion, conclude
from bench.paths import DEFAULT_INVERTER
from bench.stations.station_file import load_inverter
from bench.verdicts.verdict import Outcome
from instruments.interfaces import SettingValue
from tests.bench.grid_code_files import region

AUDITOR = Auditor(region("A"), load_inverter(DEFAULT_INVERTER))


def right() -> dict[str, SettingValue]:
    """Return settings that are what the grid code states, in the middle of what it permits."""
    settings = {}
    for row in AUDITOR.judge({}):
        ends = [float(end) for end in (row.lower, row.upper) if end is not None]
        settings[row.setting] = SettingValue(sum(ends) / len(ends), row.unit, 0.001)
    for name in ("over-frequency", "under-frequency"):
        for what in ("start", "stop"):
            settings.pop(f"{name} {what}", None)
    settings["over-frequency dead band"] = SettingValue(0.25, "Hz", 0.001)
    settings["over-frequency droop"] = SettingValue(0.035, "1", 1e-5)
    return settings


def judged(reported: Mapping[str, SettingValue]) -> dict[str, AuditedSetting]:
    return {row.setting: row for row in AUDITOR.judge(reported)}


def test_settings_as_the_grid_code_states_them_comply() -> None:
    rows = list(judged(right()).values())
    assert {row.outcome for row in rows} == {Outcome.PASS}
    assert conclude(rows, unexposed_allowed=False) is Conclusion.COMPLIES


@pytest.mark.parametrize("setting", ["region", "overvoltage 1 threshold", "undervoltage 2 time"])
def test_one_wrong_setting_is_enough(setting: str) -> None:
    value = right()[setting]
    wrong = SettingValue(3 * value.value + 10, value.unit, value.quantum)
    rows = judged({**right(), setting: wrong})
    assert [name for name, row in rows.items() if row.outcome is Outcome.FAIL] == [setting]
    assert conclude(list(rows.values()), unexposed_allowed=True) is Conclusion.WRONG


def test_what_is_not_exposed_is_not_judged_and_leaves_the_rest_open() -> None:
    reported = right()
    del reported["ramp"]
    rows = judged(reported)
    assert (rows["ramp"].outcome, rows["ramp"].reason) == (Outcome.NOT_TESTED, NOT_EXPOSED)
    assert conclude(list(rows.values()), unexposed_allowed=False) is Conclusion.UNDECIDED
    assert conclude(list(rows.values()), unexposed_allowed=True) is Conclusion.COMPLIES


def test_an_inverter_that_exposes_nothing_never_complies() -> None:
    assert conclude(AUDITOR.judge({}), unexposed_allowed=True) is Conclusion.UNDECIDED


def test_a_register_too_coarse_to_tell_is_not_judged() -> None:
    rows = judged({**right(), "overvoltage 1 threshold": SettingValue(265.0, "V", 5.0)})
    assert rows["overvoltage 1 threshold"].outcome is Outcome.INCONCLUSIVE
    assert conclude(list(rows.values()), unexposed_allowed=True) is Conclusion.UNDECIDED


def test_a_value_in_another_unit_is_not_compared() -> None:
    row = judged({**right(), "ramp": SettingValue(1600.0, "W/min", 1.0)})["ramp"]
    assert row.outcome is Outcome.NOT_TESTED
    assert "W/min" in row.reason
    assert row.exposed


def test_what_the_grid_code_does_not_ask_for_is_listed_apart() -> None:
    assert set(AUDITOR.others({**right(), "night mode": SettingValue(1.0, "on", 1.0)})) == {
        "night mode",
        "over-frequency dead band",
        "over-frequency droop",
    }


def test_the_region_is_named_by_the_codes_of_the_inverter_file() -> None:
    assert AUDITOR.region_name({"region": SettingValue(4.0, "code", 1.0)}) == "NZ"
    assert AUDITOR.region_name({"region": SettingValue(9.0, "code", 1.0)}) == "code 9"
    assert AUDITOR.region_name({}) == ""
