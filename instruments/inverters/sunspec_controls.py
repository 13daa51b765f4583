"""What a SunSpec inverter can be told: the modes of models 704 and 123, its maker's limits, and the way back.

A set-point takes effect with its enable point, which is therefore written last, also when it is on already.
Each write is confirmed by reading back within one count, and what a mode held before its first command is put
back by `restore`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from instruments.clock import Clock
from instruments.commands import ControlMode, Provocation, Reversion, Written
from instruments.errors import BenchError, ConfigurationError, InstrumentError, RegisterError
from instruments.inverters.maker_limits import BLOCKS, MakerLimits
from instruments.inverters.memory import InverterMemory, SessionMemory
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_legacy_settings import read_ratings
from instruments.inverters.sunspec_modes import MODELS, Basis, Way
from instruments.inverters.sunspec_provocations import writes_of
from instruments.inverters.sunspec_values import ModelValues
from instruments.inverters.sunspec_writing import PointWriter
from instruments.sunspec.layouts import Values

LIMIT = ControlMode.POWER_LIMIT
BETWEEN_S = 0.5
ONE_COUNT = 1.5
"""Counts by which a rounded set-point may differ from what was asked for: half of one, and one more."""
FULL = 1.0
LAST, TOGGLED, FIRST = "last", "toggled", "first"
ENABLES = (LAST, TOGGLED, FIRST)
SIGNS = (-1, 1)


@dataclass(frozen=True)
class _Place:
    """Where a remembered mode is put back."""

    mode: ControlMode
    model: int
    enable: str


_MODELS = {model.number: model for model in MODELS}
_PLACES = {
    f"{model.number}.{way.enable}": _Place(mode, model.number, way.enable)
    for model in MODELS
    for mode, ways in model.ways.items()
    for way in ways
}
"""Name under which a mode is remembered → its place."""


class SunSpecControls:
    """Implements `InverterControls` with model 704, else 123.

    Args:
        device: the inverter's models.
        writer: writes points; what it writes is remembered here.
        clock: waits between writes.
        memory: what modes held before the first command.
        limits: those in the maker's own registers.
        enable: when the enable point of a mode is written: "last"; "toggled" for an inverter that only
            takes a set-point when its mode is switched on; "first" for one that forgets those of a mode
            that is off.
        over_excited_sign: of 123.OutPFSet while reactive power is supplied.

    Raises:
        ConfigurationError: an option has no such value.
    """

    def __init__(
        self,
        device: SunSpecDevice,
        writer: PointWriter,
        clock: Clock,
        limits: MakerLimits,
        memory: InverterMemory | None = None,
        *,
        enable: str = LAST,
        over_excited_sign: int = SIGNS[0],
    ) -> None:
        _require_choice("enable", enable, ENABLES)
        _require_choice("over_excited_sign", over_excited_sign, SIGNS)
        self._device = device
        self._writer = writer
        self._clock = clock
        self._limits = limits
        self._memory = memory or SessionMemory()
        self._enable = enable
        self._basis = Basis(cache(lambda: read_ratings(device.read)), over_excited_sign)

    def offers(self, mode: ControlMode) -> bool:
        if mode in BLOCKS:
            return self._limits.offers(mode)
        values = self._read()
        return values is not None and self._way(mode, values) is not None

    def command(self, mode: ControlMode, value: float) -> Written:
        if mode in BLOCKS:
            return self._limits.command(mode, value)
        return self._command(mode, value, {})

    def release(self, mode: ControlMode) -> Written:
        if mode in BLOCKS:
            return self._limits.release(mode)
        values, way = self._required(mode)
        self._remember(way, values, ())
        return self._write(values, {way.enable: 0})

    def offers_reversion(self, share: float | None = None) -> bool:
        values = self._read()
        if values is None or self._way(LIMIT, values) is None:
            return False
        points = _MODELS[values.number].reversion(Reversion(0.0, share))
        return points is not None and all(values.value(path) is not None for path in points)

    def command_for(self, share: float, reversion: Reversion) -> Written:
        """Write limit, what follows and when, then the switch: its last write starts the time."""
        values = self._require()
        points = _MODELS[values.number].reversion(reversion)
        if points is None:
            raise InstrumentError(
                f"{self._name}: model {values.number} only lifts a limit that reverts; it cannot say that "
                f"{reversion.share:.0%} follows. Nothing was written"
            )
        return self._command(LIMIT, share, points)

    def provoke(self, provocation: Provocation) -> str | None:
        """Send writes one after the other until one is refused; none is confirmed."""
        values, way = self._required(LIMIT)
        model = _MODELS[values.number]
        self._remember(way, values, (way.setpoint, model.timer))
        writes = writes_of(provocation, model, values.quantum(way.setpoint))
        if not writes:
            return f"model {values.number} has no register for it"
        for number, (offset, words) in enumerate(writes):
            self._clock.sleep(BETWEEN_S if number else 0.0)
            try:
                self._device.link.write(values.address + offset, words)
            except RegisterError as error:
                return f"refused with exception {error.code}"
        return None

    def restore(self) -> None:
        problems = []
        for key in reversed([key for key in self._memory.before if self.knows(key)]):
            try:
                self._put_back(key)
            except BenchError as error:
                problems.append(f"{_PLACES[key].mode}: {error}")
        problems += self._limits.restore()
        if problems:
            raise InstrumentError(
                f"{self._name}: settings the bench changed could not be put back; do it by "
                f"hand: {'; '.join(problems)}"
            )

    def knows(self, key: str) -> bool:
        """Return whether what is remembered under a name is put back by `restore`."""
        return key in _PLACES

    @property
    def _name(self) -> str:
        return self._device.link.name

    def _read(self) -> ModelValues | None:
        """Return the model that is commanded; None when the inverter has none."""
        found = (number for number in _MODELS if self._device.find(number))
        return next((values for number in found if (values := self._device.read(number))), None)

    def _require(self) -> ModelValues:
        values = self._read()
        if values is None:
            raise InstrumentError(
                f"{self._name}: has no readable SunSpec model {' or '.join(map(str, _MODELS))}, so it cannot "
                "be commanded"
            )
        return values

    def _way(self, mode: ControlMode, values: ModelValues) -> Way | None:
        """Return how a mode is commanded; None when the inverter has no set-point of it."""
        for way in _MODELS[values.number].ways.get(mode, ()):
            known = values.value(way.setpoint) is not None
            if known and way.points(FULL, self._basis) is not None:
                return way
        return None

    def _required(self, mode: ControlMode) -> tuple[ModelValues, Way]:
        values = self._require()
        way = self._way(mode, values)
        if way is None:
            raise InstrumentError(f"{self._name}: model {values.number} offers no {mode}")
        return values, way

    def _command(self, mode: ControlMode, value: float, further: Values) -> Written:
        values, way = self._required(mode)
        points = way.points(value, self._basis)
        if points is None:
            raise InstrumentError(
                f"{self._name}: {mode} = {value:g}: the ratings it counts from are not stated in models "
                "121 and 120"
            )
        selects = {path: one for path, one in way.selects.items() if values.value(path) != one}
        wanted = {**dict.fromkeys(_running(way, values), 0), **points, **further}
        self._remember(way, values, (*selects, *wanted))
        if selects:
            self._write(values, selects)
        return self._in_order(values, way, wanted)

    def _in_order(self, values: ModelValues, way: Way, wanted: Values) -> Written:
        """Write the set-point and switch its mode on, in the order this inverter needs."""
        on = {way.enable: 1}
        if self._enable == FIRST:
            self._write(values, on)
            return self._write(values, wanted)
        if self._enable == TOGGLED and values.value(way.enable):
            self._write(values, {way.enable: 0})
        self._write(values, wanted)
        return self._write(values, on)

    def _remember(self, way: Way, values: ModelValues, paths: Iterable[str]) -> None:
        """Remember what points hold that are about to be changed, and whether the mode is on."""
        key = f"{values.number}.{way.enable}"
        known = self._memory.before.get(key, {})
        held = {path: values.value(path) for path in (way.enable, *paths) if path not in known}
        if held:
            self._memory.before[key] = {**known, **held}

    def _put_back(self, key: str) -> None:
        """Switch off what was off first, then write the old set-points: none of them acts meanwhile."""
        place, held = _PLACES[key], self._memory.before[key]
        values = self._device.require(place.model)
        enable = {place.enable: held[place.enable]}
        points = {
            path: value
            for path, value in held.items()
            if path != place.enable and value is not None
        }
        for step in self._steps_back(enable, points):
            self._write(values, step)
        del self._memory.before[key]

    def _steps_back(self, enable: Values, points: Values) -> list[Values]:
        if not points:
            return [enable]
        [(path, was_on)] = enable.items()
        if self._enable == FIRST:
            return [{path: 1}, points, enable]
        if not was_on:
            return [enable, points]
        return [*([{path: 0}] if self._enable == TOGGLED else []), points, enable]

    def _write(self, values: ModelValues, wanted: Values) -> Written:
        return self._writer.write_to(values, wanted, counts=ONE_COUNT)


def _running(way: Way, values: ModelValues) -> list[str]:
    """Return times that would delay a command, draw it out or take it back."""
    return [path for path in way.times if values.value(path)]


def _require_choice(option: str, found: object, choices: Collection[object]) -> None:
    if found not in choices:
        raise ConfigurationError(
            f"inverter file, modbus.options: {option} = {found!r}: expected one of "
            f"{', '.join(map(str, choices))}"
        )
