"""A fed world, its inverter's registers, and pysunspec2 as an independent reader and writer of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sunspec2
from sunspec2 import device as sunspec_device
from sunspec2.modbus.client import SunSpecModbusClientDevice, SunSpecModbusClientDeviceTCP

from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.physics.world import World
from instruments.simulated.registers.communication_board import CommunicationBoard
from instruments.simulated.registers.sunspec_registers import SunSpecRegisters
from instruments.simulated.registers.sunspec_vendor import DEFINITION
from instruments.simulated.transport.modbus_server import ModbusServer
from instruments.simulated.transport.passage import Passage
from instruments.simulated.transport.server_loop import ServerLoop
from instruments.sunspec.layouts import Layout

DEFINITIONS = Path(sunspec2.__file__).parent / "models" / "json"
sunspec_device.set_model_defs_path([str(DEFINITIONS)])
QUICK = with_changes(
    InverterParameters(), {"settings.observation_s": 20.0, "settings.ramp_pu_per_s": 0.1}
)
REFERENCE = CommunicationBoard()
BOTH = CommunicationBoard(generations=("1xx", "7xx"))
VENDOR_ADDRESS = 45_000
VENDOR = Layout(DEFINITION).by_path


class Bench:
    """A world and its inverter's registers, read and written without a socket in between."""

    def __init__(
        self, parameters: InverterParameters = QUICK, board: CommunicationBoard = REFERENCE
    ) -> None:
        self.world = World(parameters)
        self.passage = Passage(self.world)
        self.image = SunSpecRegisters(self.world, self.passage, board)
        self.inverter = self.world.inverter

    @property
    def settings(self) -> Any:
        return self.world.inverter.settings

    def feed(self) -> None:
        self.world.source.ramp_to((230.0, 235.0, 225.0), 50.0, 0.0)
        self.world.source.switch_output(True)
        self.world.contactor.command(True)

    def run(self) -> None:
        """Feed the inverter and wait until it delivers its full power."""
        self.feed()
        self.passage.advance_to(60.0)

    def wait(self, duration_s: float) -> None:
        self.passage.advance_by(duration_s)

    def address(self, model: int) -> int:
        """Walk the models by their lengths."""
        address = 40_000 + 2
        while (number := self.image.read(address, 1)[0]) != model:
            assert number != 0xFFFF
            address += 2 + self.image.read(address + 1, 1)[0]
        return address

    def write(self, model: int, offset: int, *values: int) -> None:
        self.image.write(self.address(model) + offset, list(values))

    def vendor(self, name: str) -> int:
        """Read one register of the vendor, or two as a number."""
        point = VENDOR[name]
        words = self.image.read(VENDOR_ADDRESS + point.offset, point.words)
        return int.from_bytes(b"".join(word.to_bytes(2, "big") for word in words), "big")

    def write_vendor(self, name: str, value: int) -> None:
        point = VENDOR[name]
        words = [value >> 16 * k & 0xFFFF for k in reversed(range(point.words))]
        self.image.write(VENDOR_ADDRESS + point.offset, words)

    def device(self) -> Any:
        """Let pysunspec2 find and decode everything."""
        device = _DirectDevice(self.image)
        device.scan()
        for found in device.model_list:
            assert not found.error_info
        return device

    def models(self) -> dict[int, Any]:
        return {found.model_id: found for found in self.device().model_list}

    def value(self, model: int, path: str) -> Any:
        return point(self.models()[model], path).cvalue


def write(bench: Bench, model: int, **values: float) -> None:
    """Write points of one model in one go, named with `__` for the dots of a path."""
    found = bench.models()[model]
    for name, value in values.items():
        point(found, name.replace("__", ".")).cvalue = value
    found.write()


def point(model: Any, path: str) -> Any:
    """Return a point of pysunspec2 by a path like `Crv1.MustTrip.Pt2.V`."""
    *groups, name = path.split(".")
    group = model
    for part in groups:
        stem = part.rstrip("0123456789")
        found = group.groups[stem] if stem in group.groups else group.groups[part]
        group = found[int(part.removeprefix(stem)) - 1] if isinstance(found, list) else found
    return group.points[name]


def all_values(model: Any) -> dict[str, Any]:
    """Return scaled values of every point of a model, by path."""
    return {path: found.cvalue for path, found in all_points(model)}


def all_points(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and point of everything in a model or group."""
    for name, found in group.points.items():
        yield prefix + name, found
    for name, inner in group.groups.items():
        if isinstance(inner, list):
            for number, one in enumerate(inner, 1):
                yield from all_points(one, f"{prefix}{name}{number}.")
        else:
            yield from all_points(inner, f"{prefix}{name}.")


class _DirectDevice(SunSpecModbusClientDevice):
    def __init__(self, image: SunSpecRegisters) -> None:
        super().__init__()
        self.image = image

    def read(self, address: int, count: int) -> bytes:
        words: list[int] = []
        while len(words) < count:  # it divides lengths as floats, and asks for any number
            wanted = min(125, int(count) - len(words))
            words += self.image.read(int(address) + len(words), wanted)
        return b"".join(word.to_bytes(2, "big") for word in words)

    def write(self, address: int, data: bytes) -> None:
        words = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
        self.image.write(int(address), words)


class Connected:
    """A world whose inverter pysunspec2 reaches over TCP."""

    def __init__(self, world: World, passage: Passage, loop: ServerLoop) -> None:
        self.world = world
        self.passage = passage
        self.loop = loop
        self.device = SunSpecModbusClientDeviceTCP(
            slave_id=1, ipaddr="127.0.0.1", ipport=loop.ports["inverter"], timeout=10
        )

    def wait(self, duration_s: float) -> None:
        with self.loop.lock:
            self.passage.advance_by(duration_s)

    def models(self) -> dict[int, Any]:
        self.device.scan()
        for found in self.device.model_list:
            assert not found.error_info
        return {found.model_id: found for found in self.device.model_list}


@contextmanager
def connected(
    parameters: InverterParameters, board: CommunicationBoard = REFERENCE
) -> Iterator[Connected]:
    """Serve a fed inverter on a port. Time passes only when told to."""
    world = World(parameters)
    passage = Passage(world)
    server = ModbusServer(SunSpecRegisters(world, passage, board), latency_s=0.0)
    world.source.ramp_to((230.0, 235.0, 225.0), 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    loop = ServerLoop({"inverter": server}, passage.advance_by, seed=1)
    loop.start()
    bench = Connected(world, passage, loop)
    try:
        yield bench
    finally:
        bench.device.disconnect()
        loop.stop()
    assert loop.failure is None
