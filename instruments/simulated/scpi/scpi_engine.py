"""Executing SCPI messages: units in order, answers, the error queue and the status registers.

A device is a table of `Command`s. The common commands and the status system of IEEE 488.2 are added
here once for all devices. Set commands are silent; several queries in one message share one answer.
After a bad unit the rest of the message is discarded, but what came before it has been done and is
answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits, parse_integer
from instruments.simulated.scpi.scpi_syntax import Arguments, Command, HeaderTree, Unit

QUEUE_LENGTH = 10
SCPI_VERSION = "1999.0"
OPERATION_COMPLETE, QUERY_ERROR, DEVICE_ERROR, EXECUTION_ERROR, COMMAND_ERROR = 1, 4, 8, 16, 32
POWER_ON = 128
ERROR_AVAILABLE, QUESTIONABLE_SUMMARY, MESSAGE_AVAILABLE, EVENT_SUMMARY = 4, 8, 16, 32
MASTER_SUMMARY, OPERATION_SUMMARY = 64, 128
_EVENT_OF_CLASS = {1: COMMAND_ERROR, 2: EXECUTION_ERROR, 3: DEVICE_ERROR, 4: QUERY_ERROR}
ALL_TRANSITIONS = 0x7FFF
_MASKS = {"ENABle": "enable", "PTRansition": "rising", "NTRansition": "falling"}
_BYTE = Limits(0, 255)
_WORD = Limits(0, 65535)


def nothing() -> None:
    """Do nothing: the hook of a device that has nothing to do there."""


@dataclass(frozen=True)
class Overlapped:
    """Operations that go on while the device takes further commands.

    Attributes:
        busy: whether one goes on.
        finish: lets it come to its end; `*OPC?` and `*WAI` wait for that.
    """

    busy: Callable[[], bool] = lambda: False
    finish: Callable[[], None] = nothing


@dataclass
class EventRegister:
    """A condition, its transition filters and the events they latch (SCPI-99 volume 1, chapter 9).

    Attributes:
        rising, falling: bits whose rise or fall is an event.
    """

    condition: int = 0
    event: int = 0
    enable: int = 0
    rising: int = ALL_TRANSITIONS
    falling: int = 0

    def assign(self, bit: int, on: bool) -> None:
        """Set or clear one bit of the condition."""
        before, after = self.condition, self.condition & ~bit | (bit if on else 0)
        self.event |= after & ~before & self.rising | before & ~after & self.falling
        self.condition = after

    def preset(self) -> None:
        """Do what `STATus:PRESet` asks: no event is enabled, every rise is an event."""
        self.enable, self.rising, self.falling = 0, ALL_TRANSITIONS, 0

    @property
    def summary(self) -> bool:
        """Whether an enabled event is latched."""
        return bool(self.event & self.enable)

    def commands(self, header: str) -> Iterator[Command]:
        """Yield the commands of a `STATus` group."""
        yield Command(f"{header}[:EVENt]?", lambda _: self.take_event())
        yield Command(f"{header}:CONDition?", lambda _: str(self.condition))
        for node, name in _MASKS.items():
            yield Command(f"{header}:{node}", partial(self._set_mask, name), 1, 1)
            yield Command(f"{header}:{node}?", partial(self._ask_mask, name))

    def take_event(self) -> str:
        """Return the latched events and clear them."""
        event, self.event = self.event, 0
        return str(event)

    def _set_mask(self, name: str, arguments: Arguments) -> None:
        setattr(self, name, parse_integer(arguments.first, _WORD) & ALL_TRANSITIONS)

    def _ask_mask(self, name: str, _: Arguments) -> str:
        return str(getattr(self, name))


@dataclass
class _Standard:
    """The standard event register, its masks and the error queue."""

    event: int = POWER_ON
    event_enable: int = 0
    request_enable: int = 0
    completion_armed: bool = False
    errors: deque[ScpiError] = field(default_factory=deque)

    def report(self, error: ScpiError) -> None:
        self.event |= _EVENT_OF_CLASS.get(-error.code // 100, DEVICE_ERROR)
        if len(self.errors) < QUEUE_LENGTH:
            self.errors.append(error)
        else:
            self.event |= DEVICE_ERROR
            self.errors[-1] = ScpiError(-350)

    def clear(self) -> None:
        self.event, self.completion_armed = 0, False
        self.errors.clear()


class ScpiEngine:
    """Runs the messages of one device.

    Args:
        identity: answer to `*IDN?`.
        commands: the device's own table.
        reset: what `*RST` does.
        overlapped: what `*OPC?`, `*OPC` and `*WAI` wait for.
        registers: condition registers by the bit they raise in the status byte.
        device_clear: what the device does at a device clear, apart from the message exchange.
    """

    def __init__(
        self,
        identity: str,
        commands: Sequence[Command],
        *,
        reset: Callable[[], None] = nothing,
        overlapped: Overlapped | None = None,
        registers: Mapping[int, EventRegister] | None = None,
        device_clear: Callable[[], None] = nothing,
    ) -> None:
        self.device_clear = device_clear
        self._identity = identity
        self._reset = reset
        self._overlapped = overlapped or Overlapped()
        self._registers = dict(registers or {})
        self._standard = _Standard()
        self._answers: list[bytes] = []
        self._requested = self._request_pending = False
        self._tree = HeaderTree([*self._common_commands(), *commands])

    def answer(self, message: bytes) -> bytes:
        """Execute one program message; return the response, empty when nothing was asked."""
        self._answers = []
        self._run(self._tree.parse(message.decode("latin-1")))
        self._note_request()
        return b";".join(self._answers) + b"\n" if self._answers else b""

    def operation_complete(self) -> None:
        """Tell the status system that the overlapped operation has ended."""
        if self._standard.completion_armed:
            self._standard.event |= OPERATION_COMPLETE
            self._standard.completion_armed = False

    def report(self, error: ScpiError) -> None:
        """Put an entry into the error queue and set its bit in the event register."""
        self._standard.report(error)
        self._note_request()

    def serial_poll(self, message_available: bool) -> int:
        """Return the status byte with RQS, which the poll clears, in bit 6.

        Args:
            message_available: whether an answer waits to be read.
        """
        self._note_request(message_available)
        pending, self._request_pending = self._request_pending, False
        bits = self._status_byte(message_available) & ~MASTER_SUMMARY
        return bits | (MASTER_SUMMARY if pending else 0)

    def _note_request(self, message_available: bool = False) -> None:
        """Ask for service when a reason for it has come up; stop when none is left."""
        enabled = self._standard.request_enable
        requested = bool(enabled and self._status_byte(message_available) & MASTER_SUMMARY)
        self._request_pending = requested and (self._request_pending or not self._requested)
        self._requested = requested

    def _run(self, units: Iterable[Unit | ScpiError]) -> None:
        """Run units up to the first that is wrong."""
        for unit in units:
            if isinstance(unit, ScpiError):
                self._standard.report(unit)
                return
            try:
                answer = unit.handler(unit.arguments)
            except ScpiError as refusal:
                self._standard.report(refusal)
                return
            if answer is not None:
                self._answers.append(
                    answer if isinstance(answer, bytes) else answer.encode("latin-1")
                )

    def _common_commands(self) -> Iterator[Command]:
        standard = self._standard
        yield Command("*IDN?", lambda _: self._identity)
        yield Command("*RST", lambda _: self._reset())
        yield Command("*CLS", lambda _: self._clear())
        yield Command("*ESR?", lambda _: self._take_standard_event())
        yield Command("*ESE", self._set_event_enable, 1, 1)
        yield Command("*ESE?", lambda _: str(standard.event_enable))
        yield Command("*SRE", self._set_request_enable, 1, 1)
        yield Command("*SRE?", lambda _: str(standard.request_enable))
        yield Command("*STB?", lambda _: str(self._status_byte(bool(self._answers))))
        yield Command("*OPC", lambda _: self._arm_completion())
        yield Command("*OPC?", lambda _: self._wait("1"))
        yield Command("*WAI", lambda _: self._wait(None))
        yield Command("*TST?", lambda _: "0")
        yield Command("SYSTem:ERRor[:NEXT]?", lambda _: self._next_error())
        yield Command("SYSTem:ERRor:ALL?", lambda _: self._all_errors())
        yield Command("SYSTem:ERRor:COUNt?", lambda _: str(len(standard.errors)))
        yield Command("STATus:PRESet", lambda _: self._preset())
        yield Command("SYSTem:VERSion?", lambda _: SCPI_VERSION)

    def _clear(self) -> None:
        self._standard.clear()
        for register in self._registers.values():
            register.event = 0

    def _preset(self) -> None:
        for register in self._registers.values():
            register.preset()

    def _take_standard_event(self) -> str:
        event, self._standard.event = self._standard.event, 0
        return str(event)

    def _set_event_enable(self, arguments: Arguments) -> None:
        self._standard.event_enable = parse_integer(arguments.first, _BYTE)

    def _set_request_enable(self, arguments: Arguments) -> None:
        enable = parse_integer(arguments.first, _BYTE)
        self._standard.request_enable = enable & ~MASTER_SUMMARY

    def _status_byte(self, message_available: bool) -> int:
        standard = self._standard
        bits = ERROR_AVAILABLE if standard.errors else 0
        bits |= MESSAGE_AVAILABLE if message_available else 0
        bits |= EVENT_SUMMARY if standard.event & standard.event_enable else 0
        for bit, register in self._registers.items():
            bits |= bit if register.summary else 0
        return bits | (MASTER_SUMMARY if bits & standard.request_enable else 0)

    def _arm_completion(self) -> None:
        self._standard.completion_armed = True
        if not self._overlapped.busy():
            self.operation_complete()

    def _wait(self, answer: str | None) -> str | None:
        self._overlapped.finish()
        return answer

    def _next_error(self) -> str:
        return str(self._standard.errors.popleft() if self._standard.errors else ScpiError(0))

    def _all_errors(self) -> str:
        entries = list(self._standard.errors) or [ScpiError(0)]
        self._standard.errors.clear()
        return ",".join(map(str, entries))
