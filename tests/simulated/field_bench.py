"""An inverter in the field: its registers behind troubles, reached as a station reaches them, its writes "
"counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from instruments.inverters.sunspec import SunSpecInverter
from instruments.links.persistent import Patience, PersistentLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.remembering import RememberingLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble

TIMEOUT_S = 0.15
"""A prompted laboratory has answered before the client begins to wait, or never will."""
MARKER = 40_000
VENDOR = 45_000


@dataclass
class FieldBench:
    """The inverter and the links to it.

    Attributes:
        registers: of the device itself.
        written: writes it carried out.
        bare: without any patience.
        link: as a station has it: reads are tried again, writes decided by reading back, and remembered.
        memory: what the registers held before.
    """

    world: World
    laboratory: Laboratory
    registers: Any
    written: list[tuple[int, list[int]]]
    transcript: Transcript
    bare: ModbusRegisterLink
    link: RememberingLink
    memory: dict[str, Any]

    @property
    def writes_sent(self) -> list[str]:
        return [one.request for one in self.transcript.recent if one.request.startswith("write")]

    def wait(self, duration_s: float) -> None:
        self.laboratory.clock.sleep(duration_s)

    def driver(self) -> SunSpecInverter:
        return SunSpecInverter(self.link, self.laboratory.clock)


@contextmanager
def in_the_field(
    *troubles: Trouble, running: bool = False, attempts: int = 8, **changes: Any
) -> Iterator[FieldBench]:
    """Serve an inverter with troubles.

    Args:
        running: whether it feeds already.
        changes: parameters of the simulated inverter, `__` for the dots of their paths.
    """
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    world = World(with_changes(InverterParameters(), paths))
    with Laboratory(world, seed=1, troubles=troubles, prompted=True) as laboratory:
        if running:
            world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
            world.source.switch_output(True)
            world.contactor.command(True)
            laboratory.clock.sleep(600.0)
        yield from _connected(world, laboratory, attempts)


def _connected(world: World, laboratory: Laboratory, attempts: int) -> Iterator[FieldBench]:
    transcript, memory = Transcript(None, laboratory.clock), {}
    clock = laboratory.clock
    bare = ModbusRegisterLink.open_tcp(
        "127.0.0.1",
        laboratory.ports["inverter"],
        unit=1,
        name="inverter",
        clock=clock,
        transcript=transcript,
        timeout_s=TIMEOUT_S,
    )
    persistent = PersistentLink(bare, clock, Patience(attempts=attempts))
    link = RememberingLink(persistent, clock, lambda: memory)
    registers = laboratory._loop._endpoints["inverter"].service.image
    written = _counted(registers)
    try:
        yield FieldBench(world, laboratory, registers, written, transcript, bare, link, memory)
    finally:
        bare.close()


def _counted(registers: Any) -> list[tuple[int, list[int]]]:
    """Return where every write the registers carry out is noted."""
    written: list[tuple[int, list[int]]] = []
    execute = registers.write

    def write(address: int, values: list[int]) -> None:
        execute(address, values)
        written.append((address, list(values)))

    registers.write = write
    return written


def trouble(name: str, **options: Any) -> Trouble:
    """Return a trouble of the inverter's registers."""
    return Trouble(name, "inverter", **options)
