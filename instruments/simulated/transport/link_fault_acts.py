"""What troubles do to an exchange. Which of it goes by which name is in `link_fault_kinds`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Protocol, runtime_checkable

from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_syntax import split_outside_quotes
from instruments.simulated.transport.modbus_frames import (
    exception_response,
    is_write,
    readdressed,
    write_acknowledgement,
)
from instruments.simulated.transport.services import Reply, Service, StatusService

Proceed = Callable[[bytes], Reply]
Outcome = tuple[Reply, bool]
"""What becomes of a request, and whether the trouble has had a part in it."""
NOT_A_NUMBER, OVER_RANGE = b"9.91E+37", b"9.9E+37"
HARDWARE_ERROR, EXECUTION_ERROR = -240, -200
_NUMBER = re.compile(rb"[+-]?(\d+\.\d*|\.\d+)(E[+-]?\d+)?", re.IGNORECASE)
_SWITCH_OFF = re.compile(r"(?i)\bOUTP(UT)?(:STAT(E)?)?\s+(OFF|0)\b")


@runtime_checkable
class ProtectedService(Protocol):
    """An instrument with a protection that can trip."""

    def trip_protection(self) -> None:
        """Switch off, and say so in the status registers."""
        ...


@runtime_checkable
class NamesNotANumber(Protocol):
    """An instrument that has a word of its own for what is not a number."""

    not_a_number: bytes


@dataclass
class Scene:
    """What a trouble may use.

    Attributes:
        amount: seconds, or the number of an error, as the kind says.
        from_s: when the trouble begins.
    """

    world: World
    service: Service
    pass_time: Callable[[float], None]
    random: Random
    amount: float
    from_s: float

    def report(self, error: ScpiError) -> None:
        """Put an entry into the instrument's error queue."""
        assert isinstance(self.service, StatusService)
        self.service.engine.report(error)


class Bystander(Protocol):
    """A trouble of one kind, made for one scene."""

    def watch(self, request: bytes, reply: Reply) -> None:
        """Take notice of an exchange that goes well."""
        ...

    def spoil(self, request: bytes, proceed: Proceed) -> Outcome:
        """Return what becomes of a request."""
        ...


@dataclass
class _Spoiler:
    """A trouble that remembers nothing."""

    scene: Scene
    act: Callable[[Scene, bytes, Proceed], Outcome]

    def watch(self, request: bytes, reply: Reply) -> None:
        """Nothing of what goes well matters."""

    def spoil(self, request: bytes, proceed: Proceed) -> Outcome:
        """Return what becomes of a request."""
        return self.act(self.scene, request, proceed)


@dataclass
class Replay:
    """Answers with an answer given before: to the question before, or to the same question."""

    scene: Scene
    same_question: bool
    own_transaction: bool
    last: bytes = b""
    by_request: dict[bytes, bytes] = field(default_factory=dict)

    def watch(self, request: bytes, reply: Reply) -> None:
        """Remember an answer."""
        if reply.data:
            self.last = reply.data
            self.by_request[self._question(request)] = reply.data

    def spoil(self, request: bytes, proceed: Proceed) -> Outcome:
        """Execute the request, and answer with what is remembered."""
        old = self.by_request.get(self._question(request)) if self.same_question else self.last
        reply = proceed(request)
        if not old or not reply.data:
            self.watch(request, reply)
            return reply, False
        shown = readdressed(old, request) if self.own_transaction else old
        return reply._replace(data=shown), True

    def _question(self, request: bytes) -> bytes:
        return request[6:] if self.scene.service.protocol == "modbus" else request


@dataclass
class Trip:
    """Makes the instrument's protection trip when its time comes, asked or not."""

    scene: Scene

    def __post_init__(self) -> None:
        assert isinstance(self.scene.service, ProtectedService)
        self.scene.world.schedule(self.scene.from_s, self.scene.service.trip_protection)

    def watch(self, request: bytes, reply: Reply) -> None:
        """The trouble is over when it has happened."""

    def spoil(self, request: bytes, proceed: Proceed) -> Outcome:
        """Exchanges go well."""
        return proceed(request), False


def deaf(_scene: Scene, _request: bytes, _proceed: Proceed) -> Outcome:
    """Neither execute nor answer."""
    return Reply(), True


def delayed(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Execute later."""
    scene.pass_time(scene.amount)
    return proceed(request), True


def answered(
    change: Callable[[Scene, Reply], Reply], scene: Scene, request: bytes, proceed: Proceed
) -> Outcome:
    """Change an answer, if there is one and `change` has something to change."""
    reply = proceed(request)
    changed = change(scene, reply) if reply.data else reply
    return changed, changed != reply


def silent(_scene: Scene, _reply: Reply) -> Reply:
    """Answer nothing."""
    return Reply()


def late(_scene: Scene, reply: Reply) -> Reply:
    """Hold the answer back."""
    return reply._replace(late=True)


def garbage(scene: Scene, reply: Reply) -> Reply:
    """Bytes beyond ASCII; a line stays one line, so that it can be read at all."""
    noise = bytes(scene.random.randrange(0x80, 0x100) for _ in reply.data)
    return reply._replace(data=noise[:-1] + b"\n" if reply.data.endswith(b"\n") else noise)


def truncated(_scene: Scene, reply: Reply) -> Reply:
    """Keep the first half."""
    return reply._replace(cut=True)


def truncated_block(scene: Scene, reply: Reply) -> Reply:
    """Keep the first half of a block."""
    return truncated(scene, reply) if reply.data.startswith(b"#") else reply


def dropped(scene: Scene, reply: Reply) -> Reply:
    """End the connection behind the first half."""
    return truncated(scene, reply)._replace(hang_up=True)


def not_numbers(scene: Scene, reply: Reply) -> Reply:
    """Make every number one that is none."""
    token = scene.service.not_a_number if isinstance(scene.service, NamesNotANumber) else b""
    return _numbers_replaced(token or NOT_A_NUMBER, reply)


def over_range(_scene: Scene, reply: Reply) -> Reply:
    """Make every number over-range."""
    return _numbers_replaced(OVER_RANGE, reply)


def _numbers_replaced(token: bytes, reply: Reply) -> Reply:
    """Replace every number with a decimal point; counts and words stay, so do blocks."""
    if reply.data.startswith(b"#"):
        return reply
    fields = re.split(rb"([;,\n])", reply.data)
    shown = b"".join(token if _NUMBER.fullmatch(item) else item for item in fields)
    return reply._replace(data=shown)


def error_entry(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Put an entry into the error queue."""
    scene.report(ScpiError(int(scene.amount), "trouble"))
    return proceed(request), True


def rejected(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Refuse the first setting of a message; as after any bad unit, the rest is discarded."""
    units = _units(request)
    first = next((k for k, unit in enumerate(units) if _is_setting(unit)), None)
    if first is None:
        return proceed(request), False
    reply = proceed(";".join(units[:first]).encode("latin-1"))
    scene.report(ScpiError(int(scene.amount), units[first].strip()))
    return reply, True


def _ignored_registers(request: bytes, proceed: Proceed) -> Outcome:
    if is_write(request):
        return Reply(write_acknowledgement(request)), True
    return proceed(request), False


def ignored(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Execute everything but settings; a Modbus write is acknowledged all the same."""
    if scene.service.protocol == "modbus":
        return _ignored_registers(request, proceed)
    return _without(_is_setting, request, proceed)


def stays_on(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Keep the output's relay closed, also when `*RST` would open it."""
    source = scene.world.source
    if not source.output_on:
        return proceed(request), False
    reply, spoilt = _without(lambda unit: bool(_SWITCH_OFF.search(unit)), request, proceed)
    if not source.output_on:
        source.switch_output(True)
        return reply, True
    return reply, spoilt


def _without(unwanted: Callable[[str], bool], request: bytes, proceed: Proceed) -> Outcome:
    """Execute a message without some of its units."""
    units = _units(request)
    kept = [unit for unit in units if not unwanted(unit)]
    return proceed(";".join(kept).encode("latin-1")), len(kept) < len(units)


def _units(request: bytes) -> list[str]:
    """Split a message into its units; one that cannot be split is the instrument's business."""
    text = request.decode("latin-1")
    try:
        return split_outside_quotes(text, ";")
    except ScpiError:
        return [text]


def _is_setting(unit: str) -> bool:
    header = unit.strip().partition(" ")[0]
    return bool(header) and "?" not in header and not header.startswith("*")


def well(_scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Let it go well."""
    return proceed(request), False


def exception(code: int, _scene: Scene, request: bytes, _proceed: Proceed) -> Outcome:
    """Refuse a Modbus request with an exception."""
    return Reply(exception_response(request, code)), True


def spoiler(act: Callable[[Scene, bytes, Proceed], Outcome]) -> Callable[[Scene], Bystander]:
    """Return what makes a trouble of an act that remembers nothing."""
    return partial(_Spoiler, act=act)
