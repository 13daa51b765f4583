"""Everything an audit asks of an inverter, through a link that cannot write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bench.audit.address import Place
from bench.stations.drivers import make_driver
from bench.stations.laboratory import build_laboratory
from bench.stations.station_file import InverterFile, StationFile
from instruments.clock import Clock, WallClock
from instruments.errors import (
    BenchError,
    ConfigurationError,
    IdentityMismatch,
    InstrumentError,
)
from instruments.interfaces import Identity, Inverter, SettingValue
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript

LOOPBACK = "127.0.0.1"
SHOWN_NOTHING = (
    "The bench showed no certificate; does the device ask for one (certificate_file, key_file)?"
)
Opening = Callable[[Clock, Transcript], ModbusRegisterLink]


@dataclass(frozen=True)
class Reading:
    """What an inverter said.

    Attributes:
        identity, settings: None and empty when it could not be read.
        trouble: why it could not be read; empty when it was.
        exchanges: questions and answers.
        duration_s: on the clock of the inverter's laboratory.
    """

    identity: Identity | None
    settings: Mapping[str, SettingValue]
    trouble: str
    exchanges: int
    duration_s: float


def read_at(place: Place, inverter: InverterFile) -> Reading:
    """Read a real inverter; whatever stands in the way of reading it is the reading's trouble.

    Raises:
        ConfigurationError: the inverter file's driver cannot be used.
    """
    reading = _read(inverter, WallClock(), place.open)
    if reading.trouble and reading.identity is None and place.shows_nothing:
        return replace(reading, trouble=f"{reading.trouble}. {SHOWN_NOTHING}")
    return reading


def read_simulated(
    station: StationFile, inverter: InverterFile, faults: tuple[str, ...] = ()
) -> Reading:
    """Read the inverter of a simulated laboratory.

    Raises:
        ConfigurationError: the station is not simulated, or a fault or parameter does not exist.
    """
    if station.simulation is None:
        raise ConfigurationError(f"{station.file}: is not simulated; an audit needs an address")
    laboratory = build_laboratory(station, station.simulation, inverter, faults, prompted=True)
    with laboratory:
        port = laboratory.ports["inverter"]

        def opening(clock: Clock, transcript: Transcript) -> ModbusRegisterLink:
            link = ModbusRegisterLink.open_tcp(
                LOOPBACK,
                port,
                unit=inverter.unit,
                name="inverter",
                clock=clock,
                transcript=transcript,
            )
            return link.read_only()

        return _read(inverter, laboratory.clock, opening)


def _read(file: InverterFile, clock: Clock, opening: Opening) -> Reading:
    transcript = Transcript(None, clock)
    started_s = clock.now_s()
    identity: Identity | None = None
    settings: Mapping[str, SettingValue] = {}
    trouble = ""
    try:
        link = opening(clock, transcript)
        try:
            inverter = make_driver(file.driver, link, clock, file.options, f"{file.file}: [modbus]")
            identity = _identified(inverter, file)
            settings = dict(inverter.read_settings())
        finally:
            link.close()
    except ConfigurationError:
        raise
    except BenchError as error:
        trouble = str(error)
    return Reading(identity, settings, trouble, transcript.count, clock.now_s() - started_s)


def _identified(inverter: Inverter, file: InverterFile) -> Identity:
    """Return who answers, when it is who the file says."""
    try:
        identity = inverter.identify()
    except UnicodeDecodeError as error:
        raise InstrumentError(f"inverter: its name cannot be read: {error}") from error
    for field in ("maker", "model"):
        found, expected = getattr(identity, field), getattr(file, field)
        if expected and found != expected:
            raise IdentityMismatch(
                f"inverter: {field} is {found!r}, expected {expected!r} ({file.file}). It answered: {identity}"
            )
    return identity
