"""A simulated inverter with a register map, reached over a real Modbus socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.register_maps.load import load_map
from instruments.inverters.map_reader import MapReader
from instruments.inverters.map_writer import MapWriter
from instruments.inverters.register_map import RegisterMapInverter
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.register_maps.model import RegisterMap
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World

CODE = 4777
LOCKED = {"communication.access.unlock_code": CODE}
FRAME = """
schema = 1
[device]
maker = "Acme"
model = "X5000"
document = "none"
firmware_tried = ["1.00"]
[connection]
unit = 7
[table.holding]
write_function = "either"
[[identity]]
point = "device_type"
equals = [5000]
[point.device_type]
address = 1
type = "u16"
page = "p. 1"
verified = true
"""
"""What every small map of these tests begins with."""
LIMIT = """
[point.limit]
address = 10
type = "u16"
scale = 0.1
unit = "%"
percent_of = "rated power"
access = "read and write"
range = [0, 100]
page = "p. 2"
verified = true
[point.limit_on]
address = 11
type = "u16"
values = { off = 0, on = 1 }
access = "read and write"
page = "p. 2"
verified = true
[control.power_limit]
setpoint = "limit"
enable = "limit_on"
[restore]
points = ["limit", "limit_on"]
"""
"""A limit of power that can be commanded."""
OBSERVATION = """
[point.wait]
address = 20
type = "u16"
unit = "s"
means = "observation"
access = "read and write"
range = [0, 600]
page = "p. 3"
verified = true
"""
"""A setting that can be written."""


def small_map(tmp_path: Path, text: str, frame: str = FRAME) -> RegisterMap:
    """Return the map of a file that holds `frame` and `text`; every point is verified unless it says so."""
    file = tmp_path / "small.toml"
    file.write_text(frame + text, encoding="utf-8")
    return load_map(file)


def verified(register_map: RegisterMap) -> RegisterMap:
    """Return a map as if somebody had checked all of it on a device."""
    points = {name: replace(p, verified=True) for name, p in register_map.points.items()}
    return replace(register_map, points=points)


@dataclass
class MapBench:
    """The device, and ways to reach it."""

    world: World
    laboratory: Laboratory
    link: ModbusRegisterLink
    transcript: Transcript
    map: RegisterMap

    @property
    def settings(self) -> Any:
        return self.world.inverter.settings

    def wait(self, duration_s: float) -> None:
        self.laboratory.clock.sleep(duration_s)

    def feed(self) -> None:
        self.world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
        self.world.source.switch_output(True)
        self.world.contactor.command(True)

    def reader(self) -> MapReader:
        return MapReader(self.link, self.map, self.laboratory.clock)

    def writer(self, **secrets: str) -> MapWriter:
        return MapWriter(self.reader(), writes=True, secrets=secrets)

    def inverter(self, **options: Any) -> RegisterMapInverter:
        return RegisterMapInverter(
            self.link, self.laboratory.clock, register_map=self.map, **{"writes": True, **options}
        )


@contextmanager
def served(
    register_map: RegisterMap, served_as: RegisterMap | None = None, **changes: Any
) -> Iterator[MapBench]:
    """Serve an inverter with the registers of a map.

    Args:
        served_as: another map that the device has, to show what a wrong map does.
        changes: parameters of the simulated inverter.
    """
    device = served_as or register_map
    world = World(with_changes(InverterParameters(), changes))
    with Laboratory(world, seed=1, register_map=device, prompted=True) as laboratory:
        transcript = Transcript(None, laboratory.clock)
        link = ModbusRegisterLink.open_tcp(
            "127.0.0.1",
            laboratory.ports["inverter"],
            unit=device.connection.unit,
            name="inverter",
            clock=laboratory.clock,
            transcript=transcript,
            gap_s=register_map.pacing.gap_s,
        )
        try:
            yield MapBench(world, laboratory, link, transcript, register_map)
        finally:
            link.close()
