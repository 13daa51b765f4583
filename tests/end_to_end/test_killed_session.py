"""What a killed process changed in an inverter is put back by the next one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.paths import ROOT
from bench.stations.station import Station
from bench.stations.station_file import load_inverter, load_station
from instruments.errors import ConfigurationError, InstrumentError
from tests.end_to_end.real_station import RealStation, served
from tests.register_maps.map_bench import FRAME, LIMIT

SESSION = """
import sys
from pathlib import Path
from bench.stations.station import Station
from bench.stations.station_file import load_inverter, load_station
from instruments.interfaces import ControlMode

station = Station(load_station(Path(sys.argv[1])), load_inverter(Path(sys.argv[2])))
station.__enter__()
station.source.switch_output(True)
inverter = station.inverter
exec(sys.argv[3])
print("commanded", flush=True)
sys.stdin.read()
"""
LIMITED = 0.35
LIMITING = "inverter.controls.command(ControlMode.POWER_LIMIT, 0.35)"
LEGACY = {"communication.generations": ["1xx"]}


def session(real: RealStation, change: str = LIMITING) -> subprocess.Popen[str]:
    """Start a process that changes something in the inverter, and return once it has."""
    command = [sys.executable, "-c", SESSION, str(real.station), str(real.inverter), change]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "commanded\n"
    return process


def station_of(real: RealStation) -> Station:
    return Station(load_station(real.station), load_inverter(real.inverter))


@pytest.mark.parametrize(
    ("map_text", "changes"),
    [("", {}), ("", LEGACY), (FRAME + LIMIT, {})],
    ids=["sunspec", "older sunspec", "register map"],
)
def test_the_next_start_makes_safe_and_puts_back_what_a_killed_session_left(
    tmp_path: Path, map_text: str, changes: dict[str, Any]
) -> None:
    with served(tmp_path, map_text, changes) as real:
        with session(real) as process:
            with pytest.raises(ConfigurationError, match="another bench"), station_of(real):
                pass
            process.kill()
        assert real.world.inverter.settings.power_limit_pu == pytest.approx(LIMITED)
        with station_of(real) as station:
            assert real.world.inverter.settings.power_limit_pu == 1.0
            assert station.left_behind
            assert not station.source.output_is_on()
        with station_of(real) as station:
            assert station.left_behind == {}


@pytest.mark.parametrize(
    "change",
    [
        'inverter.curves.adopt(705, {"Pt1.V": 91.0})',
        'inverter.curves.adopt(710, {"MustTrip.Pt1.Tms": 0.15})',
        'inverter.curves.adopt(711, {"DbOf": 0.3}); inverter.curves.switch(711, False)',
        'inverter.points.write(703, {"ESDlyTms": 90})',
        "inverter.controls.command(ControlMode.POWER_FACTOR, -0.9); inverter.permit_service(False)",
    ],
)
def test_the_next_start_puts_back_curves_points_and_permission(tmp_path: Path, change: str) -> None:
    with served(tmp_path) as real:
        before = real.world.inverter.settings, real.world.inverter.permitted
        with session(real, change) as process:
            process.kill()
        assert (real.world.inverter.settings, real.world.inverter.permitted) != before
        with station_of(real) as station:
            assert (real.world.inverter.settings, real.world.inverter.permitted) == before
            assert station.left_behind
            assert not station.state.before


def test_what_no_part_of_the_driver_knows_is_not_forgotten(tmp_path: Path) -> None:
    with served(tmp_path) as real:
        with station_of(real) as station:
            station.state.before["point of another map"] = 7
        with pytest.raises(InstrumentError, match="point of another map, which held 7"):
            station_of(real).__enter__()


def test_a_line_that_was_being_written_when_the_process_died_was_never_relied_on(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as real:
        with station_of(real):
            pass
        [file] = real.state_folder.glob("*.jsonl")
        with file.open("ab") as stream:
            stream.write(b'{"event": "held", "sett')
        with station_of(real) as station:
            assert station.left_behind == {}
        assert file.read_bytes() == b""
