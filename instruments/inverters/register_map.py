"""An inverter that speaks through its maker's own registers, as a register map describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from instruments.clock import Clock
from instruments.errors import InstrumentError, RegisterError
from instruments.interfaces import (
    Identity,
    InverterSettings,
    InverterStatus,
    SettingValue,
)
from instruments.inverters.map_controls import MapControls
from instruments.inverters.map_identity import require_identity
from instruments.inverters.map_reader import Found, MapReader
from instruments.inverters.map_writer import MapWriter
from instruments.inverters.memory import InverterMemory
from instruments.inverters.protections import protections_of
from instruments.inverters.secret_codes import EnvironmentCodes
from instruments.register_maps.access import WideRegisterLink
from instruments.register_maps.model import Point, RegisterMap
from instruments.register_maps.vocabulary import SWITCH, Kind, meaning_of

OBSERVATION = "observation"
PERMIT = "permit service"


class RegisterMapInverter:
    """Implements `Inverter`. Reads what the map says; writes only verified points, and only when allowed.

    Args:
        link: registers of the inverter's unit.
        clock: used to pace requests and to wait for written settings.
        register_map: what stands where.
        writes: whether anything may be written.
        rated_power_w: for commands that count in watts.
        secrets: unlock codes by name; from the environment unless given.
        memory: what outlives this session; forgotten with the process unless given.
    """

    def __init__(
        self,
        link: WideRegisterLink,
        clock: Clock,
        *,
        register_map: RegisterMap,
        writes: bool = False,
        rated_power_w: float | None = None,
        secrets: Mapping[str, str] | None = None,
        memory: InverterMemory | None = None,
    ) -> None:
        self._link = link
        self._clock = clock
        self._map = register_map
        self._reader = MapReader(link, register_map, clock)
        self._writer = MapWriter(
            self._reader,
            writes=writes,
            secrets=EnvironmentCodes() if secrets is None else secrets,
            memory=memory,
        )
        self.controls = MapControls(self._reader, self._writer, rated_power_w)

    def put_back(self) -> None:
        """Put back everything that was changed; raises InstrumentError naming what was not."""
        self.controls.restore()

    def identify(self) -> Identity:
        """Return who it is; what the registers do not say comes from the map.

        Raises:
            IdentityMismatch: a register does not hold what the map says of its device.
        """
        require_identity(self._reader)
        found = self._found(self._of_kind(Kind.IDENTITY))
        return Identity(
            maker=_text(found.get("maker")) or self._map.maker,
            model=_text(found.get("model")) or self._map.model,
            serial=_text(found.get("serial")),
            firmware=_text(found.get("firmware")),
        )

    def status(self) -> InverterStatus:
        self.controls.keep_alive()
        found = self._found(self._of_kind(Kind.STATUS))
        state = _named(found.get("operating state"))
        return InverterStatus(
            operating_state=state or "not reported",
            connected=self._is_connected(found, state),
            active_power_w=_number(found.get("active power")),
            reconnect_delay_remaining_s=_number(found.get("reconnect delay remaining")),
            alarms=_alarms(found),
        )

    def settings(self) -> InverterSettings:
        reported = self.read_settings()
        rated = self._map.meaning("rated power")
        rated_w = None if rated is None else _number(self._reader.read([rated]).get(rated.name))
        observation = reported.get(OBSERVATION)
        return InverterSettings(
            rated_power_w=rated_w,
            reconnect_delay_s=observation.value if observation else None,
            protections=tuple(protections_of(reported)),
        )

    def read_settings(self) -> Mapping[str, SettingValue]:
        self.controls.keep_alive()
        found = self._found(self._of_kind(Kind.SETTING))
        used = self._used_points()
        return {
            name: _setting(one)
            for name, one in found.items()
            if used.get(one.point.name, True) and isinstance(one.value, int | float)
        }

    def try_observation(self, observation_s: float) -> str | None:
        point = self._required(OBSERVATION)
        try:
            self._writer.send_once(point, observation_s)
        except RegisterError as error:
            return str(error)
        self._clock.sleep(self._map.pacing.settle_longest_s)
        return None

    def permit_service(self, permitted: bool) -> None:
        point = self._required(PERMIT)
        self._writer.write(point, float(point.codes["on" if permitted else "off"]))

    def _required(self, meaning: str) -> Point:
        point = self._map.meaning(meaning)
        if point is None:
            raise InstrumentError(
                f"{self._link.name}: map {self._map.name} has no point that means {meaning!r}"
            )
        return point

    def _of_kind(self, kind: Kind) -> list[Point]:
        known = ((point, meaning_of(point.means)) for point in self._map.points.values())
        return [point for point, meaning in known if meaning is not None and meaning.kind is kind]

    def _found(self, points: Iterable[Point]) -> dict[str, Found]:
        """Return what was read, by meaning."""
        return {one.point.means: one for one in self._reader.read(points).values()}

    def _is_connected(self, found: Mapping[str, Found], state: str) -> bool | None:
        connection = _named(found.get("connection state"))
        if connection:
            return connection == "connected"
        return state in self._map.connected_states if state else None

    def _used_points(self) -> dict[str, bool]:
        """Return for each point of a curve whether it is in use."""
        used: dict[str, bool] = {}
        for curve in self._map.curves:
            count: float | str | None = curve.count
            if curve.count_point:
                count = self._reader.one(self._map.points[curve.count_point]).value
            for axis in "xy":
                for number in range(1, curve.count + 1):
                    inside = isinstance(count, int | float) and number <= count
                    used[f"{curve.name}_{axis}{number}"] = inside
        return used


def _setting(found: Found) -> SettingValue:
    """Return a setting; a switch is 1 or 0 whatever its codes are."""
    value = found.value
    assert isinstance(value, int | float)
    if found.point.unit == SWITCH and found.point.codes:
        name = _named(found)
        if name not in ("on", "off"):
            raise InstrumentError(
                f"point.{found.point.name} ({found.point.source}) holds {value:g}, neither on nor off: "
                f"{dict(found.point.codes)}"
            )
        value = float(name == "on")
    return SettingValue(float(value), found.point.unit, found.quantum)


def _alarms(found: Mapping[str, Found]) -> tuple[str, ...]:
    fault, bits = found.get("fault code"), found.get("alarms")
    names = [_named(fault)] if fault is not None and fault.value else []
    if bits is not None and isinstance(bits.value, int | float):
        names += [name for name, bit in bits.point.flags.items() if int(bits.value) >> bit & 1]
    return tuple(name for name in names if name)


def _named(found: Found | None) -> str:
    """Return the name of a code, the code itself when it has none, empty when there is no value."""
    if found is None or found.value is None:
        return ""
    names = {float(code): name for name, code in found.point.codes.items()}
    return names.get(found.value, f"code {found.value}") if not isinstance(found.value, str) else ""


def _number(found: Found | None) -> float | None:
    return None if found is None or isinstance(found.value, str) else found.value


def _text(found: Found | None) -> str:
    if found is None or found.value is None:
        return ""
    if isinstance(found.value, str):
        return found.value
    names = {float(code): name for name, code in found.point.codes.items()}
    return names.get(found.value, f"{found.value:g}")
