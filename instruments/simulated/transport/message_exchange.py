"""The message exchange of IEEE 488.2 (section 6): input, output queue and the query errors.

On transports that mark the end of a message and let the instrument know what has been read, an
instrument holds one answer at a time:

* a new message before the answer was read drops the answer: -410, query INTERRUPTED;
* reading when nothing was asked: -420, query UNTERMINATED;
* a message that fits neither the input buffer nor, with its answers, the output queue: the answers
  are dropped, -430, query DEADLOCKED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from instruments.simulated.scpi.scpi_engine import ScpiEngine
from instruments.simulated.scpi.scpi_errors import (
    QUERY_DEADLOCKED,
    QUERY_INTERRUPTED,
    QUERY_UNTERMINATED,
    ScpiError,
)
from instruments.simulated.scpi.scpi_syntax import take_program_message
from instruments.simulated.transport.services import Access, Reply, StatusService

INPUT_BYTES = 16_384
OUTPUT_BYTES = 16_384
WHITE_SPACE = bytes(range(33))


class MessageExchange:
    """One client's exchange with an instrument.

    Args:
        access: the instrument.
        interrupted: called when an answer is dropped because a new message has come.

    Attributes:
        unread: whether an answer has been made and not been read to its end.
    """

    def __init__(self, access: Access, interrupted: Callable[[], None]) -> None:
        self._access = access
        self._interrupted = interrupted
        self._input = bytearray()
        self.unread = False

    @property
    def _engine(self) -> ScpiEngine:
        service = self._access.service
        assert isinstance(service, StatusService)
        return service.engine

    def write(self, data: bytes, end: bool) -> Iterator[Reply]:
        """Take input; yield what becomes of each message that is complete.

        A message ends with a line feed or where `end` says so.
        """
        self._input += data
        while (message := take_program_message(self._input)) is not None:
            yield from self._execute(message)
        if end:
            message = bytes(self._input)
            self._input.clear()
            yield from self._execute(message)

    def trigger(self) -> Iterator[Reply]:
        """Do what a group execute trigger asks for: the same as `*TRG`."""
        yield from self._execute(b"*TRG")

    def read_nothing(self) -> None:
        """Report that a client reads without having asked."""
        self._engine.report(ScpiError(QUERY_UNTERMINATED))

    def status_byte(self) -> int:
        """Return what a serial poll returns."""
        return self._engine.serial_poll(message_available=self.unread)

    def clear(self) -> None:
        """Do what a device clear asks for: drop input and answer, go on with an idle parser."""
        self._input.clear()
        self.unread = False
        self._engine.device_clear()

    def _execute(self, message: bytes) -> Iterator[Reply]:
        if not message.strip(WHITE_SPACE):
            return
        if self.unread:
            self.unread = False
            self._engine.report(ScpiError(QUERY_INTERRUPTED))
            self._interrupted()
        reply = self._access.execute(message)
        if len(message) > INPUT_BYTES and len(reply.data) > OUTPUT_BYTES:
            self._engine.report(ScpiError(QUERY_DEADLOCKED))
            reply = reply._replace(data=b"")
        self.unread = bool(reply.data)
        yield reply
