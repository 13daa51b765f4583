"""An inverter that speaks SunSpec over Modbus: models 1, 701, 703, 704, 707 and 708."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import InstrumentError, LinkGarbled, ReadBackMismatch, RegisterError
from instruments.interfaces import (
    Identity,
    InverterSettings,
    InverterStatus,
    ProtectionSetting,
    RegisterLink,
    SettingValue,
)
from instruments.inverters.maker_limits import MakerLimits
from instruments.inverters.sunspec_controls import SunSpecControls
from instruments.inverters.sunspec_models import (
    ALARMS,
    INVERTER_STATES,
    MODELS,
    MUST_TRIP_POINTS_OFFSET,
    TRIP_POINT_LENGTH,
    Point,
    decode_integer,
    decode_text,
    scaled,
)
from instruments.inverters.sunspec_settings import (
    OBSERVATION_OFFSET,
    SERVICE_MODEL,
    SettingRegister,
    read_model_settings,
    read_registers,
)

BASE_ADDRESSES = (40_000, 0, 50_000)
MARKER = [0x5375, 0x6E53]
END_MODEL = 0xFFFF
NOT_REFUSED = (5, 6, 10, 11)
"""Exceptions that say nothing of a permission: busy, or a gateway on the way that failed."""
MOST_MODELS = 64
MOST_REGISTERS = 120
TRIP_MODELS = {707: ("undervoltage", "%"), 708: ("overvoltage", "%")}


@dataclass(frozen=True)
class _Block:
    """All registers of one model, read together so that values and scale factors match."""

    model: int
    registers: list[int]

    def _raw(self, point: Point) -> int | None:
        span = self.registers[point.offset : point.offset + point.length]
        if len(span) < point.length:
            return None
        return decode_integer(span, point.type)

    def integer(self, name: str) -> int | None:
        return self._raw(_table(self.model)[name])

    def number(self, name: str) -> float | None:
        point = _table(self.model)[name]
        if point.scale is None:
            return scaled(self._raw(point), 0)
        return scaled(self._raw(point), self.integer(point.scale))

    def text(self, name: str) -> str:
        point = _table(self.model)[name]
        return decode_text(self.registers[point.offset : point.offset + point.length])


class SunSpecInverter:
    """Implements `Inverter` for a SunSpec device found by walking its models.

    Args:
        link: register link to the inverter's unit.
        clock: used to wait for written settings to take effect.
        settle_s: longest time between an acknowledged write and its read-back.
        registers: settings in the maker's own registers, each a table of `SettingRegister`.
        limits: wire address of the registers of its limits of "export" and "generation" (`MakerLimits`).
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        *,
        settle_s: float = 3.0,
        registers: Sequence[Mapping[str, Any]] = (),
        limits: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._link = link
        self._registers = [SettingRegister(**row) for row in registers]
        self._clock = clock
        self._settle_s = settle_s
        self._models: dict[int, tuple[int, int]] | None = None
        own = MakerLimits(link, clock, limits, settle_s)
        self.controls = SunSpecControls(link, clock, self._address_of, settle_s, own)

    def identify(self) -> Identity:
        block = self._read_model(1)
        return Identity(block.text("Mn"), block.text("Md"), block.text("SN"), block.text("Vr"))

    def status(self) -> InverterStatus:
        block = self._read_model(701)
        state, connection = block.integer("InvSt"), block.integer("ConnSt")
        alarms = block.integer("Alrm")
        remaining_s = self._read_model(703).number("ESDlyRemTms")
        return InverterStatus(
            operating_state="not reported" if state is None else INVERTER_STATES.get(state, "?"),
            connected=None if connection is None else connection == 1,
            active_power_w=block.number("W"),
            reconnect_delay_remaining_s=remaining_s,
            alarms=tuple(name for bit, name in ALARMS.items() if alarms and alarms >> bit & 1),
        )

    def read_settings(self) -> Mapping[str, SettingValue]:
        def registers(model: int) -> list[int] | None:
            return self._read_model(model).registers if model in self._found_models() else None

        own = read_registers(self._link, self._registers)
        return {**read_model_settings(registers), **own}

    def try_observation(self, observation_s: float) -> str | None:
        address, _ = self._find(SERVICE_MODEL)
        words = round(observation_s).to_bytes(4, "big")
        values = [int.from_bytes(words[:2], "big"), int.from_bytes(words[2:], "big")]
        try:
            self._link.write(address + OBSERVATION_OFFSET, values)
        except RegisterError as error:
            if error.code in NOT_REFUSED:
                raise
            return f"refused with exception {error.code}"
        self._clock.sleep(self._settle_s)
        return None

    def settings(self) -> InverterSettings:
        return InverterSettings(
            rated_power_w=None,
            reconnect_delay_s=self._read_model(703).number("ESDlyTms"),
            protections=tuple(
                setting for model in TRIP_MODELS for setting in self._protections(model)
            ),
        )

    def permit_service(self, permitted: bool) -> None:
        address, _ = self._find(703)
        register = address + MODELS[703]["ES"].offset
        self._link.write(register, [int(permitted)])
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: self._link.read(register, 1) == [int(permitted)], deadline, 0.1):
            raise ReadBackMismatch(
                f"{self._link.name}: 703.ES was set to {int(permitted)} and still reads back "
                f"otherwise after {self._settle_s:g} s"
            )

    def _protections(self, model: int) -> list[ProtectionSetting]:
        block = self._read_model(model)
        active = block.integer("MustTrip.ActPt")
        exponents = block.integer("V_SF"), block.integer("Tms_SF")
        if active is None or None in exponents:
            return []
        return [self._trip_point(block, index, exponents) for index in range(active)]

    def _trip_point(
        self, block: _Block, index: int, exponents: tuple[int | None, int | None]
    ) -> ProtectionSetting:
        name, unit = TRIP_MODELS[block.model]
        first = MUST_TRIP_POINTS_OFFSET + index * TRIP_POINT_LENGTH
        registers = block.registers[first : first + TRIP_POINT_LENGTH]
        threshold = scaled(decode_integer(registers[:1], "uint16"), exponents[0])
        time_s = scaled(decode_integer(registers[1:], "uint32"), exponents[1])
        if threshold is None or time_s is None or exponents[0] is None:
            raise InstrumentError(
                f"{self._link.name}: must-trip point {index + 1} of model {block.model} is counted "
                "as active but not implemented"
            )
        return ProtectionSetting(name, threshold, unit, time_s, 10.0 ** exponents[0])

    def _read_model(self, model: int) -> _Block:
        address, length = self._find(model)
        registers: list[int] = []
        while len(registers) < length:
            count = min(MOST_REGISTERS, length - len(registers))
            registers += self._link.read(address + len(registers), count)
        return _Block(model, registers)

    def _find(self, model: int) -> tuple[int, int]:
        models = self._found_models()
        if model not in models:
            found = ", ".join(str(number) for number in sorted(models))
            raise InstrumentError(
                f"{self._link.name}: has no SunSpec model {model}; it has {found}"
            )
        return models[model]

    def _address_of(self, model: int) -> int | None:
        models = self._found_models()
        return models[model][0] if model in models else None

    def _found_models(self) -> dict[int, tuple[int, int]]:
        if self._models is None:
            self._models = self._walk(self._base_address())
        return self._models

    def _base_address(self) -> int:
        for address in BASE_ADDRESSES:
            try:
                if self._link.read(address, 2) == MARKER:
                    return address
            except RegisterError:
                continue
        raise InstrumentError(
            f"{self._link.name}: no SunSpec marker at {', '.join(map(str, BASE_ADDRESSES))}"
        )

    def _walk(self, base_address: int) -> dict[int, tuple[int, int]]:
        """Return model → (address of its ID, registers including ID and length)."""
        models: dict[int, tuple[int, int]] = {}
        address = base_address + len(MARKER)
        for _ in range(MOST_MODELS):
            [model] = self._link.read(address, 1)
            if model == END_MODEL:
                return models
            [length] = self._link.read(address + 1, 1)
            models.setdefault(model, (address, length + 2))
            address += length + 2
        raise LinkGarbled(f"{self._link.name}: no end marker after {MOST_MODELS} SunSpec models")


def _table(model: int) -> dict[str, Point]:
    return dict(MODELS[707 if model == 708 else model])
