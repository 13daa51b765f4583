"""What a station lacks is said, for what takes it and for nothing else."""

from __future__ import annotations

from dataclasses import replace

from bench.paths import DEFAULT_STATION
from bench.stations.equipment import missing_equipment
from bench.stations.station_file import load_station
from tests.bench.grid_code_files import region, rows

ROWS = rows(region("A"))
STATION = load_station(DEFAULT_STATION)
BARE = replace(
    STATION,
    entries={role: entry for role, entry in STATION.entries.items() if role != "demand_response"},
)


def test_a_complete_station_lacks_nothing() -> None:
    assert [name for name, row in ROWS.items() if missing_equipment(row, STATION)] == []


def test_without_an_enabling_device_demand_response_is_missing_and_nothing_else() -> None:
    lacking = [name for name, row in ROWS.items() if missing_equipment(row, BARE)]
    assert lacking == [f"DR{number}" for number in range(1, 8)]


def test_the_reason_names_the_table_of_the_station_file() -> None:
    assert "[demand_response]" in str(missing_equipment(ROWS["DR1"], BARE))
