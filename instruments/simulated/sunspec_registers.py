"""The SunSpec register image of the simulated inverter, from wire address 40000.

Measurements are a snapshot renewed every second on a phase of its own, as an inverter's
communication board does it. Writes act 0.2 s after they are acknowledged. Only the permission to
enter service (703.ES) and the power limit (704.WMaxLimPctEna, WMaxLimPct) can be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import floor

from instruments.simulated import sunspec_image, sunspec_layouts
from instruments.simulated.averages import Averages
from instruments.simulated.modbus_server import ILLEGAL_ADDRESS, ILLEGAL_VALUE, RefusedRegister
from instruments.simulated.passage import Passage
from instruments.simulated.sunspec_image import PowerLimit, Snapshot
from instruments.simulated.world import World

BASE_ADDRESS = 40_000
MARKER = sunspec_layouts.encode_text("SunS", 2)
END = [0xFFFF, 0]
REFRESH_S, REFRESH_PHASE_S = 1.0, 0.37
AVERAGING_S = 0.2
WRITE_DELAY_S = 0.2
SERVICE_PERMISSION, LIMIT_ENABLE, LIMIT = 2, 14, 15
LARGEST_VALUES = {
    (sunspec_layouts.ENTER_SERVICE, SERVICE_PERMISSION): 1,
    (sunspec_layouts.CONTROLS, LIMIT_ENABLE): 1,
    (sunspec_layouts.CONTROLS, LIMIT): 1000,
}
"""Points that can be written, as model and offset, and the largest register value they take."""


class SunSpecRegisters:
    """Register image of the inverter; see the module."""

    def __init__(self, world: World, passage: Passage) -> None:
        self._world = world
        self._inverter = world.inverter
        self._limit = PowerLimit()
        self._snapshot = self._take_snapshot()
        self._registers: list[int] | None = None
        parameters = world.inverter.parameters
        self._identity = sunspec_image.identity_model()
        self._capacity = sunspec_image.capacity_model(parameters)
        self._trips = [sunspec_image.trip_model(n, parameters) for n in sunspec_image.TRIP_MODELS]
        self._writable = dict(self._writable_addresses())
        passage.announce_to(self._schedule_refresh)

    def read(self, address: int, count: int) -> list[int]:
        self._require_fresh()
        registers = self._image()
        first = address - BASE_ADDRESS
        if first < 0 or first + count > len(registers):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return registers[first : first + count]

    def write(self, address: int, values: list[int]) -> None:
        addresses = range(address, address + len(values))
        if any(number not in self._writable for number in addresses):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        points = [self._writable[number] for number in addresses]
        if any(value > LARGEST_VALUES[p] for p, value in zip(points, values, strict=True)):
            raise RefusedRegister(ILLEGAL_VALUE)
        written = {offset: value for (_, offset), value in zip(points, values, strict=True)}
        self._world.schedule(self._world.now_s + WRITE_DELAY_S, lambda: self._apply(written))

    def _apply(self, written: dict[int, int]) -> None:
        self._registers = None
        if SERVICE_PERMISSION in written:
            self._inverter.permit(written[SERVICE_PERMISSION] == 1)
        self._limit = replace(
            self._limit,
            enabled=written.get(LIMIT_ENABLE, self._limit.enabled),
            tenths=written.get(LIMIT, self._limit.tenths),
        )
        if {LIMIT_ENABLE, LIMIT} & written.keys():
            settings = self._inverter.settings
            self._inverter.change_settings(replace(settings, power_limit_pu=self._limit.share))

    def _schedule_refresh(self, time_s: float) -> None:
        """Schedule the last refresh up to `time_s`; those before it nobody can have read."""
        refresh_s = floor((time_s - REFRESH_PHASE_S) / REFRESH_S) * REFRESH_S + REFRESH_PHASE_S
        if refresh_s > self._world.now_s:
            self._world.schedule(refresh_s, self._refresh)

    def _refresh(self) -> None:
        self._snapshot = self._take_snapshot()
        self._registers = None

    def _require_fresh(self) -> None:
        age_s = self._world.now_s - self._snapshot.time_s
        if age_s > REFRESH_S + 1e-6:
            raise RuntimeError(
                f"the snapshot is {age_s:g} s old: the world was not moved through its Passage"
            )

    def _take_snapshot(self) -> Snapshot:
        return Snapshot(
            time_s=self._world.now_s,
            state=self._inverter.state,
            connected=self._inverter.connected,
            alarms=frozenset(self._inverter.alarms),
            reconnect_remaining_s=self._inverter.observation_remaining_s,
        )

    def _means(self) -> Averages | None:
        """Return means up to the snapshot; None when the world has no past yet."""
        end_s = self._snapshot.time_s
        if end_s <= 0:
            return None
        return self._world.averages(max(0.0, end_s - AVERAGING_S), end_s)

    def _image(self) -> list[int]:
        if self._registers is None:
            self._registers = [
                *MARKER,
                *(word for model in self._models() for word in model),
                *END,
            ]
        return self._registers

    def _models(self) -> Iterator[list[int]]:
        parameters, snapshot = self._inverter.parameters, self._snapshot
        yield self._identity
        yield sunspec_image.measurement_model(snapshot, self._means(), parameters)
        yield self._capacity
        yield sunspec_image.enter_service_model(
            parameters, self._inverter.permitted, snapshot.reconnect_remaining_s
        )
        yield sunspec_image.controls_model(self._limit)
        yield from self._trips

    def _writable_addresses(self) -> Iterator[tuple[int, tuple[int, int]]]:
        address = BASE_ADDRESS + len(MARKER)
        for model in self._models():
            for number, offset in LARGEST_VALUES:
                if number == model[0]:
                    yield address + offset, (number, offset)
            address += len(model)
