"""Writing the points of a register map: only what may be written, in the order it needs, confirmed by reading.

Nothing is written twice, and nothing to flash that is there already. What was there before is remembered,
longer than the process where the station has a place for it, and can be put back.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.clock import Deadline, wait_until
from instruments.commands import Written
from instruments.errors import (
    BenchError,
    InstrumentError,
    LinkError,
    ReadBackMismatch,
    RegisterError,
    WriteForbidden,
)
from instruments.inverters.flash_budget import refusal
from instruments.inverters.map_identity import require_identity
from instruments.inverters.map_reader import Found, MapReader
from instruments.inverters.map_unlock import UnlockedSettings
from instruments.inverters.memory import InverterMemory, SessionMemory
from instruments.register_maps.codec import Unencodable, encode, joined
from instruments.register_maps.model import Commit, Point, Storage, Write, WriteFunction

POLL_S = 0.2
TOLERANCE = 1e-6


class MapWriter:
    """Writes points of an inverter.

    Args:
        reader: what reads them.
        writes: whether the operator allows writing at all.
        secrets: where unlock codes come from, by name.
        memory: what was there before, and how often flash was written.
    """

    def __init__(
        self,
        reader: MapReader,
        *,
        writes: bool,
        secrets: Mapping[str, str],
        memory: InverterMemory | None = None,
    ) -> None:
        self._reader = reader
        self._map = reader.map
        self._clock = reader.clock
        self._writes = writes
        self._lock = UnlockedSettings(reader, self._send, secrets)
        self._memory = memory or SessionMemory()
        self._recognised = False

    def permits(self, point: Point) -> bool:
        """Return whether a point may be written at all."""
        return self._writes and not self._obstacle(point)

    def require_permission(self, point: Point) -> Write:
        """Return how a point is written.

        Raises:
            WriteForbidden: it may not be.
        """
        obstacle = self._obstacle(point)
        if not self._writes:
            obstacle = (
                "the operator allows no writing (inverter file, modbus.options: writes = true)"
            )
        if obstacle or point.write is None:
            raise WriteForbidden(f"{self._where(point)} is not written: {obstacle}")
        if not self._recognised:
            require_identity(self._reader)
            self._recognised = True
        return point.write

    def write(self, point: Point, value: float | str, *, back: bool = False) -> Written:
        """Write a value and confirm it by reading it back; return when the write that makes it act ended.

        A value that is there already is not written again.

        Args:
            back: whether it is what the bench found there.

        Raises:
            WriteForbidden: it may not be written.
            InstrumentError: the value is outside the range, the budget is spent, or what has to come
                before is not there.
            ReadBackMismatch: another value stays there.
        """
        write = self.require_permission(point)
        self._require_range(point, write, value)
        asked_s = self._clock.now_s()
        if self._is_kept_already(point, write, value):
            return Written(asked_s, self._clock.now_s())
        for name, needed in write.after.items():
            self._require_before(point, name, needed)
        self._require_budget(point, write, back)
        if write.unlocks:
            self._lock.open()
        self._remember(point)
        written = self._timed(point, value)
        self._clock.sleep(max(point.restart_s, self._map.pacing.settle_s))
        if write.toggles:
            self._toggle(self._map.points[write.toggles])
        if write.commit:
            self._commit(self._map.commits[write.commit])
        if write.commit or write.toggles:
            written = Written(written.sent_s, self._clock.now_s())
        if point.readable:
            self._confirm(point, value)
        return written

    def send_once(self, point: Point, value: float | str) -> None:
        """Write a value, once, without unlocking and without reading back."""
        write = self.require_permission(point)
        if write.most_writes is not None:
            self._memory.count_write(point.name)
        before = self._reader.one(point) if point.bits or point.scale_point else None
        self._send(point, value, before)

    def _timed(self, point: Point, value: float | str) -> Written:
        sent_s = self._clock.now_s()
        self.send_once(point, value)
        return Written(sent_s, self._clock.now_s())

    def restore(self) -> None:
        """Put back what was there before, last written first.

        Raises:
            InstrumentError: names every point that could not be put back.
        """
        problems = []
        before = self._memory.before
        for name in reversed(list(before)):
            try:
                self._put_back(name, before[name])
                del before[name]
            except BenchError as error:
                problems.append(f"{name} = {before[name]}: {error}")
        self._lock.close()
        if problems:
            raise InstrumentError(
                f"{self._reader.link.name}: settings the bench changed could not be put back; do it by "
                f"hand: {'; '.join(problems)}"
            )

    def _obstacle(self, point: Point) -> str:
        """Return why a point cannot be written; empty when it can."""
        unlock = self._map.unlock
        if point.write is None:
            return "the map says it is only read"
        if not point.verified:
            return "nobody has verified it on a device (verified = false)"
        if point.write.unlocks and unlock is not None and unlock.function:
            return f"it has to be unlocked by {unlock.function}, which a map cannot express"
        return ""

    def _require_range(self, point: Point, write: Write, value: float | str) -> None:
        if isinstance(value, str) or write.lowest is None or write.highest is None:
            return
        if not write.lowest <= value <= write.highest:
            raise InstrumentError(
                f"{self._where(point)}: {value:g} {point.unit} is outside {write.lowest:g} to "
                f"{write.highest:g} {point.unit}; nothing was written"
            )

    def _require_before(self, point: Point, name: str, needed: str | float) -> None:
        other = self._map.points[name]
        wanted = float(other.codes[needed]) if isinstance(needed, str) else needed
        found = self._reader.one(other).value
        if found != wanted:
            raise InstrumentError(
                f"{self._where(point)} takes effect only while point.{name} is {needed}; it is {found}"
            )

    def _put_back(self, name: str, value: float | str) -> None:
        if name not in self._map.points:
            raise InstrumentError(f"map {self._map.name} no longer has point.{name}")
        point = self._map.points[name]
        if not holds(self._reader.one(point), value, within_step=False):
            self.write(point, value, back=True)

    def _is_kept_already(self, point: Point, write: Write, value: float | str) -> bool:
        """Return whether flash holds a value, so that writing it would only wear it."""
        in_flash = write.storage is Storage.FLASH and point.readable
        waits = write.commit or write.toggles
        return in_flash and not waits and holds(self._reader.one(point), value, within_step=False)

    def _require_budget(self, point: Point, write: Write, back: bool) -> None:
        """Require that a write is left, and unless it is the way back another one for that."""
        needed = 1 if back or not point.readable else 2
        problem = refusal(point.name, write, self._memory, needed)
        if problem:
            raise InstrumentError(f"{self._where(point)} {problem}")

    def _remember(self, point: Point) -> None:
        if not point.readable or point.name in self._memory.before:
            return
        value = self._reader.one(point).value
        if value is not None:
            self._memory.before[point.name] = value
        elif point.name in self._map.restore:
            raise InstrumentError(
                f"{self._where(point)} holds no value that could be put back later"
            )

    def _send(self, point: Point, value: float | str, before: Found | None = None) -> None:
        held = joined(before.registers, low_word_first=point.low_word_first) if before else 0
        exponent = before.exponent if before else 0
        if exponent is None:
            raise InstrumentError(f"{self._where(point)}: its scale register is not implemented")
        try:
            words = encode(value, point, exponent, held)
        except Unencodable as error:
            shown = "the code does not fit its registers" if point.secret else str(error)
            raise InstrumentError(f"{self._where(point)}: {shown}") from None
        self._clock.sleep(self._map.pacing.before_write_s)
        link = self._reader.link
        if point.secret:
            link.write_secret(point.address, words)
        elif self._map.tables[point.table].write_function is WriteFunction.SINGLE:
            for place, word in enumerate(words):
                link.write_single(point.address + place, word)
        else:
            link.write(point.address, words)

    def _toggle(self, switch: Point) -> None:
        for name in ("off", "on"):
            self.send_once(switch, float(switch.codes[name]))
            self._clock.sleep(self._map.pacing.settle_s)

    def _commit(self, commit: Commit) -> None:
        self.send_once(self._map.points[commit.point], commit.value)
        if not commit.result_point:
            self._clock.sleep(commit.longest_s)
            return
        result = self._map.points[commit.result_point]
        meanings = {code: text for text, code in commit.failed.items()}
        deadline = Deadline.after(self._clock, commit.longest_s)
        # Before the device has noticed, the result of the commit before still stands.
        self._clock.sleep(self._map.pacing.settle_s)
        outcome = wait_until(lambda: self._ended(result, commit), deadline, POLL_S)
        if outcome is None or outcome[0] not in commit.ok:
            told = "nothing" if outcome is None else meanings.get(outcome[0], f"{outcome[0]:g}")
            raise InstrumentError(
                f"{self._reader.link.name}: commit {commit.name} was not confirmed within "
                f"{commit.longest_s:g} s; point.{result.name} says {told}"
            )

    def _ended(self, result: Point, commit: Commit) -> tuple[float] | None:
        value = self._reader.one(result).value
        if isinstance(value, float | int) and (
            value in commit.ok or value in commit.failed.values()
        ):
            return (value,)
        return None

    def _confirm(self, point: Point, value: float | str) -> None:
        pacing = self._map.pacing
        deadline = Deadline.after(self._clock, pacing.settle_longest_s)
        if not wait_until(lambda: self._has_come(point, value), deadline, POLL_S):
            raise ReadBackMismatch(
                f"{self._where(point)} was set to {value} {point.unit} and still reads "
                f"{self._reader.one(point).value} after {pacing.settle_longest_s:g} s"
            )

    def _has_come(self, point: Point, value: float | str) -> bool:
        """Return whether a point holds a value; a device that restarts may not answer yet."""
        try:
            return holds(self._reader.one(point), value)
        except (LinkError, RegisterError):
            if not point.restart_s:
                raise
            return False

    def _where(self, point: Point) -> str:
        return f"{self._reader.link.name}: point.{point.name} ({point.source})"


def holds(found: Found, value: float | str, *, within_step: bool = True) -> bool:
    """Return whether a point holds a value, within one step if wanted; codes and texts must be the same."""
    if isinstance(value, str) or found.value is None or isinstance(found.value, str):
        return found.value == value
    exact = found.point.codes or found.point.bits or not within_step
    write = found.point.write
    step = write.step if write and write.step else found.quantum
    return abs(found.value - value) <= (0 if exact else step) + TOLERANCE * abs(value)
