"""Reading the points of a register map: few requests, paced, and nothing taken for a value that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from instruments.clock import Clock
from instruments.errors import InstrumentError, LinkGarbled, LinkTimeout, RegisterError
from instruments.register_maps.access import WideRegisterLink
from instruments.register_maps.codec import Value, decode, exponent_in
from instruments.register_maps.model import Point, RegisterMap, Table
from instruments.register_maps.requests import Request, requests_for

ILLEGAL_ADDRESS = 2


@dataclass(frozen=True)
class Found:
    """One point as it was read.

    Attributes:
        value: in the point's unit; None for "not implemented".
        exponent: what its scale register holds; None when that is not implemented.
    """

    point: Point
    registers: tuple[int, ...]
    value: Value
    exponent: int | None

    @property
    def quantum(self) -> float:
        """Step of the register in the point's unit."""
        return self.point.quantum * 10.0 ** (self.exponent or 0)


class MapReader:
    """Reads points. A point the device refuses on its own is not exposed, and not in what is returned.

    Args:
        link: registers of the inverter's unit.
        clock: used to pause as the map asks.
    """

    def __init__(self, link: WideRegisterLink, register_map: RegisterMap, clock: Clock) -> None:
        self.link = link
        self.map = register_map
        self.clock = clock
        self._connected = False

    def read(self, points: Iterable[Point]) -> dict[str, Found]:
        """Return what was found, by name of the point.

        Raises:
            RegisterError: a refusal that does not mean "no such register".
            LinkError: the line failed, also when asked again.
        """
        wanted = [point for point in points if point.readable]
        registers: dict[str, tuple[int, ...]] = {}
        for request in requests_for(self.map, wanted):
            registers |= self._registers(request)
        found = (self._decoded(point, registers) for point in wanted if point.name in registers)
        return {one.point.name: one for one in found}

    def one(self, point: Point) -> Found:
        """Return one point.

        Raises:
            InstrumentError: the device does not expose it.
        """
        found = self.read([point])
        if point.name not in found:
            raise InstrumentError(
                f"{self.link.name}: has no registers {point.address} to {point.end - 1} "
                f"(point.{point.name}, {point.source}); does the map belong to this device?"
            )
        return found[point.name]

    def _registers(self, request: Request) -> dict[str, tuple[int, ...]]:
        """Return the registers of the points of a request; point by point when the device refuses all."""
        try:
            words = self._asked(request)
        except RegisterError as error:
            if error.code != ILLEGAL_ADDRESS:
                raise
            return self._one_by_one(request)
        return {
            point.name: tuple(words[point.address - request.first : point.end - request.first])
            for point in request.points
        }

    def _one_by_one(self, request: Request) -> dict[str, tuple[int, ...]]:
        registers: dict[str, tuple[int, ...]] = {}
        for point in request.points:
            alone = Request(point.table, point.address, point.words, (point,))
            if alone == request:
                return {}
            registers |= self._registers(alone)
        return registers

    def _asked(self, request: Request) -> list[int]:
        """Return registers, asked for again when the device is busy or the line failed."""
        self._wait_after_connecting()
        tables = {Table.HOLDING: self.link.read, Table.INPUT: self.link.read_input}
        return self._persistent(lambda: tables[request.table](request.first, request.words))

    def _persistent(self, ask: Callable[[], list[int]]) -> list[int]:
        pacing = self.map.pacing
        for _ in range(pacing.most_attempts - 1):
            try:
                return ask()
            except (LinkTimeout, LinkGarbled):
                continue
            except RegisterError as error:
                if error.code not in pacing.busy_codes:
                    raise
                self.clock.sleep(pacing.busy_pause_s)
        return ask()

    def _wait_after_connecting(self) -> None:
        if not self._connected:
            self.clock.sleep(self.map.pacing.after_connect_s)
            self._connected = True

    def _decoded(self, point: Point, registers: Mapping[str, tuple[int, ...]]) -> Found:
        words, exponent = registers[point.name], self._exponent(point, registers)
        try:
            value = decode(words, point, exponent)
        except UnicodeDecodeError as error:
            raise LinkGarbled(
                f"{self.link.name}: point.{point.name} ({point.source}) is no UTF-8 text: {error}"
            ) from error
        return Found(point, words, value, exponent)

    def _exponent(self, point: Point, registers: Mapping[str, tuple[int, ...]]) -> int | None:
        if not point.scale_point:
            return 0
        scale = self.map.points[point.scale_point]
        words = registers.get(scale.name)
        return None if words is None else exponent_in(decode(words, scale))
