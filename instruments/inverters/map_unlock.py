"""Opening the settings of an inverter for writing, with a code that appears in no record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.errors import ConfigurationError, InstrumentError
from instruments.inverters.map_reader import MapReader
from instruments.register_maps.model import Point, Unlock

Send = Callable[[Point, float], None]


class UnlockedSettings:
    """Remembers until when the settings are open.

    Args:
        send: writes a point once.
        secrets: codes by the name the map gives, usually from the environment.
    """

    def __init__(self, reader: MapReader, send: Send, secrets: Mapping[str, str]) -> None:
        self._reader = reader
        self._send = send
        self._secrets = secrets
        self._open_until_s: float | None = None

    def open(self) -> None:
        """Write the code unless the settings are still open.

        Raises:
            ConfigurationError: there is no code, or it is no number.
            InstrumentError: the device does not show itself open.
        """
        unlock = self._reader.map.unlock
        if unlock is None or self._is_open():
            return
        self._send(self._reader.map.points[unlock.point], self._code(unlock))
        self._reader.clock.sleep(unlock.delay_s)
        self._require_open(unlock)
        lasts_s = float("inf") if unlock.expires_s is None else unlock.expires_s
        self._open_until_s = self._reader.clock.now_s() + lasts_s

    def close(self) -> None:
        """Lock again when it was opened and the device can be locked."""
        unlock = self._reader.map.unlock
        if unlock is not None and unlock.lock_value is not None and self._is_open():
            self._send(self._reader.map.points[unlock.point], unlock.lock_value)
        self._open_until_s = None

    def _is_open(self) -> bool:
        return self._open_until_s is not None and self._reader.clock.now_s() < self._open_until_s

    def _code(self, unlock: Unlock) -> float:
        text = self._secrets.get(unlock.code_from, "")
        if not text.isdigit():
            raise ConfigurationError(
                f"{self._reader.link.name}: settings have to be unlocked; set the environment variable "
                f"{unlock.code_from} to the code, a whole number, or {unlock.code_from}_FILE to a file "
                f"that holds it (it is {'no number' if text else 'empty'})"
            )
        return float(text)

    def _require_open(self, unlock: Unlock) -> None:
        if not unlock.state_point:
            return
        value = self._reader.one(self._reader.map.points[unlock.state_point]).value
        if value != unlock.open_value:
            raise InstrumentError(
                f"{self._reader.link.name}: was sent the code of {unlock.code_from} and is not open: "
                f"point.{unlock.state_point} is {value}, expected {unlock.open_value}"
            )
