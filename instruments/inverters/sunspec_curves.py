"""Putting a curve in force: SunSpec models 705 to 712.

Set 1 shows what is in force and cannot be written. Points go into another set, its number is requested, the
device checks it, and only a set 1 that reads as asked for ends the adoption: a result alone may be that of the
request before.
What was in force before the first change is put back by `restore`, in another process if need be: what
differs is adopted anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from instruments.clock import Clock, Deadline
from instruments.errors import BenchError, CommandRejected, InstrumentError, ReadBackMismatch
from instruments.inverters.memory import InverterMemory
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_values import ModelValues
from instruments.inverters.sunspec_writing import PointWriter, agrees, writable
from instruments.sunspec.layouts import Value, Values

IN_PROGRESS, COMPLETED, FAILED = 0, 1, 2
READ_WRITE = 0
INNER_POINT = re.compile(r"(.*)Pt(\d+)\.")
POLL_S = 0.1


@dataclass(frozen=True)
class SetNames:
    """How a model calls its sets."""

    group: str
    count: str

    @property
    def request(self) -> str:
        """The point that takes the number of the set to adopt."""
        return f"Adpt{self.group}Req"

    @property
    def result(self) -> str:
        """The point that says what became of it."""
        return f"Adpt{self.group}Rslt"

    def start(self, number: int) -> str:
        """Return the beginning of the paths of a set's points."""
        return f"{self.group}{number}."


CURVE, TRIP, CONTROL = SetNames("Crv", "NCrv"), SetNames("Crv", "NCrvSet"), SetNames("Ctl", "NCtl")
NAMES: Mapping[int, SetNames] = {
    **dict.fromkeys((705, 706, 712), CURVE),
    **dict.fromkeys((707, 708, 709, 710), TRIP),
    711: CONTROL,
}


def _name(model: int) -> str:
    """Return the name under which the set in force is remembered."""
    return f"{model}.{NAMES[model].start(1).rstrip('.')}"


_MODELS = {_name(model): model for model in NAMES}


class SunSpecCurves:
    """Reads, adopts and restores the sets of models 705 to 712.

    Args:
        adoption_s: longest time from a request to its result.
        memory: what was in force before the first change.
    """

    def __init__(
        self,
        device: SunSpecDevice,
        writer: PointWriter,
        clock: Clock,
        adoption_s: float,
        memory: InverterMemory,
    ) -> None:
        self._device = device
        self._writer = writer
        self._clock = clock
        self._adoption_s = adoption_s
        self._memory = memory

    def in_force(self, model: int) -> Mapping[str, Value]:
        """Return the points of the set in force, by path inside the set as `Pt1.V`.

        Raises:
            InstrumentError: the device has no such model.
        """
        return writable(self._device.require(model), NAMES[model].start(1))

    def adopt(self, model: int, points: Values) -> None:
        """Put a set in force that differs from the present one in `points`, given by path inside the set.

        Raises:
            InstrumentError: the device offers no set that can be written, or a point cannot be written.
            CommandRejected: the device refuses the set.
            ReadBackMismatch: another set stays in force until the deadline.
        """
        values = self._device.require(model)
        self._remember(values)
        wanted = _used({**writable(values, NAMES[model].start(1)), **points})
        number = self._free_set(values)
        self._fill(values, NAMES[model].start(number), wanted)
        self._request(values, number, wanted)

    def switch(self, model: int, on: bool) -> None:
        """Switch a function on or off.

        Raises:
            ReadBackMismatch: it stays as it was.
        """
        self._remember(self._device.require(model))
        self._writer.write(model, {"Ena": int(on)})

    def restore(self) -> None:
        """Put back what was in force before the first change.

        Raises:
            InstrumentError: names what could not be put back.
        """
        problems = []
        for name in reversed([name for name in self._memory.before if self.knows(name)]):
            try:
                self._put_back(name)
            except BenchError as error:
                problems.append(f"model {_MODELS[name]}: {error}")
        if problems:
            raise InstrumentError(
                f"{self._device.link.name}: curves the bench changed could not be put back; do it by hand: "
                f"{'; '.join(problems)}"
            )

    def knows(self, name: str) -> bool:
        """Return whether what is remembered under a name is put back by `restore`."""
        return name in _MODELS

    def _put_back(self, name: str) -> None:
        model, held = _MODELS[name], self._memory.before[name]
        values = self._at_rest(model)
        if _differing(values, _used(held["points"])):
            self.adopt(model, held["points"])
        if held["Ena"] is not None and values.integer("Ena") != held["Ena"]:
            self._writer.write(model, {"Ena": held["Ena"]})
        del self._memory.before[name]

    def _at_rest(self, model: int) -> ModelValues:
        """Return a model once no adoption is under way: one that a killed run requested may still come."""
        result = NAMES[model].result
        deadline = Deadline.after(self._clock, self._adoption_s)
        while True:
            values = self._device.require(model)
            if values.integer(result) != IN_PROGRESS or deadline.passed:
                return values
            self._clock.sleep(min(POLL_S, deadline.remaining_s))

    def _remember(self, values: ModelValues) -> None:
        name = _name(values.number)
        if name not in self._memory.before:
            held = writable(values, NAMES[values.number].start(1))
            self._memory.before[name] = {"Ena": values.integer("Ena"), "points": dict(held)}

    def _free_set(self, values: ModelValues) -> int:
        """Return the first set behind the one in force that can be written."""
        names = NAMES[values.number]
        if values.defect:
            raise InstrumentError(
                f"{self._device.link.name}: SunSpec model {values.number} {values.defect}; its sets cannot be "
                "found"
            )
        for number in range(2, (values.integer(names.count) or 0) + 1):
            if values.integer(f"{names.start(number)}ReadOnly") == READ_WRITE:
                return number
        raise InstrumentError(
            f"{self._device.link.name}: SunSpec model {values.number} offers no set that can be written: "
            f"{names.count} is {values.integer(names.count)}"
        )

    def _fill(self, values: ModelValues, start: str, wanted: Values) -> None:
        """Write the points of a set that do not hold what they should."""
        changes = {
            start + path: value
            for path, value in wanted.items()
            if not agrees(values, start + path, value)
        }
        if changes:
            self._writer.write(values.number, changes)

    def _request(self, before: ModelValues, number: int, wanted: Values) -> None:
        """Ask for a set and wait until it is in force; a failure of the request before is not this one's."""
        model, names = before.number, NAMES[before.number]
        place = before.layout.by_path[names.request].offset
        self._device.link.write(before.address + place, [number])
        deadline = Deadline.after(self._clock, self._adoption_s)
        stale = before.integer(names.result) == FAILED
        while True:
            values = self._device.require(model)
            result = values.integer(names.result)
            if result in (COMPLETED, None) and not _differing(values, wanted):
                return
            if result == FAILED and (deadline.passed or not stale):
                raise CommandRejected(self._account(values, number, wanted, "refuses"))
            if deadline.passed:
                raise ReadBackMismatch(self._account(values, number, wanted, "does not finish"))
            stale = stale and result == FAILED
            self._clock.sleep(min(POLL_S, deadline.remaining_s))

    def _account(self, values: ModelValues, number: int, wanted: Values, does: str) -> str:
        result = values.integer(NAMES[values.number].result)
        return (
            f"{self._device.link.name}: SunSpec model {values.number} {does} to adopt set {number} within "
            f"{self._adoption_s:g} s: its result is {result}, and in force is otherwise than asked for: "
            f"{'; '.join(_differing(values, wanted)) or 'nothing'}"
        )


def _used(points: Values) -> Values:
    """Return the points without those behind the number of active ones, which mean nothing."""

    def is_used(path: str) -> bool:
        place = INNER_POINT.match(path)
        active = points.get(f"{place[1]}ActPt") if place else None
        return not isinstance(active, int | float) or place is None or int(place[2]) <= active

    return {path: value for path, value in points.items() if is_used(path)}


def _differing(values: ModelValues, wanted: Values) -> list[str]:
    """Return in which points the set in force is not the wanted one."""
    start = NAMES[values.number].start(1)
    return [
        f"{path} {values.value(start + path)} instead of {value}"
        for path, value in wanted.items()
        if not agrees(values, start + path, value)
    ]
