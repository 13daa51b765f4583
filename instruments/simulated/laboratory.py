"""The simulated laboratory: one world, its instruments on real loopback ports, and its clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from instruments.simulated.csip.site import CsipSite
from instruments.simulated.devices.ametek_source import AmetekSource
from instruments.simulated.devices.chroma_bank import ChromaBank
from instruments.simulated.devices.contactor_panel import ContactorPanel
from instruments.simulated.devices.energy_meters import Sdm630Meter, SunSpecMeter
from instruments.simulated.devices.keysight_array import KeysightArray
from instruments.simulated.devices.lmg_analyser import LmgAnalyser
from instruments.simulated.devices.meter_line import MeterLineBox
from instruments.simulated.devices.relay_box import RelayBox
from instruments.simulated.physics.world import World
from instruments.simulated.registers.sunspec_registers import SunSpecRegisters
from instruments.simulated.transport.modbus_server import ModbusServer
from instruments.simulated.transport.passage import Pace, Passage
from instruments.simulated.transport.server_loop import ServerLoop
from instruments.simulated.transport.services import Resource, Service, Transport
from instruments.simulated.transport.transports import choose_transports, framed

if TYPE_CHECKING:
    from instruments.register_maps.model import RegisterMap
    from instruments.simulated.transport.connections import Hook
    from instruments.simulated.transport.link_faults import Trouble


def standard_services(
    world: World, passage: Passage, seed: int, register_map: RegisterMap | None = None
) -> dict[str, Service]:
    """Return the instruments of the laboratory by role."""
    return {
        "ac_source": AmetekSource(world, passage),
        "power_analyser": LmgAnalyser(world, seed=seed),
        "contactor": ModbusServer(ContactorPanel(world.contactor)),
        "islanding_load": ChromaBank(world),
        "pv_source": KeysightArray(world.array),
        "second_pv_source": KeysightArray(world.second_inverter.array),
        "demand_response": ModbusServer(RelayBox(world)),
        "site_meter": ModbusServer(SunSpecMeter(world, seed=seed)),
        "check_meter": ModbusServer(Sdm630Meter(world, seed=seed + 1)),
        "meter_line": ModbusServer(MeterLineBox(world.meter)),
        "inverter": inverter_server(world, passage, register_map),
    }


def inverter_server(
    world: World, passage: Passage, register_map: RegisterMap | None
) -> ModbusServer:
    """Return what the inverter answers with: SunSpec, or a maker's own registers."""
    if register_map is None:
        board = world.inverter.parameters.communication
        return ModbusServer(SunSpecRegisters(world, passage, board))
    # Here, and below, what most laboratories do not have.
    from instruments.simulated.registers.map_registers import MapRegisters

    image = MapRegisters(world, passage, register_map)
    return ModbusServer(image, unit=register_map.connection.unit)


def _hooks(
    troubles: Sequence[Trouble],
    services: Mapping[str, Service],
    world: World,
    passage: Passage,
    seed: int,
) -> dict[str, Hook]:
    if not troubles:
        return {}
    from instruments.simulated.transport.link_faults import troubled

    return troubled(troubles, services, world, passage.advance_by, seed)


class VirtualClock:
    """The world's clock: `sleep` moves the world at once. Implements `Clock`."""

    name = "virtual"

    def __init__(self, world: World, passage: Passage, loop: ServerLoop) -> None:
        self._world = world
        self._passage = passage
        self._loop = loop

    def now_s(self) -> float:
        if self._loop.prompted:
            # Nobody else moves the world.
            return self._world.now_s
        with self._loop.lock:
            return self._world.now_s

    def sleep(self, duration_s: float) -> None:
        """Handle what has been sent, then move the world.

        Raises whatever a simulated instrument failed with, here because its thread has no caller.
        """
        self._raise_failure()
        with self._loop.lock:
            self._loop.drain()
            self._raise_failure()
            if duration_s > 0:
                self._passage.advance_by(duration_s)
        self._raise_failure()

    def prompt(self) -> None:
        """Have a prompted laboratory handle what has been sent, in the caller's thread."""
        if self._loop.prompted:
            with self._loop.lock:
                self._loop.attend()

    def _raise_failure(self) -> None:
        if self._loop.failure is not None:
            raise self._loop.failure


class Laboratory:
    """Runs the instruments of a world; a context manager.

    The same world, seed and sequence of exchanges give the same bytes.

    Args:
        world: what the instruments act upon and measure.
        seed: of latencies, instrument errors and noise.
        latency_scale: multiplies the latency of every exchange; 0 answers at once.
        services: instruments by role, in place of the standard ones.
        ports: fixed port numbers by role; the others are chosen by the system.
        transports: by role; "socket" (default), "hislip", "vxi11" or "serial" for SCPI, "tcp" (default),
            "rtu_tcp", "rtu" or `modbus_tls` for Modbus.
        troubles: what goes wrong on links and with instruments.
        pace: ties the world to real time, for clients that do not use its clock.
        prompted: instruments act when the clock is prompted, in the client's thread. Faster, for clients in the
            same process that use its clock.
        register_map: what the inverter's registers are; None for SunSpec.

    Raises:
        ConfigurationError: a transport or a trouble does not exist or does not fit its role.

    Attributes:
        clock: the virtual clock.
        ports: port numbers by role, without the serial lines.
        transports: their names by role.
        units: Modbus unit identifiers by role.
        resources: by role, a VISA resource name or, for Modbus, host and port or a serial device.
        csip_site: the site that a utility server serves.
    """

    def __init__(
        self,
        world: World,
        *,
        seed: int,
        latency_scale: float = 1.0,
        services: Mapping[str, Service] | None = None,
        ports: Mapping[str, int] | None = None,
        transports: Mapping[str, str | Transport] | None = None,
        troubles: Sequence[Trouble] = (),
        pace: Pace | None = None,
        prompted: bool = False,
        register_map: RegisterMap | None = None,
    ) -> None:
        passage = Passage(world, pace)
        if services is None:
            services = standard_services(world, passage, seed, register_map)
        self.units = {
            role: service.unit
            for role, service in services.items()
            if isinstance(service, ModbusServer)
        }
        chosen = choose_transports(services, transports or {})
        services = {role: framed(service, chosen[role]) for role, service in services.items()}
        hooks = _hooks(troubles, services, world, passage, seed)
        self._loop = ServerLoop(
            services,
            passage.advance_by,
            seed=seed,
            latency_scale=latency_scale,
            ports=ports,
            transports=chosen,
            hooks=hooks,
            prompted=prompted,
        )
        self.clock = VirtualClock(world, passage, self._loop)
        self.csip_site = CsipSite(world, self._loop.lock, seed)
        self.ports = self._loop.ports
        self.transports = {role: transport.name for role, transport in chosen.items()}
        self.resources: dict[str, Resource] = {
            role: transport.resource(self._loop.addresses[role])
            for role, transport in chosen.items()
        }

    @property
    def exchanges(self) -> int:
        """Messages handled so far."""
        return self._loop.exchanges

    @property
    def late_bytes(self) -> int:
        """Bytes that clients had sent, but not waited for, when time moved; 0 in a good run."""
        return self._loop.late_bytes

    @property
    def failure(self) -> Exception | None:
        """What a simulated instrument failed with; None while all is well."""
        return self._loop.failure

    def start(self) -> None:
        """Begin to serve."""
        self._loop.start()

    def close(self) -> None:
        """Close every port. Raises whatever a simulated instrument failed with."""
        self._loop.stop()
        if self._loop.failure is not None:
            raise self._loop.failure

    def __enter__(self) -> Laboratory:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.stop()
        if self._loop.failure is not None and self._loop.failure is not error:
            raise self._loop.failure
