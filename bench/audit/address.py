"""Where an inverter answers: an address as it stands on a command line or in a list of sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript

FRAMERS = {"tcp": "socket", "rtu+tcp": "rtu"}
SERIAL = "serial"
MODBUS_PORT = 502
LARGEST_UNIT = 255
FORM = (
    "tcp://host:port, rtu+tcp://host:port or serial://port, each with ?unit=3&timeout_s=5&gap_s=0.1"
)
ATTEMPTS, PAUSE_S = 5, 0.2
"""How often a question is asked, and the time left to a busy device: asking again changes nothing."""


@dataclass(frozen=True)
class Address:
    """A Modbus unit and how to reach it.

    Attributes:
        endpoint: scheme, host and port or serial port; one connection at a time is made to it.
        unit: None for the one the inverter file names.
        timeout_s: longest wait for an answer.
        gap_s: least time between two requests.
        baud_rate, parity: of a serial line.
    """

    scheme: str
    host: str
    port: int
    unit: int | None = None
    timeout_s: float = 5.0
    gap_s: float = 0.0
    baud_rate: int = 9600
    parity: str = "N"

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

    @property
    def endpoint(self) -> str:
        """What a connection is made to, whatever the unit behind it."""
        port = "" if self.scheme == SERIAL else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    def open(self, unit: int, clock: Clock, transcript: Transcript) -> ModbusRegisterLink:
        """Connect for reading alone.

        Args:
            unit: used when the address names none.

        Raises:
            LinkRefused: the address cannot be reached.
        """
        asked = unit if self.unit is None else self.unit
        link = self._link(asked, clock, transcript)
        return link.read_only(ATTEMPTS, PAUSE_S)

    def _link(self, unit: int, clock: Clock, transcript: Transcript) -> ModbusRegisterLink:
        if self.scheme == SERIAL:
            return ModbusRegisterLink.open_serial(
                self.host,
                unit=unit,
                name="inverter",
                clock=clock,
                transcript=transcript,
                baud_rate=self.baud_rate,
                parity=self.parity,
                timeout_s=self.timeout_s,
                gap_s=self.gap_s,
            )
        return ModbusRegisterLink.open_tcp(
            self.host,
            self.port,
            unit=unit,
            name="inverter",
            clock=clock,
            transcript=transcript,
            timeout_s=self.timeout_s,
            gap_s=self.gap_s,
            framer=FRAMERS[self.scheme],
        )


def _place(text: str, scheme: str) -> tuple[str, int]:
    """Return host and port, or the serial port; raises ValueError for a port that is none."""
    if scheme == SERIAL:
        return text.removeprefix("serial://").partition("?")[0], 0
    if scheme not in FRAMERS:
        raise ValueError(f"scheme {scheme!r} is not known")
    parts = urlsplit(text)
    return parts.hostname or "", MODBUS_PORT if parts.port is None else parts.port


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
