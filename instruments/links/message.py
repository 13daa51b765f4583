"""Messages to SCPI instruments through VISA. The only module that imports pyvisa.

What goes wrong with VISA on a raw socket is handled here once: Nagle's delay, refused ports that "open", closed
peers that look like time-outs, and late answers that would be taken for the next one.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

import pyvisa
from pyvisa.constants import StatusCode

from instruments.clock import Clock
from instruments.errors import (
    ConfigurationError,
    LinkClosed,
    LinkError,
    LinkGarbled,
    LinkRefused,
    LinkTimeout,
)
from instruments.links.transcript import Block, Exchange, Transcript

Answer = TypeVar("Answer")
PROBE_TIMEOUT_S = 2.0
FAREWELL_S = 0.2
PURE_PYTHON = "@py"
LONGEST_SHOWN = 200
LONGEST_READ_BYTES = 1 << 20


class _LoudSocket(socket.socket):
    """A socket that raises when the peer has closed, where pyvisa-py would poll until its time-out."""

    def recv(self, *arguments: Any) -> bytes:
        data = super().recv(*arguments)
        if not data:
            raise ConnectionAbortedError("the peer closed the connection")
        return data


class VisaMessageLink:
    """One instrument behind one VISA resource. Implements `MessageLink`; use `open`."""

    def __init__(
        self,
        resource: str,
        *,
        name: str,
        clock: Clock,
        transcript: Transcript,
        back_end: str,
        timeout_s: float,
        read_termination: str,
        write_termination: str,
    ) -> None:
        self.name = name
        self.resource = resource
        self._clock = clock
        self._transcript = transcript
        self._back_end = back_end
        self._timeout_s = timeout_s
        self._read_termination = read_termination
        self._write_termination = write_termination
        self._lock = Lock()
        self._session: Any = None
        self._timeout_ms = 0.0
        self._socket: socket.socket | None = None
        self._unread: Callable[[], bytes] = bytes

    @classmethod
    def open(
        cls,
        resource: str,
        *,
        name: str,
        clock: Clock,
        transcript: Transcript,
        back_end: str = PURE_PYTHON,
        timeout_s: float = 2.0,
        read_termination: str = "\n",
        write_termination: str = "\n",
    ) -> VisaMessageLink:
        """Open a link.

        Args:
            back_end: "@py" for pyvisa-py, "@ivi" or a library path for a vendor's VISA.

        Raises:
            LinkRefused: nobody listens at the address.
            ConfigurationError: the resource name or the back end cannot be used.
        """
        link = cls(
            resource,
            name=name,
            clock=clock,
            transcript=transcript,
            back_end=back_end,
            timeout_s=timeout_s,
            read_termination=read_termination,
            write_termination=write_termination,
        )
        link._connect()
        return link

    def query(self, message: str, timeout_s: float | None = None) -> str:
        """Send `message` and return the answer without its terminator.

        Raises:
            LinkTimeout, LinkClosed, LinkGarbled: and the link reconnects before its next use, so that a
                late answer is never taken for the next one. So it does after Ctrl-C.
            ValueError: the message is not one line of ASCII.
        """
        return self._exchange(message, timeout_s, self._read_text, str)

    def query_block(self, message: str, timeout_s: float | None = None) -> bytes:
        """Send `message` and return the payload of the definite-length block it answers with.

        Raises:
            LinkTimeout, LinkClosed, LinkGarbled: as for `query`; also for an indefinite block.
        """
        return self._exchange(message, timeout_s, self._read_block, Block.of)

    def close(self) -> None:
        """Close the session. May be called again."""
        session, self._session, self._socket = self._session, None, None
        if session is not None:
            session.close()

    def _exchange(
        self,
        message: str,
        timeout_s: float | None,
        read: Callable[[], Answer],
        show: Callable[[Answer], str | Block],
    ) -> Answer:
        self._refuse_unsendable(message)
        with self._lock:
            requested_s = self._clock.now_s()
            try:
                answer = self._converse(message, timeout_s or self._timeout_s, read)
            except BaseException as error:
                # Also after Ctrl-C: the answer still on its way must not be taken for the next one.
                self.close()
                self._record(message, None, requested_s, str(error) or type(error).__name__)
                raise
            self._record(message, show(answer), requested_s, "")
            return answer

    def _converse(self, message: str, timeout_s: float, read: Callable[[], Answer]) -> Answer:
        if self._session is None:
            self._connect()
        what = f"{self.name} ({self.resource}): {message[:LONGEST_SHOWN]!r}"
        try:
            self._refuse_waiting_bytes()
            self._send(message, timeout_s * 1000)
            self._clock.prompt()
            return read()
        except pyvisa.VisaIOError as error:
            if error.error_code == StatusCode.error_timeout:
                raise LinkTimeout(f"{what}: no answer within {timeout_s:g} s") from error
            raise LinkError(f"{what}: {error}") from error
        except OSError as error:
            raise LinkClosed(f"{what}: the connection was lost: {error}") from error
        except UnicodeError as error:
            raise LinkGarbled(f"{what}: the answer is not ASCII text: {error}") from error
        except LinkGarbled as error:
            raise LinkGarbled(f"{what}: {error}") from error

    def _send(self, message: str, timeout_ms: float) -> None:
        # Setting a time-out takes as long as the rest of a write; most are the one before.
        if timeout_ms != self._timeout_ms:
            self._session.timeout = self._timeout_ms = timeout_ms
        self._session.write_raw((message + self._write_termination).encode("ascii"))

    def _read_text(self) -> str:
        return str(self._session.read(encoding="ascii"))

    def _read_block(self) -> bytes:
        """Read `#<n><length><payload>` with termination off, so that a 0x0A inside ends nothing."""
        self._session.read_termination = None
        try:
            head = self._session.read_bytes(2)
            if head[:1] != b"#" or not head[1:].isdigit():
                raise LinkGarbled(f"expected a block, got {head!r}")
            digits = int(head[1:])
            if digits == 0:
                raise LinkGarbled("indefinite block #0: its end cannot be told on this link")
            length = self._session.read_bytes(digits)
            if not length.isdigit():
                raise LinkGarbled(f"block length {length!r} is not a number")
            payload = bytes(self._session.read_bytes(int(length), chunk_size=LONGEST_READ_BYTES))
            end = self._session.read_bytes(len(self._read_termination))
        finally:
            self._session.read_termination = self._read_termination
        if end != self._read_termination.encode("ascii"):
            raise LinkGarbled(f"block of {int(length)} bytes is followed by {end!r}")
        return payload

    def _refuse_unsendable(self, message: str) -> None:
        """Refuse what the instrument would read as several messages or not at all."""
        if not message.isascii() or self._write_termination in message or not message:
            raise ValueError(f"{self.name}: {message!r} is not one line of ASCII text")

    def _refuse_waiting_bytes(self) -> None:
        if self._socket is None:
            return
        readable, _, _ = select.select([self._socket], [], [], 0)
        if readable or self._unread():
            waiting = self._unread() or self._socket.recv(64, socket.MSG_PEEK)
            raise LinkGarbled(f"bytes nobody asked for were waiting: {waiting!r}")

    def _connect(self) -> None:
        if self.resource.upper().endswith("::SOCKET") and self._back_end == PURE_PYTHON:
            self._probe()
        try:
            manager = pyvisa.ResourceManager(self._back_end)
            self._session = manager.open_resource(
                self.resource,
                read_termination=self._read_termination,
                write_termination=self._write_termination,
            )
        except pyvisa.VisaIOError as error:
            raise LinkRefused(f"{self.name}: cannot open {self.resource}: {error}") from error
        except (pyvisa.Error, ValueError, OSError) as error:
            raise ConfigurationError(
                f"{self.name}: resource {self.resource!r} with VISA back end {self._back_end!r} cannot "
                f"be used: {error}"
            ) from error
        self._timeout_ms = 0.0
        self._make_loud(manager)

    def _probe(self) -> None:
        """Ask for a connection: pyvisa-py reports a refused port only at the first write.

        It is over before the session opens, as far as the peer shows: many instruments serve one client only.
        """
        _, host, port, _ = self.resource.split("::")
        try:
            with socket.create_connection((host, int(port)), timeout=PROBE_TIMEOUT_S) as probe:
                self._take_leave(probe)
        except OSError as error:
            raise LinkRefused(
                f"{self.name}: nobody answers at {host} port {port} ({error}). Is the instrument on, and "
                f"is {self.resource} its address?"
            ) from error

    def _take_leave(self, probe: socket.socket) -> None:
        """Let the peer end a connection that asked nothing; a silent one gets no more than a moment."""
        with suppress(OSError):  # however the peer ends it, it has ended
            probe.shutdown(socket.SHUT_WR)
            self._clock.prompt()
            while select.select([probe], [], [], FAREWELL_S)[0] and probe.recv(4096):
                pass

    def _make_loud(self, manager: Any) -> None:
        """Switch Nagle's algorithm off and make a closed peer raise (pyvisa-py raw sockets only)."""
        sessions = getattr(manager.visalib, "sessions", {})
        inner: Any = sessions.get(self._session.session)
        interface = getattr(inner, "interface", None)
        if not isinstance(interface, socket.socket):
            return
        loud = _LoudSocket(fileno=interface.detach())
        loud.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner.interface, inner.max_recv_size = loud, LONGEST_READ_BYTES
        self._socket = loud
        self._unread = lambda: bytes(inner._pending_buffer)

    def _record(
        self, request: str, reply: str | Block | None, requested_s: float, error: str
    ) -> None:
        self._transcript.record(
            Exchange(self.name, request, reply, requested_s, self._clock.now_s(), error)
        )
