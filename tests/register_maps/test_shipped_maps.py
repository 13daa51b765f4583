"""Every shipped map loads, marks what nobody verified, and comes back unchanged over a real Modbus socket."""

from __future__ import annotations

import re
from math import nan
from pathlib import Path
from typing import Any

import pytest

from bench.paths import MAPS
from bench.register_maps.load import load_map
from bench.register_maps.probe import ABSENT, SUSPECT, probe
from instruments.errors import InstrumentError
from instruments.register_maps.model import Point
from instruments.simulated.inverter.settings import REGIONS
from tests.register_maps.map_bench import CODE, LOCKED, MapBench, served, verified

FILES = sorted(MAPS.glob("*.toml"))
every_map = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
FOLLOWED = {
    "overvoltage 1 threshold": lambda s: s.trips["OV1"].threshold,
    "overvoltage 1 time": lambda s: s.trips["OV1"].delay_s,
    "undervoltage 2 threshold": lambda s: s.trips["UV2"].threshold,
    "overfrequency 1 threshold": lambda s: s.trips["OF1"].threshold,
    "underfrequency 1 time": lambda s: s.trips["UF1"].delay_s,
    "sustained voltage": lambda s: s.sustained_voltage_v,
    "observation": lambda s: s.observation_s,
    "ramp": lambda s: 6000 * s.ramp_pu_per_s,
    "volt-var 1 voltage": lambda s: 100 * s.volt_var.curve[0][0] / 230,
    "volt-var 4 power": lambda s: 100 * s.volt_var.curve[3][1],
}
"""Setting → where the simulated inverter keeps it, in the unit maps use."""


@every_map
def test_nothing_that_was_not_tried_on_a_device_is_called_verified(file: Path) -> None:
    register_map = load_map(file)
    assert not any(point.verified for point in register_map.points.values())
    assert not register_map.firmware_tried


@every_map
def test_every_point_says_where_it_stands_in_the_document(file: Path) -> None:
    assert all(point.page for point in load_map(file).points.values())


@every_map
def test_every_point_is_there_and_in_order(file: Path) -> None:
    with served(load_map(file)) as bench:
        bench.wait(5.0)
        found = probe(bench.link, bench.map, bench.laboratory.clock)
        assert all(one.request.startswith("read") for one in bench.transcript.recent)
    assert not found.identity
    assert not [one for one in found.points if one.state in (ABSENT, SUSPECT)]


@every_map
def test_settings_are_those_the_inverter_has(file: Path) -> None:
    with served(load_map(file)) as bench:
        reported = bench.inverter(writes=False).read_settings()
        for name, kept in FOLLOWED.items():
            if name in reported:
                found = reported[name]
                assert found.value == pytest.approx(
                    kept(bench.settings), abs=found.quantum / 2 + 1e-4
                )


@every_map
def test_no_shipped_map_writes_anything(file: Path) -> None:
    with served(load_map(file)) as bench:
        writer = bench.writer()
        assert not any(map(writer.permits, bench.map.points.values()))


def values_of(point: Point) -> list[float]:
    """Return values worth writing: every code, or both ends of the range and its middle."""
    if point.codes:
        known = REGIONS if point.means == "region" else point.codes
        return [float(point.codes[name]) for name in known if name in point.codes]
    write = point.write
    assert write is not None
    low, high = write.lowest, write.highest
    if low is None or high is None:
        return []
    high = min(high, (0xFFFF if point.words == 1 else 0xFFFFFFFF) * point.scale)
    return [low, high, round((low + high) / 2 / point.scale) * point.scale]


def write_all(bench: MapBench, point: Point) -> None:
    """Write to a point what it takes, and read each value back through a reader of its own."""
    unlock = bench.map.unlock
    for value in values_of(point):
        secrets = {unlock.code_from: str(CODE)} if unlock else {}
        writer = bench.writer(**secrets)
        if not writer.permits(point):
            return
        writer.write(point, value)
        if point.readable:
            assert bench.reader().one(point).value == pytest.approx(value, abs=point.quantum / 2)


@every_map
def test_whatever_can_be_written_reads_back(file: Path) -> None:
    register_map = verified(load_map(file))
    with served(register_map, **LOCKED) as bench:
        skipped = {commit.point for commit in register_map.commits.values()}
        for point in register_map.points.values():
            if point.write and not point.secret and point.name not in skipped:
                write_all(bench, point)


def test_a_login_no_map_can_express_keeps_a_device_read_only() -> None:
    register_map = verified(load_map(MAPS / "huawei_sun2000.toml"))
    with served(register_map) as bench, pytest.raises(InstrumentError, match="0x41"):
        bench.writer().write(register_map.points["export_limit"], 1000.0)


@pytest.mark.parametrize(
    ("map_name", "point", "address"),
    [
        ("solplanet_aiswei", "overvoltage_1", 5211),
        ("solplanet_aiswei", "safety_code", 1026),
        ("goodwe_et", "ten_minute", 45408),
        ("solaredge", "VgMax1", 62978),
        ("solaredge", "GRM_time", 63058),
        ("sma", "country", 40109),
        ("sungrow_sh", "export_limit", 13073),
        ("sungrow_sh", "export_limit_enabled", 13086),
        ("fronius_sunspec", "limit", 40232),
        ("fronius_sunspec", "limit_enabled", 40236),
        ("fronius_sunspec", "connect", 40231),
        ("huawei_sun2000", "grid_code", 42000),
        ("growatt", "ten_minute", 80),
        ("deye_sunsynk_three_phase", "export_limit", 143),
        ("solax", "user_limit", 66),
    ],
)
def test_wire_addresses_worked_out_by_hand(map_name: str, point: str, address: int) -> None:
    assert load_map(MAPS / f"{map_name}.toml").points[point].address == address


@pytest.mark.parametrize(
    ("map_name", "codes"),
    [
        ("solplanet_aiswei", (74, 75, 76, 77)),
        ("goodwe_et", (9, 85, 86, 44)),
        ("sma", (7661, 7662, 7663, 7664)),
        ("huawei_sun2000", (324, 325, 326, 327)),
        ("deye_sunsynk_three_phase", (6, 7, 8, 9)),
    ],
)
def test_region_codes(map_name: str, codes: tuple[int, ...]) -> None:
    point = load_map(MAPS / f"{map_name}.toml").meaning("region")
    assert point is not None
    assert tuple(point.codes[name] for name in ("A", "B", "C", "NZ")) == codes


def test_solaredge_mixes_both_word_orders() -> None:
    points = load_map(MAPS / "solaredge.toml").points
    assert points["VgMax1"].low_word_first
    assert not points["events"].low_word_first


@every_map
def test_the_file_holds_no_secret(file: Path) -> None:
    assert not re.search(r"^\s*code\s*=", file.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_measured_value_follows_the_plant() -> None:
    with served(load_map(MAPS / "solaredge.toml"), **{"settings.observation_s": 5.0}) as bench:
        bench.feed()
        bench.wait(500.0)
        status: Any = bench.inverter(writes=False).status()
    assert status.operating_state == "running"
    assert status.connected is True
    assert (status.active_power_w or nan) == pytest.approx(10_000.0, abs=20.0)
