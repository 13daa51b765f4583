"""The plan: what is applied, for how long, and what the station cannot do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.programs.courses import Leaves, PlannedItem, settling
from bench.programs.plan import Plan, make_plan
from bench.stations.station_file import StationFile, load_inverter, load_station
from tests.bench.grid_code_files import region, rows

A = region("A")
ROWS = rows(A)
STATION = load_station(DEFAULT_STATION)
INVERTER = load_inverter(DEFAULT_INVERTER)
KINDS = {"voltage_trip", "anti_islanding", "reconnection"}
OV1 = PlannedItem("voltage_trip[OV1-L2-run1]", (ROWS["OV1"],), "L2")
ISLAND = PlannedItem("anti_islanding[AI1-RC1-run1]", (ROWS["AI1"], ROWS["RC1"]), None)
OBSERVATION_S, RAMP_S = 60.0, 0.95 * 100 / 16.67 * 60


def plan(*items: PlannedItem, station: StationFile = STATION) -> Plan:
    return make_plan(items, KINDS, A, station, INVERTER, date(2026, 11, 1))


def within(**limits: float) -> StationFile:
    return replace(STATION, envelope=replace(STATION.envelope, **limits))


@pytest.mark.parametrize(
    ("state", "wait_s"),
    [
        (Leaves.DISCONNECTED, OBSERVATION_S + RAMP_S),
        (Leaves.CONNECTED, RAMP_S),
        (Leaves.AT_POWER, 0.0),
    ],
)
def test_settling_takes_observation_and_ramp(state: Leaves, wait_s: float) -> None:
    assert settling(A, state).duration_s == pytest.approx(wait_s)


def test_each_trial_starts_when_the_one_before_ends() -> None:
    first, second, third = plan(OV1, ISLAND, OV1).trials
    assert first.starts_s == 0.0
    assert second.starts_s == first.duration_s
    assert third.starts_s == first.duration_s + second.duration_s


def test_after_a_reconnection_the_next_trial_need_not_observe_again() -> None:
    fresh, after = plan(OV1).duration_s, plan(ISLAND, OV1).trials[1].duration_s
    assert fresh - after == pytest.approx(OBSERVATION_S)


def test_a_voltage_trip_names_what_is_applied_and_the_clause() -> None:
    (trial,) = plan(OV1).trials
    assert trial.stages[-1].steps[-1].voltages_v == pytest.approx((230.0, 267.8, 230.0))
    assert trial.clauses == ("Table 4.1",)
    assert trial.obstacles == ()


def test_a_step_outside_the_envelope_is_an_obstacle_of_its_trial_alone() -> None:
    reached, beyond = plan(OV1, ISLAND, station=within(voltage_max_v=260.0)).trials
    assert reached.obstacles == ()
    (text,) = beyond.obstacles
    assert "267.8 V" in text
    assert "260 V" in text


def test_a_source_too_small_for_the_inverter_is_an_obstacle_of_every_trial() -> None:
    found = plan(OV1, ISLAND, station=within(current_max_a=10.0))
    assert all("14.5 A is above 10 A" in trial.obstacles[0] for trial in found.trials)


def test_a_procedure_nobody_described_makes_the_duration_a_lower_bound() -> None:
    stranger = PlannedItem("flicker[PQ1-run1]", (ROWS["PQ1"],), None)
    found = plan(OV1, stranger)
    assert not found.complete
    assert [trial.known for trial in found.trials] == [True, False]
    assert found.duration_s > plan(OV1).duration_s


def test_every_requirement_without_a_trial_says_why() -> None:
    planned = plan(OV1)
    left = (*planned.untested, *planned.inapplicable)
    reasons = {item.requirement.id: "; ".join(item.reasons) for item in left}
    assert set(reasons) == set(ROWS) - {"OV1"}
    assert all(reasons.values())
    assert reasons["UV1"] == "not selected"
    assert "no procedure for volt watt" in reasons["VW1"]


def test_what_the_station_does_not_measure_is_a_reason() -> None:
    entries = {role: one for role, one in STATION.entries.items() if role != "site_meter"}
    bare = replace(STATION, entries=entries)
    reasons = {item.requirement.id: item.reasons for item in plan(OV1, station=bare).untested}
    assert "[site_meter]" in reasons["EL1"][0]


def test_what_the_inverter_cannot_be_told_is_a_reason() -> None:
    options = {key: one for key, one in INVERTER.options.items() if key != "limits"}
    mute = replace(INVERTER, options=options)
    planned = make_plan([OV1], {"export_limit"}, A, STATION, mute, date(2026, 11, 1))
    reasons = {item.requirement.id: item.reasons for item in planned.untested}
    assert "limit of export" in reasons["EL1"][0]


def test_a_threshold_beyond_the_envelope_is_a_reason() -> None:
    reasons = {
        item.requirement.id: item.reasons
        for item in plan(OV1, station=within(frequency_max_hz=51.0)).untested
    }
    assert "envelope ends at 51 Hz" in reasons["OF1"][-1]
    assert "envelope" not in reasons["UF1"][-1]
