"""Where an inverter answers: an address as it stands on a command line or in a list of sites."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from bench.stations.station_file import InverterFile
from bench.stations.tls_table import Stated
from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.links.register import ModbusRegisterLink
from instruments.links.tls import PORT as TLS_PORT
from instruments.links.tls import TlsFiles
from instruments.links.transcript import Transcript
from instruments.register_maps.model import Connection, Pacing, RegisterMap

Value = TypeVar("Value")
FRAMERS = {"tcp": "socket", "rtu+tcp": "rtu", "tls": "socket"}
TLS = "tls"
SERIAL = "serial"
LARGEST_UNIT = 255
TIMEOUT_S = 5.0
"""Longest wait for an answer where no register map knows better; measured gateways needed seconds."""
FORM = (
    "tcp://host:port, rtu+tcp://host:port, tls://host:port or serial://port, each with "
    "?unit=3&timeout_s=5&gap_s=0.1"
)
NOTHING: Stated = MappingProxyType({})
ATTEMPTS, PAUSE_S = 5, 0.2
"""How often a question is asked, and the time left to a busy device: asking again changes nothing."""


@dataclass(frozen=True)
class Address:
    """A device as it is written; what is None is up to the inverter file.

    Attributes:
        timeout_s: longest wait for an answer.
        gap_s: least time between two requests.
        baud_rate, parity: of a serial line.
    """

    scheme: str
    host: str
    port: int | None = None
    unit: int | None = None
    timeout_s: float | None = None
    gap_s: float | None = None
    baud_rate: int | None = None
    parity: str | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address a text stands for.

        Raises:
            ConfigurationError: it is none, with what was expected.
        """
        try:
            parts = urlsplit(text)
            given = (
                dict(parse_qsl(parts.query, strict_parsing=True, keep_blank_values=True))
                if parts.query
                else {}
            )
            address = cls(parts.scheme, *_place(text, parts.scheme), **_options(given))
        except (ValueError, TypeError) as error:
            raise ConfigurationError(f"address {text!r}: {error}. Expected {FORM}") from error
        if not address.host:
            raise ConfigurationError(f"address {text!r}: names no device. Expected {FORM}")
        return address

    def place(self, inverter: InverterFile, tls: Stated = NOTHING) -> Place:
        """Return where an inverter is, with what its file and its register map say of such devices.

        Args:
            tls: files of a secured connection, in the place of those of the inverter's file.
        """
        return self.place_of(inverter.unit, inverter.register_map, {**inverter.tls, **tls})

    def place_of(self, unit: int, register_map: RegisterMap | None, tls: Stated = NOTHING) -> Place:
        """Return where a device is. `unit` holds unless the address names another."""
        connection = register_map.connection if register_map else Connection()
        pacing = register_map.pacing if register_map else Pacing(timeout_s=TIMEOUT_S)
        return Place(
            scheme=self.scheme,
            host=self.host,
            port=_either(self.port, self._usual_port(connection)),
            unit=_either(self.unit, unit),
            timeout_s=_either(self.timeout_s, pacing.timeout_s),
            gap_s=_either(self.gap_s, pacing.gap_s),
            baud_rate=_either(self.baud_rate, connection.baud_rate),
            parity=_either(self.parity, connection.parity),
            stop_bits=connection.stop_bits,
            attempts=1 if register_map else ATTEMPTS,
            tls=TlsFiles(**tls),
        )

    def _usual_port(self, connection: Connection) -> int:
        """Return the port of such devices; that of a map without TLS is not the one of TLS."""
        secured = self.scheme == TLS and connection.transport != TLS
        return TLS_PORT if secured else connection.port


@dataclass(frozen=True)
class Place:
    """A Modbus unit and everything needed to reach it.

    Attributes:
        attempts: how often a question is asked; a driver with a register map asks again by itself.
        tls: what the two sides of a secured connection prove themselves with.
    """

    scheme: str
    host: str
    port: int
    unit: int
    timeout_s: float
    gap_s: float
    baud_rate: int
    parity: str
    stop_bits: int
    attempts: int
    tls: TlsFiles

    @property
    def endpoint(self) -> str:
        """What a connection is made to, whatever the unit behind it; one at a time is made."""
        port = "" if self.scheme == SERIAL else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def shows_nothing(self) -> bool:
        """Whether the device is spoken to over TLS without a certificate of the bench."""
        return self.scheme == TLS and self.tls.certificate_file is None

    def __str__(self) -> str:
        return f"{self.endpoint}?unit={self.unit}"

    def open(
        self, clock: Clock, transcript: Transcript, name: str = "inverter"
    ) -> ModbusRegisterLink:
        """Connect for reading alone.

        Args:
            name: of the device, for messages.

        Raises:
            LinkRefused: the address cannot be reached, or does not prove who it is.
            ConfigurationError: as `context`.
        """
        common: dict[str, Any] = {
            "unit": self.unit,
            "name": name,
            "clock": clock,
            "transcript": transcript,
            "timeout_s": self.timeout_s,
            "gap_s": self.gap_s,
        }
        return self._link(common).read_only(self.attempts, PAUSE_S)

    def _link(self, common: dict[str, Any]) -> ModbusRegisterLink:
        if self.scheme == SERIAL:
            line: dict[str, Any] = {
                "baud_rate": self.baud_rate,
                "parity": self.parity,
                "stop_bits": self.stop_bits,
            }
            return ModbusRegisterLink.open_serial(self.host, **line, **common)
        return ModbusRegisterLink.open_tcp(
            self.host, self.port, framer=FRAMERS[self.scheme], context=self.context(), **common
        )

    def context(self) -> ssl.SSLContext | None:
        """Return what the connection is secured with; None for one that is not.

        Raises:
            ConfigurationError: a file is not there or is no certificate or key.
        """
        return self.tls.context() if self.scheme == TLS else None


def _either(said: Value | None, otherwise: Value) -> Value:
    return otherwise if said is None else said


def _place(text: str, scheme: str) -> tuple[str, int | None]:
    """Return host and port, or the serial port; raises ValueError for a port that is none."""
    if scheme == SERIAL:
        return text.removeprefix("serial://").partition("?")[0], None
    if scheme not in FRAMERS:
        raise ValueError(f"scheme {scheme!r} is not known")
    parts = urlsplit(text)
    return parts.hostname or "", parts.port


def _options(given: Mapping[str, str]) -> dict[str, Any]:
    """Return what stands after the question mark; raises ValueError for what cannot stand there."""
    kinds: dict[str, Callable[[str], Any]] = {
        "unit": _unit,
        "timeout_s": _seconds,
        "gap_s": _seconds,
        "baud_rate": int,
        "parity": str,
    }
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise ValueError(f"no option {unknown[0]!r}; there are {', '.join(kinds)}")
    return {name: kinds[name](value) for name, value in given.items()}


def _unit(text: str) -> int:
    unit = int(text)
    if not 0 <= unit <= LARGEST_UNIT:
        raise ValueError(f"unit {unit}: expected 0 to {LARGEST_UNIT}")
    return unit


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 3600:
        raise ValueError(f"{text} s: expected 0 to 3600")
    return seconds
