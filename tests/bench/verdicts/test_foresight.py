"""What a station will be able to judge, known before the run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import sqrt
from pathlib import Path

import pytest

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import GridCode, Requirement, find_grid_code, load_grid_code
from bench.paths import (
    DEFAULT_GRID_CODE,
    DEFAULT_INVERTER,
    DEFAULT_STATION,
    INSTRUMENTS,
    INVERTERS,
    PROCEDURES,
)
from bench.stations.station_file import StationFile, load_inverter, load_station
from bench.verdicts.expected_budgets import KINDS, REPORTED
from bench.verdicts.foresight import Foreseen, Foresight, foresee
from bench.verdicts.verdict import GUARDED
from tests.bench.stations.test_station_file import edited

CODE = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
INVERTER = load_inverter(DEFAULT_INVERTER)
STATION = load_station(DEFAULT_STATION)
DAY = date(2026, 11, 1)


def seen(
    kind: str, station: StationFile = STATION, code: GridCode = CODE, day: date = DAY
) -> Foresight:
    return foresee(code.of_kind(kind), code, station, INVERTER, day)


def by_quantity(foresight: Foresight) -> dict[str, Foreseen]:
    return {item.limit.quantity: item for item in foresight.quantities}


def with_analyser(tmp_path: Path, **replaced: str) -> StationFile:
    """Return the station with another analyser: every half-width of its file replaced by quantity."""
    text = (INSTRUMENTS / "zes_lmg671.toml").read_text(encoding="utf-8")
    for quantity, half_width in replaced.items():
        head, table, tail = text.partition(f"[[{quantity}.source]]")
        before, key, after = tail.partition("half_width = ")
        text = f'{head}{table}{before}{key}"{half_width}"\n{after.partition(chr(10))[2]}'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return load_station(edited(DEFAULT_STATION, tmp_path, '"zes_lmg671"', '"own.toml"'))


def test_a_coarse_analyser_is_announced_with_its_largest_part_and_what_it_would_take(
    tmp_path: Path,
) -> None:
    foresight = seen("volt_watt", with_analyser(tmp_path, voltage="0.3 V"))
    (text,) = foresight.announcements
    assert text.startswith("VW1 deviation cannot be judged: U is expected to be 3.")
    assert "may be 2.0 % at most" in text
    assert "“analyser, voltage, stimulus”" in text


def test_an_analyser_as_good_as_was_asked_for_is_enough(tmp_path: Path) -> None:
    """What the announcement demands of the largest part is exactly what removes it."""
    coarse = seen("volt_watt", with_analyser(tmp_path, voltage="0.3 V"))
    demanded_pct = float(coarse.announcements[0].rpartition("contribute ")[2].partition(" %")[0])
    contributed_pct = max(
        line.contribution for line in by_quantity(coarse)["deviation"].uncertainty.budget
    )
    enough_v = 0.3 * demanded_pct / contributed_pct
    assert (
        seen("volt_watt", with_analyser(tmp_path, voltage=f"{0.995 * enough_v} V")).announcements
        == ()
    )
    assert seen("volt_watt", with_analyser(tmp_path, voltage=f"{1.01 * enough_v} V")).announcements


def test_reactive_power_from_s_and_p_cannot_be_judged_near_unity_power_factor(
    tmp_path: Path,
) -> None:
    from_s_and_p = "rng (sqrt(1.0004 - power_factor^2) - sqrt(1 - power_factor^2))"
    foresight = seen("volt_var", with_analyser(tmp_path, reactive_power=from_s_and_p))
    assert "VV1 deviation cannot be judged" in foresight.announcements[0]
    assert "analyser, reactive power" in foresight.announcements[0]


def test_a_station_without_budgets_is_told_what_it_cannot_judge(tmp_path: Path) -> None:
    station = load_station(edited(DEFAULT_STATION, tmp_path, 'uncertainty = "zes_lmg671"', ""))
    (text,) = seen("power_rate_limit", station).announcements
    assert text.startswith("PR1 cannot be judged: table [power_analyser]")
    told = seen("voltage_trip", station).announcements
    assert [text.partition(" cannot")[0] for text in told] == ["UV2", "UV1", "OV1", "OV2"]
    assert seen("anti_islanding", station).announcements == ()


def test_a_quantity_the_budget_file_leaves_out_is_named(tmp_path: Path) -> None:
    own = (
        (INSTRUMENTS / "zes_lmg671.toml").read_text(encoding="utf-8").partition("[reactive_power]")
    )
    (tmp_path / "own.toml").write_text(own[0], encoding="utf-8")
    station = load_station(edited(DEFAULT_STATION, tmp_path, '"zes_lmg671"', '"own.toml"'))
    (text,) = seen("volt_var", station).announcements
    assert text.startswith("VV1 cannot be judged: own.toml: there is no table [reactive_power]")


@pytest.mark.parametrize(
    ("kind", "quantity", "half_width"),
    [
        ("volt_watt", "voltage", "0.02 V + 0.2 mV frequency / (1 Hz)"),
        ("power_rate_limit", "active_power", "1 W frequency / (50 Hz)"),
        ("current_balance", "current", "1 mA frequency / (50 Hz)"),
        ("harmonic_current", "harmonic_current", "0.1 mA order + 0.01 % fundamental"),
        ("direct_current", "direct_current", "0.01 % fundamental"),
    ],
)
def test_a_formula_may_use_every_name_of_its_quantity(
    tmp_path: Path, kind: str, quantity: str, half_width: str
) -> None:
    station = with_analyser(tmp_path, **{quantity: half_width})
    assert seen(kind, station).announcements == ()


def test_a_harmonic_is_as_uncertain_as_its_order_and_frequency_make_it(tmp_path: Path) -> None:
    """The 33rd order, at 1650 Hz, with ± 1 mA for each 50 Hz."""
    station = with_analyser(tmp_path, harmonic_current="1 mA frequency / (50 Hz)")
    found = by_quantity(seen("harmonic_current", station))["odd harmonics, orders 23 to 33"]
    half_width_pct = 100 * 0.033 / INVERTER.rated_current_a
    assert sqrt(3) * found.uncertainty.standard == pytest.approx(half_width_pct)


def test_an_overdue_calibration_is_announced_before_the_run(tmp_path: Path) -> None:
    stated = (
        '[ac_source.calibration]\ncertificate = "1"\nissuer = "any"\n'
        "calibrated = 2025-01-01\ndue = 2026-01-01\n\n[contactor]"
    )
    station = load_station(edited(DEFAULT_STATION, tmp_path, "[contactor]", stated))
    assert seen("voltage_trip", station).announcements == (
        "ac source: calibration 1 was due on 2026-01-01",
    )
    assert seen("voltage_trip", station, day=date(2025, 6, 1)).announcements == ()


def narrowed(row: Requirement, tolerance: str) -> Requirement:
    quantity = row.quantity("rate_tolerance")
    return replace(
        row,
        quantities={
            **row.quantities,
            "rate_tolerance": replace(quantity, values=(Decimal(tolerance),)),
        },
    )


@pytest.mark.parametrize(("tolerance", "judged"), [("1", True), ("0.01", False)])
def test_a_guard_band_that_leaves_nothing_to_accept_is_announced(
    tolerance: str, judged: bool
) -> None:
    rows = tuple(
        narrowed(row, tolerance) if row.kind == "power_rate_limit" else row
        for row in CODE.requirements
    )
    guarded = replace(CODE, rule=GUARDED, requirements=rows)
    assert (seen("power_rate_limit", code=guarded).announcements == ()) is judged


def test_every_kind_of_requirement_is_worked_out_or_told_to_depend_on_registers() -> None:
    procedures = {kind for module in PROCEDURES.glob("test_*.py") for kind in kinds_of(module)}
    assert procedures == KINDS.keys() | set(REPORTED)


def kinds_of(procedure: Path) -> set[str]:
    """Return the kinds of requirement that a procedure is marked with."""
    marks = re.findall(r"mark\.requirement\(([^)]*)\)", procedure.read_text(encoding="utf-8"))
    return {kind for mark in marks for kind in re.findall(r'"(\w+)"', mark)}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("inverter", ["reference_10kva", "reference_hybrid_10kva"])
def test_the_shipped_station_can_judge_whatever_an_inverter_is_asked(
    kind: str, inverter: str
) -> None:
    under_test = load_inverter(INVERTERS / f"{inverter}.toml")
    rows = [row for row in CODE.of_kind(kind) if not inapplicable(row, under_test)]
    foresight = foresee(rows, CODE, STATION, under_test, DAY)
    assert foresight.announcements == ()
    assert {item.limit.requirement for item in foresight.quantities} == {row.id for row in rows}


def test_a_kind_that_is_not_worked_out_is_said_to_be_unknown() -> None:
    foresight = seen("settings")
    assert (foresight.quantities, foresight.unknown) == ((), ("ST2",))


def test_a_requirement_of_many_trials_is_foreseen_once() -> None:
    rows = CODE.of_kind("anti_islanding") * 4
    assert len(foresee(rows, CODE, STATION, INVERTER, DAY).quantities) == 1
