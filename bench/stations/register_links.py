"""From a table of the station file to a register link; the inverter's is persistent and remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bench.stations.inverter_state import InverterState
from bench.stations.station_file import InstrumentEntry, InverterFile
from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.links import tls
from instruments.links.persistent import Patience, PersistentLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.remembering import RememberingLink
from instruments.links.transcript import Transcript
from instruments.links.watched import WatchedLink

TCP, RTU_OVER_TCP, TLS, SERIAL = "tcp", "rtu+tcp", "tls", "serial"
SCHEMES = (TCP, RTU_OVER_TCP, TLS, SERIAL)
PORT = 502
PutBack = Callable[[], None]


def open_register_link(
    entry: InstrumentEntry,
    clock: Clock,
    transcript: Transcript,
    *,
    timeout_s: float,
    gap_s: float = 0.0,
    address: tuple[str, int] | None = None,
) -> ModbusRegisterLink:
    """Open the registers of one instrument.

    Args:
        address: of its simulation, in the place of the one its table names.

    Raises:
        ConfigurationError: the resource is of no known form.
        LinkRefused: it cannot be reached.
    """
    common: dict[str, Any] = {
        "unit": entry.unit,
        "name": entry.role,
        "clock": clock,
        "transcript": transcript,
        "timeout_s": timeout_s,
        "gap_s": gap_s,
    }
    if address:
        return ModbusRegisterLink.open_tcp(*address, **common)
    scheme = urlsplit(entry.resource).scheme
    if scheme not in SCHEMES:
        raise ConfigurationError(
            f"table [{entry.role}] of the station file: resource = {entry.resource!r}: expected one of "
            f"{', '.join(f'{known}://…' for known in SCHEMES)}"
        )
    if scheme == SERIAL:
        return ModbusRegisterLink.open_serial(
            entry.resource.removeprefix("serial://"),
            baud_rate=entry.baud_rate,
            parity=entry.parity,
            **common,
        )
    return _open_network(entry, scheme, common)


def open_inverter_link(
    entry: InstrumentEntry,
    inverter: InverterFile,
    clock: Clock,
    transcript: Transcript,
    state: InverterState,
    *,
    timeout_s: float,
    address: tuple[str, int] | None = None,
) -> tuple[WatchedLink, PutBack]:
    """Open the registers of the inverter under test, and return what puts back what was written to them.

    Reads are tried again, with a register map at the pace it states. For a driver that keeps no account of the
    settings it changes, the link keeps account of registers.

    Args:
        address: of its simulation, in the place of the one the station's table names.

    Raises:
        ConfigurationError, LinkRefused: as `open_register_link`.
    """
    register_map, entry = inverter.register_map, replace(entry, unit=inverter.unit)
    if register_map is None:
        link = open_register_link(entry, clock, transcript, timeout_s=timeout_s, address=address)
        persistent = PersistentLink(link, clock, Patience())
        if inverter.keeps_account:
            return WatchedLink(persistent), lambda: None
        remembering = RememberingLink(persistent, clock, lambda: state.before)
        return WatchedLink(remembering), remembering.put_back
    pacing = register_map.pacing
    if address is None:
        timeout_s = max(timeout_s, pacing.timeout_s)
    link = open_register_link(
        entry, clock, transcript, timeout_s=timeout_s, gap_s=pacing.gap_s, address=address
    )
    patience = Patience(longest_s=0.0, neighbours=False, settle_s=pacing.settle_longest_s)
    return WatchedLink(PersistentLink(link, clock, patience)), lambda: None


def _open_network(
    entry: InstrumentEntry, scheme: str, common: dict[str, Any]
) -> ModbusRegisterLink:
    parts = urlsplit(entry.resource)
    secured = scheme == TLS
    return ModbusRegisterLink.open_tcp(
        parts.hostname or "",
        parts.port or (tls.PORT if secured else PORT),
        framer="rtu" if scheme == RTU_OVER_TCP else "socket",
        context=entry.tls.context() if secured else None,
        **common,
    )
