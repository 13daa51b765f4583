"""Writing points of SunSpec models: each write once, confirmed by reading back.

What was asked for and what reads back are equal within half a step of the register, whatever the device rounds
to; a power of ten that changed in between changes the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from instruments.clock import Clock, Deadline, wait_until
from instruments.commands import Written
from instruments.errors import InstrumentError, ReadBackMismatch
from instruments.interfaces import RegisterLink
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.layouts import Point, Value, Values, encode, fits

MOST_WRITTEN = 123
POLL_S = 0.1
ROUNDING = 1 + 1e-9
HALF = 0.5


@dataclass(frozen=True)
class Run:
    """Registers written in one request; `offset` counts from the model's ID register."""

    offset: int
    words: tuple[int, ...]


class PointWriter:
    """Writes points.

    Args:
        settle_s: longest time between an acknowledged write and its read-back.
        link: over which is written; the device's unless stated.
    """

    def __init__(
        self,
        device: SunSpecDevice,
        clock: Clock,
        settle_s: float,
        link: RegisterLink | None = None,
    ) -> None:
        self._device = device
        self._clock = clock
        self._settle_s = settle_s
        self._link = link or device.link

    def write(self, number: int, wanted: Values) -> Written:
        """Write points of a model and confirm them; None makes a point "not implemented".

        Raises:
            InstrumentError: a point is not there, cannot be written, or has no room for its value; then
                nothing was sent.
            ReadBackMismatch: a point keeps reading as another value.
        """
        return self.write_to(self._device.require(number), wanted)

    def write_to(self, values: ModelValues, wanted: Values, counts: float = HALF) -> Written:
        """Write points of a model that has just been read; otherwise as `write`.

        Args:
            counts: of its register by which a point with a power of ten may read back otherwise.
        """
        runs = runs_of(self._link.name, values, wanted)
        sent_s = acknowledged_s = self._clock.now_s()
        for run in runs:
            sent_s = self._clock.now_s()
            self._link.write(values.address + run.offset, run.words)
            acknowledged_s = self._clock.now_s()
        self._confirm(values.number, wanted, counts)
        return Written(sent_s, acknowledged_s)

    def _confirm(self, number: int, wanted: Values, counts: float) -> None:
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: not self._differing(number, wanted, counts), deadline, POLL_S):
            raise ReadBackMismatch(
                f"{self._link.name}: model {number}: after {self._settle_s:g} s these read back "
                "otherwise than they were written: "
                f"{'; '.join(self._differing(number, wanted, counts))}"
            )

    def _differing(self, number: int, wanted: Values, counts: float) -> list[str]:
        values = self._device.require(number)
        return [
            f"{path} was set to {value}, reads {values.value(path)}"
            for path, value in wanted.items()
            if not agrees(values, path, value, counts)
        ]


def agrees(values: ModelValues, path: str, wanted: Value, counts: float = HALF) -> bool:
    """Return whether a point holds a value, within half a step of its register.

    Args:
        counts: permitted instead of half a step, of a point with a power of ten.
    """
    found = values.value(path)
    if isinstance(found, str) or isinstance(wanted, str) or found is None or wanted is None:
        return found == wanted
    scaled = values.layout.by_path[path].scale is not None
    step = values.quantum(path) or abs(wanted) * 2**-23
    return abs(found - wanted) <= step * (counts if scaled else HALF) * ROUNDING


def runs_of(name: str, values: ModelValues, wanted: Values) -> list[Run]:
    """Return what has to be written: neighbouring points together, no point divided.

    Raises:
        InstrumentError: a point is not there, cannot be written, or has no room for its value.
    """
    points = sorted((_point(name, values, path) for path in wanted), key=lambda p: p.offset)
    encoded = [(point, _encoded(name, values, point, wanted[point.path])) for point in points]
    return list(_joined(encoded))


def _joined(encoded: Sequence[tuple[Point, list[int]]]) -> Iterator[Run]:
    offset, words = 0, list[int]()
    for point, more in encoded:
        if not words or point.offset > offset + len(words) or len(words + more) > MOST_WRITTEN:
            if words:
                yield Run(offset, tuple(words))
            offset, words = point.offset, []
        words = words + more
    if words:
        yield Run(offset, tuple(words))


def _point(name: str, values: ModelValues, path: str) -> Point:
    if values.words(path) is None:
        raise InstrumentError(f"{name}: model {values.number} of this inverter has no point {path}")
    point = values.layout.by_path[path]
    if not point.writable:
        raise InstrumentError(f"{name}: {values.number}.{path} cannot be written")
    return point


def _encoded(name: str, values: ModelValues, point: Point, value: Value) -> list[int]:
    exponent = values.exponent(point.path)
    if exponent is None:
        raise InstrumentError(
            f"{name}: {values.number}.{point.path} has no scale factor ({point.scale}), so nobody knows "
            f"what {value} would be; nothing was written"
        )
    if isinstance(value, int | float) and not fits(value, point, exponent):
        raise InstrumentError(
            f"{name}: {values.number}.{point.path} = {value:g} does not fit its register ({point.kind}, "
            f"step {10.0**exponent:g}); nothing was written"
        )
    return encode(value, point, exponent)


def writable(values: ModelValues, start: str) -> Mapping[str, Value]:
    """Return the points of a group that a client can write, without the group's name."""
    return {
        path.removeprefix(start): values.value(path)
        for path, point in values.layout.by_path.items()
        if path.startswith(start) and point.writable and values.words(path) is not None
    }
