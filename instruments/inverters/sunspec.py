"""An inverter that speaks SunSpec over Modbus, of either generation of models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import BenchError, InstrumentError, ReadBackMismatch, RegisterError
from instruments.interfaces import (
    Identity,
    InverterSettings,
    InverterStatus,
    RegisterLink,
    SettingValue,
)
from instruments.inverters.maker_limits import MakerLimits
from instruments.inverters.memory import InverterMemory, SessionMemory
from instruments.inverters.protections import protections_of
from instruments.inverters.sunspec_controls import LAST, SIGNS, SunSpecControls
from instruments.inverters.sunspec_curves import SunSpecCurves
from instruments.inverters.sunspec_device import NOT_REFUSED, SunSpecDevice
from instruments.inverters.sunspec_fitting import layout_of
from instruments.inverters.sunspec_legacy_settings import read_legacy_settings
from instruments.inverters.sunspec_quirks import BASE_ADDRESSES, MOST_REGISTERS, Quirks
from instruments.inverters.sunspec_settings import (
    SettingRegister,
    read_model_settings,
    read_registers,
)
from instruments.inverters.sunspec_status import read_status
from instruments.inverters.sunspec_writing import PointWriter
from instruments.links.remembering import RememberedRegisters, are_registers
from instruments.sunspec.layouts import encode

PERMITS = ((703, "ES"), (123, "Conn"))
"""Model and point that let the inverter connect, the newer first."""
SERVICE, OBSERVATION = 703, "ESDlyTms"
RATED_POWER = ((702, "WMaxRtg"), (120, "WRtg"))


class SunSpecInverter:
    """Implements `Inverter` for a SunSpec device found by walking its models.

    Args:
        link: register link to the inverter's unit.
        clock: used to wait for written settings to take effect.
        settle_s: longest time between an acknowledged write and its read-back.
        adoption_s: longest time from a request to adopt a curve until it is in force.
        registers: settings in the maker's own registers, each a table of `SettingRegister`.
        limits: wire address of the registers of its limits of "export" and "generation" (`MakerLimits`).
        enable, over_excited_sign: how its modes are commanded (`SunSpecControls`).
        memory: what settings held before they were changed.
        bases, most_registers, without: the maker's peculiarities, see `Quirks`.

    Attributes:
        device: its models, found and read.
        points: writes single points of models, as those of the entry into service (703).
        curves: puts curves in force.
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        *,
        settle_s: float = 3.0,
        adoption_s: float = 10.0,
        registers: Sequence[Mapping[str, Any]] = (),
        limits: Mapping[str, int] = MappingProxyType({}),
        enable: str = LAST,
        over_excited_sign: int = SIGNS[0],
        memory: InverterMemory | None = None,
        bases: Sequence[int] = BASE_ADDRESSES,
        most_registers: int = MOST_REGISTERS,
        without: Collection[str] = (),
    ) -> None:
        memory = memory or SessionMemory()
        self._memory = memory
        self._link = RememberedRegisters(link, clock, lambda: memory.before)
        self._registers = [SettingRegister(**row) for row in registers]
        self._clock = clock
        self._settle_s = settle_s
        self.device = SunSpecDevice(link, Quirks(bases, most_registers, frozenset(without)))
        self.points = PointWriter(self.device, clock, settle_s, self._link)
        writer = PointWriter(self.device, clock, settle_s)
        self.curves = SunSpecCurves(self.device, writer, clock, adoption_s, memory)
        self.controls = SunSpecControls(
            self.device,
            writer,
            clock,
            MakerLimits(self._link, clock, limits, settle_s),
            memory,
            enable=enable,
            over_excited_sign=over_excited_sign,
        )

    def put_back(self) -> None:
        """Put back everything that was changed, by this process or by one that ended before it could.

        Raises:
            InstrumentError: names what could not be put back, and what it held.
        """
        problems = []
        for restore in (self.controls.restore, self.curves.restore, self._link.put_back):
            try:
                restore()
            except BenchError as error:
                problems.append(str(error))
        problems += [
            f"{name}, which held {held}, is no setting this driver knows"
            for name, held in self._memory.before.items()
            if not self._knows(name)
        ]
        if problems:
            raise InstrumentError("; ".join(problems))

    def _knows(self, name: str) -> bool:
        return self.controls.knows(name) or self.curves.knows(name) or are_registers(name)

    def identify(self) -> Identity:
        common = self.device.require(1)
        return Identity(*(common.text(path) for path in ("Mn", "Md", "SN", "Vr")))

    def status(self) -> InverterStatus:
        return read_status(self.device)

    def read_settings(self) -> Mapping[str, SettingValue]:
        read = cache(self.device.read)
        legacy = read_legacy_settings(read, lambda number: bool(self.device.find(number)))
        own = read_registers(self._link, self._registers)
        return {**legacy, **read_model_settings(read), **own}

    def settings(self) -> InverterSettings:
        reported = self.read_settings()
        observation = reported.get("observation")
        return InverterSettings(
            rated_power_w=self._rated_power_w(),
            reconnect_delay_s=observation.value if observation else None,
            protections=tuple(protections_of(reported)),
        )

    def try_observation(self, observation_s: float) -> str | None:
        point = layout_of(SERVICE).by_path[OBSERVATION]
        address = self._required_address(SERVICE) + point.offset
        try:
            self._link.write(address, encode(observation_s, point))
        except RegisterError as error:
            if error.code in NOT_REFUSED:
                raise
            return f"refused with exception {error.code}"
        self._clock.sleep(self._settle_s)
        return None

    def permit_service(self, permitted: bool) -> None:
        model, path = self._permit()
        register = self._required_address(model) + layout_of(model).by_path[path].offset
        self._link.write(register, [int(permitted)])
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: self._link.read(register, 1) == [int(permitted)], deadline, 0.1):
            raise ReadBackMismatch(
                f"{self._link.name}: {model}.{path} was set to {int(permitted)} and still reads back "
                f"otherwise after {self._settle_s:g} s"
            )

    def _permit(self) -> tuple[int, str]:
        return next((place for place in PERMITS if self.device.find(place[0])), PERMITS[0])

    def _rated_power_w(self) -> float | None:
        for model, path in RATED_POWER:
            values = self.device.read(model)
            if values is not None:
                return values.number_of(path)
        return None

    def _required_address(self, model: int) -> int:
        address = self._address_of(model)
        if address is None:
            known = ", ".join(str(found.number) for found in self.device.models)
            raise InstrumentError(
                f"{self._link.name}: has no SunSpec model {model}; it has {known}"
            )
        return address

    def _address_of(self, model: int) -> int | None:
        found = self.device.find(model)
        return found[0].address if found else None
